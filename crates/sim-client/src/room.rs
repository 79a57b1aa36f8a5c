//! Groups, supergroups and channels: people say and press something in them, and what is shown there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::{Method, RequestBuilder};

use super::{Client, ClientError, User, line};
use crate::control::{
    Condition, MemberStatus, MessagePattern, MessageView, Met, Migrate, NewMember, NewRoom, NewRoomBot, NewRoomMessage,
    NewTitle, Pressed, RoomEdit, RoomKind, RoomPress, RoomUpload, RoomView, Sent,
};

/// A chat that several people and bots share.
///
/// What it *shows* is what came after the last thing that somebody did in it.
#[derive(Debug, Clone)]
pub struct Room {
    client: Client,
    id: i64,
    cursor: Arc<AtomicU64>,
}

impl Client {
    /// A group of these people, the first of whom creates it, and the first bot.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached, or if there are no people.
    pub async fn group(&self, title: &str, people: &[&User]) -> Result<Room, ClientError> {
        self.create_chat(new_room(RoomKind::Group, title, people)).await
    }

    /// The same as a supergroup.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached, or if there are no people.
    pub async fn supergroup(&self, title: &str, people: &[&User]) -> Result<Room, ClientError> {
        self.create_chat(new_room(RoomKind::Supergroup, title, people)).await
    }

    /// A channel that this person creates, with the first bot as an administrator.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached, or if the name is somebody else's.
    pub async fn channel(&self, title: &str, username: Option<&str>, owner: &User) -> Result<Room, ClientError> {
        let username = username.map(str::to_owned);
        self.create_chat(NewRoom { username, ..new_room(RoomKind::Channel, title, &[owner]) }).await
    }

    /// Any shared chat.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached or there cannot be such a chat.
    pub async fn create_chat(&self, room: NewRoom) -> Result<Room, ClientError> {
        let view: RoomView = self.answer(self.request(Method::POST, "/chats").json(&room)).await?;
        Ok(self.room(view.chat))
    }

    fn room(&self, id: i64) -> Room {
        Room { client: self.clone(), id, cursor: Arc::default() }
    }
}

fn new_room(kind: RoomKind, title: &str, people: &[&User]) -> NewRoom {
    NewRoom {
        kind,
        title: title.to_owned(),
        username: None,
        description: None,
        // Nobody has this id: the simulator says so.
        owner: people.first().map_or(0, |owner| owner.id()),
        members: people.iter().skip(1).map(|person| person.id()).collect(),
        bots: vec![NewRoomBot::default()],
        preview: true,
        signatures: false,
    }
}

