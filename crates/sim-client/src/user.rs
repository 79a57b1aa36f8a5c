//! A person at the other end: says, sends, presses, and sees.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::{Method, RequestBuilder};

use super::{Client, ClientError, line, refused};
use crate::control::{
    Block, Condition, Edit, MessagePattern, MessageView, Met, NewMessage, Press, Pressed, QueryAnswer, Sent, Upload,
};

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
    /// A person who is there already.
    pub(super) fn new(client: Client, id: i64) -> Self {
        Self { client, id, cursor: Arc::default() }
    }

    /// The same person, waiting this long for things to happen.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.client = self.client.patient(patience);
        self
    }

    /// The same person, to whom all that was shown until this moment is old.
    #[must_use]
    pub fn since(self, moment: u64) -> Self {
        self.cursor.fetch_max(moment, Ordering::Relaxed);
        self
    }

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

    /// Deletes the account, for good.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn deactivates(&self) -> Result<(), ClientError> {
        self.client.done(self.request(Method::POST, "/deactivate")).await
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
        let condition = Condition::Message { user: Some(self.id), chat: None, matching };
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
