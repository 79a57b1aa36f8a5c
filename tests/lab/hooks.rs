//! What the settings want run after a version was published, in the unit's cage.

use std::fs;
use std::time::Duration;

use harness::lab::PROGRAMS;
use harness::{skip, until};
use interfaces::supervisor::{Client, HookEnd, RunHook, RunHookReply};
use varlink::{Pool, PoolLimits};

use crate::host::{Host, PATIENCE, UNIT};

/// The service that is to read its prices again.
const SHOP: &str =
    "[Service]\nExecStart=/bin/sleep infinity\nExecReload=/bin/sh -c 'echo reloaded >>/run/shop-reloaded'\n";

/// What `natriumd(8)` tells an operator to write for `shop.service`.
fn rule() -> String {
    let page =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/man/natriumd.8")).unwrap().replace("\\-", "-");
    let begin = page.find("    polkit.addRule(").unwrap();
    page[begin..].split(".fi\n").next().unwrap().to_owned()
}

#[test]
fn a_unit_is_reloaded_once_the_operator_has_allowed_it() {
    let Some(host) = Host::installed() else { return };
    let lab = &host.lab;
    if !lab.path("/usr/lib/polkit-1/polkitd").exists() {
        skip("polkit is not installed").unwrap();
        return;
    }
    lab.write("/etc/systemd/system/shop.service", SHOP).unwrap();
    lab.run(["systemctl", "start", "shop.service", "dbus.service", "polkit.service"]).unwrap();
    let settings = lab.read("/etc/natrium/natrium.yml");
    let fees = "fees: { file: fees.yml, schema: builtin }";
    assert!(settings.contains(fees), "{settings}");
    let hooked = "fees: { file: fees.yml, schema: builtin, after_publish: { unit: shop.service } }";
    lab.write("/etc/natrium/natrium.yml", &settings.replace(fees, hooked)).unwrap();
    stand_in(&host);
    lab.run(["systemctl", "start", "natrium"]).unwrap();

    // In the cage nothing is run but our own programs.
    let reply = run(&host);
    assert_eq!(reply.end, HookEnd::NotStarted, "{reply:?}");
    let reason = reply.reason.unwrap();
    assert!(reason.ends_with("/systemctl: running its program: Permission denied"), "{reason}");

    // Once it may be run, systemd does not let everybody tell it what to do.
    lab.edit(UNIT, "[Service]\nExecPaths=/usr/bin/systemctl\n").unwrap();
    lab.run(["systemctl", "restart", "natrium"]).unwrap();
    let reply = run(&host);
    assert_eq!((reply.end, reply.code), (HookEnd::Failed, Some(1)), "{reply:?}");
    let journal = lab.journal(UNIT).unwrap();
    assert!(
        journal.contains("Failed to reload-or-restart shop.service: Interactive authentication required."),
        "{journal}"
    );
    assert_eq!(lab.read("/run/shop-reloaded"), "");

    lab.write("/etc/polkit-1/rules.d/50-natrium.rules", &rule()).unwrap();
    // polkit reads it by itself, some time later.
    let reply = until("the rule is in force", PATIENCE, || Some(run(&host)).filter(|it| it.end == HookEnd::Succeeded));
    assert_eq!(reply.unwrap().code, Some(0));
    assert_eq!(lab.read("/run/shop-reloaded"), "reloaded\n");
    let entries = lab.run(["journalctl", "--quiet", "--output=cat", "-u", UNIT, "WORKER=hook:fees"]).unwrap();
    assert!(entries.lines().any(|line| line.starts_with("hook:fees: succeeded after ")), "{entries}");
    lab.run(["systemctl", "stop", "natrium"]).unwrap();
}

/// Puts stand-ins in the place of writer and bot. Through the writer a test speaks with the supervisor.
fn stand_in(host: &Host) {
    let script = format!(
        "set -e; cd \"$(readlink -f /usr/local/lib/natrium/current)\"; for worker in writer bot; do \
         rm natrium-$worker; cp {PROGRAMS}/examples/stand-in natrium-$worker; done; \
         printf 'ping 1000\\nsay READY=1\\nrelay\\n' >natrium-writer.does; \
         printf 'ping 1000\\nsay READY=1\\nidle\\n' >natrium-bot.does; chmod 644 natrium-*.does"
    );
    host.lab.run(["sh", "-c", &script]).unwrap();
}

fn run(host: &Host) -> RunHookReply {
    let pool = Pool::new(host.lab.path("/run/natrium/writer.sock"), PoolLimits::default());
    let call = RunHook { kind: "fees".into(), version: 1 };
    host.plays(async { Client::new(pool, Duration::from_secs(60)).run_hook(&call).await }).unwrap()
}
