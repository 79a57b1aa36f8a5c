//! The worker's life: it serves what was handed down until it is told to stop, and then finishes what it has begun.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use worker::{Context, Exit, Sandbox, Start, Worker};

use crate::page::{Link, Room};
use crate::server::Server;
use crate::{api, page};

/// The names of the listeners.
const API: &str = "api";
const PAGE: &str = "page";

/// What the worker may touch: nothing. What it answers it is told by the other programs.
#[must_use]
pub fn sandbox(_: &Start) -> Sandbox {
    Sandbox::closed()
}

/// The program `natrium-web`.
#[derive(Debug)]
pub(crate) struct Web;

impl Worker for Web {
    const NAME: &'static str = "web";
    const LISTENERS: &'static [&'static str] = &[API, PAGE];

    fn prepare(_: &Start) -> Result<Self, Exit> {
        Ok(Self)
    }

    fn sandbox(start: &Start) -> Sandbox {
        sandbox(start)
    }

    async fn run(self, mut context: Context) -> Result<(), Exit> {
        let (api, page) = (context.tcp_listeners(API), context.tcp_listeners(PAGE));
        if api.is_empty() && page.is_empty() {
            return Err(Exit::Configuration(anyhow!(
                "no TCP listener was handed down: start natriumd, or give this service socket units with FileDescriptorName=api and =page"
            )));
        }
        let room = Arc::new(Room::new(&context, &page).map_err(software)?);
        let link = interfaces::page::Serve(Arc::new(Link(room.clone())));
        let serving = context.serve(|server| server.service(link))?;
        let status = line(&[(API, &api), (PAGE, &page)]).context("asking where it listens").map_err(Exit::Software)?;
        let context = Arc::new(context);
        let api = Server::new(API, api, api::router(context.clone())).map_err(software)?;
        let page = Server::new(PAGE, page, page::router(room)).map_err(software)?;
        context.notify.ready(&status);
        tokio::join!(api.serve(context.stop.clone()), page.serve(context.stop.clone()));
        // Calls in flight are answered; the server has its own deadline for that.
        let _ = serving.await;
        Ok(())
    }
}

fn software(error: std::io::Error) -> Exit {
    Exit::Software(anyhow::Error::new(error).context("serving the inherited listeners"))
}

/// Where it can be reached, in one line for people.
fn line(listeners: &[(&str, &[TcpListener])]) -> std::io::Result<String> {
    let mut parts = Vec::new();
    for (name, listeners) in listeners {
        let addresses = listeners.iter().map(|listener| listener.local_addr().map(|address| address.to_string()));
        let addresses: Vec<_> = addresses.collect::<Result<_, _>>()?;
        if !addresses.is_empty() {
            parts.push(format!("{name} on {}", addresses.join(" and ")));
        }
    }
    Ok(parts.join(", "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn the_line_names_every_address() {
        let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [a, b, c] = [0, 1, 2].map(|place: usize| listeners[place].local_addr().unwrap());
        let told = line(&[(API, &listeners[..2]), (PAGE, &listeners[2..])]).unwrap();
        assert_eq!(told, format!("api on {a} and {b}, page on {c}"));
        assert_eq!(line(&[(API, &listeners[..1]), (PAGE, &[])]).unwrap(), format!("api on {a}"));
    }
}
