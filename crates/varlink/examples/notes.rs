//! A whole service: one interface, a typed error and a stream. Serves the socket named by its argument until SIGTERM, SIGINT, or
//! the end of its standard input.
//!
//! ```text
//! cargo run -p natrium-varlink --example notes -- /tmp/notes.sock
//! varlinkctl call /tmp/notes.sock org.example.Notes.Add '{"text":"milk"}'
//! ```

use std::sync::Mutex;

use natrium_varlink::{
    BoxFuture, Call, CallEnd, ErrorReply, Interface, Product, Replier, Server, Service, ServiceError,
};
use serde::{Deserialize, Serialize};
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

const NOTES: Interface = Interface {
    name: "org.example.Notes",
    description: include_str!("org.example.Notes.varlink"),
    methods: &["Add", "Get", "Follow"],
};

#[derive(Serialize)]
#[serde(tag = "error", content = "parameters")]
enum NotesError {
    #[serde(rename = "org.example.Notes.NoSuchNote")]
    NoSuchNote { id: usize },
}
impl ErrorReply for NotesError {}

#[derive(Deserialize)]
struct Add {
    text: String,
}

#[derive(Serialize)]
struct AddReply {
    id: usize,
}

#[derive(Deserialize)]
struct Get {
    id: usize,
}

#[derive(Serialize)]
struct Note {
    id: usize,
    text: String,
}

#[derive(Serialize)]
struct GetReply {
    note: Note,
}

#[derive(Deserialize)]
struct Follow {
    until: usize,
}

struct Notes {
    texts: Mutex<Vec<String>>,
    count: watch::Sender<usize>,
}

impl Notes {
    fn texts(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.texts.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn add(&self, text: String) -> AddReply {
        let mut texts = self.texts();
        texts.push(text);
        self.count.send_replace(texts.len());
        AddReply { id: texts.len() }
    }

    fn get(&self, id: usize) -> Result<GetReply, NotesError> {
        let text = id.checked_sub(1).and_then(|index| self.texts().get(index).cloned());
        let text = text.ok_or(NotesError::NoSuchNote { id })?;
        Ok(GetReply { note: Note { id, text } })
    }

    async fn answer(&self, call: &Call, replier: &mut Replier) -> Result<(), CallEnd> {
        match call.method() {
            "Add" => {
                let Add { text } = call.parameters()?;
                replier.reply(&self.add(text)).await
            }
            "Get" => {
                let Get { id } = call.parameters()?;
                replier.reply(&self.get(id)?).await
            }
            "Follow" => {
                call.require_more()?;
                let Follow { until } = call.parameters()?;
                let mut count = self.count.subscribe();
                for id in 1..until {
                    _ = count.wait_for(|count| *count >= id).await;
                    replier.stream(&self.get(id)?).await?;
                }
                _ = count.wait_for(|count| *count >= until).await;
                replier.reply(&self.get(until)?).await
            }
            _ => Err(ServiceError::MethodNotImplemented { method: call.full_method().to_owned() }.into()),
        }
    }
}

impl Service for Notes {
    fn interface(&self) -> &'static Interface {
        &NOTES
    }

    fn call<'a>(&'a self, call: &'a Call, replier: &'a mut Replier) -> BoxFuture<'a, Result<(), CallEnd>> {
        Box::pin(self.answer(call, replier))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let path = std::env::args_os().nth(1).ok_or_else(|| std::io::Error::other("usage: notes SOCKET"))?;
    let listener = UnixListener::bind(path)?;
    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (parent_lives, mut parent_left) = watch::channel(());
    std::thread::spawn(move || {
        _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop(parent_lives);
    });
    let stop = async {
        tokio::select! { _ = terminated.recv() => {}, _ = interrupted.recv() => {}, _ = parent_left.changed() => {} }
    };
    let product = Product {
        vendor: "Example",
        product: "notes",
        version: env!("CARGO_PKG_VERSION"),
        url: "https://example.org/notes",
    };
    let notes = Notes { texts: Mutex::default(), count: watch::channel(0).0 };
    Server::new(product).service(notes).serve(listener, stop).await;
    Ok(())
}
