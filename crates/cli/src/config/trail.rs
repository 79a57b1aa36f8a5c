//! Refusals that the command line decides itself, in the audit trail. The writer records its own.

use interfaces::audit::{Error, Record};

use crate::order::Order;
use crate::text::{complain, line};
use crate::writer::No;

/// Bytes of a kind's name, of what a refusal is about, and of a request id at most, as the writer takes them.
const KIND: usize = 64;
const ABOUT: usize = 1024;
const ID: usize = 200;

/// What was refused.
#[derive(Debug)]
pub(super) struct Refusal<'a> {
    pub(super) action: &'static str,
    /// As it was named: nobody has looked whether there is one.
    pub(super) kind: Option<&'a str>,
    /// What it is about where no kind says that.
    pub(super) about: Option<&'a str>,
    /// In the writer's words.
    pub(super) reason: &'static str,
    pub(super) request_id: String,
}

impl<'a> Refusal<'a> {
    /// Of all that was asked for.
    pub(super) fn of(order: &Order, action: &'static str, kind: &'a str, reason: &'static str) -> Self {
        Self { action, kind: Some(kind), about: None, reason, request_id: order.request.clone() }
    }

    fn call(self, order: &Order) -> Record {
        Record {
            actor: order.author.clone(),
            action: self.action.to_owned(),
            kind: begin(self.kind, KIND),
            about: begin(self.about, ABOUT),
            reason: self.reason.to_owned(),
            request_id: self.request_id,
        }
    }
}

/// Records what was refused, which it is in any case; what the trail lacks is said.
pub(super) fn record<'a>(order: &Order, refusals: impl IntoIterator<Item = Refusal<'a>>) {
    let mut refusals = refusals.into_iter();
    while let Some(refusal) = refusals.next() {
        let call = refusal.call(order);
        if let Err(no) = order.writer.change(async || order.writer.audit.record(&call).await) {
            // Whoever does not answer is not waited for once more for each of the others.
            return missing(1 + refusals.count(), &no);
        }
    }
}

/// Says that refusals were not recorded.
pub(super) fn missing(count: usize, no: &No<Error>) {
    complain(&told(count, no));
}

fn told(count: usize, no: &No<Error>) -> String {
    let (which, are) = match count {
        1 => ("this refusal".to_owned(), "is"),
        count => (format!("{count} refusals"), "are"),
    };
    match no {
        No::Said(error) => format!("{which} {are} not in the audit trail: {}", line(&error.to_string())),
        No::NotDone(why) => format!("{which} {are} not in the audit trail: {}", line(why)),
        No::Unknown(why) => format!("{which} may be missing in the audit trail: {}", line(why)),
    }
}

/// The request of a part of what was asked for: one id for all would be one line for all. Of long names the end tells them apart.
pub(super) fn request_of(request: &str, part: &str) -> String {
    let room = ID.saturating_sub(request.len() + 1);
    let from = part.ceil_char_boundary(part.len().saturating_sub(room));
    format!("{request}/{}", &part[from..])
}

/// The begin of a text that nobody has checked; nothing where there is none.
fn begin(text: Option<&str>, most: usize) -> Option<String> {
    let text = text.filter(|text| !text.is_empty())?;
    Some(text[..text.floor_char_boundary(most)].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_named_is_cut_to_what_the_writer_takes() {
        assert_eq!(begin(Some("fees"), KIND).as_deref(), Some("fees"));
        assert_eq!(begin(Some(&"я".repeat(99)), KIND), Some("я".repeat(32)));
        assert_eq!([begin(Some(""), KIND), begin(None, KIND)], [None, None]);
        assert_eq!(request_of("r", "fees"), "r/fees");
        for request in ["r", &"r".repeat(100)] {
            let id = request_of(request, &format!("{}/one.yml", "я".repeat(200)));
            assert!((ID - 1..=ID).contains(&id.len()) && id.starts_with(&format!("{request}/я")), "{id}");
            assert!(id.ends_with("/one.yml"), "{id}");
        }
    }

    #[test]
    fn what_is_not_known_to_be_missing_is_not_said_to_be() {
        let not = |count| told(count, &No::NotDone("gone\naway".to_owned()));
        assert_eq!(not(1), "this refusal is not in the audit trail: gone away");
        assert_eq!(not(3), "3 refusals are not in the audit trail: gone away");
        let no = No::Unknown("no answer in time".to_owned());
        assert_eq!(told(1, &no), "this refusal may be missing in the audit trail: no answer in time");
        let no = No::Said(Box::new(Error::NotSaved { reason: "the disk is full".to_owned() }));
        assert_eq!(told(1, &no), "this refusal is not in the audit trail: nothing was saved: the disk is full");
    }
}
