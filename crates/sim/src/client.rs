//! A typed client of the control API. Tests written with it read like a conversation:
//!
//! ```no_run
//! # use natrium_sim as sim;
//! # async fn test() -> Result<(), Box<dyn std::error::Error>> {
//! let telegram = sim::Simulator::start(sim::Options::default()).await?;
//! // … start a bot with telegram.url() and telegram.token() …
//! let anna = telegram.client().user(1001, "Anna").await?;
//! anna.says("/set_fees").await?;
//! anna.sees("Send me the file").await?;
//! anna.sends("fees.yml", "currency: USD").await?;
//! anna.sees("updated successfully").await?;
//! anna.presses("Show").await?;
//! # Ok(()) }
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::control::{
    Advance, Author, Block, CallView, Condition, Counters, Edit, FaultKind, FaultView, Markup, MessagePattern,
    MessageView, Met, NewBot, NewFault, NewMessage, NewUser, Press, Pressed, QueryAnswer, Refusal, Revoke, Sent, State,
    Upload, Wait,
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
        Ok(User { client: self.clone(), id: user.id, cursor: Arc::default() })
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
        let fault = NewFault { kind, method: Some(method.to_owned()), calls: Some(calls), skip: 0, after: false };
        self.add_fault(fault).await.map(drop)
    }

    /// Telegram cannot be reached until [`Client::clear_faults`].
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn outage(&self) -> Result<(), ClientError> {
        let fault = NewFault { kind: FaultKind::Outage, method: None, calls: None, skip: 0, after: false };
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
    let who = if message.author == Author::Bot { "bot " } else { "user" };
    let states: Vec<&str> = message.history.iter().map(|revision| revision.text.text.as_str()).collect();
    let file = message.file.as_ref().map_or_else(String::new, |file| format!(" [{}, {} bytes]", file.name, file.size));
    let buttons = match &message.markup {
        Some(Markup::Inline(rows)) => rows.iter().flatten().map(|button| format!(" ({})", button.text)).collect(),
        _ => String::new(),
    };
    let deleted = if message.deleted { " (deleted)" } else { "" };
    format!("  {who} {}: {}{file}{buttons}{deleted}\n", message.message_id, states.join(" → "))
}

/// A person who talks to the first bot.
///
/// What they *see* is what the bot shows after the last thing they did.
#[derive(Debug, Clone)]
pub struct User {
    client: Client,
    id: i64,
    cursor: Arc<AtomicU64>,
}

