//! Lines that cannot be handed over now are not waited for: they are counted, and as soon as one gets through again, it is
//! told first how many are missing. It must not know where lines go.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tracing::callsite::{DefaultCallsite, Identifier};
use tracing::field::{FieldSet, Value};
use tracing::metadata::Kind;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::events::LINES_LOST;

/// How many lines were not taken since that was last told.
#[derive(Clone, Debug, Default)]
pub(super) struct Lost(Arc<AtomicU64>);

thread_local! {
    /// Whether the line that this thread is handing over just now was not taken.
    static FAILED: Cell<bool> = const { Cell::new(false) };
}

impl Lost {
    /// Counts the line that this thread hands over.
    pub(super) fn count(&self) {
        FAILED.set(true);
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// An output with its door. `is_open` says whether a line would be taken now; it may be wrong, if the output counts itself.
pub(super) struct Guarded<L, G> {
    output: L,
    is_open: G,
    lost: Lost,
    telling: Mutex<()>,
}

impl<L, G: Fn() -> bool> Guarded<L, G> {
    pub(super) fn new(output: L, lost: Lost, is_open: G) -> Self {
        Self { output, is_open, lost, telling: Mutex::new(()) }
    }

    /// Answers whether nothing is left to be told.
    fn tell<S: Subscriber>(&self, context: &Context<'_, S>) -> bool
    where
        L: Layer<S>,
    {
        if self.lost.0.load(Ordering::Relaxed) == 0 {
            return true;
        }
        // Somebody else is telling. Not waited for: it may be this very thread, whose line logs while it is being formatted.
        let Ok(_telling) = self.telling.try_lock() else { return true };
        let lines = self.lost.0.load(Ordering::Relaxed);
        FAILED.set(false);
        missing(lines, |event| self.output.on_event(event, context.clone()));
        let failed = FAILED.get();
        // What was told is taken off, or else the line that should have told it, which is none of those that were lost.
        self.lost.0.fetch_sub(if failed { 1 } else { lines }, Ordering::Relaxed);
        !failed
    }
}

static CALLSITE: DefaultCallsite = DefaultCallsite::new(&LINE);
/// By hand, because it goes to this output alone, past every filter, and from within another line.
static LINE: Metadata<'static> = Metadata::new(
    LINES_LOST.name,
    module_path!(),
    Level::WARN,
    Some(file!()),
    Some(line!()),
    Some(module_path!()),
    FieldSet::new(&["message", "message_id", "code_func", "lines"], Identifier(&CALLSITE)),
    Kind::EVENT,
);

fn missing(lines: u64, show: impl FnOnce(&Event<'_>)) {
    fn here() {}
    let what = if lines == 1 { "log line was" } else { "log lines were" };
    let message = tracing::field::display(format_args!("{lines} {what} lost: nobody took them")).to_string();
    let function = crate::events::function(std::any::type_name_of_val(&here));
    let values: [Option<&dyn Value>; 4] =
        [Some(&tracing::field::display(&message)), Some(&LINES_LOST.id), Some(&function), Some(&lines)];
    show(&Event::new(&LINE, &LINE.fields().value_set_all(&values)));
}

impl<S, L, G> Layer<S> for Guarded<L, G>
where
    S: Subscriber,
    L: Layer<S>,
    G: Fn() -> bool + 'static,
{
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if (self.is_open)() && self.tell(&context) {
            self.output.on_event(event, context);
        } else {
            self.lost.count();
        }
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.output.on_new_span(attributes, id, context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.output.on_record(id, values, context);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.output.on_enter(id, context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.output.on_exit(id, context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.output.on_close(id, context);
    }
}

#[cfg(test)]
mod tests;
