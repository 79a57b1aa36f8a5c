//! Makes a version with the content of an older one.
//!
//! What would change is shown first. The form names the version that it was shown for, and what somebody had changed by hand, so nobody
//! goes back over something that he has not seen: where either is another one in the meantime, it is shown and asked anew. The form
//! bears the request's id, too, so pressing twice, reloading, and asking again where no answer came are the same call.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use interfaces::admins::Role;
use interfaces::configs::{
    ByHand, Error, GetByHand, GetReply, Problem, Propose, ProposeReply, PutReply, Rollback, Version,
};
use serde::Deserialize;
use uuid::Uuid;

use super::answer::{self, Frame, Or, Saying, Way};
use super::difference::Difference;
use super::visit::{self, Known, Turn, Visit};
use super::writer::No;
use crate::texts::{Text, Value};

#[derive(Template)]
#[template(path = "rollback.html")]
struct Page {
    frame: Frame,
    /// Why it is asked anew.
    warning: Option<String>,
    asks: String,
    difference: Difference,
    cut: String,
    over: Option<Over>,
    /// What proposing means.
    note: Option<String>,
    form: Form,
    ways: Vec<Way>,
}

/// What somebody changed by hand.
struct Over {
    said: String,
    difference: Option<Difference>,
}

#[derive(Template)]
#[template(path = "again.html")]
struct Again {
    frame: Frame,
    said: String,
    form: Form,
}

/// The form, as it is shown.
struct Form {
    action: String,
    sent: Sent,
    button: String,
}

/// The form, as it is sent.
#[derive(Clone, Debug, Deserialize)]
struct Sent {
    /// The version that was shown as the current one.
    base: i64,
    /// Makes sending it twice harmless.
    request: Uuid,
    /// The SHA-256 of what was shown as changed by hand.
    over: Option<String>,
}

/// What goes back to what.
#[derive(Clone, Copy)]
struct Back<'a> {
    kind: &'a Known,
    to: i64,
}

impl Back<'_> {
    fn title(self) -> Text {
        Text::rollback_title(&self.kind.file, self.to)
    }
}

/// Where the form is sent.
fn action(kind: &str, to: i64) -> String {
    format!("/rollback/{}/{to}", visit::in_path(kind))
}

/// Shows what would change, with the button that does it.
pub(crate) async fn show(visit: &Visit<'_>, kind: &str, to: i64) -> Or<Response> {
    let kind = permitted(visit, kind).await?;
    ask(visit, Back { kind: &kind, to }, StatusCode::OK, None).await
}

async fn permitted(visit: &Visit<'_>, kind: &str) -> Or<Known> {
    let (kind, _) = visit.permitted(kind, Role::Admin, "rollback").await?;
    if kind.retired {
        return Err(visit.refuse(StatusCode::NOT_FOUND, &Text::rollback_retired(&kind.file)));
    }
    Ok(kind)
}

async fn ask(visit: &Visit<'_>, back: Back<'_>, status: StatusCode, warning: Option<Text>) -> Or<Response> {
    let Back { kind, to } = back;
    let turn = visit.turn().await?;
    let current = visit.content(kind, None).await?;
    let base = current.version.version;
    let wanted = visit.content(kind, Some(to)).await?;
    let by_hand = by_hand(visit, kind).await?;
    if to == base {
        let text = Text::rollback_is_current(to, &kind.file);
        return Ok(changes_nothing(visit, back, status, &text, by_hand.is_none()));
    }
    if wanted.content == current.content {
        let text = Text::rollback_same(to, base, &kind.file);
        return Ok(changes_nothing(visit, back, status, &text, by_hand.is_none()));
    }
    let sha256 = by_hand.as_ref().map(|(by_hand, _)| by_hand.sha256.clone());
    let over = match by_hand {
        Some((by_hand, content)) => Some(over(visit, &turn, kind, &current, &by_hand, content).await?),
        None => None,
    };
    let button = if kind.approval { Text::rollback_propose(to) } else { Text::rollback_button(to) };
    let Version { author, saved_ms, .. } = &current.version;
    let asks = Text::rollback_asks(base, author, Value::at_ms(*saved_ms));
    let page = Page {
        frame: visit.frame(&back.title()),
        warning: warning.map(|text| visit.say(&text)),
        asks: visit.say(&asks),
        cut: visit.say(&Text::diff_cut()),
        over,
        note: kind.approval.then(|| visit.say(&Text::rollback_approval(&kind.file))),
        form: Form {
            action: action(&kind.name, to),
            sent: Sent { base, request: Uuid::now_v7(), over: sha256 },
            button: visit.say(&button),
        },
        ways: vec![visit.way(&Text::history(), format!("/history/{}", kind.in_path()))],
        difference: visit.compare(&turn, current.content, wanted.content).await?,
    };
    Ok(answer::html(status, &page))
}

