//! Stopped and restarted under load: nothing that was acknowledged is lost, nothing is done twice.

use std::time::{Duration, Instant};

use crate::host::{Host, UNIT};
use crate::load::Load;

#[test]
fn stopped_under_load_it_stops_in_order_and_goes_on_after_the_next_start() {
    let Some(host) = Host::running() else { return };
    let (lab, load) = (&host.lab, Load::begin(&host));
    load.goes_on(&host, 20);
    let processes = lab.processes(UNIT).unwrap();
    lab.run(["systemctl", "stop", "natrium"]).unwrap();
    assert_eq!(lab.property(UNIT, "Result").unwrap(), "success", "{}", lab.journal(UNIT).unwrap());
    assert_eq!(lab.property(UNIT, "ExecMainStatus").unwrap(), "0");
    assert_eq!(host.alive(&processes), [""; 0]);
    lab.run(["systemctl", "start", "natrium"]).unwrap();
    load.goes_on(&host, 20);
    load.end(&host);
}

#[test]
fn restarted_again_and_again_under_load_nothing_acknowledged_is_lost() {
    let restarts: u32 = std::env::var("NATRIUM_RESTARTS").map_or(10, |number| number.parse().unwrap());
    let Some(host) = Host::running() else { return };
    let lab = &host.lab;
    // More than the unit's own limit lets pass in a row.
    lab.edit(UNIT, "[Unit]\nStartLimitIntervalSec=0\n").unwrap();
    let load = Load::begin(&host);
    let mut took = Vec::new();
    for _ in 0..restarts {
        load.goes_on(&host, 4);
        let began = Instant::now();
        lab.run(["systemctl", "restart", "natrium"]).unwrap();
        took.push(began.elapsed());
    }
    load.goes_on(&host, 10);
    let uploads = load.end(&host);
    assert_eq!(lab.property(UNIT, "NRestarts").unwrap(), "0", "it did not go by itself");

    took.sort();
    let (median, worst) = (took[took.len() / 2], took[took.len() - 1]);
    println!("{restarts} restarts, {uploads} uploads; a restart takes {median:?}, {worst:?} at worst");
    assert!(worst < Duration::from_secs(20), "it was not stopped in order");
}
