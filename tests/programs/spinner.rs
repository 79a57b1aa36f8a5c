//! A worker with a handler that never comes back: it stands in the writer's place, answers `Configs.Kinds`, and spins on
//! `Configs.Get` without ever letting its main loop go on.

use std::{process::ExitCode, sync::Arc};

use interfaces::{Fault, Peer, configs};
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
        let serving = context.serve(|server| server.service(configs::Serve(Arc::new(self))))?;
        context.notify.ready("serving");
        let _ = serving.await;
        Ok(())
    }
}

impl configs::Configs for Spinner {
    async fn kinds(&self, _: Peer, _: configs::Kinds) -> Result<configs::KindsReply, Fault<configs::Error>> {
        Ok(configs::KindsReply { kinds: Vec::new() })
    }

    async fn get(&self, _: Peer, _: configs::Get) -> Result<configs::GetReply, Fault<configs::Error>> {
        loop {
            std::hint::spin_loop();
        }
    }

    async fn history(&self, _: Peer, call: configs::History) -> Result<configs::HistoryReply, Fault<configs::Error>> {
        Err(configs::Error::NoSuchKind { kind: call.kind }.into())
    }

    async fn put(&self, _: Peer, call: configs::Put) -> Result<configs::PutReply, Fault<configs::Error>> {
        Err(configs::Error::NoSuchKind { kind: call.kind }.into())
    }
}
