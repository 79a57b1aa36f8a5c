//! `define!`: from one line per method to the trait that a server implements, its dispatch, and the typed client.

/// Declares an interface.
///
/// ```text
/// define! {
///     /// What the trait says.
///     Configs = "io.natrium.Configs";
///     methods { Get => get(Get) -> GetReply; }
///     streams { Watch => watch(Watch) -> WatchReply; }
/// }
/// ```
///
/// makes `INTERFACE`, the trait `Configs` with a function per method, `Serve<T: Configs>` (a [`varlink::Service`]) and
/// `Client`. The module's error enum must be called `Error`. Every method of ours may be asked twice: it reads, or it bears a
/// `request_id`, or doing it again changes nothing. So the client asks again when an answer was lost on the way.
macro_rules! define {
    (@describe $name:literal) => {
        include_str!(concat!("../", $name, ".varlink"))
    };

    (
        $(#[$doc:meta])*
        $trait:ident = $name:literal;
        methods { $($(#[$method_doc:meta])* $method:ident => $function:ident($call:ty) -> $reply:ty;)* }
        streams { $($(#[$stream_doc:meta])* $stream:ident => $stream_function:ident($stream_call:ty) -> $stream_reply:ty;)* }
    ) => {
        /// The interface: its name, its definition, its methods.
        pub static INTERFACE: varlink::Interface = varlink::Interface {
            name: $name,
            description: define!(@describe $name),
            methods: &[$(stringify!($method),)* $(stringify!($stream),)*],
        };

        $(#[$doc])*
        pub trait $trait: Send + Sync + 'static {
            $(
                $(#[$method_doc])*
                ///
                /// # Errors
                /// Those that the interface file names for this method.
                fn $function(
                    &self,
                    peer: $crate::Peer,
                    call: $call,
                ) -> impl Future<Output = Result<$reply, $crate::Fault<Error>>> + Send;
            )*
            $(
                $(#[$stream_doc])*
                ///
                /// # Errors
                /// Those that the interface file names for this method.
                fn $stream_function(
                    &self,
                    peer: $crate::Peer,
                    call: $stream_call,
                ) -> impl Future<Output = Result<$crate::Replies<$stream_reply>, $crate::Fault<Error>>> + Send;
            )*
        }

        /// Offers an implementation of the interface to a [`varlink::Server`].
        #[derive(Debug)]
        pub struct Serve<T>(pub std::sync::Arc<T>);

        impl<T: $trait> varlink::Service for Serve<T> {
            fn interface(&self) -> &'static varlink::Interface {
                &INTERFACE
            }

            fn call<'a>(
                &'a self,
                call: &'a varlink::Call,
                replier: &'a mut varlink::Replier,
            ) -> varlink::BoxFuture<'a, Result<(), varlink::CallEnd>> {
                Box::pin(async move {
                    match call.method() {
                        $(stringify!($method) => {
                            let reply = self.0.$function(replier.peer(), call.parameters()?).await;
                            replier.reply(&reply.map_err($crate::Fault::end)?).await
                        })*
                        $(stringify!($stream) => {
                            call.require_more()?;
                            let replies = self.0.$stream_function(replier.peer(), call.parameters()?).await;
                            let mut replies = replies.map_err($crate::Fault::end)?;
                            let mut stopping = std::pin::pin!(replier.stopping());
                            loop {
                                let reply = tokio::select! {
                                    reply = futures_util::StreamExt::next(&mut replies) => reply,
                                    () = &mut stopping => None,
                                };
                                match reply {
                                    Some(reply) => replier.stream(&reply).await?,
                                    // Nothing more will come, and no last reply is true: the end of the connection says so.
                                    None => return Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted).into()),
                                }
                            }
                        })*
                        _ => Err(varlink::ServiceError::MethodNotFound {
                            method: format!("{}.{}", $name, call.method()),
                        }
                        .into()),
                    }
                })
            }
        }

        /// Asks the interface's owner.
        #[derive(Clone, Debug)]
        pub struct Client {
            pool: varlink::Pool,
            deadline: std::time::Duration,
        }

        impl Client {
            /// A client that asks through `pool` and gives up a call after `deadline`, an owner's restart included.
            #[must_use]
            pub fn new(pool: varlink::Pool, deadline: std::time::Duration) -> Self {
                Self { pool, deadline }
            }

            $(
                $(#[$method_doc])*
                ///
                /// # Errors
                /// The interface's own, or why no answer is known.
                pub async fn $function(&self, call: &$call) -> Result<$reply, $crate::CallError<Error>> {
                    self.pool.call_idempotent(self.deadline, concat!($name, ".", stringify!($method)), call).await
                }
            )*
            $(
                $(#[$stream_doc])*
                ///
                /// # Errors
                /// The interface's own, or why no answer is known.
                pub async fn $stream_function(
                    &self,
                    call: &$stream_call,
                ) -> Result<varlink::Replies<$stream_reply, Error>, $crate::CallError<Error>> {
                    self.pool.stream(concat!($name, ".", stringify!($stream)), call).await
                }
            )*
        }

        #[cfg(test)]
        mod held_together {
            #[test]
            fn definition_types_and_dispatch_agree() {
                use super::*;
                use crate::contract::{Messages, check, through};
                check(
                    &INTERFACE,
                    &[
                        $((stringify!($method), Messages { call: through::<$call>, reply: through::<$reply> }),)*
                        $((stringify!($stream), Messages { call: through::<$stream_call>, reply: through::<$stream_reply> }),)*
                    ],
                    through::<Error>,
                );
            }
        }
    };
}

pub(crate) use define;
