//! Plays a plan over the control API.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use sim_client::{Client, ClientError, Room, User, line};
use thiserror::Error;

use crate::control::{Author, Condition, MessageView, Met, NewRoom, NewRoomBot};
use crate::scenario::deed::{Deed, Sight, Which, Who};
use crate::scenario::place::Place;
use crate::scenario::{Group, Person, Plan, Planned};

/// Why a scenario did not go on.
#[derive(Debug, Error)]
pub enum Why {
    /// The simulator cannot be reached, or refuses, or what was waited for did not come.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// What was to be seen was not.
    #[error("{who} did not see {what} within {within:?}")]
    NotSeen {
        /// Who.
        who: String,
        /// What.
        what: String,
        /// How long was waited.
        within: Duration,
    },
    /// The bot did not do this in time.
    #[error("{what} did not come within {within:?}")]
    NotDone {
        /// What.
        what: String,
        /// How long was waited.
        within: Duration,
    },
    /// What was not to be seen was.
    #[error("{who} saw it: message {message_id}")]
    Seen {
        /// Who.
        who: String,
        /// Which message.
        message_id: i64,
    },
    /// Another number of times.
    #[error("{what}: {found} times and not {wanted}")]
    Times {
        /// What.
        what: String,
        /// How often it was so.
        found: usize,
        /// How often it should have been.
        wanted: String,
    },
    /// Nothing was pressed before.
    #[error("{who} has not pressed a button yet")]
    NothingPressed {
        /// Who.
        who: String,
    },
    /// Nothing was said before.
    #[error("{who} has not said anything yet")]
    NothingSaid {
        /// Who.
        who: String,
    },
    /// A file could be read before and cannot be now.
    #[error("reading the file")]
    File(#[source] std::io::Error),
}

/// A scenario that did not come to its end.
#[derive(Debug, Error)]
pub struct Failure {
    file: PathBuf,
    seed: u64,
    /// The step; none if it did not even begin.
    step: Option<Planned>,
    conversation: String,
    /// Why.
    #[source]
    pub why: Why,
}

impl Failure {
    /// The simulator is not there; nothing is known about the bot.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self.why, Why::Client(ClientError::Transport(_)))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        match &self.step {
            Some(step) => write!(f, "{file}:{}: {}\n  {}", step.line, step.said, self.why)?,
            None => write!(f, "{file}: {}", self.why)?,
        }
        if !self.conversation.is_empty() {
            write!(f, "\n\n{}", self.conversation.trim_end())?;
        }
        write!(f, "\n\nseed {seed}; again: natrium-sim scenario --seed {seed} {file}", seed = self.seed)
    }
}

impl Plan {
    /// Does one step after the other. `tell` hears of each when it is done, and how long it took.
    ///
    /// # Errors
    ///
    /// The first step that cannot be done and the first expectation that is not met, with the conversation so far.
    pub async fn play(&self, client: &Client, mut tell: impl FnMut(&Planned, Duration)) -> Result<(), Failure> {
        let mut play = Play { client, began: 0, bot: 0, cast: Vec::new(), rooms: Vec::new(), faults: Vec::new() };
        let mut played = play.enter(&self.people, &self.groups).await.map_err(|why| (None, why));
        for step in &self.steps {
            if played.is_err() {
                break;
            }
            let since = Instant::now();
            played = play.does(&step.deed).await.map_err(|why| (Some(step.clone()), why));
            if played.is_ok() {
                tell(step, since.elapsed());
            }
        }
        let conversation = if played.is_err() { play.conversation().await } else { String::new() };
        for id in &play.faults {
            // If the simulator is gone, so are they.
            let _ = client.clear_fault(*id).await;
        }
        played.map_err(|(step, why)| Failure { file: self.file.clone(), seed: self.seed, step, conversation, why })
    }
}

/// A person on the stage.
struct Actor {
    name: String,
    user: User,
    /// What they said last, in each group and alone with the bot.
    last_said: BTreeMap<Option<Which>, i64>,
    last_press: Option<String>,
}

/// A group that is there.
struct Meeting {
    title: String,
    room: Room,
}

struct Play<'c> {
    client: &'c Client,
    /// What happened before this moment is nobody's business.
    began: u64,
    /// The bot's id; 0 if there is none.
    bot: i64,
    cast: Vec<Actor>,
    rooms: Vec<Meeting>,
    /// Those that the scenario has put in force.
    faults: Vec<u64>,
}