impl User {
    /// Telegram's id of the person.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, &format!("/users/{}{path}", self.id))
    }

    async fn send(&self, request: RequestBuilder) -> Result<i64, ClientError> {
        let sent: Sent = self.client.answer(request).await?;
        self.cursor.store(sent.moment, Ordering::Relaxed);
        Ok(sent.message_id)
    }

    /// Says something; returns the number of the message.
    ///
    /// # Errors
    ///
    /// If the simulator refuses, for instance because the bot is blocked.
    pub async fn says(&self, text: &str) -> Result<i64, ClientError> {
        let message = NewMessage { text: text.to_owned(), bot: None, reply_to: None };
        self.send(self.request(Method::POST, "/messages").json(&message)).await
    }

    /// Changes something that was said.
    ///
    /// # Errors
    ///
    /// If there is no such message of this person.
    pub async fn edits(&self, message_id: i64, text: &str) -> Result<i64, ClientError> {
        let edit = Edit { message_id, text: text.to_owned(), bot: None };
        self.send(self.request(Method::POST, "/edit").json(&edit)).await
    }

    /// Sends a document; returns the number of the message.
    ///
    /// # Errors
    ///
    /// If the simulator refuses it.
    pub async fn sends(&self, name: &str, bytes: impl Into<Bytes>) -> Result<i64, ClientError> {
        let upload = Upload { name: Some(name.to_owned()), ..Upload::default() };
        self.uploads("/documents", &upload, bytes.into()).await
    }

    /// Sends a picture as a photo; returns the number of the message.
    ///
    /// # Errors
    ///
    /// If it is neither PNG nor JPEG.
    pub async fn sends_photo(&self, bytes: impl Into<Bytes>) -> Result<i64, ClientError> {
        self.uploads("/photos", &Upload::default(), bytes.into()).await
    }

    /// Sends one of the sample files; returns the number of the message.
    ///
    /// # Errors
    ///
    /// If there is no such sample.
    pub async fn sends_sample(&self, name: &str) -> Result<i64, ClientError> {
        self.send(self.request(Method::POST, &format!("/samples/{name}"))).await
    }

    async fn uploads(&self, path: &str, upload: &Upload, bytes: Bytes) -> Result<i64, ClientError> {
        self.send(self.request(Method::POST, path).query(upload).body(bytes)).await
    }

    /// Presses a button by what it says, or a part of that, on the latest message that has it.
    ///
    /// # Errors
    ///
    /// If there is no such button.
    pub async fn presses(&self, button: &str) -> Result<String, ClientError> {
        let press = Press { text: Some(button.to_owned()), ..Press::default() };
        let pressed: Pressed = self.client.answer(self.request(Method::POST, "/press").json(&press)).await?;
        self.cursor.store(pressed.moment, Ordering::Relaxed);
        Ok(pressed.query_id)
    }

    /// Waits until the bot has answered a press, and returns the answer.
    ///
    /// # Errors
    ///
    /// If it does not within the client's patience.
    pub async fn is_answered(&self, query_id: &str) -> Result<QueryAnswer, ClientError> {
        let condition = Condition::Answered { query_id: query_id.to_owned() };
        match self.client.wait(condition, "the answer to the press").await? {
            Met::Answered { query } => Ok(query.answer.unwrap_or(QueryAnswer { text: String::new(), alert: false })),
            _ => Ok(QueryAnswer { text: String::new(), alert: false }),
        }
    }

    /// Blocks the bot, or lets it talk again.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn blocks(&self, blocked: bool) -> Result<(), ClientError> {
        self.client.done(self.request(Method::POST, "/block").json(&Block { blocked, bot: None })).await
    }

    /// Waits until the bot has shown a text that contains this, if only for a moment before an edit, since this person
    /// last did something.
    ///
    /// # Errors
    ///
    /// If it does not within the client's patience; the error shows the conversation.
    pub async fn sees(&self, text: &str) -> Result<MessageView, ClientError> {
        let contains = Some(text.to_owned());
        self.finds(MessagePattern { contains, ever: true, ..self.lately() }, &format!("a message with “{text}”")).await
    }

    /// Like [`User::sees`], and it is what the message says now.
    ///
    /// # Errors
    ///
    /// If it does not within the client's patience; the error shows the conversation.
    pub async fn sees_now(&self, text: &str) -> Result<MessageView, ClientError> {
        let contains = Some(text.to_owned());
        self.finds(MessagePattern { contains, ..self.lately() }, &format!("a message that now says “{text}”")).await
    }

    /// Waits for a message with this button.
    ///
    /// # Errors
    ///
    /// If there is none within the client's patience.
    pub async fn sees_button(&self, text: &str) -> Result<MessageView, ClientError> {
        let button = Some(text.to_owned());
        self.finds(MessagePattern { button, ..self.lately() }, &format!("a button “{text}”")).await
    }

    /// Waits for a document of this name and returns its bytes.
    ///
    /// # Errors
    ///
    /// If there is none within the client's patience.
    pub async fn gets(&self, file_name: &str) -> Result<Bytes, ClientError> {
        let file = Some(file_name.to_owned());
        let message = self.finds(MessagePattern { file, ..self.lately() }, &format!("the file {file_name}")).await?;
        let key = message.file.map_or(0, |file| file.key);
        let response = self.client.request(Method::GET, &format!("/files/{key}")).send().await?;
        Ok(refused(response).await?.bytes().await?)
    }

    /// What the bot showed since this person last did something.
    fn lately(&self) -> MessagePattern {
        MessagePattern { after: self.cursor.load(Ordering::Relaxed), ..MessagePattern::default() }
    }

    /// Waits for a message; `what` is how a failure names it.
    ///
    /// # Errors
    ///
    /// If there is none within the client's patience; the error shows the conversation.
    pub async fn finds(&self, matching: MessagePattern, what: &str) -> Result<MessageView, ClientError> {
        let condition = Condition::Message { user: self.id, matching };
        match self.client.wait(condition, what).await? {
            Met::Message { message } => Ok(*message),
            _ => Err(ClientError::Refused { status: 200, error: "the simulator answered something else".to_owned() }),
        }
    }

    /// The whole chat with everything it was.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn chat(&self) -> Result<Vec<MessageView>, ClientError> {
        self.client.answer(self.request(Method::GET, "/messages")).await
    }

    /// The whole chat as text, a line a message.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn transcript(&self) -> Result<String, ClientError> {
        Ok(self.chat().await?.iter().map(line).collect())
    }
}
