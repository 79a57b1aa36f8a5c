//! The bot as `natrium` runs it itself (`natrium-bot --ask`): one question to Telegram, asked on standard input and answered
//! on standard output, as `interfaces::offline` has it. So nothing but this program speaks with Telegram.
//!
//! Nothing is changed there, and no updates are asked for: it may be done while the service polls with the same token.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use interfaces::offline::{AskTelegram, TelegramAnswer};
use worker::Sandbox;

use crate::telegram::{Failure, Telegram};

/// How long the answer may take altogether.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest question, in bytes.
const QUESTION: u64 = 64 << 10;

/// Asks what standard input says.
pub(crate) fn main() -> ExitCode {
    let mut text = String::new();
    let read = std::io::stdin().take(QUESTION).read_to_string(&mut text).map_err(drop);
    let question = read.and_then(|_| serde_json::from_str::<AskTelegram>(&text).map_err(drop));
    let Ok(question) = question else {
        let _ = writeln!(std::io::stderr(), "natrium-bot: --ask is for natrium, which asks on standard input");
        return ExitCode::from(64);
    };
    let answer = ask(&question).unwrap_or_else(|reason| TelegramAnswer::Unreachable { reason });
    // Plain data with string keys: there is nothing that could fail.
    let line = serde_json::to_string(&answer).unwrap_or_default();
    match writeln!(std::io::stdout(), "{line}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(75),
    }
}

fn ask(question: &AskTelegram) -> Result<TelegramAnswer, String> {
    let url = url::Url::parse(&question.api_url).map_err(|error| error.to_string())?;
    let sandbox = Sandbox::closed().connect(url.port_or_known_default().unwrap_or(443));
    sandbox.close().map_err(|error| error.to_string())?;
    let telegram = Telegram::new(&question.token, url)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let asked = runtime.block_on(async {
        tokio::time::timeout(PATIENCE, async { Ok((telegram.get_me().await?, telegram.has_webhook().await?)) }).await
    });
    // A name that is still being resolved is not waited for.
    runtime.shutdown_background();
    Ok(match asked {
        Ok(Ok((me, webhook))) => TelegramAnswer::Known { username: me.username().to_owned(), webhook },
        Ok(Err(failure)) => told(failure),
        Err(_) => return Err(format!("no answer within {} s", PATIENCE.as_secs())),
    })
}

fn told(failure: Failure) -> TelegramAnswer {
    match failure {
        Failure::Token(reason) => TelegramAnswer::Refused { reason },
        Failure::Unreachable(reason) | Failure::Refused(reason) | Failure::Forbidden(reason) => {
            TelegramAnswer::Unreachable { reason }
        }
        Failure::Flood(wait) => {
            TelegramAnswer::Unreachable { reason: format!("it asks to wait for {} s", wait.as_secs()) }
        }
        Failure::Conflict | Failure::Webhook | Failure::NotModified | Failure::DoneUnread => {
            TelegramAnswer::Unreachable { reason: "it answered something that is no answer to this".to_owned() }
        }
    }
}