impl Play<'_> {
    async fn enter(&mut self, people: &[Person], groups: &[Group]) -> Result<(), Why> {
        let state = self.client.state().await?;
        self.began = state.moment;
        self.bot = state.bots.first().map_or(0, |bot| bot.id);
        for person in people {
            let user = self.client.put_user(person.user.clone()).await?.since(self.began);
            let name = person.user.first_name.clone();
            self.cast.push(Actor { name, user, last_said: BTreeMap::new(), last_press: None });
        }
        for group in groups {
            let ids = || group.members.iter().map(|who| self.cast[*who].user.id());
            let room = NewRoom {
                kind: group.kind,
                title: group.title.clone(),
                username: None,
                description: None,
                owner: ids().next().unwrap_or_default(),
                members: ids().skip(1).collect(),
                bots: group.bot.map(|status| NewRoomBot { bot: None, status: Some(status) }).into_iter().collect(),
                preview: true,
                signatures: false,
            };
            let room = self.client.create_chat(room).await?;
            self.rooms.push(Meeting { title: group.title.clone(), room });
        }
        Ok(())
    }

    fn place(&self, who: Who, room: Option<Which>) -> Place<'_> {
        let user = &self.cast[who].user;
        room.map_or(Place::Alone(user), |room| Place::In(user, &self.rooms[room].room))
    }

    /// Where that is, as the end of a sentence.
    fn whereabouts(&self, room: Option<Which>) -> String {
        room.map_or_else(String::new, |room| format!(" in {}", self.rooms[room].title))
    }

    async fn does(&mut self, deed: &Deed) -> Result<(), Why> {
        match deed {
            Deed::Says { who, room, text } => {
                let said = self.place(*who, *room).says(text).await?;
                self.cast[*who].last_said.insert(*room, said);
            }
            Deed::Edits { who, room, text } => {
                let actor = &self.cast[*who];
                let nothing = || Why::NothingSaid { who: actor.name.clone() };
                let said = actor.last_said.get(room).ok_or_else(nothing)?;
                self.place(*who, *room).edits(*said, text).await?;
            }
            Deed::Sends { who, room, name, source } => {
                let bytes = source.bytes().map_err(Why::File)?;
                self.place(*who, *room).sends(name, bytes).await?;
            }
            Deed::SendsPhoto { who, room, source } => {
                let bytes = source.bytes().map_err(Why::File)?;
                self.place(*who, *room).sends_photo(bytes).await?;
            }
            Deed::Presses { who, room, button, within } => self.presses(*who, *room, button, *within).await?,
            Deed::Blocks { who, blocked } => self.cast[*who].user.blocks(*blocked).await?,
            Deed::Joins { who, room } => self.cast[*who].user.joins(&self.rooms[*room].room).await?,
            Deed::Leaves { who, room } => self.cast[*who].user.leaves(&self.rooms[*room].room).await?,
            Deed::IsRenamed { room, title } => self.rooms[*room].room.is_renamed(title).await?,
            Deed::Migrates { room } => self.rooms[*room].room = self.rooms[*room].room.migrates().await?,
            Deed::MakesBot { room, status } => self.rooms[*room].room.makes(self.bot, *status).await?,
            Deed::Sees { who, room, what, within } => self.sees(*who, *room, what, *within).await?,
            Deed::DoesNotSee { who, room, text, during } => self.does_not_see(*who, *room, text, *during).await?,
            Deed::Saw { who, room, text, times } => self.saw(*who, *room, text, *times).await?,
            Deed::IsAnswered { who, text, within } => self.is_answered(*who, text, *within).await?,
            Deed::BotCalled { method, at_least, at_most, status, within } => {
                self.bot_called(method, *at_least, *at_most, *status, *within).await?;
            }
            Deed::BotPolls { within } => self.waits(Condition::Polling { bot: None }, "getUpdates", *within).await?,
            Deed::BotConfirms { within } => {
                self.waits(Condition::Confirmed { bot: None }, "the confirmation of all updates", *within).await?;
            }
            Deed::Fault { fault, room } => {
                let mut fault = (**fault).clone();
                fault.chat = room.map(|room| self.rooms[room].room.id()).or(fault.chat);
                let all = self.client.add_fault(fault).await?;
                self.faults.extend(all.iter().map(|fault| fault.id).max());
            }
            Deed::ClearFaults => self.client.clear_faults().await?,
            Deed::Wait { least, .. } => tokio::time::sleep(*least).await,
            Deed::Clock { by } => self.client.advance(*by).await?,
        }
        Ok(())
    }

    /// Presses the button as soon as it is there, on whatever message of the bot's.
    async fn presses(&mut self, who: Who, room: Option<Which>, button: &str, within: Duration) -> Result<(), Why> {
        let place = self.place(who, room);
        let named = || format!("a button “{button}”{}", self.whereabouts(room));
        let found = place.has_button(button, within).await;
        found.map_err(|error| not_seen(error, &self.cast[who].name, named(), within))?;
        let press = place.presses(button).await?;
        self.cast[who].last_press = Some(press);
        Ok(())
    }

    async fn sees(&self, who: Who, room: Option<Which>, what: &Sight, within: Duration) -> Result<(), Why> {
        let named = match what {
            Sight::Text(text) => format!("“{text}”"),
            Sight::TextNow(text) => format!("a message that now says “{text}”"),
            Sight::Button(text) => format!("a button “{text}”"),
            Sight::File(name) => format!("the file {name}"),
        };
        let named = named + &self.whereabouts(room);
        let seen = self.place(who, room).sees(what, within).await;
        seen.map(drop).map_err(|error| not_seen(error, &self.cast[who].name, named, within))
    }

    async fn does_not_see(&self, who: Who, room: Option<Which>, text: &str, during: Duration) -> Result<(), Why> {
        match self.place(who, room).sees(&Sight::Text(text.to_owned()), during).await {
            Ok(message_id) => Err(Why::Seen { who: self.cast[who].name.clone(), message_id }),
            Err(ClientError::NotSeen { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn saw(&self, who: Who, room: Option<Which>, text: &str, times: usize) -> Result<(), Why> {
        let has_said = |message: &&MessageView| {
            let mut states = message.history.iter().filter(|state| state.moment > self.began);
            message.author == Author::Bot && states.any(|state| state.text.text.contains(text))
        };
        let found = self.place(who, room).chat().await?.iter().filter(has_said).count();
        let what = format!("{} saw “{text}”{}", self.cast[who].name, self.whereabouts(room));
        if found == times { Ok(()) } else { Err(Why::Times { what, found, wanted: times.to_string() }) }
    }

    async fn is_answered(&self, who: Who, text: &str, within: Duration) -> Result<(), Why> {
        let actor = &self.cast[who];
        let press = actor.last_press.as_ref().ok_or_else(|| Why::NothingPressed { who: actor.name.clone() })?;
        let named = || format!("an answer “{text}” to the button");
        let answer = actor.user.clone().patient(within).is_answered(press).await;
        let answer = answer.map_err(|error| not_seen(error, &actor.name, named(), within))?;
        if answer.text.contains(text) {
            return Ok(());
        }
        let what = format!("{} but “{}”", named(), answer.text);
        Err(Why::NotSeen { who: actor.name.clone(), what, within })
    }

    async fn bot_called(
        &self,
        method: &str,
        at_least: usize,
        at_most: Option<usize>,
        status: Option<u16>,
        within: Duration,
    ) -> Result<(), Why> {
        let condition = Condition::Calls { method: method.to_owned(), at_least, status, after: self.began };
        let met = self.client.clone().patient(within).wait(condition, method).await;
        let met = met.map_err(|error| not_done(error, &format!("{at_least} × {method}"), within))?;
        let found = if let Met::Calls { calls } = met { calls.len() } else { 0 };
        match at_most.filter(|most| found > *most) {
            Some(most) => {
                Err(Why::Times { what: format!("the bot called {method}"), found, wanted: format!("at most {most}") })
            }
            None => Ok(()),
        }
    }

    async fn waits(&self, condition: Condition, what: &str, within: Duration) -> Result<(), Why> {
        let met = self.client.clone().patient(within).wait(condition, what).await;
        met.map(drop).map_err(|error| not_done(error, what, within))
    }

    /// What everybody said and saw since it began.
    async fn conversation(&self) -> String {
        let mut text = String::new();
        let mut tell = |whose: String, messages: Result<Vec<MessageView>, ClientError>| {
            let is_new = |message: &&MessageView| message.history.iter().any(|state| state.moment > self.began);
            let lines: String = messages.unwrap_or_default().iter().filter(is_new).map(line).collect();
            if !lines.is_empty() {
                text.push_str(&format!("{whose}:\n{lines}"));
            }
        };
        for actor in &self.cast {
            tell(format!("{} and the bot", actor.name), actor.user.chat().await);
        }
        for meeting in &self.rooms {
            tell(meeting.title.clone(), meeting.room.chat().await);
        }
        text
    }
}

fn not_seen(error: ClientError, who: &str, what: String, within: Duration) -> Why {
    match error {
        ClientError::NotSeen { .. } => Why::NotSeen { who: who.to_owned(), what, within },
        other => other.into(),
    }
}

fn not_done(error: ClientError, what: &str, within: Duration) -> Why {
    match error {
        ClientError::NotSeen { .. } => Why::NotDone { what: what.to_owned(), within },
        other => other.into(),
    }
}
