//! A fault as somebody wrote it, and the sentence about what is wrong with it.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::api;
use crate::control::{FaultKind, NewFault};
use crate::nearest::{meant, meant_among};

/// The method that stands for the download of a file.
pub(crate) const DOWNLOAD: &str = "download";
/// The method that stands for a preview page.
pub(crate) const PREVIEW: &str = "preview";

/// The longest delay, in milliseconds: a day.
const LONGEST: u64 = 86_400_000;

/// The kinds, each with the fields that only it has.
pub(super) const KINDS: &[(&str, &[&str])] = &[
    ("latency", &["millis", "up_to_millis"]),
    ("hang", &[]),
    ("drop", &[]),
    ("too_many_requests", &["retry_after"]),
    ("server_error", &["status"]),
    ("unauthorized", &[]),
    ("conflict", &[]),
    ("truncated", &[]),
    ("slow_body", &["millis"]),
    ("outage", &[]),
];

/// Fields that every kind may have.
pub(super) const COMMON: &[&str] =
    &["method", "chat", "from_millis", "until_millis", "calls", "skip", "probability", "seed", "after"];

/// Why this is no fault.
#[derive(Debug, Clone, PartialEq, Error)]
pub(crate) enum FaultMistake {
    #[error("a fault is an object such as {{\"kind\": \"drop\", \"method\": \"sendMessage\"}}")]
    NotAnObject,
    #[error("`kind` is missing; it is one of {}", kinds())]
    NoKind,
    #[error("there is no kind of fault `{kind}`{}", meant_among(.kind, KINDS.iter().map(|(kind, _)| *kind), &format!("there are {}", kinds())))]
    UnknownKind { kind: String },
    #[error("`{kind}` has no field `{field}`{}", meant_among(.field, fields(.kind), &format!("it may have {}", list(fields(.kind)))))]
    UnknownField { kind: String, field: String },
    #[error("`{kind}` needs `{field}`, {wanted}")]
    Missing { kind: &'static str, field: &'static str, wanted: String },
    #[error("`{field}` must be {wanted}, and is {found}")]
    Wrong { field: &'static str, wanted: String, found: Value },
    #[error("Telegram has no method `{method}`{}", meant(.method, api::method_names().chain([DOWNLOAD, PREVIEW])))]
    UnknownMethod { method: String },
    #[error("{method} has no chat_id, so that a fault with `chat` would never hit it")]
    NeverInAChat { method: &'static str },
    #[error("`until_millis` ({until}) must be later than `from_millis` ({from})")]
    EndsBeforeItBegins { from: u64, until: u64 },
    #[error("`up_to_millis` ({most}) must be more than `millis` ({least})")]
    NoRange { least: u64, most: u64 },
}

fn kinds() -> String {
    list(KINDS.iter().map(|(kind, _)| *kind))
}

fn fields(kind: &str) -> impl Iterator<Item = &'static str> + use<> {
    let own = KINDS.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, own)| own);
    own.iter().chain(COMMON).copied()
}

fn list<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<String>>().join(", ")
}

/// Reads a fault.
///
/// # Errors
///
/// The first thing that is wrong with it, as a sentence.
pub(crate) fn checked(written: &Value) -> Result<NewFault, FaultMistake> {
    let object = written.as_object().ok_or(FaultMistake::NotAnObject)?;
    let written = Written(object);
    let kind = match object.get("kind") {
        None => return Err(FaultMistake::NoKind),
        Some(Value::String(kind)) => kind.as_str(),
        Some(other) => return Err(FaultMistake::UnknownKind { kind: other.to_string() }),
    };
    if !KINDS.iter().any(|(known, _)| *known == kind) {
        return Err(FaultMistake::UnknownKind { kind: kind.to_owned() });
    }
    if let Some(field) = object.keys().find(|field| *field != "kind" && !fields(kind).any(|known| known == *field)) {
        return Err(FaultMistake::UnknownField { kind: kind.to_owned(), field: field.clone() });
    }
    let fault = NewFault {
        method: written.method()?.map(str::to_owned),
        chat: written.chat()?,
        from_millis: written.number("from_millis", 0, u64::MAX)?.unwrap_or(0),
        until_millis: written.number("until_millis", 0, u64::MAX)?,
        calls: written.number("calls", 1, u64::from(u32::MAX))?.and_then(narrow),
        skip: written.number("skip", 0, u64::from(u32::MAX))?.and_then(narrow).unwrap_or(0),
        probability: written.probability()?,
        seed: written.number("seed", 0, u64::MAX)?,
        after: written.flag("after")?,
        ..written.kind(kind)?.into()
    };
    match (fault.from_millis, fault.until_millis) {
        (from, Some(until)) if until <= from => Err(FaultMistake::EndsBeforeItBegins { from, until }),
        _ => Ok(fault),
    }
}

