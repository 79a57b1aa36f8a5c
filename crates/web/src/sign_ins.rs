//! Who is signed in, and who may sign in once. Pure: the clock and the randomness are handed in.
//!
//! A code goes by the bot to one person and makes a session of his, once, within [`CODE_LIFE`]. A session lasts
//! [`SESSION_LIFE`] from then. All of it is in memory: when the worker ends, everybody is signed out. Neither codes nor the
//! sessions' tokens are kept, only what they hash to, so that nothing here gives one away.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::texts::Language;

/// How long a code is good.
pub(crate) const CODE_LIFE: Duration = Duration::from_secs(5 * 60);
/// How long somebody is signed in.
pub(crate) const SESSION_LIFE: Duration = Duration::from_secs(12 * 60 * 60);
/// Codes of one person. The oldest goes when one more comes.
const CODES_EACH: usize = 5;
/// Sessions of one person.
const SESSIONS_EACH: usize = 10;
/// Codes, and sessions, of all.
const MOST: usize = 1000;

/// Somebody whom Telegram knows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Person {
    /// The Telegram user's id.
    pub(crate) user: i64,
    /// The name to show.
    pub(crate) name: String,
    /// What the page speaks.
    pub(crate) language: Language,
}

/// A code or a token: 256 bits that nobody can guess.
#[derive(Clone)]
pub(crate) struct Secret([u8; 32]);

impl Secret {
    pub(crate) fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What somebody sent; nothing where it cannot be one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// As it stands in addresses and cookies.
    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// All codes and sessions.
#[derive(Debug)]
pub(crate) struct SignIns {
    codes: Book,
    sessions: Book,
}

impl Default for SignIns {
    fn default() -> Self {
        Self { codes: Book::new(CODES_EACH, CODE_LIFE), sessions: Book::new(SESSIONS_EACH, SESSION_LIFE) }
    }
}

impl SignIns {
    /// From now on `code` signs `person` in, once.
    pub(crate) fn invite(&mut self, now: Instant, code: &Secret, person: Person) {
        self.codes.add(now, code, Arc::new(person));
    }

    /// Takes a code: whoever has `token` is its person from now on, and the session `before` ends. None where the code is not good
    /// (any more); then nothing ends.
    pub(crate) fn sign_in(
        &mut self,
        now: Instant,
        code: &Secret,
        token: &Secret,
        before: Option<&Secret>,
    ) -> Option<Arc<Person>> {
        let person = self.codes.take(now, code)?;
        if let Some(before) = before {
            self.sessions.take(now, before);
        }
        self.sessions.add(now, token, person.clone());
        Some(person)
    }

    /// Who has this token.
    pub(crate) fn who(&mut self, now: Instant, token: &Secret) -> Option<Arc<Person>> {
        self.sessions.find(now, token)
    }

    /// Ends a session. Answers whose it was.
    pub(crate) fn sign_out(&mut self, now: Instant, token: &Secret) -> Option<Arc<Person>> {
        self.sessions.take(now, token)
    }

    /// How many sessions there are.
    pub(crate) fn sessions(&mut self, now: Instant) -> usize {
        self.sessions.forget(now);
        self.sessions.kept.len()
    }
}

/// Secrets with the same life, the oldest first: so they expire in order, and there are few enough to look at each.
#[derive(Debug)]
struct Book {
    each: usize,
    life: Duration,
    kept: VecDeque<Kept>,
}

#[derive(Debug)]
struct Kept {
    hash: [u8; 32],
    since: Instant,
    person: Arc<Person>,
}

impl Book {
    fn new(each: usize, life: Duration) -> Self {
        Self { each, life, kept: VecDeque::new() }
    }

    fn add(&mut self, now: Instant, secret: &Secret, person: Arc<Person>) {
        self.forget(now);
        let of_person = |kept: &Kept| kept.person.user == person.user;
        if self.kept.iter().filter(|kept| of_person(kept)).count() >= self.each
            && let Some(oldest) = self.kept.iter().position(of_person)
        {
            self.kept.remove(oldest);
        }
        if self.kept.len() >= MOST {
            self.kept.pop_front();
        }
        self.kept.push_back(Kept { hash: secret.hash(), since: now, person });
    }

    fn find(&mut self, now: Instant, secret: &Secret) -> Option<Arc<Person>> {
        let at = self.position(now, secret)?;
        self.kept.get(at).map(|kept| kept.person.clone())
    }

    fn take(&mut self, now: Instant, secret: &Secret) -> Option<Arc<Person>> {
        let at = self.position(now, secret)?;
        self.kept.remove(at).map(|kept| kept.person)
    }

    /// Hashes are compared, so how long this takes tells nothing of what is kept.
    fn position(&mut self, now: Instant, secret: &Secret) -> Option<usize> {
        self.forget(now);
        let hash = secret.hash();
        self.kept.iter().position(|kept| kept.hash == hash)
    }

    fn forget(&mut self, now: Instant) {
        while self.kept.front().is_some_and(|kept| now.saturating_duration_since(kept.since) >= self.life) {
            self.kept.pop_front();
        }
    }
}

#[cfg(test)]
#[path = "sign_ins_tests.rs"]
mod tests;
