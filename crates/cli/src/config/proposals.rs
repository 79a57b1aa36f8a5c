//! `natrium config proposals`: versions that wait for the approval of a second admin.

use interfaces::configs::{Proposal, Proposals};
use settings::Environment;

use crate::arguments::Asking;
use crate::author::shown;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::table::{Row, table};
use crate::text::{json, line, print};
use crate::view::View;

pub(super) fn run(kind: Option<&str>, asking: &Asking, environment: &Environment) -> Result<Exit, Failure> {
    let writer = super::reach(asking, environment)?;
    let reply = writer.read(writer.configs.proposals(&Proposals { kind: kind.map(str::to_owned) }))?;
    if asking.json {
        print(&json(&reply));
    } else if reply.proposals.is_empty() {
        print("nothing waits for approval\n");
    } else {
        let view = View::now();
        let rows: Vec<_> = reply.proposals.iter().map(|proposal| row(proposal, &view)).collect();
        print(&table(["ID", "KIND", "BASE", "BYTES", "PROPOSED", "AUTHOR"], &rows, &view));
    }
    Ok(Exit::Success)
}

fn row(proposal: &Proposal, view: &View) -> Row<6> {
    let restores = proposal.restores.map(|version| format!("a rollback to version {version}"));
    let cells = [
        proposal.id.to_string(),
        line(&proposal.kind),
        proposal.base.to_string(),
        proposal.bytes.to_string(),
        view.short(proposal.proposed_ms),
        shown(&proposal.author),
    ];
    Row { cells, below: restores.into_iter().collect() }
}
