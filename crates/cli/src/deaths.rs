//! `natrium deaths`: how the workers' processes ended.

use interfaces::supervisor::Deaths;
use settings::Environment;

use crate::arguments::Service;
use crate::exit::Exit;
use crate::record::record;
use crate::service::{reach, talk, with_names};
use crate::text::{complain, json as as_json, print};
use crate::view::View;

pub(crate) fn run(service: &Service, worker: Option<String>, json: bool, environment: &Environment) -> Exit {
    let call = Deaths { worker };
    let answer = reach(service, environment).and_then(|client| {
        talk(async {
            match client.deaths(&call).await {
                Ok(answer) => Ok(answer),
                Err(error) => Err(with_names(error.into(), &client).await),
            }
        })
    });
    match answer {
        Ok(answer) if json => print(&as_json(&answer)),
        Ok(answer) => print(&record(&answer.deaths, call.worker.as_deref(), &View::now())),
        Err(error) => {
            complain(&error.to_string());
            return error.exit();
        }
    }
    Exit::Success
}
