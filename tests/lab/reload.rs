//! `systemctl reload`.

use crate::host::{Host, UNIT};

#[test]
fn good_settings_change_only_what_changed_and_bad_ones_fail_the_reload() {
    let Some(host) = Host::running() else { return };
    let (lab, main) = (&host.lab, host.lab.main_pid(UNIT).unwrap());
    let process = |name: &str| {
        let processes = lab.processes(UNIT).unwrap();
        processes.into_iter().find(|(_, found)| found == name).unwrap().0
    };
    let (web, bot) = (process("natrium-web"), process("natrium-bot"));
    let settings = lab.read("/etc/natrium/natrium.yml");

    let more = settings.replace("name: Anna }", "name: Anna }\n  - { id: 1003, name: Clara }");
    assert_ne!(more, settings);
    lab.write("/etc/natrium/natrium.yml", &more).unwrap();
    lab.run(["systemctl", "reload", "natrium"]).unwrap();
    assert_eq!((lab.main_pid(UNIT).unwrap(), process("natrium-web")), (main, web));
    assert_ne!(process("natrium-bot"), bot);
    host.plays(async {
        let clara = host.telegram.user(1003, "Clara").await.unwrap();
        clara.says("/set_fees").await.unwrap();
        clara.sees("Send me fees.yml").await.unwrap();
    });

    let bot = process("natrium-bot");
    lab.write("/etc/natrium/natrium.yml", &settings.replace("  - { id: 1001", "  - { id: nobody")).unwrap();
    let reload = lab.tries(["systemctl", "reload", "natrium"]).unwrap();
    assert_eq!(reload.status.code(), Some(1));
    assert_eq!(lab.property(UNIT, "ActiveState").unwrap(), "active");
    assert_eq!((lab.main_pid(UNIT).unwrap(), process("natrium-bot")), (main, bot));
    let journal = lab.journal(UNIT).unwrap();
    assert!(journal.contains("admins[0].id") || journal.contains("natrium.yml:"), "the problem is not told: {journal}");
    assert!(journal.contains("The old settings stay in use."), "{journal}");
    host.anna_uploads("by the old settings");
}