/// Says that there is nothing to go back to; and where the file is not `in_place`, that it is another one.
fn changes_nothing(visit: &Visit<'_>, back: Back<'_>, status: StatusCode, text: &Text, in_place: bool) -> Response {
    if in_place {
        return visit.tell(status, &back.title(), back.kind, text);
    }
    let page = Saying {
        frame: visit.frame(&back.title()),
        good: false,
        said: format!("{} {}", visit.say(text), visit.say(&Text::rollback_elsewhere())),
        listed: Vec::new(),
        ways: vec![visit.way(&Text::history(), format!("/history/{}", back.kind.in_path()))],
    };
    answer::html(status, &page)
}

/// The published file as somebody changed it, with its content where that is text.
async fn by_hand(visit: &Visit<'_>, kind: &Known) -> Or<Option<(ByHand, Option<String>)>> {
    let (configs, call) = (visit.writer.configs(), GetByHand { kind: kind.name.clone() });
    let reply = visit.writer.ask("asking for a file changed by hand", || configs.get_by_hand(&call)).await;
    let reply = reply.map_err(|no| visit.refused(kind, &no))?;
    Ok(reply.by_hand.map(|by_hand| (by_hand, reply.content)))
}

async fn over(
    visit: &Visit<'_>,
    turn: &Turn,
    kind: &Known,
    current: &GetReply,
    by_hand: &ByHand,
    content: Option<String>,
) -> Or<Over> {
    let noticed = Value::at_ms(by_hand.noticed_ms);
    let then = if kind.approval { Text::rollback_leaves() } else { Text::rollback_replaces() };
    let Some(content) = content else {
        return Ok(Over { said: visit.say(&Text::rollback_over_unseen(&kind.file, noticed, then)), difference: None });
    };
    let said = visit.say(&Text::rollback_over(&kind.file, noticed, then, current.version.version));
    Ok(Over { said, difference: Some(visit.compare(turn, current.content.clone(), content).await?) })
}

/// Does it.
pub(crate) async fn carry_out(visit: &Visit<'_>, kind: &str, to: i64, form: &[u8]) -> Or<Response> {
    let Some(sent) = serde_urlencoded::from_bytes(form).ok().filter(|sent: &Sent| sent.base > 0) else {
        return Err(visit.refuse(StatusCode::BAD_REQUEST, &Text::unreadable()));
    };
    let permitted = permitted(visit, kind).await;
    let permitted = or_recorded(visit, kind, "no such kind", permitted).await;
    let kind = or_again(visit, (kind, kind), to, &sent, permitted)?;
    let back = Back { kind: &kind, to };
    if kind.approval {
        return propose(visit, back, &sent).await;
    }
    let call = Rollback {
        kind: kind.name.clone(),
        to,
        base: sent.base,
        over: sent.over.clone(),
        author: visit.author(),
        request_id: request_id(visit, &sent, "rollback"),
        settles: None,
    };
    let configs = visit.writer.configs();
    match visit.writer.ask("rolling back", || configs.rollback(&call)).await {
        Ok(reply) => Ok(done(visit, back, &reply)),
        // The settings were changed just now.
        Err(No::Said(Error::ApprovalRequired { .. })) => propose(visit, back, &sent).await,
        Err(no) => not_done(visit, back, &sent, no).await,
    }
}

/// Asks a second admin, where the kind needs one.
async fn propose(visit: &Visit<'_>, back: Back<'_>, sent: &Sent) -> Or<Response> {
    let Back { kind, to } = back;
    let wanted = visit.content(kind, Some(to)).await;
    let wanted = or_recorded(visit, &kind.name, "no such version", wanted).await;
    let wanted = or_again(visit, (&kind.name, &kind.file), to, sent, wanted)?;
    let call = Propose {
        kind: kind.name.clone(),
        content: wanted.content,
        base: sent.base,
        restores: Some(to),
        author: visit.author(),
        request_id: request_id(visit, sent, "propose"),
        settles: None,
    };
    let configs = visit.writer.configs();
    match visit.writer.ask("proposing to roll back", || configs.propose(&call)).await {
        Ok(ProposeReply { proposal }) => {
            tracing::info!(
                user_id = visit.person.user,
                config_type = kind.name,
                proposal = proposal.id,
                "somebody proposed on the page to roll back"
            );
            let text = Text::rollback_proposed(&kind.file, to, proposal.id);
            Ok(visit.tell(StatusCode::OK, &back.title(), kind, &text))
        }
        Err(no) => not_done(visit, back, sent, no).await,
    }
}

/// The form's, and of nobody else.
fn request_id(visit: &Visit<'_>, sent: &Sent, action: &str) -> String {
    format!("page:{}:{}:{action}", visit.person.user, sent.request)
}

