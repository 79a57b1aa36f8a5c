//! What a program implements to be called: an interface's [`Service`] and, if not everybody may call, a [`Gate`].

use std::pin::Pin;

use crate::{Call, CallEnd, Replier, ServiceError};

/// A boxed future, so that traits returning one stay object safe.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One Varlink interface as its definition file has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interface {
    /// The fully qualified name, such as `io.natrium.Configs`.
    pub name: &'static str,
    /// The text of the definition file; introspection hands it out.
    pub description: &'static str,
    /// The bare names of all methods. A call of any other is answered by `MethodNotFound` without asking the service.
    pub methods: &'static [&'static str],
}

/// One interface that a server offers.
pub trait Service: Send + Sync + 'static {
    /// Which interface this is.
    fn interface(&self) -> &'static Interface;

    /// Answers one call. [`Call::method`] is one of the interface's methods.
    ///
    /// The future is dropped, wherever it stands, as soon as the caller hangs up, unless the call is `oneway`. Ending
    /// with `Ok` without having sent the last reply, or replying after the last one, closes the connection.
    fn call<'a>(&'a self, call: &'a Call, replier: &'a mut Replier) -> BoxFuture<'a, Result<(), CallEnd>>;
}

/// The process at the other end of a connection, as the kernel saw it when it connected (`SO_PEERCRED`, unix(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peer {
    /// Its process id; 0 where it lies in a process-id namespace that we cannot see.
    pub pid: i32,
    /// Its effective user id.
    pub uid: u32,
    /// Its effective group id.
    pub gid: u32,
}

/// Decides who may call what. Introspection is open to everybody.
pub trait Gate: Send + Sync + 'static {
    /// Finds out who has connected: once for each connection, when it makes its first call. Who it was cannot change
    /// afterwards, since a connection that a process made is closed before its number can be another's.
    ///
    /// `Err` is what this call is answered by; the next one asks again.
    fn meet(&self, peer: Peer) -> BoxFuture<'_, Result<Box<dyn Guest>, ServiceError>>;
}

/// Somebody who has connected and is known.
pub trait Guest: Send {
    /// Admits a call, or says what it is answered by instead (as a rule `PermissionDenied`). Asked before each call of a
    /// method that exists.
    ///
    /// # Errors
    /// What the caller is told.
    fn admit(&self, interface: &str, method: &str) -> Result<(), ServiceError>;
}
