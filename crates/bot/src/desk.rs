//! Where an update becomes a conversation: who wrote, in which language, and whether they are answered at all.

use std::sync::Arc;

use interfaces::admins::{self, Admin};
use interfaces::configs::Author;
use interfaces::inbox::Entry;
use interfaces::page;
use serde::de::DeserializeOwned;
use teloxide::types::{CallbackQuery, ChatId, Message, User};
use tokio::sync::mpsc;

use crate::cancels::Cancels;
use crate::commands::parse::{Parsed, parse};
use crate::commands::press::{self, Press};
use crate::commands::{Command, pair};
use crate::note::{Note, request_id};
use crate::people::People;
use crate::registry::Registry;
use crate::roles;
use crate::send::{Outgoing, Stopping};
use crate::status::Board;
use crate::storage::{No, Storage};
use crate::talk::{Talk, applied};
use crate::texts::{Language, Text, language_of};
use crate::trail::{self, Refused};
use crate::upload::problems::cut;

/// The longest name of a person that is kept, in characters.
const NAME: usize = 64;

/// What all conversations share.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The bot's id.
    pub(crate) bot: i64,
    /// The bot's user name, without `@`.
    pub(crate) me: String,
    /// The service's name in messages.
    pub(crate) instance: String,
    /// For people whose own language is none of ours.
    pub(crate) language: Language,
    /// The kinds of config.
    pub(crate) registry: Registry,
    /// The way to people.
    pub(crate) outgoing: Outgoing,
    /// The way to the writer.
    pub(crate) storage: Storage,
    /// The way to the page.
    pub(crate) page: page::Client,
    /// What cancels, as soon as it arrives.
    pub(crate) cancels: Cancels,
    /// Whose clock is used.
    pub(crate) board: Arc<Board>,
    /// Whom this process has met.
    pub(crate) people: People,
    /// Where somebody's menu is asked for.
    menu: mpsc::UnboundedSender<i64>,
}

impl Desk {
    #[expect(clippy::too_many_arguments, reason = "they are the fields")]
    pub(crate) fn new(
        bot: i64,
        me: String,
        instance: String,
        language: Language,
        registry: Registry,
        outgoing: Outgoing,
        storage: Storage,
        page: page::Client,
        board: Arc<Board>,
        menu: mpsc::UnboundedSender<i64>,
    ) -> Self {
        let people = People::default();
        let cancels = Cancels::new(me.clone());
        Self { bot, me, instance, language, registry, outgoing, storage, page, cancels, board, people, menu }
    }

    /// Answers an update.
    ///
    /// # Errors
    /// When the worker stops first. The update is not finished then.
    pub(crate) async fn handle(&self, entry: &Entry) -> Result<(), Stopping> {
        if let Some(query) = part::<CallbackQuery>(entry, "callback_query") {
            return self.pressed(entry, &query).await;
        }
        let Some(message) = part::<Message>(entry, "message") else { return Ok(()) };
        let Some(from) = message.from.as_ref().filter(|from| !from.is_bot) else { return Ok(()) };
        if !message.chat.is_private() {
            return self.in_group(entry, &message, from).await;
        }
        let (talk, is_stranger) = match self.talk(entry, message.chat.id, from).await? {
            Meeting::With(talk) => (talk, false),
            Meeting::Stranger(talk) => (talk, true),
            Meeting::Unclear(text) => {
                if let Some(user) = user_id(from) {
                    self.tell_stranger(message.chat.id, user, &text, from).await;
                }
                return Ok(());
            }
        };
        match applied(entry) {
            // What somebody did is told even if they may do nothing any more.
            Some(outcome) => talk.tell(&message, &outcome).await,
            None if is_stranger => self.meet(&talk, &message, from).await,
            None => talk.answer(&message).await,
        }
    }

    /// Answers the press of a button. Who has no role any more is refused, whatever the button says.
    async fn pressed(&self, entry: &Entry, query: &CallbackQuery) -> Result<(), Stopping> {
        let language = language_of(query.from.language_code.as_deref(), self.language);
        let refuse = async |text: Text| {
            let text = press::fitting(&text.say(language));
            self.outgoing.answer(&query.id, Some(&text), true).await
        };
        let Some(press) = Press::of(query) else { return refuse(Text::press_unknown()).await };
        let chat = query.message.as_ref().map(|message| message.chat());
        let Some(chat) = chat.filter(|chat| chat.is_private()) else {
            self.refuse_outside(entry, &query.from, "press").await?;
            return refuse(Text::private_only()).await;
        };
        let (talk, is_stranger) = match self.talk(entry, chat.id, &query.from).await? {
            Meeting::With(talk) => (talk, false),
            Meeting::Stranger(talk) => (talk, true),
            Meeting::Unclear(text) => return refuse(text).await,
        };
        match applied(entry) {
            Some(outcome) => press::tell(&talk, &press, &outcome).await,
            None if is_stranger => {
                tracing::info!(user_id = talk.user, "somebody who is no admin pressed a button");
                self.record_stranger(talk.author(), entry.id, "press").await?;
                refuse(Text::stranger(talk.user)).await
            }
            None => press::run(&talk, &press).await,
        }
    }