impl Room {
    /// The chat's id.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The same chat, with another patience.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.client = self.client.patient(patience);
        self
    }

    /// The same chat; what it shows is what comes after this moment.
    #[must_use]
    pub fn since(self, moment: u64) -> Self {
        self.cursor.fetch_max(moment, Ordering::Relaxed);
        self
    }

    fn path(&self, path: &str) -> String {
        format!("/chats/{}{path}", self.id)
    }

    async fn member(&self, id: i64, status: MemberStatus, by: Option<i64>) -> Result<RoomView, ClientError> {
        let member = NewMember { id, status, by };
        self.client.answer(self.client.request(Method::POST, &self.path("/members")).json(&member)).await
    }

    /// A person or a bot is something else here from now on; the owner does it, or they themselves if they come or go.
    ///
    /// # Errors
    ///
    /// If there is nobody of this id.
    pub async fn makes(&self, id: i64, status: MemberStatus) -> Result<(), ClientError> {
        self.member(id, status, None).await.map(drop)
    }

    /// Gets another title.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn is_renamed(&self, title: &str) -> Result<(), ClientError> {
        let title = NewTitle { title: title.to_owned(), by: None };
        self.client.done(self.client.request(Method::POST, &self.path("/title")).json(&title)).await
    }

    /// A group becomes a supergroup, which is returned.
    ///
    /// # Errors
    ///
    /// If this is no group.
    pub async fn migrates(&self) -> Result<Self, ClientError> {
        let request = self.client.request(Method::POST, &self.path("/migrate")).json(&Migrate::default());
        let view: RoomView = self.client.answer(request).await?;
        Ok(self.client.room(view.chat))
    }

    /// Waits until a bot, or in a channel anybody, has shown a text that contains this since somebody last did
    /// something here, if only for a moment before an edit.
    ///
    /// # Errors
    ///
    /// If it is not within the client's patience; the error shows the conversation.
    pub async fn shows(&self, text: &str) -> Result<MessageView, ClientError> {
        let contains = Some(text.to_owned());
        self.finds(MessagePattern { contains, ever: true, ..self.lately() }, &format!("a message with “{text}”")).await
    }

    /// The same, and the text still stands there.
    ///
    /// # Errors
    ///
    /// If there is no such message within the client's patience.
    pub async fn shows_now(&self, text: &str) -> Result<MessageView, ClientError> {
        let contains = Some(text.to_owned());
        let what = format!("a message that now says “{text}”");
        self.finds(MessagePattern { contains, ..self.lately() }, &what).await
    }

    /// Waits for a document of this name.
    ///
    /// # Errors
    ///
    /// If there is none within the client's patience.
    pub async fn shows_file(&self, name: &str) -> Result<MessageView, ClientError> {
        self.finds(MessagePattern { file: Some(name.to_owned()), ..self.lately() }, &format!("the file {name}")).await
    }

    /// Waits for a message with this button.
    ///
    /// # Errors
    ///
    /// If there is none within the client's patience.
    pub async fn shows_button(&self, text: &str) -> Result<MessageView, ClientError> {
        let button = Some(text.to_owned());
        self.finds(MessagePattern { button, ..self.lately() }, &format!("a button “{text}”")).await
    }

    fn lately(&self) -> MessagePattern {
        MessagePattern { after: self.cursor.load(Ordering::Relaxed), ..MessagePattern::default() }
    }

    /// Waits for a message; `what` is how a failure names it.
    ///
    /// # Errors
    ///
    /// If there is none within the client's patience; the error shows the conversation.
    pub async fn finds(&self, matching: MessagePattern, what: &str) -> Result<MessageView, ClientError> {
        let condition = Condition::Message { user: None, chat: Some(self.id), matching };
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
        self.client.answer(self.client.request(Method::GET, &self.path("/messages"))).await
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

impl User {
    async fn acts_in(&self, room: &Room, request: RequestBuilder) -> Result<i64, ClientError> {
        let sent: Sent = room.client.answer(request).await?;
        room.cursor.store(sent.moment, Ordering::Relaxed);
        Ok(sent.message_id)
    }

    /// Says something in a shared chat; in a channel, posts it. Returns the number of the message.
    ///
    /// # Errors
    ///
    /// If this person may not write there.
    pub async fn says_in(&self, room: &Room, text: &str) -> Result<i64, ClientError> {
        let message = NewRoomMessage { from: self.id(), text: text.to_owned(), reply_to: None };
        self.acts_in(room, room.client.request(Method::POST, &room.path("/messages")).json(&message)).await
    }

    /// Answers a message of a shared chat.
    ///
    /// # Errors
    ///
    /// If this person may not write there or there is no such message.
    pub async fn replies_in(&self, room: &Room, message_id: i64, text: &str) -> Result<i64, ClientError> {
        let message = NewRoomMessage { from: self.id(), text: text.to_owned(), reply_to: Some(message_id) };
        self.acts_in(room, room.client.request(Method::POST, &room.path("/messages")).json(&message)).await
    }

    /// Sends a document into a shared chat; returns the number of the message.
    ///
    /// # Errors
    ///
    /// If this person may not write there.
    pub async fn sends_in(&self, room: &Room, name: &str, bytes: impl Into<Bytes>) -> Result<i64, ClientError> {
        self.uploads_in(room, "/documents", Some(name), bytes.into()).await
    }

    /// Sends a picture into a shared chat as a photo; returns the number of the message.
    ///
    /// # Errors
    ///
    /// If this person may not write there, or if it is neither PNG nor JPEG.
    pub async fn sends_photo_in(&self, room: &Room, bytes: impl Into<Bytes>) -> Result<i64, ClientError> {
        self.uploads_in(room, "/photos", None, bytes.into()).await
    }

    async fn uploads_in(&self, room: &Room, path: &str, name: Option<&str>, bytes: Bytes) -> Result<i64, ClientError> {
        let upload = RoomUpload { from: self.id(), name: name.map(str::to_owned), ..RoomUpload::default() };
        let request = room.client.request(Method::POST, &room.path(path)).query(&upload).body(bytes);
        self.acts_in(room, request).await
    }

    /// Changes what they said in a shared chat.
    ///
    /// # Errors
    ///
    /// If there is no such message of this person.
    pub async fn edits_in(&self, room: &Room, message_id: i64, text: &str) -> Result<i64, ClientError> {
        let edit = RoomEdit { from: self.id(), message_id, text: text.to_owned() };
        self.acts_in(room, room.client.request(Method::POST, &room.path("/edit")).json(&edit)).await
    }

    /// Presses a button in a shared chat, on the latest message that has it; [`User::is_answered`] waits for the answer.
    ///
    /// # Errors
    ///
    /// If there is no such button.
    pub async fn presses_in(&self, room: &Room, button: &str) -> Result<String, ClientError> {
        let press = RoomPress { from: self.id(), text: Some(button.to_owned()), ..RoomPress::default() };
        let request = room.client.request(Method::POST, &room.path("/press")).json(&press);
        let pressed: Pressed = room.client.answer(request).await?;
        room.cursor.store(pressed.moment, Ordering::Relaxed);
        Ok(pressed.query_id)
    }

    /// Comes into a shared chat.
    ///
    /// # Errors
    ///
    /// If the simulator cannot be reached.
    pub async fn joins(&self, room: &Room) -> Result<(), ClientError> {
        room.member(self.id(), MemberStatus::Member, Some(self.id())).await.map(drop)
    }

    /// Leaves a shared chat.
    ///
    /// # Errors
    ///
    /// If this person owns it.
    pub async fn leaves(&self, room: &Room) -> Result<(), ClientError> {
        room.member(self.id(), MemberStatus::Left, Some(self.id())).await.map(drop)
    }
}
