//! `natrium config get`: a config, byte for byte.

use interfaces::configs::Get as Call;
use settings::Environment;

use super::arguments::Get;
use super::document;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::writer::{PATIENCE, Writer};

pub(super) fn run(words: &Get, environment: &Environment) -> Result<Exit, Failure> {
    let writer = Writer::reach(&words.service, PATIENCE, environment)?;
    let call = Call { kind: words.kind.clone(), version: words.version };
    let content = writer.read(writer.configs.get(&call))?.content;
    match &words.output {
        Some(path) => document::write(path, content.as_bytes(), true)?,
        None => document::print(content.as_bytes())?,
    }
    Ok(Exit::Success)
}
