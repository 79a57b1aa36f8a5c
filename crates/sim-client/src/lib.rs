//! A typed client of the control API. Tests written with it read like a conversation:
//!
//! ```no_run
//! # use natrium_sim_client::Client;
//! # async fn test() -> Result<(), natrium_sim_client::ClientError> {
//! let telegram = Client::new("http://127.0.0.1:4000");
//! // … start a bot with this address as the Bot API's …
//! let anna = telegram.user(1001, "Anna").await?;
//! anna.says("/set_fees").await?;
//! anna.sees("Send me the file").await?;
//! anna.sends("fees.yml", "currency: USD").await?;
//! anna.sees("updated successfully").await?;
//! anna.presses("Show").await?;
//!
//! let boris = telegram.user(1002, "Boris").await?;
//! let team = telegram.group("Team", &[&anna, &boris]).await?;
//! anna.says_in(&team, "/start").await?;
//! team.shows("hello").await?;
//! boris.presses_in(&team, "Yes").await?;
//! # Ok(()) }
//! ```

pub mod control;
mod room;
mod time;
mod user;

use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use thiserror::Error;

pub use room::Room;
pub use user::User;

use crate::control::{
    Advance, Author, CallView, Condition, Counters, FaultKind, FaultView, FloodLimits, Markup, MessageView, Met,
    NewBot, NewFault, NewUser, Refusal, Revoke, State, Wait,
};

/// How long is waited unless said otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why something did not work.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The simulator cannot be reached, or what it says makes no sense.
    #[error("talking to the simulator")]
    Transport(#[from] reqwest::Error),
    /// The simulator says no.
    #[error("{status}: {error}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// In words.
        error: String,
    },
    /// What was waited for did not come.
    #[error("{what} did not happen within {patience:?}\n{chat}")]
    NotSeen {
        /// What was waited for.
        what: String,
        /// How long.
        patience: Duration,
        /// The conversation as it is, a line a message.
        chat: String,
    },
}

/// A connection to a simulator's control API; cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    patience: Duration,
}

