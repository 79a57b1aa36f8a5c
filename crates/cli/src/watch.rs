//! `natrium watch`: how the workers are, then every change, over restarts of the service.
//!
//! It only sleeps: a change, Ctrl-C, a reader that goes away wake it. While nobody serves the socket there is nothing to wait
//! for, and it looks again after a pause.

use std::path::Path;
use std::time::{Duration, Instant};

use interfaces::supervisor::{Error, Status, Watch, WatchReply};
use settings::Environment;
use varlink::Replies;

use crate::arguments::Service;
use crate::change::Change;
use crate::exit::Exit;
use crate::follower::Follower;
use crate::service::{ServiceError, runtime_directory, supervisor, talk};
use crate::terminal::{self, Interrupt};
use crate::text::{complain, json_line, put};
use crate::view::View;

/// How soon it looks again for a service that is gone: at first, and at last.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(1)];

/// Why there is nothing more to tell.
enum End {
    /// The service cannot be followed.
    Service(ServiceError),
    /// What it tells cannot be written.
    Output(std::io::Error),
}

impl From<ServiceError> for End {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<std::io::Error> for End {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

pub(crate) fn run(service: &Service, wait: bool, json: bool, environment: &Environment) -> Exit {
    let ended = runtime_directory(service, environment).and_then(|directory| {
        talk(async {
            let interrupt = Interrupt::listen().map_err(ServiceError::Runtime)?;
            Ok(tokio::select! {
                end = follow(&directory, wait, json) => Some(end),
                () = interrupt.came() => {
                    if terminal::is_output() {
                        // The terminal has shown ^C.
                        let _ = put("\n");
                    }
                    None
                }
                () = terminal::reader_gone() => None,
            })
        })
    });
    match ended {
        Ok(None) => Exit::Success,
        Ok(Some(End::Output(error))) if error.kind() == std::io::ErrorKind::BrokenPipe => Exit::Success,
        Ok(Some(End::Output(error))) => {
            complain(&format!("writing the changes: {error}"));
            Exit::TryAgain
        }
        Ok(Some(End::Service(error))) | Err(error) => {
            let hint = if matches!(error, ServiceError::NotRunning { .. }) { "; --wait waits for it" } else { "" };
            complain(&format!("{error}{hint}"));
            error.exit()
        }
    }
}

/// Follows the service for ever, unless it cannot.
async fn follow(directory: &Path, wait: bool, json: bool) -> End {
    let mut follower = Follower::default();
    let mut pause = PAUSES[0];
    let mut waiting = false;
    loop {
        let began = Instant::now();
        match stay(directory, &mut follower, json).await {
            // Whoever was followed for a while may be back soon.
            Ok(()) if began.elapsed() > PAUSES[1] => pause = PAUSES[0],
            Ok(()) => {}
            Err(End::Service(ServiceError::NotRunning { .. })) if follower.has_begun() => {
                if let Some(gone) = follower.lost()
                    && let Err(error) = tell(&gone, json)
                {
                    return error.into();
                }
            }
            Err(End::Service(error @ ServiceError::NotRunning { .. })) if wait => {
                if !waiting {
                    complain(&format!("{error}; waiting for it"));
                }
                waiting = true;
            }
            // While a service starts or stops, it may accept a caller whom it does not answer.
            Err(End::Service(ServiceError::Call(_) | ServiceError::Answer(_))) if follower.has_begun() || waiting => {}
            Err(end) => return end,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSES[1]);
    }
}

/// Follows the service until the connection ends.
async fn stay(directory: &Path, follower: &mut Follower, json: bool) -> Result<(), End> {
    let client = supervisor(directory)?;
    let mut changes: Replies<WatchReply, Error> = client.watch(&Watch {}).await.map_err(ServiceError::from)?;
    let status = client.status(&Status {}).await.map_err(ServiceError::from)?;
    for change in follower.met(&status) {
        tell(&change, json)?;
    }
    // An error here is how a connection ends; whether the service has, too, is seen when it is looked for again.
    while let Some(Ok(reply)) = changes.next().await {
        if let Some(change) = follower.told(reply.worker) {
            tell(&change, json)?;
        }
    }
    Ok(())
}

fn tell(change: &Change, json: bool) -> std::io::Result<()> {
    let view = View::now();
    put(&if json { json_line(&change.json(&view)) } else { change.lines(&view) })
}
