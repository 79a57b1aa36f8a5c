//! natrium-writer: the only process that opens the store.
//!
//! One SQLite file with a single writing thread (`store`), and its tenants: config versions and their published files
//! (`configs`), what is run after publishing (`hooks`), who may change them (`admins`), who did (`audit`), what the settings
//! change of both (`declared`), what people are to be told (`notices`), Telegram updates (`inbox`), conversations
//! (`dialogues`). Everybody else asks over Varlink (`serve`), with request ids that make asking twice harmless (`requests`).
//! Nothing is acknowledged before it is durable.
//!
//! Must not know Telegram, and never uses the network.

mod admins;
mod audit;
mod backup;
mod clock;
pub mod configs;
mod declared;
mod dialogues;
mod directories;
mod hooks;
mod inbox;
mod notices;
mod offline;
mod process;
mod requests;
mod restore;
mod serve;
mod status;
pub mod store;
mod writer;

pub use directories::Directories;
pub use hooks::{Asked, Run};
pub use process::{main, sandbox};
pub use status::Status;
pub use writer::{Declared, Pulse, Writer};