impl Client {
    /// A client of the simulator at `url`, such as `http://127.0.0.1:4000`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let base = format!("{}/control", url.trim_end_matches('/'));
        Self { http: reqwest::Client::new(), base, patience: PATIENCE }
    }

    /// The same client, waiting this long for things to happen.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ClientError> {
        let response = refused(request.send().await?).await?;
        Ok(response.json().await?)
    }

    async fn done(&self, request: RequestBuilder) -> Result<(), ClientError> {
        refused(request.send().await?).await.map(drop)
    }

    /// Creates a person who has not talked to the bot yet.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached or refuses the id.
    pub async fn user(&self, id: i64, first_name: &str) -> Result<User, ClientError> {
        let user = NewUser {
            id,
            first_name: first_name.to_owned(),
            last_name: None,
            username: None,
            language_code: None,
            note: None,
            started: false,
        };
        self.put_user(user).await
    }

    /// Creates a person, or changes one.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached or refuses the id.
    pub async fn put_user(&self, user: NewUser) -> Result<User, ClientError> {
        self.done(self.request(Method::POST, "/users").json(&user)).await?;
        Ok(User::new(self.clone(), user.id))
    }

    /// Everything there is.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn state(&self) -> Result<State, ClientError> {
        self.answer(self.request(Method::GET, "/state")).await
    }

    /// Adds a bot, or gives the one of this id a new token.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached or this is not a token.
    pub async fn add_bot(&self, bot: NewBot) -> Result<(), ClientError> {
        self.done(self.request(Method::POST, "/bots").json(&bot)).await
    }

    /// Revokes a bot's token.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached or there is no such bot.
    pub async fn revoke(&self, revoke: Revoke) -> Result<(), ClientError> {
        self.done(self.request(Method::POST, "/revoke").json(&revoke)).await
    }

    /// Puts a fault in force and returns all that are.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached or refuses the fault.
    pub async fn add_fault(&self, fault: NewFault) -> Result<Vec<FaultView>, ClientError> {
        self.answer(self.request(Method::POST, "/faults").json(&fault)).await
    }

    /// The next `calls` calls of `method` fail like this.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached or refuses the fault.
    pub async fn fails(&self, method: &str, kind: FaultKind, calls: u32) -> Result<(), ClientError> {
        let fault = NewFault { method: Some(method.to_owned()), calls: Some(calls), ..kind.into() };
        self.add_fault(fault).await.map(drop)
    }

    /// Telegram cannot be reached until [`Client::clear_faults`].
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn outage(&self) -> Result<(), ClientError> {
        let fault = NewFault::from(FaultKind::Outage);
        self.add_fault(fault).await.map(drop)
    }

    /// Ends all faults.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn clear_faults(&self) -> Result<(), ClientError> {
        self.done(self.request(Method::DELETE, "/faults")).await
    }

    /// Ends one fault; it is no error if it is over.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn clear_fault(&self, id: u64) -> Result<(), ClientError> {
        match self.done(self.request(Method::DELETE, &format!("/faults/{id}"))).await {
            Err(ClientError::Refused { status: 404, .. }) => Ok(()),
            ended => ended,
        }
    }

    /// All recorded calls of one method, or of all.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn calls(&self, method: Option<&str>) -> Result<Vec<CallView>, ClientError> {
        let query: Vec<(&str, &str)> = method.iter().map(|method| ("method", *method)).collect();
        self.answer(self.request(Method::GET, "/calls").query(&query)).await
    }

    /// Calls of what the simulator does not simulate; a test usually wants none.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn unsimulated(&self) -> Result<Vec<CallView>, ClientError> {
        self.answer(self.request(Method::GET, "/calls").query(&[("unsimulated", "true")])).await
    }

    /// What was counted.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn counters(&self) -> Result<Counters, ClientError> {
        self.answer(self.request(Method::GET, "/counters")).await
    }

    /// Moves the simulator's clock forward.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn advance(&self, time: Duration) -> Result<(), ClientError> {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.done(self.request(Method::POST, "/clock").json(&Advance { millis })).await
    }

    /// Whether Telegram's limits of what a bot may send are kept.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn flood_limits(&self, limited: bool) -> Result<(), ClientError> {
        self.done(self.request(Method::POST, "/flood").json(&FloodLimits { limited })).await
    }

    /// Forgets people, chats, faults and calls; bots and tokens stay.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn reset(&self) -> Result<(), ClientError> {
        self.done(self.request(Method::POST, "/reset")).await
    }

    /// Waits until the bot waits in getUpdates.
    ///
    /// # Errors
    ///
    /// If it does not within the client's patience.
    pub async fn polling(&self) -> Result<(), ClientError> {
        self.wait(Condition::Polling { bot: None }, "a waiting getUpdates").await.map(drop)
    }

    /// Waits until the bot has confirmed all updates.
    ///
    /// # Errors
    ///
    /// If it does not within the client's patience.
    pub async fn confirmed(&self) -> Result<(), ClientError> {
        self.wait(Condition::Confirmed { bot: None }, "the confirmation of all updates").await.map(drop)
    }

    /// Waits until a method has been called this often, and returns the calls.
    ///
    /// # Errors
    ///
    /// If it is not within the client's patience.
    pub async fn called(&self, method: &str, at_least: usize) -> Result<Vec<CallView>, ClientError> {
        let condition = Condition::Calls { method: method.to_owned(), at_least, status: None, after: 0 };
        match self.wait(condition, &format!("{at_least} × {method}")).await? {
            Met::Calls { calls } => Ok(calls),
            _ => Ok(Vec::new()),
        }
    }

    /// Waits until a condition is true; `what` is how a failure names it.
    ///
    /// # Errors
    ///
    /// If it is not within the client's patience.
    pub async fn wait(&self, condition: Condition, what: &str) -> Result<Met, ClientError> {
        let timeout = u64::try_from(self.patience.as_millis()).ok();
        let request = self.request(Method::POST, "/wait").json(&Wait { condition, timeout });
        let response = request.send().await?;
        if response.status() == StatusCode::REQUEST_TIMEOUT {
            let refusal: Refusal = response.json().await?;
            let chat = refusal.messages.iter().map(line).collect();
            return Err(ClientError::NotSeen { what: what.to_owned(), patience: self.patience, chat });
        }
        Ok(refused(response).await?.json().await?)
    }
}

async fn refused(response: reqwest::Response) -> Result<reqwest::Response, ClientError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let text = response.text().await?;
    let error = serde_json::from_str(&text).map_or(text, |refusal: Refusal| refusal.error);
    Err(ClientError::Refused { status: status.as_u16(), error })
}

/// One message as a line of a transcript, with what it said before.
#[must_use]
pub fn line(message: &MessageView) -> String {
    let who = match message.author {
        Author::User => "user",
        Author::Bot => "bot ",
        Author::Channel => "chat",
    };
    let states: Vec<&str> = message.history.iter().map(|revision| revision.text.text.as_str()).collect();
    let file = message.file.as_ref().map_or_else(String::new, |file| format!(" [{}, {} bytes]", file.name, file.size));
    let buttons = match &message.markup {
        Some(Markup::Inline(rows)) => rows.iter().flatten().map(|button| format!(" ({})", button.text)).collect(),
        _ => String::new(),
    };
    let deleted = if message.deleted { " (deleted)" } else { "" };
    format!("  {who} {}: {}{file}{buttons}{deleted}\n", message.message_id, states.join(" → "))
}
