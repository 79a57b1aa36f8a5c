//! `natrium settings sample`: the shipped settings file.

use crate::exit::Exit;
use crate::text::print;

pub(crate) fn run() -> Exit {
    print(settings::SAMPLE);
    Exit::Success
}
