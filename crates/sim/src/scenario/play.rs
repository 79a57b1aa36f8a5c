//! Plays a plan over the control API.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use sim_client::{Client, ClientError, User, line};
use thiserror::Error;

use crate::control::{Author, Condition, MessagePattern, MessageView, Met};
use crate::scenario::deed::{Deed, Sight, Who};
use crate::scenario::{Person, Plan, Planned};

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
        let mut play = Play { client, began: 0, cast: Vec::new(), faults: Vec::new() };
        let mut played = play.enter(&self.people).await.map_err(|why| (None, why));
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
    last_said: Option<i64>,
    last_press: Option<String>,
}

struct Play<'c> {
    client: &'c Client,
    /// What happened before this moment is nobody's business.
    began: u64,
    cast: Vec<Actor>,
    /// Those that the scenario has put in force.
    faults: Vec<u64>,
}

impl Play<'_> {
    async fn enter(&mut self, people: &[Person]) -> Result<(), Why> {
        self.began = self.client.state().await?.moment;
        for person in people {
            let user = self.client.put_user(person.user.clone()).await?.since(self.began);
            self.cast.push(Actor { name: person.user.first_name.clone(), user, last_said: None, last_press: None });
        }
        Ok(())
    }

    async fn does(&mut self, deed: &Deed) -> Result<(), Why> {
        match deed {
            Deed::Says { who, text } => {
                let said = self.cast[*who].user.says(text).await?;
                self.cast[*who].last_said = Some(said);
            }
            Deed::Edits { who, text } => {
                let actor = &self.cast[*who];
                let said = actor.last_said.ok_or_else(|| Why::NothingSaid { who: actor.name.clone() })?;
                actor.user.edits(said, text).await?;
            }
            Deed::Sends { who, name, source } => {
                let bytes = source.bytes().map_err(Why::File)?;
                self.cast[*who].user.sends(name, bytes).await?;
            }
            Deed::SendsPhoto { who, source } => {
                let bytes = source.bytes().map_err(Why::File)?;
                self.cast[*who].user.sends_photo(bytes).await?;
            }
            Deed::Presses { who, button, within } => self.presses(*who, button, *within).await?,
            Deed::Blocks { who, blocked } => self.cast[*who].user.blocks(*blocked).await?,
            Deed::Sees { who, what, within } => self.sees(*who, what, *within).await?,
            Deed::DoesNotSee { who, text, during } => self.does_not_see(*who, text, *during).await?,
            Deed::Saw { who, text, times } => self.saw(*who, text, *times).await?,
            Deed::IsAnswered { who, text, within } => self.is_answered(*who, text, *within).await?,
            Deed::BotCalled { method, at_least, at_most, status, within } => {
                self.bot_called(method, *at_least, *at_most, *status, *within).await?;
            }
            Deed::BotPolls { within } => self.waits(Condition::Polling { bot: None }, "getUpdates", *within).await?,
            Deed::BotConfirms { within } => {
                self.waits(Condition::Confirmed { bot: None }, "the confirmation of all updates", *within).await?;
            }
            Deed::Fault(fault) => {
                let all = self.client.add_fault((**fault).clone()).await?;
                self.faults.extend(all.iter().map(|fault| fault.id).max());
            }
            Deed::ClearFaults => self.client.clear_faults().await?,
            Deed::Wait { least, .. } => tokio::time::sleep(*least).await,
            Deed::Clock { by } => self.client.advance(*by).await?,
        }
        Ok(())
    }

    /// Presses the button as soon as it is there, on whatever message of the bot's.
    async fn presses(&mut self, who: Who, button: &str, within: Duration) -> Result<(), Why> {
        let actor = &mut self.cast[who];
        let pattern = MessagePattern { button: Some(button.to_owned()), ..MessagePattern::default() };
        let found = actor.user.clone().patient(within).finds(pattern, "").await;
        found.map_err(|error| not_seen(error, &actor.name, format!("a button “{button}”"), within))?;
        actor.last_press = Some(actor.user.presses(button).await?);
        Ok(())
    }

    async fn sees(&self, who: Who, what: &Sight, within: Duration) -> Result<(), Why> {
        let actor = &self.cast[who];
        let user = actor.user.clone().patient(within);
        let (seen, named) = match what {
            Sight::Text(text) => (user.sees(text).await.map(drop), format!("“{text}”")),
            Sight::TextNow(text) => (user.sees_now(text).await.map(drop), format!("a message that now says “{text}”")),
            Sight::Button(text) => (user.sees_button(text).await.map(drop), format!("a button “{text}”")),
            Sight::File(name) => (user.gets(name).await.map(drop), format!("the file {name}")),
        };
        seen.map_err(|error| not_seen(error, &actor.name, named, within))
    }

    async fn does_not_see(&self, who: Who, text: &str, during: Duration) -> Result<(), Why> {
        let actor = &self.cast[who];
        match actor.user.clone().patient(during).sees(text).await {
            Ok(message) => Err(Why::Seen { who: actor.name.clone(), message_id: message.message_id }),
            Err(ClientError::NotSeen { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn saw(&self, who: Who, text: &str, times: usize) -> Result<(), Why> {
        let actor = &self.cast[who];
        let has_said = |message: &&MessageView| {
            let mut states = message.history.iter().filter(|state| state.moment > self.began);
            message.author == Author::Bot && states.any(|state| state.text.text.contains(text))
        };
        let found = actor.user.chat().await?.iter().filter(has_said).count();
        let what = format!("{} saw “{text}”", actor.name);
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
        for actor in &self.cast {
            let Ok(messages) = actor.user.chat().await else { continue };
            let is_new = |message: &&MessageView| message.history.iter().any(|state| state.moment > self.began);
            let lines: String = messages.iter().filter(is_new).map(line).collect();
            if !lines.is_empty() {
                text.push_str(&format!("{} and the bot:\n{lines}", actor.name));
            }
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