    /// Finds out who wrote or pressed, as things are now.
    async fn talk(&self, entry: &Entry, chat: ChatId, from: &User) -> Result<Meeting<'_>, Stopping> {
        let failed = || Text::failed_command(request_id(self.bot, entry.id));
        let Some(user) = user_id(from) else { return Ok(Meeting::Unclear(failed())) };
        let language = language_of(from.language_code.as_deref(), self.language);
        let person = match self.person(user).await? {
            Ok(person) => person,
            Err(no) => {
                tracing::error!("it is not known who wrote: {no:?}");
                return Ok(Meeting::Unclear(failed()));
            }
        };
        let is_stranger = person.is_none();
        let person = person.unwrap_or_else(|| roles::nobody(user, &name_of(from)));
        let admin = person.name.clone();
        let note = Note::of(entry);
        let talk = Talk { desk: self, update: entry.id, chat, user, admin, person, language, note };
        if is_stranger {
            return Ok(Meeting::Stranger(talk));
        }
        tracing::debug!(user_id = user, "handling an update");
        self.people.speaks(user, language);
        if self.people.has_menu(&talk.person) {
            // They may only now have begun to talk with the bot, before which Telegram refuses a menu; or have another role.
            self.role_changed(user);
        }
        Ok(Meeting::With(talk))
    }

    /// What somebody may do, as it is now. Asked every time: who is removed can do nothing from that moment on.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn person(&self, user: i64) -> Result<Result<Option<Admin>, No<admins::Error>>, Stopping> {
        let call = admins::Get { user };
        let reply = self.storage.ask("asking who somebody is", || self.storage.admins.get(&call)).await?;
        Ok(reply.map(|reply| reply.admin))
    }

    /// Tells somebody that their update could not be handled because of our own mistake.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn apologise(&self, entry: &Entry) -> Result<(), Stopping> {
        let text = Text::failed_command(request_id(self.bot, entry.id));
        let (query, message) = (part::<CallbackQuery>(entry, "callback_query"), part::<Message>(entry, "message"));
        let message = message.filter(|message| message.chat.is_private());
        let from =
            query.as_ref().map(|query| &query.from).or(message.as_ref().and_then(|message| message.from.as_ref()));
        let Some((from, user)) = from.and_then(|from| Some((from, user_id(from)?))) else { return Ok(()) };
        if !matches!(self.person(user).await?, Ok(Some(_))) {
            return Ok(());
        }
        let text = text.say(language_of(from.language_code.as_deref(), self.language));
        match (query, message) {
            (Some(query), _) => self.outgoing.answer(&query.id, Some(&press::fitting(&text)), true).await,
            (None, Some(message)) => self.outgoing.text(message.chat.id, &text).await.map(drop),
            (None, None) => Ok(()),
        }
    }

    /// Somebody has another menu from now on.
    pub(crate) fn role_changed(&self, user: i64) {
        // Nobody sets menus any more only when everything stops.
        let _ = self.menu.send(user);
    }

    /// The language for somebody who is told something without having asked.
    pub(crate) fn language_for(&self, user: i64) -> Language {
        self.people.language(user).unwrap_or(self.language)
    }

    /// How the file of a kind is called; its name where there is no such kind any more.
    pub(crate) fn file<'a>(&'a self, kind: &'a str) -> &'a str {
        self.registry.named(kind).map_or(kind, |known| &known.file)
    }

    /// In groups only admins who name the bot are answered, and only with the request to write in private: configs are not
    /// for everybody who reads along.
    async fn in_group(&self, entry: &Entry, message: &Message, from: &User) -> Result<(), Stopping> {
        let parsed = message.text().map_or(Parsed::Words, |text| parse(text, &self.me));
        if !matches!(parsed, Parsed::Command { addressed: true, .. })
            || !self.refuse_outside(entry, from, self.meant(&parsed).0).await?
        {
            return Ok(());
        }
        let language = language_of(from.language_code.as_deref(), self.language);
        self.outgoing.text(message.chat.id, &Text::private_only().say(language)).await.map(drop)
    }

    /// Records that nothing is done outside of private chats; says whether somebody with a role asked for it.
    async fn refuse_outside(&self, entry: &Entry, from: &User, action: &str) -> Result<bool, Stopping> {
        let Some(user) = user_id(from) else { return Ok(false) };
        match self.person(user).await? {
            Ok(Some(admin)) => {
                let refused = Refused { action, kind: None, about: None, reason: "private only" };
                let who = trail::person(user, &admin.name);
                trail::record(&self.storage, who, refused, request_id(self.bot, entry.id)).await?;
                Ok(true)
            }
            Ok(None) => {
                self.record_stranger(trail::person(user, &name_of(from)), entry.id, action).await?;
                Ok(false)
            }
            Err(no) => {
                tracing::error!("it is not known who asked for something outside of a private chat: {no:?}");
                Ok(false)
            }
        }
    }

    /// A stranger may send a code, and nothing else.
    async fn meet(&self, talk: &Talk<'_>, message: &Message, from: &User) -> Result<(), Stopping> {
        let parsed = message.text().map_or(Parsed::Words, |text| parse(text, &self.me));
        let (action, words) = self.meant(&parsed);
        let code = words.first().filter(|_| words.len() == 1 && ["start", "pair"].contains(&action));
        if let Some(code) = code {
            let text = match pair::take(talk, code).await? {
                Ok(admin) => return pair::welcome(talk, &admin).await,
                Err(no) => pair::sentence(&no).unwrap_or_else(|| {
                    tracing::error!("a code could not be taken: {no:?}");
                    Text::failed_command(talk.request_id())
                }),
            };
            self.tell_stranger(talk.chat, talk.user, &text, from).await;
            return Ok(());
        }
        self.record_stranger(talk.author(), talk.update, action).await?;
        if self.tell_stranger(talk.chat, talk.user, &Text::stranger(talk.user), from).await {
            tracing::info!(user_id = talk.user, "somebody who is no admin was refused");
        }
        Ok(())
    }

    /// The verb of a stranger's message, with the words behind it. A command that there is not is a message: nobody makes up verbs
    /// for the trail.
    fn meant<'a>(&self, parsed: &'a Parsed) -> (&'a str, &'a [String]) {
        match parsed {
            Parsed::Command { name, words, .. } if Command::named(name, self.registry.kinds()).is_some() => {
                (name, words)
            }
            _ => ("message", &[]),
        }
    }

    /// Answers a stranger, but nobody without end; says whether it was done.
    async fn tell_stranger(&self, chat: ChatId, user: i64, text: &Text, from: &User) -> bool {
        let answered = self.people.answers_stranger(user, self.board.now());
        if answered {
            let language = language_of(from.language_code.as_deref(), self.language);
            self.outgoing.text_once(chat, &text.say(language)).await;
        }
        answered
    }

    /// Each of them, answered or not.
    async fn record_stranger(&self, who: Author, update: i64, action: &str) -> Result<(), Stopping> {
        let refused = Refused { action, kind: None, about: None, reason: "stranger" };
        trail::record(&self.storage, who, refused, request_id(self.bot, update)).await
    }
}

