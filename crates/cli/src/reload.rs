//! `natrium reload`: the service takes its settings in use as they stand now, and starts only those workers again that what
//! changed concerns.

use std::time::{Duration, Instant};

use interfaces::supervisor::{Client, Error, Reload};
use settings::Environment;

use crate::arguments::Service;
use crate::exit::Exit;
use crate::service::{ServiceError, reach_patiently, talk};
use crate::successor::{Outcome, Watcher, tell};
use crate::text::{complain, print};

/// How long the answer may take: two readings of the settings, the one under way and ours, each given up after ten seconds.
const PATIENCE: Duration = Duration::from_secs(25);

pub(crate) fn run(service: &Service, environment: &Environment) -> Exit {
    match reach_patiently(service, environment, PATIENCE).and_then(|client| talk(reload(&client))) {
        Ok(restarted) if restarted.is_empty() => {
            print("in use; no worker had to be started again\n");
            Exit::Success
        }
        Ok(restarted) => restarted.iter().map(|(name, outcome)| tell(name, outcome)).fold(Exit::Success, worse),
        Err(ServiceError::Answer(Error::SettingsRefused { problems })) => {
            complain(&format!("{problems}\nThe old settings stay in use."));
            Exit::Configuration
        }
        Err(error) => {
            complain(&error.to_string());
            error.exit()
        }
    }
}

fn worse(one: Exit, other: Exit) -> Exit {
    if one == Exit::Success { other } else { one }
}

async fn reload(client: &Client) -> Result<Vec<(String, Outcome)>, ServiceError> {
    let watcher = Watcher::begin(client).await?;
    let begun = Instant::now();
    let restarting = client.reload(&Reload {}).await?.restarting;
    let outcomes = watcher.outcomes(&restarting, begun).await;
    Ok(restarting.into_iter().map(|stopped| stopped.worker).zip(outcomes).collect())
}
