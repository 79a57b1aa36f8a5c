//! An admin in a process of its own, in front of a phone: uploads one document after another, meets the others' versions, decides,
//! cancels, and writes down what the last word about each document was.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};
use sim::client::{Client, ClientError, User};
use sim::control::{Author, MessagePattern, MessageView};

use crate::dice::Dice;
use crate::house::{ADMINS, KINDS, document};

/// What an admin is told by the environment: an [`Order`].
pub(crate) const ORDER: &str = "NATRIUM_TEST_ADMIN";
/// Nobody waits longer for a last word, whatever dies meanwhile.
const SILENCE: Duration = Duration::from_secs(90);
/// After this long without news one looks again, and presses again.
const LOOK: Duration = Duration::from_secs(4);

const VALIDATING: &str = "⏳ Downloading and validating…";

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Order {
    pub(crate) telegram: String,
    pub(crate) log: PathBuf,
    /// Which of [`ADMINS`].
    pub(crate) admin: usize,
    pub(crate) uploads: usize,
    pub(crate) seed: u64,
}

/// What an admin was told of one document, in the end.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Told {
    pub(crate) kind: String,
    pub(crate) content: String,
    pub(crate) saved: bool,
    /// The message that says so, and its words.
    pub(crate) message: i64,
    pub(crate) text: String,
    /// How often the question what to do about somebody else's version was answered.
    pub(crate) decisions: usize,
    pub(crate) cancelled: bool,
}

/// What a message means for the document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Word {
    /// It goes on.
    UnderWay,
    /// The admin is to decide.
    Question,
    Saved,
    NotSaved,
}

/// What the bot's words mean. Words that nobody expects are a failure.
pub(crate) fn means(text: &str) -> Word {
    word(text).unwrap_or_else(|| panic!("what is that to mean? {text}"))
}

/// The same of words that may be about something else.
fn word(text: &str) -> Option<Word> {
    let starts = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    if starts(&["⏳", "🔒", "✖ Cancelling…"]) {
        Some(Word::UnderWay)
    } else if text.starts_with("⚠️") && text.contains(" was not saved.") {
        Some(Word::Question)
    } else if text.starts_with("✅") || text.starts_with("⚠️") && text.contains(" is saved as version ") {
        Some(Word::Saved)
    } else if starts(&["✖ Cancelled. Nothing was saved.", "✖ Your "]) {
        Some(Word::NotSaved)
    } else {
        None
    }
}

/// Not a test by itself: an admin of the tests beside it, which are this program.
#[tokio::test]
async fn an_admin() {
    let Ok(order) = std::env::var(ORDER) else { return };
    // It does not outlive who started it.
    set_pdeathsig(Signal::SIGKILL).unwrap();
    let order: Order = serde_json::from_str(&order).unwrap();
    let admin = ADMINS[order.admin];
    let telegram = Client::new(&order.telegram);
    let user = telegram.clone().patient(SILENCE).user(admin.id, admin.name).await.unwrap();
    let looking = telegram.patient(LOOK).user(admin.id, admin.name).await.unwrap();
    let mut log = File::create(&order.log).unwrap();
    let mut dice = Dice::of(order.seed);
    for number in 0..order.uploads {
        let kind = *dice.one_of(&KINDS);
        let content = document(kind, &format!("{} {number}", admin.name));
        let told = Upload { user: &user, looking: &looking, dice: &mut dice }.of(kind, content).await;
        writeln!(log, "{}", serde_json::to_string(&told).unwrap()).unwrap();
    }
}

struct Upload<'a> {
    /// Waits for long.
    user: &'a User,
    /// Does not.
    looking: &'a User,
    dice: &'a mut Dice,
}

impl Upload<'_> {
    async fn of(mut self, kind: &str, content: String) -> Told {
        let file = format!("{kind}.yml");
        self.user.says(&format!("/set_{kind}")).await.unwrap();
        self.user.sees(&format!("{file} as a document")).await.unwrap();
        self.user.sends(&file, content.clone()).await.unwrap();
        let mut message = self.user.sees(VALIDATING).await.unwrap();
        let sent = message.history.iter().find(|said| said.text.text == VALIDATING).unwrap().moment - 1;
        let cancelled = self.dice.below(8) == 0;
        if cancelled {
            self.cancels().await;
        }
        let (began, mut decisions) = (Instant::now(), 0);
        loop {
            match means(&message.text.text) {
                Word::UnderWay => {}
                Word::Question => {
                    decisions += 1;
                    self.decides().await;
                }
                word => {
                    let (saved, text) = (word == Word::Saved, message.text.text);
                    let (kind, message) = (kind.to_owned(), message.message_id);
                    return Told { kind, content, saved, message, text, decisions, cancelled };
                }
            }
            message = match self.news(&message).await {
                Some(news) => news,
                None if began.elapsed() < SILENCE => self.again(sent).await,
                None => panic!("silence about {file}:\n{}", self.user.transcript().await.unwrap()),
            };
        }
    }

    /// What the message says next.
    async fn news(&self, message: &MessageView) -> Option<MessageView> {
        let after = message.history.last().map_or(0, |said| said.moment);
        let pattern = MessagePattern { message_id: Some(message.message_id), after, ..MessagePattern::default() };
        match self.looking.finds(pattern, "news").await {
            Ok(news) => Some(news),
            Err(ClientError::NotSeen { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// The newest message that tells of this upload: where a bot was killed between sending one and noting that, its successor
    /// sends another one, be it with no more than the end.
    async fn again(&self, sent: u64) -> MessageView {
        let tells = |message: &MessageView| {
            let since = message.history.first().is_some_and(|said| said.moment > sent);
            since && message.author == Author::Bot && word(&message.text.text).is_some()
        };
        self.user.chat().await.unwrap().into_iter().rev().find(tells).unwrap()
    }

    /// Mostly overwrites.
    async fn decides(&mut self) {
        match self.dice.below(8) {
            // A button may have gone by now, because the question is another one.
            0 => drop(self.user.presses("Cancel").await),
            1 => drop(self.user.says("/cancel").await.unwrap()),
            _ => drop(self.user.presses("Overwrite").await),
        }
    }

    async fn cancels(&mut self) {
        // The button may not be there any more.
        if self.dice.below(2) == 0 || self.user.presses("Cancel").await.is_err() {
            self.user.says("/cancel").await.unwrap();
        }
    }
}
