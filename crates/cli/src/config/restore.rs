//! `natrium config restore`: the current version is published again in place of a file that was changed by hand.

use interfaces::configs::{ANY, Restore};
use settings::Environment;

use super::arguments::ByHand;
use super::over;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::Order;
use crate::text::{complain, json, line, print};

pub(super) fn run(words: &ByHand, environment: &Environment) -> Result<Exit, Failure> {
    let order = Order::begin(&words.changing, environment)?;
    let sha256 = words.sha256.clone().unwrap_or_else(|| ANY.to_owned());
    let again = order.again(&[&["config", "restore", &words.kind][..], &over::meant(words.sha256.as_deref())].concat());
    let call = Restore {
        kind: words.kind.clone(),
        sha256,
        by: order.author.clone(),
        request_id: order.request.clone(),
        settles: None,
    };
    let answer = order.writer.change(async || order.writer.configs.restore(&call).await);
    let reply = answer.map_err(|no| no.failure(&again))?;
    let (kind, version) = (line(&words.kind), reply.version.version);
    if words.changing.asking.json {
        print(&json(&reply));
    } else if reply.published {
        print(&format!("{kind}: version {version} is published again; what stood there is kept beside the backups\n"));
    } else {
        complain(&format!("{kind}: version {version} is not in place yet; that is tried again by itself"));
    }
    Ok(if reply.published { Exit::Success } else { Exit::Degraded })
}
