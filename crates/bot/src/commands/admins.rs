//! `/admins`: who may do what, inviting and removing. For owners.

use interfaces::admins::{Admin, Error, Invite, InviteReply, List, Remove, RemoveReply, Role, Set, SetReply};
use interfaces::inbox::Outcome;
use serde::Deserialize as _;

use super::answers::{broken, misunderstood, permitted, say, show};
use super::arguments::{self, Appointment};
use super::press::Press;
use crate::pages::{Page, people};
use crate::roles::{self, Needs};
use crate::send::Stopping;
use crate::storage::No;
use crate::talk::Talk;
use crate::texts::{Text, Value};
use crate::upload::problems::cut;

const OWNER: Needs<'static> = Needs::General(Role::Owner);

pub(super) async fn run(talk: &Talk<'_>, words: &[String]) -> Result<(), Stopping> {
    if words.is_empty() {
        return list(talk, None).await;
    }
    if !permitted(talk, None, OWNER, "set").await? {
        return Ok(());
    }
    match arguments::appointment(words, talk.desk.registry.kinds()) {
        Ok(Appointment { user, role: Some(role), kind }) => set(talk, user, role, kind).await,
        Ok(Appointment { user, role: None, kind }) => remove(talk, None, user, kind).await,
        Err(wrong @ arguments::Wrong::NoSuchKind(_)) => misunderstood(talk, wrong, "/admins", "").await,
        Err(_) => talk.say(&Text::usage(format!("/admins 123456789 admin {}", example(talk)))).await,
    }
}

fn example(talk: &Talk<'_>) -> String {
    talk.desk.registry.kinds().first().map(|kind| kind.command.clone()).unwrap_or_default()
}

/// Shows everybody, in place of the message that was pressed or anew.
pub(super) async fn list(talk: &Talk<'_>, press: Option<&Press>) -> Result<(), Stopping> {
    if !permitted(talk, press, OWNER, "list").await? {
        return Ok(());
    }
    let storage = &talk.desk.storage;
    match storage.ask("asking who may do what", || storage.admins.list(&List {})).await? {
        Ok(reply) => show(talk, press, &people::list(&reply.admins, &example(talk), talk.language)).await,
        Err(no) => refused(talk, press, no, None).await,
    }
}

async fn set(talk: &Talk<'_>, user: i64, role: Role, kind: Option<String>) -> Result<(), Stopping> {
    let known = match talk.desk.person(user).await? {
        Ok(known) => known,
        Err(no) => return refused(talk, None, no, None).await,
    };
    // Telegram tells nobody's name before they write; until then the number is all that is known.
    let name = known.map_or_else(|| user.to_string(), |known| known.name);
    let (by, request_id, settles) = (talk.author(), talk.request("set"), Some(talk.settlement()));
    let call = Set { user, name, role, kind, by, request_id, settles };
    let storage = &talk.desk.storage;
    match storage.ask("giving a role", || storage.admins.set(&call)).await? {
        Ok(reply) => was_set(talk, &reply.admin).await,
        Err(no) => refused(talk, None, no, Some(&call.name)).await,
    }
}

async fn was_set(talk: &Talk<'_>, admin: &Admin) -> Result<(), Stopping> {
    talk.desk.role_changed(admin.user);
    let roles = roles::all_of(admin, talk.language);
    talk.say(&Text::admins_set(&admin.name, admin.user.to_string(), roles)).await
}

/// Asks before somebody is removed.
pub(super) async fn ask(talk: &Talk<'_>, press: &Press, user: i64) -> Result<(), Stopping> {
    if !permitted(talk, Some(press), OWNER, "remove").await? {
        return Ok(());
    }
    match talk.desk.person(user).await? {
        Ok(Some(person)) => show(talk, Some(press), &people::removing(&person, talk.language)).await,
        Ok(None) => gone(talk, Some(press)).await,
        Err(no) => refused(talk, Some(press), no, None).await,
    }
}

async fn gone(talk: &Talk<'_>, press: Option<&Press>) -> Result<(), Stopping> {
    show(talk, press, &Page::saying(&Text::remove_nobody(), talk.language)).await
}

