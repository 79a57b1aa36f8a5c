//! A worker with a handler that never comes back: it stands in the writer's place, answers `Configs.Kinds`, and spins on
//! `Configs.Get` without ever letting its main loop go on.

use std::process::ExitCode;

use interfaces::configs;
use varlink::{BoxFuture, Call, CallEnd, Interface, Replier, Service, ServiceError};
use worker::{Context, Exit, Sandbox, Start, Worker};

fn main() -> ExitCode {
    worker::run::<Spinner>()
}

struct Spinner;

impl Worker for Spinner {
    const NAME: &'static str = "writer";

    fn prepare(_: &Start) -> Result<Self, Exit> {
        Ok(Self)
    }

    fn sandbox(_: &Start) -> Sandbox {
        Sandbox::closed()
    }

    async fn run(self, mut context: Context) -> Result<(), Exit> {
        let serving = context.serve(|server| server.service(self))?;
        context.notify.ready("serving");
        let _ = serving.await;
        Ok(())
    }
}

impl Service for Spinner {
    fn interface(&self) -> &'static Interface {
        &configs::INTERFACE
    }

    fn call<'a>(&'a self, call: &'a Call, replier: &'a mut Replier) -> BoxFuture<'a, Result<(), CallEnd>> {
        Box::pin(async move {
            match call.method() {
                "Kinds" => replier.reply(&configs::KindsReply { kinds: Vec::new(), retired: Vec::new() }).await,
                "Get" => loop {
                    std::hint::spin_loop();
                },
                method => Err(ServiceError::MethodNotFound { method: method.to_owned() }.into()),
            }
        })
    }
}
