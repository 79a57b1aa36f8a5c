//! The simulator on the network: a thin layer of HTTP around the world.

mod asked;
mod body;
mod bot_api;
mod chats;
mod connection;
mod control;
mod envelope;
mod events;
mod faults;
mod fetch;
mod json;
mod logged;
mod openapi;
mod page;
mod posts;
mod preview;
mod shared;
mod under_way;
mod webhook;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use axum::middleware::from_fn;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinHandle};

use crate::client::Client;
use crate::control::{NewUser, Secret};
use crate::samples::{Samples, SamplesError};
use crate::world::World;
use crate::world::people::PeopleError;
use crate::world::token::Token;
use connection::{CuttableListener, Shears};
use shared::Shared;

/// The token of the bot that is there if nothing else was asked for.
pub const DEFAULT_TOKEN: &str = "5550001111:SIMULATED-not-a-secret-0123456789abcd";

/// How to start a simulator.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; a free port of the loopback by default.
    pub listen: SocketAddr,
    /// Tokens of the bots there are at the start; [`DEFAULT_TOKEN`] by default.
    pub tokens: Vec<Secret>,
    /// People there are at the start, and again after a reset.
    pub people: Vec<NewUser>,
    /// What ids are made from; the same seed makes the same ids.
    pub seed: u64,
    /// Telegram's limits of what a bot may send are kept: about one message a second in a chat, twenty a minute in a group,
    /// thirty a second in all; beyond that 429. By default they are not, so that tests may be as fast as they can; the program
    /// keeps them.
    pub flood_limits: bool,
    /// A directory with sample files for the page, beside those that are built in.
    pub samples: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tokens: vec![DEFAULT_TOKEN.into()],
            people: Vec::new(),
            seed: 1,
            flood_limits: false,
            samples: None,
        }
    }
}

/// Why a simulator did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("listening on {address}")]
    Listen {
        /// Which one.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Something given as a token is none. It is not shown, for it may be a real one.
    #[error("token number {number} is not of the form <number>:<secret>")]
    Token {
        /// Counted from 1.
        number: usize,
    },
    /// One of the people cannot be.
    #[error("creating the people")]
    People(#[from] PeopleError),
    /// The directory of samples cannot be read.
    #[error(transparent)]
    Samples(#[from] SamplesError),
}

/// A running simulator; it stops when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    token: Secret,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    tasks: [AbortHandle; 2],
}

/// How long answers may take once it stops.
const FAREWELL: Duration = Duration::from_secs(1);

impl Simulator {
    /// Starts a simulator in this process, on the present Tokio runtime.
    ///
    /// # Errors
    ///
    /// If the address, a token or the samples are not usable.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let mut world = World::new(options.seed);
        world.flood.limited = options.flood_limits;
        for (index, text) in options.tokens.iter().enumerate() {
            let token = Token::parse(text.text()).ok_or(StartError::Token { number: index + 1 })?;
            world.add_bot(&token, None, None);
        }
        for person in &options.people {
            world.put_user(person.clone())?;
        }
        let samples = Samples::load(options.samples.as_deref())?;
        let listening = |source| StartError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let (deliveries, due) = mpsc::unbounded_channel();
        let shared = Shared::new(world, samples, options.people, deliveries);
        let app = page::router()
            .merge(control::router(shared.clone()))
            .merge(preview::router(shared.clone()))
            .layer(from_fn(body::whole))
            // It reads for itself, for faults come before the body and amid it.
            .merge(bot_api::router(shared.clone()));
        let service = app.into_make_service_with_connect_info::<Shears>();
        let (stop, mut stopping) = watch::channel(false);
        let closing = shared.clone();
        let server = tokio::spawn(async move {
            let stopped = async move {
                // If the simulator was dropped there is nobody to wait for answers.
                if stopping.wait_for(|stop| *stop).await.is_err() {
                    std::future::pending::<()>().await;
                }
                closing.close();
            };
            if let Err(error) = axum::serve(CuttableListener(listener), service).with_graceful_shutdown(stopped).await {
                tracing::error!(%error, "serving");
            }
        });
        let postman = tokio::spawn(webhook::deliver(shared.clone(), due));
        let driver = tokio::spawn(shared.drive());
        let token = options.tokens.first().cloned().unwrap_or_default();
        Ok(Self { address, token, stop, server, tasks: [driver.abort_handle(), postman.abort_handle()] })
    }

    /// Stops as Telegram's server does: waiting polls are answered with what there is, other calls that are under way with 429.
    /// Dropping it just closes the connections.
    pub async fn close(mut self) {
        self.stop.send_replace(true);
        // Streams of events never end by themselves.
        let _ = tokio::time::timeout(FAREWELL, &mut self.server).await;
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a bot takes as the Bot API's address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The token of the first bot.
    #[must_use]
    pub fn token(&self) -> &str {
        self.token.text()
    }

    /// A client of the control API.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.url())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.server.abort();
        for task in &self.tasks {
            task.abort();
        }
    }
}