/// Who it is that wrote or pressed.
enum Meeting<'a> {
    /// Somebody with a role.
    With(Talk<'a>),
    /// Somebody without.
    Stranger(Talk<'a>),
    /// It could not be found out, which is our own mistake; this is what to say.
    Unclear(Text),
}

/// The message, or the press, that an update is; none when it is another kind of update.
fn part<T: DeserializeOwned>(entry: &Entry, name: &str) -> Option<T> {
    let part = entry.payload.get(name)?;
    // Through text, because teloxide's `Update` reads keys only where they are borrowed from one, and what holds for one of
    // its types today may hold for another one tomorrow.
    match serde_json::from_str(&part.to_string()) {
        Ok(part) => Some(part),
        Err(error) => {
            tracing::warn!("a {name} is not understood; it is passed over: {error}");
            None
        }
    }
}

/// What somebody calls themselves, as long as it may be.
fn name_of(user: &User) -> String {
    cut(&user.full_name(), NAME)
}

fn user_id(user: &User) -> Option<i64> {
    i64::try_from(user.id.0).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use interfaces::inbox::State;
    use serde_json::json;

    use super::*;

    fn entry(payload: serde_json::Value) -> Entry {
        Entry { id: 7, payload, state: State::Received, outcome: None, note: None }
    }

    #[test]
    fn a_message_is_read_from_an_update_that_was_kept() {
        let payload = json!({
            "update_id": 7,
            "message": {
                "message_id": 1, "date": 1_795_176_431,
                "chat": {"id": 1001, "type": "private", "first_name": "Anna"},
                "from": {"id": 1001, "is_bot": false, "first_name": "Anna", "language_code": "ru"},
                "document": {"file_id": "f", "file_unique_id": "u", "file_name": "fees.yml", "file_size": 12},
            },
        });
        let message = part::<Message>(&entry(payload), "message").unwrap();
        assert_eq!(message.document().unwrap().file_name.as_deref(), Some("fees.yml"));
        assert_eq!(user_id(message.from.as_ref().unwrap()), Some(1001));
    }

    #[test]
    fn what_is_no_message_is_passed_over() {
        for payload in [json!({"update_id": 7, "poll": {}}), json!({"update_id": 7, "message": {"odd": 1}}), json!("?")]
        {
            assert!(part::<Message>(&entry(payload), "message").is_none());
        }
    }
}
