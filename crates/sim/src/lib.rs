//! natrium-sim: a truthful Telegram simulator, to test a bot against and to play with.
//!
//! It owns a simulated world of people, bots and chats in memory, answers the Bot API as Telegram's own server does
//! (words of errors included), and offers a control API and a page for the people's side. It shares no code with any
//! bot or Bot API library, so as not to share their misunderstandings. What it does not simulate it refuses with 501.
//!
//! Inside a test: [`Simulator::start`], then [`client::Client`].

mod api;
mod http;
mod nearest;
pub mod preview;
mod program;
mod samples;
pub mod scenario;
mod world;

/// What Telegram makes of texts.
pub mod text {
    pub use crate::world::text::{ParseMode, TextError, formatted};
}

pub use http::{DEFAULT_TOKEN, Options, Simulator, StartError};
pub use program::main;
pub use samples::SamplesError;
pub use sim_client::{self as client, control};
pub use world::people::PeopleError;
