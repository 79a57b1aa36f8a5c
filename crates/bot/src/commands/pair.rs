//! `/pair CODE`, and `/start CODE` which a link says: how somebody gets the first role, or another one. All that a stranger may do.

use interfaces::admins::{Admin, Error, Pair, PairReply};
use interfaces::inbox::Outcome;
use serde::Deserialize as _;

use super::answers::broken;
use super::help;
use crate::roles;
use crate::send::Stopping;
use crate::storage::No;
use crate::talk::Talk;
use crate::texts::Text;
use crate::upload::problems::cut;

/// Longer than any code, however it is typed.
const CODE: usize = 64;

pub(super) async fn run(talk: &Talk<'_>, words: &[String]) -> Result<(), Stopping> {
    let [code] = words else { return talk.say(&Text::pair_usage()).await };
    match take(talk, code).await? {
        Ok(admin) => welcome(talk, &admin).await,
        Err(no) => match sentence(&no) {
            Some(text) => talk.say(&text).await,
            None => broken(talk, None, &format!("{no:?}")).await,
        },
    }
}

/// Takes the code for whoever talks.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn take(talk: &Talk<'_>, code: &str) -> Result<Result<Admin, No<Error>>, Stopping> {
    let call = Pair {
        code: code.chars().take(CODE).collect(),
        user: talk.user,
        name: talk.admin.clone(),
        request_id: talk.request("pair"),
        settles: Some(talk.settlement()),
    };
    let storage = &talk.desk.storage;
    let reply = storage.ask("taking a code", || storage.admins.pair(&call)).await?;
    Ok(reply.map(|reply| reply.admin))
}

/// Greets somebody who has a new role, and says what it lets them do.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn welcome(talk: &Talk<'_>, admin: &Admin) -> Result<(), Stopping> {
    talk.desk.role_changed(admin.user);
    let roles = roles::all_of(admin, talk.language);
    let greeting = Text::paired(&admin.name, roles).say(talk.language);
    talk.say_words(&format!("{greeting}\n\n{}", help::list(talk.desk, admin, talk.language))).await
}

/// What a refusal means for whoever sent the code; none where it is our own mistake.
pub(crate) fn sentence(no: &No<Error>) -> Option<Text> {
    match no {
        No::Said(Error::WrongCode {}) => Some(Text::wrong_code()),
        No::Said(Error::TooManyCodes { retry_ms }) => Some(Text::too_many_codes(minutes(*retry_ms))),
        No::Said(Error::Fixed { user }) => Some(Text::fixed_admin(user.to_string())),
        No::Said(Error::NotSaved { reason }) => Some(Text::not_done(cut(reason, 500))),
        _ => None,
    }
}

/// Rounded up: whoever comes back then is not too early.
fn minutes(milliseconds: i64) -> i64 {
    milliseconds.max(1).saturating_add(59_999) / 60_000
}

/// Answers a code that was taken before a restart.
pub(super) async fn tell(talk: &Talk<'_>, outcome: &Outcome) -> Result<(), Stopping> {
    match PairReply::deserialize(&outcome.reply) {
        Ok(reply) => welcome(talk, &reply.admin).await,
        Err(error) => broken(talk, None, &format!("the outcome of taking a code: {error}")).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Language;

    #[test]
    fn whoever_has_to_wait_is_not_told_too_short_a_time() {
        for (milliseconds, told) in [(0, 1), (1, 1), (60_000, 1), (60_001, 2), (i64::MAX, i64::MAX / 60_000)] {
            assert_eq!(minutes(milliseconds), told);
        }
        let wait = No::Said(Error::TooManyCodes { retry_ms: 150_000 });
        let said = |language| sentence(&wait).map(|text| text.say(language));
        assert!(said(Language::English).is_some_and(|said| said.ends_with("Try again in 3 minutes.")));
        assert!(said(Language::Russian).is_some_and(|said| said.ends_with("через 3 минуты.")));
    }
}
