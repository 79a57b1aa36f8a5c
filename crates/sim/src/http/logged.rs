//! A call as the log has it, from when it comes until its answer is out, and the faults that strike it meanwhile.
//!
//! What the call is about it does not know, and tokens are never written down.

use std::collections::HashSet;
use std::time::Instant;

use axum::http::StatusCode;
use axum::response::Response;

use super::connection::Shears;
use super::envelope::told;
use super::faults;
use super::shared::Shared;
use crate::api::{self, Parameters};
use crate::control::{CallView, Millis};
use crate::world::faults::{Known, Strike};
use crate::world::token::Token;
use crate::world::{World, calls};

/// One entry of the call log; if it is dropped before it ended, the client went away.
pub(super) struct Logged {
    shared: Shared,
    number: u64,
    /// By the simulator's clock.
    came: Millis,
    since: Instant,
    /// It asked for something that is not simulated.
    pub(super) unsimulated: bool,
    ended: bool,
}

impl Logged {
    pub(super) fn begin(shared: &Shared, token: Option<&Token>, path: String, method: &str) -> Self {
        let call = |world: &World, now| CallView {
            number: 0,
            at: now,
            moment: 0,
            bot: token.map(Token::bot).filter(|bot| world.bots.contains_key(bot)),
            path: world.told(&path).into_owned(),
            method: world.told(method).into_owned(),
            encoding: String::new(),
            parameters: serde_json::Map::new(),
            ignored: Vec::new(),
            unsimulated: false,
            fault: None,
            status: None,
            response: None,
            took: None,
            abandoned: false,
        };
        let (number, came) = shared.note(|world, now| {
            let call = call(world, now);
            (world.begin_call(call), now)
        });
        Self { shared: shared.clone(), number, came, since: Instant::now(), unsimulated: false, ended: false }
    }

    pub(super) fn strike(&mut self, method: &str, known: Known, has_struck: bool) -> Strike {
        if self.shared.read(|world, _| world.faults.has_none_for(known)) {
            return Strike::default();
        }
        let number = self.number;
        self.shared.with(|world, now| {
            let strike = world.faults.strike(method, known, has_struck, now);
            if let Some(fault) = strike.noted() {
                world.count_fault();
                world.update_call(number, |call| call.fault = Some(fault));
            }
            strike
        })
    }

    /// The answer, unless Telegram has become unreachable since the call came.
    pub(super) async fn answer(
        &mut self,
        response: Response,
        method: &str,
        chat: Option<i64>,
        shears: &Shears,
    ) -> Response {
        let is_lost = faults::seen(&response).is_none();
        let outage = self.strike(method, Known::Answer { came: self.came, chat }, is_lost);
        faults::before(&outage, shears).await.unwrap_or(response)
    }

    pub(super) fn parameters(&mut self, parameters: &Parameters, encoding: String, method: Option<api::Method>) {
        let known = |name: &str| {
            method.is_none_or(|method| {
                method.run.is_none() || method.takes.contains(&name) || method.refuses.contains(&name)
            })
        };
        let mut told = HashSet::new();
        let ignored = parameters.names().filter(|name| !known(name) && !parameters.is_attached(name));
        let ignored: Vec<&str> = ignored.filter(|name| told.insert(*name)).collect();
        self.shared.note(|world, _| {
            let logged = parameters.logged(world);
            let ignored = ignored.into_iter().map(|name| world.told(name).into_owned()).collect();
            world.update_call(self.number, |call| {
                call.parameters = logged;
                call.encoding = encoding;
                call.ignored = ignored;
            });
        });
    }

    /// The call is over, and this is what goes out.
    pub(super) fn answered(&mut self, response: &Response) {
        self.end(faults::seen(response), told(response));
    }

    /// The call is over; without a status nobody was answered.
    pub(super) fn end(&mut self, status: Option<StatusCode>, response: &str) {
        self.ended = true;
        let took = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let unsimulated = self.unsimulated;
        let status = status.map(|status| status.as_u16());
        self.shared.note(|world, _| {
            let response = world.told(response).into_owned();
            if unsimulated {
                world.count_unsimulated();
                tracing::warn!(response, "asked for something that is not simulated");
            }
            world.update_call(self.number, |call| {
                call.status = status;
                call.response = status.map(|_| calls::shortened(&response));
                call.took = Some(took);
                call.unsimulated = unsimulated;
                tracing::debug!(method = %call.method, http_status = status, took, "call");
            });
        });
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        if !self.ended {
            let took = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.shared.note(|world, _| {
                world.update_call(self.number, |call| {
                    call.abandoned = true;
                    call.took = Some(took);
                });
            });
        }
    }
}
