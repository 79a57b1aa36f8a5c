//! The last line that this program logged, written where its parent finds it after any death, `kill -9` included: a small file
//! in memory that the parent handed down. Only the newest line is kept; the log proper goes where [`logging`](crate::logging)
//! sends it.

use std::{
    fmt::{self, Write as _},
    fs::File,
    os::unix::fs::FileExt,
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use crate::events::FOR_THE_JOURNAL;

/// How long a line may be, in bytes; longer ones are cut. One page would do as well; a line that nobody reads whole would not.
pub const CAPACITY: usize = 512;

/// Writes each line over the one before.
#[derive(Debug)]
pub struct Recorder(File);

impl Recorder {
    /// `file` has a size of [`CAPACITY`], which nobody can change.
    pub(crate) fn new(file: File) -> Self {
        Self(file)
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut line = Line::default();
        attributes.record(&mut line);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(About(line.fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(About(fields)) = span.extensions().get() {
                line.fields.push_str(fields);
            }
        }
        let Line { message, fields } = line;
        let line = padded(&format!("{} {message}{fields}", event.metadata().level()));
        // One write: whatever ends this process, the line is whole. If it fails there is nobody to tell.
        let _ = self.0.write_all_at(&line, 0);
    }
}

/// Cut between characters, and filled up with NULs.
fn padded(text: &str) -> [u8; CAPACITY] {
    let mut line = [0; CAPACITY];
    let end = text.floor_char_boundary(CAPACITY);
    line[..end].copy_from_slice(&text.as_bytes()[..end]);
    line
}

/// What is said of all lines within a span.
struct About(String);

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name if FOR_THE_JOURNAL.contains(&name) => Ok(()),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    fn recorded(log: impl FnOnce()) -> String {
        let file = tempfile::tempfile().unwrap();
        let subscriber = tracing_subscriber::registry().with(Recorder::new(file.try_clone().unwrap()));
        tracing::subscriber::with_default(subscriber, log);
        let mut bytes = [0; CAPACITY];
        file.read_exact_at(&mut bytes, 0).unwrap();
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(CAPACITY);
        String::from_utf8(bytes[..end].to_vec()).unwrap()
    }

    #[test]
    fn the_newest_line_is_there_with_its_fields() {
        let line = recorded(|| {
            tracing::error!("a long line about something that was before and is over by now");
            tracing::warn!(path = "a b", count = 3, "the disk is full");
        });
        assert_eq!(line, "WARN the disk is full path=\"a b\" count=3");
    }

    #[test]
    fn what_the_line_is_about_is_there_and_what_is_for_the_journal_is_not() {
        let line = recorded(|| {
            let about = tracing::error_span!("update", natrium_request = "tg:1:2");
            about.in_scope(|| crate::event!(info, crate::events::CONFIG_PUBLISHED, user_id = 7, "it is published"));
        });
        assert_eq!(line, "INFO it is published user_id=7 natrium_request=\"tg:1:2\"");
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let line = recorded(|| tracing::info!("{}", "ж".repeat(1000)));
        assert_eq!(line.len(), CAPACITY - 1);
        assert!(line.ends_with('ж'));
    }
}
