//! `natrium config consumers`: which programs reported which version they run.

use interfaces::configs::Consumers;
use serde::Serialize;
use settings::Environment;

use crate::arguments::Asking;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::table::{Row, table};
use crate::text::{json, line, print};
use crate::view::View;

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    kind: &'a str,
    current: i64,
    consumers: &'a [interfaces::configs::Consumer],
}

pub(super) fn run(kind: &str, asking: &Asking, environment: &Environment) -> Result<Exit, Failure> {
    let writer = super::reach(asking, environment)?;
    let consumers = writer.read(writer.configs.consumers(&Consumers { kind: kind.to_owned() }))?.consumers;
    let current = super::current_of(&writer, kind)?.map_or(0, |version| version.version);
    if asking.json {
        print(&json(&Json { kind, current, consumers: &consumers }));
    } else if consumers.is_empty() {
        print(&format!("{}: no program has reported which version it runs\n", line(kind)));
    } else {
        let view = View::now();
        let row = |consumer: &interfaces::configs::Consumer| {
            let is_current = if consumer.version == current { "current" } else { "" };
            let reported = view.short(consumer.acknowledged_ms);
            Row {
                cells: [line(&consumer.name), consumer.version.to_string(), is_current.to_owned(), reported],
                below: Vec::new(),
            }
        };
        let rows: Vec<_> = consumers.iter().map(row).collect();
        print(&table(["CONSUMER", "VERSION", "", "REPORTED"], &rows, &view));
    }
    Ok(Exit::Success)
}
