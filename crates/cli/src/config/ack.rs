//! `natrium config ack`: a program reports which version it runs.

use interfaces::configs::Ack;
use settings::Environment;

use crate::arguments::Asking;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::text::{json, line, print};

/// What the writer takes as a name, in bytes.
const LONGEST: usize = 100;

pub(super) fn run(
    kind: &str,
    version: i64,
    consumer: &str,
    asking: &Asking,
    environment: &Environment,
) -> Result<Exit, Failure> {
    if consumer.is_empty() || consumer.len() > LONGEST || consumer.chars().any(char::is_control) {
        let text = format!("a consumer's name is one line of at most {LONGEST} bytes, and not empty");
        return Err(Failure::local(Exit::Degraded, text));
    }
    let writer = super::reach(asking, environment)?;
    let call = Ack { kind: kind.to_owned(), consumer: consumer.to_owned(), version };
    // Saying so twice is saying so.
    let answer = writer.change(async || writer.configs.ack(&call).await);
    answer.map_err(|no| no.failure("the same command"))?;
    let text = format!("{}: {} runs version {version}\n", line(kind), line(consumer));
    print(&if asking.json { json(&call) } else { text });
    Ok(Exit::Success)
}
