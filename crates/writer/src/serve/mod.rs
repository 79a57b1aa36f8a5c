//! The writer's Varlink interfaces: wire in, domain call, wire out.
//!
//! A store that fails is told at once: `NotSaved` where it is certain that nothing was kept, `Unavailable` where the answer is
//! not known. Nothing is tried again here: every call may be asked twice, and who asked knows for how long it is worth it.

mod admins;
mod audit;
mod configs;
mod dialogues;
mod inbox;
mod notices;
mod speaker;
mod store;

use std::sync::Arc;

use interfaces::Fault;
use tracing::Span;
use varlink::{Server, ServiceError};

use crate::Writer;
use crate::requests::ID_BYTES;
use crate::store::StoreError;

impl Writer {
    /// Adds the writer's interfaces to a server.
    #[must_use]
    pub fn offer(&self, server: Server) -> Server {
        server
            .service(interfaces::configs::Serve(Arc::clone(&self.configs)))
            .service(interfaces::inbox::Serve(Arc::clone(&self.inbox)))
            .service(interfaces::dialogues::Serve(Arc::clone(&self.dialogues)))
            .service(interfaces::admins::Serve(Arc::clone(&self.people)))
            .service(interfaces::audit::Serve(Arc::clone(&self.trail)))
            .service(interfaces::notices::Serve(Arc::clone(&self.notices)))
            .service(interfaces::store::Serve(Arc::clone(&self.whole)))
    }
}

/// What an interface answers when the store fails.
trait Failed {
    /// Nothing was kept, for certain.
    fn not_saved(reason: String) -> Self;
    /// What would be the answer is not known.
    fn unavailable(reason: String) -> Self;
}

/// All that is logged about a request bears its id.
fn about(request_id: &str) -> Span {
    // Longer ones will be refused.
    tracing::error_span!("call", natrium_request = &request_id[..request_id.floor_char_boundary(ID_BYTES)])
}

/// The answer to a call that was to change something.
fn unwritten<E: Failed>(error: &StoreError) -> Fault<E> {
    let reason = reason(error);
    if error.is_certain() { E::not_saved(reason) } else { E::unavailable(reason) }.into()
}

/// The answer to a call that was to read something.
fn unread<E: Failed>(error: &StoreError) -> Fault<E> {
    E::unavailable(reason(error)).into()
}

/// The store's words, which are logged as well.
fn reason(error: &StoreError) -> String {
    match error {
        StoreError::Panicked | StoreError::Refused(_) | StoreError::Unreadable(_) | StoreError::Damaged(_) => {
            tracing::error!("a call failed: {error}");
        }
        error => tracing::warn!("a call failed: {error}"),
    }
    error.to_string()
}

fn invalid<E>(parameter: &str) -> Fault<E> {
    Fault::Service(ServiceError::InvalidParameter { parameter: parameter.to_owned() })
}

fn in_range<E>(limit: i64, most: i64) -> Result<(), Fault<E>> {
    if (1..=most).contains(&limit) { Ok(()) } else { Err(invalid("limit")) }
}