fn done(visit: &Visit<'_>, back: Back<'_>, reply: &PutReply) -> Response {
    let Back { kind, to } = back;
    let version = reply.version.version;
    let text = match (reply.unchanged, reply.published) {
        (true, in_place) => {
            let text = Text::rollback_same(to, version, &kind.file);
            return changes_nothing(visit, back, StatusCode::OK, &text, in_place);
        }
        (false, true) => Text::rollback_done(&kind.file, version, to),
        (false, false) => Text::rollback_unpublished(&kind.file, version),
    };
    tracing::info!(user_id = visit.person.user, config_type = kind.name, version, "somebody rolled back on the page");
    visit.tell(StatusCode::OK, &back.title(), kind, &text)
}

/// It was refused, or no answer is known.
async fn not_done(visit: &Visit<'_>, back: Back<'_>, sent: &Sent, no: No<Error>) -> Or<Response> {
    let kind = back.kind;
    match no {
        No::Said(Error::Conflict { current: Version { version, author, saved_ms, .. }, .. }) => {
            let warning = Text::rollback_conflict(&author, version, &kind.file, Value::at_ms(saved_ms));
            ask(visit, back, StatusCode::CONFLICT, Some(warning)).await
        }
        No::Said(Error::ChangedByHand { .. }) => {
            let warning = Text::rollback_by_hand_now(&kind.file);
            ask(visit, back, StatusCode::CONFLICT, Some(warning)).await
        }
        No::Said(Error::Unchanged { current, .. }) => {
            let text = Text::rollback_same(back.to, current.version, &kind.file);
            let in_place = by_hand(visit, kind).await?.is_none();
            Ok(changes_nothing(visit, back, StatusCode::OK, &text, in_place))
        }
        No::Said(Error::Invalid { problems, .. }) => Err(invalid(visit, back, &problems)),
        No::Said(Error::NotSaved { reason, .. }) => {
            Err(visit.refuse(StatusCode::SERVICE_UNAVAILABLE, &Text::not_saved(&reason)))
        }
        No::Said(Error::Forbidden { needed, .. }) => {
            // The writer has recorded it.
            let needed = [Role::Viewer, Role::Admin, Role::Owner].into_iter().find(|role| word(*role) == needed);
            let role = visit.role().await?(kind);
            Err(visit.refuse(StatusCode::FORBIDDEN, &Text::forbidden(needed, &kind.file, role)))
        }
        No::Silent => Err(again(visit, (&kind.name, &kind.file), back.to, sent)),
        no => Err(visit.refused(kind, &no)),
    }
}

/// What it takes; where that is not there, it is recorded that the page refused it: the writer, who records what it refuses, is not
/// asked then.
async fn or_recorded<T>(visit: &Visit<'_>, kind: &str, reason: &str, asked: Or<T>) -> Or<T> {
    if asked.as_ref().is_err_and(|refused| refused.status() == StatusCode::NOT_FOUND) {
        visit.record("rollback", Some(kind), reason).await?;
    }
    asked
}

/// What was asked on the way to it, about a kind of this name and file; where nobody answers, the button that asks for all of it again.
fn or_again<T>(visit: &Visit<'_>, kind: (&str, &str), to: i64, sent: &Sent, asked: Or<T>) -> Or<T> {
    asked.map_err(|refused| match refused.status() {
        StatusCode::SERVICE_UNAVAILABLE => again(visit, kind, to, sent),
        _ => refused,
    })
}

/// The same button: pressing it is the same call. That also holds where only an earlier press got as far as the writer.
fn again(visit: &Visit<'_>, (kind, file): (&str, &str), to: i64, sent: &Sent) -> Box<Response> {
    let page = Again {
        frame: visit.frame(&Text::rollback_title(file, to)),
        said: visit.say(&Text::rollback_unknown(file)),
        form: Form { action: action(kind, to), sent: sent.clone(), button: visit.say(&Text::rollback_again()) },
    };
    Box::new(answer::html(StatusCode::SERVICE_UNAVAILABLE, &page))
}

/// What the interfaces call a role.
fn word(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

/// What was valid when it was saved, and is not by now.
fn invalid(visit: &Visit<'_>, back: Back<'_>, problems: &[Problem]) -> Box<Response> {
    let listed = problems.iter().map(|Problem { line, column, path, reason }| match (*line > 0, path.is_empty()) {
        (true, false) => visit.say(&Text::problem_at_path(*line, *column, path, reason)),
        (true, true) => visit.say(&Text::problem_at(*line, *column, reason)),
        (false, false) => visit.say(&Text::problem_of_path(path, reason)),
        (false, true) => reason.clone(),
    });
    let page = Saying {
        frame: visit.frame(&back.title()),
        good: false,
        said: visit.say(&Text::problems(back.to, &back.kind.file, problems.len())),
        listed: listed.collect(),
        ways: vec![visit.way(&Text::history(), format!("/history/{}", back.kind.in_path()))],
    };
    Box::new(answer::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}