/// Takes roles: all of them, or the one for a kind.
pub(super) async fn remove(
    talk: &Talk<'_>,
    press: Option<&Press>,
    user: i64,
    kind: Option<String>,
) -> Result<(), Stopping> {
    if !permitted(talk, press, OWNER, "remove").await? {
        return Ok(());
    }
    let (by, request_id, settles) = (talk.author(), talk.request("remove"), Some(talk.settlement()));
    let call = Remove { user, kind, by, request_id, settles };
    let storage = &talk.desk.storage;
    match storage.ask("taking a role", || storage.admins.remove(&call)).await? {
        Ok(reply) => removed(talk, press, reply).await,
        Err(no) => {
            let name = talk.desk.person(user).await?.ok().flatten().map(|person| person.name);
            refused(talk, press, no, name.as_deref()).await
        }
    }
}

async fn removed(talk: &Talk<'_>, press: Option<&Press>, reply: RemoveReply) -> Result<(), Stopping> {
    let Some(person) = reply.removed else { return gone(talk, press).await };
    talk.desk.role_changed(person.user);
    // What is left after a role for one kind was taken.
    let left = talk.desk.person(person.user).await?.ok().flatten();
    let text = match left {
        Some(left) => Text::admins_set(&left.name, left.user.to_string(), roles::all_of(&left, talk.language)),
        None => Text::removed(&person.name),
    };
    show(talk, press, &Page::saying(&text, talk.language)).await
}

/// Makes an invitation. It is a message of its own, to be passed on; the list stays.
pub(super) async fn invite(talk: &Talk<'_>, press: &Press, role: Role) -> Result<(), Stopping> {
    if !permitted(talk, Some(press), OWNER, "invite").await? {
        return Ok(());
    }
    let (by, request_id, settles) = (talk.author(), talk.request("invite"), Some(talk.settlement()));
    let call = Invite { role, kind: None, by, request_id, settles };
    let storage = &talk.desk.storage;
    match storage.ask("inviting somebody", || storage.admins.invite(&call)).await? {
        Ok(reply) => invited(talk, press, role, &reply).await,
        Err(no) => refused(talk, Some(press), no, None).await,
    }
}

async fn invited(talk: &Talk<'_>, press: &Press, role: Role, reply: &InviteReply) -> Result<(), Stopping> {
    let InviteReply { code, expires_ms } = reply;
    let link = people::link(&talk.desk.me, code);
    talk.say(&Text::invited(role, Value::at_ms(*expires_ms), link, code)).await?;
    press.silence(talk).await
}

async fn refused(talk: &Talk<'_>, press: Option<&Press>, no: No<Error>, name: Option<&str>) -> Result<(), Stopping> {
    let name = |user: i64| name.map_or_else(|| user.to_string(), str::to_owned);
    let text = match no {
        No::Said(Error::Forbidden { needed }) => Text::forbidden(roles::of_word(&needed), talk.person.role),
        No::Said(Error::Fixed { user }) => Text::fixed_admin(name(user)),
        No::Said(Error::LastOwner { user }) => Text::last_owner(name(user)),
        No::Said(Error::NoSuchKind { kind }) => Text::no_such_kind(kind),
        No::Said(Error::NotSaved { reason }) => Text::not_done(cut(&reason, 500)),
        no => return broken(talk, press, &format!("{no:?}")).await,
    };
    say(talk, press, &text).await
}

/// Answers a command or a press whose effect stands since before a restart.
pub(super) async fn tell(
    talk: &Talk<'_>,
    press: Option<&Press>,
    invited_role: Option<Role>,
    outcome: &Outcome,
) -> Result<(), Stopping> {
    let reply = &outcome.reply;
    match outcome.method.as_str() {
        "io.natrium.Admins.Set" => match SetReply::deserialize(reply) {
            Ok(reply) => was_set(talk, &reply.admin).await,
            Err(error) => broken(talk, press, &format!("the outcome of giving a role: {error}")).await,
        },
        "io.natrium.Admins.Invite" => match (InviteReply::deserialize(reply), press, invited_role) {
            (Ok(reply), Some(press), Some(role)) => invited(talk, press, role, &reply).await,
            other => broken(talk, press, &format!("the outcome of an invitation: {other:?}")).await,
        },
        _ => match RemoveReply::deserialize(reply) {
            Ok(reply) => removed(talk, press, reply).await,
            Err(error) => broken(talk, press, &format!("the outcome of taking a role: {error}")).await,
        },
    }
}