fn narrow<N: TryFrom<u64>>(number: u64) -> Option<N> {
    number.try_into().ok()
}

/// The fields of a fault; `null` is as good as absent.
struct Written<'w>(&'w Map<String, Value>);

impl<'w> Written<'w> {
    fn get(&self, field: &str) -> Option<&'w Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    fn kind(&self, kind: &str) -> Result<FaultKind, FaultMistake> {
        Ok(match kind {
            "latency" => self.latency()?,
            "hang" => FaultKind::Hang,
            "drop" => FaultKind::Drop,
            "too_many_requests" => {
                FaultKind::TooManyRequests { retry_after: self.needed("too_many_requests", "retry_after", 1, LONGEST)? }
            }
            "server_error" => FaultKind::ServerError { status: self.needed("server_error", "status", 500, 599)? },
            "unauthorized" => FaultKind::Unauthorized,
            "conflict" => FaultKind::Conflict,
            "truncated" => FaultKind::Truncated,
            "slow_body" => FaultKind::SlowBody { millis: self.needed("slow_body", "millis", 1, LONGEST)? },
            _ => FaultKind::Outage,
        })
    }

    fn latency(&self) -> Result<FaultKind, FaultMistake> {
        let millis = self.needed("latency", "millis", 0, LONGEST)?;
        let up_to_millis = self.number("up_to_millis", 0, LONGEST)?;
        match up_to_millis.filter(|most| *most <= millis) {
            Some(most) => Err(FaultMistake::NoRange { least: millis, most }),
            None => Ok(FaultKind::Latency { millis, up_to_millis }),
        }
    }

    /// A whole number that must be there.
    fn needed<N: TryFrom<u64>>(
        &self,
        kind: &'static str,
        field: &'static str,
        least: u64,
        most: u64,
    ) -> Result<N, FaultMistake> {
        let missing = || FaultMistake::Missing { kind, field, wanted: numbers(least, most) };
        self.number(field, least, most)?.and_then(narrow).ok_or_else(missing)
    }

    fn number(&self, field: &'static str, least: u64, most: u64) -> Result<Option<u64>, FaultMistake> {
        let Some(found) = self.get(field) else { return Ok(None) };
        let number = found.as_u64().filter(|number| (least..=most).contains(number));
        let wrong = || FaultMistake::Wrong { field, wanted: numbers(least, most), found: found.clone() };
        number.map(Some).ok_or_else(wrong)
    }

    fn probability(&self) -> Result<Option<f64>, FaultMistake> {
        let Some(found) = self.get("probability") else { return Ok(None) };
        let probability = found.as_f64().filter(|probability| (0.0..=1.0).contains(probability));
        let wanted = || "a number from 0 to 1".to_owned();
        let wrong = || FaultMistake::Wrong { field: "probability", wanted: wanted(), found: found.clone() };
        probability.map(Some).ok_or_else(wrong)
    }

    fn flag(&self, field: &'static str) -> Result<bool, FaultMistake> {
        let Some(found) = self.get(field) else { return Ok(false) };
        let wrong = || FaultMistake::Wrong { field, wanted: "true or false".to_owned(), found: found.clone() };
        found.as_bool().ok_or_else(wrong)
    }

    /// In the Bot API's spelling.
    fn method(&self) -> Result<Option<&'static str>, FaultMistake> {
        let Some(found) = self.get("method") else { return Ok(None) };
        let wanted = || "the name of a method, such as \"sendMessage\"".to_owned();
        let wrong = || FaultMistake::Wrong { field: "method", wanted: wanted(), found: found.clone() };
        let name = found.as_str().ok_or_else(wrong)?;
        let known = api::method_names().chain([DOWNLOAD, PREVIEW]).find(|known| known.eq_ignore_ascii_case(name));
        known.map(Some).ok_or_else(|| FaultMistake::UnknownMethod { method: name.to_owned() })
    }

    fn chat(&self) -> Result<Option<i64>, FaultMistake> {
        let Some(found) = self.get("chat") else { return Ok(None) };
        let wanted = || "the id of a chat, a whole number".to_owned();
        let wrong = || FaultMistake::Wrong { field: "chat", wanted: wanted(), found: found.clone() };
        let chat = found.as_i64().filter(|chat| *chat != 0).ok_or_else(wrong)?;
        match self.method()? {
            Some(method) if [DOWNLOAD, PREVIEW].contains(&method) || api::is_without_chat(method) => {
                Err(FaultMistake::NeverInAChat { method })
            }
            _ => Ok(Some(chat)),
        }
    }
}

fn numbers(least: u64, most: u64) -> String {
    match most {
        u64::MAX => format!("a whole number from {least}"),
        most => format!("a whole number from {least} to {most}"),
    }
}
