//! Who may see what: the store nobody, the published files their group, the sockets the service's.

use harness::until;

use crate::host::{Host, PATIENCE, PUBLISHED, fees, rights};

#[test]
fn the_store_is_nobodys_and_the_published_files_are_their_groups() {
    let Some(host) = Host::running() else { return };
    let lab = &host.lab;
    host.anna_uploads("for readers");
    for (user, group) in [("reader", "natrium-configs"), ("stranger", "nogroup")] {
        lab.run(["useradd", "--no-create-home", "--groups", group, user]).unwrap();
    }
    let file = format!("{PUBLISHED}/fees.yml");
    let as_user = |user: &str, command: [&str; 2]| {
        let output = lab.tries(["runuser", "-u", user, "--", command[0], command[1]]).unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(as_user("reader", ["cat", &file]).unwrap(), fees("for readers"));
    assert_eq!(as_user("stranger", ["cat", &file]), None);
    for path in ["/var/lib/natrium", "/run/natrium", "/etc/natrium", "/etc/natrium/bot-token"] {
        for user in ["reader", "stranger"] {
            let command = if path.ends_with("token") { "cat" } else { "ls" };
            assert_eq!(as_user(user, [command, path]), None, "{user} sees {path}");
        }
    }
    assert_eq!(as_user("natrium", ["cat", "/etc/natrium/bot-token"]), None, "only root may read the token");
    assert_eq!(as_user("reader", ["touch", &file]), None, "readers do not write");

    let number = |of: &str, name: &str| -> u32 { lab.run(["id", of, name]).unwrap().trim().parse().unwrap() };
    let (natrium, group) = (number("-u", "natrium"), number("-g", "natrium"));
    let configs: u32 =
        lab.run(["getent", "group", "natrium-configs"]).unwrap().split(':').nth(2).unwrap().parse().unwrap();
    for (path, expected) in [
        ("/var/lib/natrium", (natrium, group, 0o700)),
        (PUBLISHED, (natrium, configs, 0o2750)),
        ("/run/natrium", (natrium, group, 0o750)),
        ("/etc/natrium", (0, group, 0o750)),
        ("/etc/natrium/natrium.yml", (0, group, 0o640)),
        ("/etc/natrium/bot-token", (0, 0, 0o600)),
    ] {
        let (uid, gid, mode) = rights(&lab.path(path));
        assert_eq!((uid, gid, mode), expected, "{path}: {mode:o}");
    }
}

#[test]
fn whoever_is_of_the_group_operates_it_and_nobody_else() {
    let Some(host) = Host::running() else { return };
    let lab = &host.lab;
    // Of the group, but not by his first one.
    lab.run(["useradd", "--groups", "natrium", "olga"]).unwrap();
    lab.run(["useradd", "stranger"]).unwrap();
    let status = |user: &str| lab.tries(["runuser", "-u", user, "--", "natrium", "status"]).unwrap();
    until("she sees that all is well", PATIENCE, || (status("olga").status.code() == Some(0)).then_some(())).unwrap();
    let restart = lab.tries(["runuser", "-u", "olga", "--", "natrium", "restart", "bot"]).unwrap();
    assert_eq!(restart.status.code(), Some(0), "{}", String::from_utf8_lossy(&restart.stderr));
    let refused = status("stranger");
    assert_eq!(refused.status.code(), Some(4));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("as a member of the service's group"), "{said}");
}

#[test]
fn a_second_bot_has_a_place_of_its_own_and_the_same_token_is_polled_with_once() {
    let Some(host) = Host::running() else { return };
    let lab = &host.lab;
    let shop = format!("{}/shop", PUBLISHED);
    let settings =
        lab.read("/etc/natrium/natrium.yml").replace(PUBLISHED, &shop).replace("#instance: natrium", "instance: shop");
    lab.write("/etc/natrium/shop.yml", &settings).unwrap();
    lab.write_secret("/etc/natrium/shop.bot-token", &lab.read("/etc/natrium/bot-token")).unwrap();
    lab.run(["systemctl", "start", "natrium@shop"]).unwrap();
    let holder =
        lab.processes("natrium.service").unwrap().into_iter().find(|(_, name)| name == "natrium-bot").unwrap().0;
    let of_shop = ["natrium", "status", "--runtime-directory", "/run/natrium-shop"];
    let status = String::from_utf8(lab.tries(of_shop).unwrap().stdout).unwrap();
    assert!(status.contains(&format!("process {holder}")), "the holder, {holder}, is not named:\n{status}");
    host.anna_uploads("of the first");
    assert_eq!(host.plays(host.telegram.counters()).unwrap().pollers_max, 1);

    lab.run(["systemctl", "stop", "natrium"]).unwrap();
    let polls = || String::from_utf8(lab.tries(of_shop).unwrap().stdout).unwrap().contains("polling as").then_some(());
    harness::until("the other takes over", crate::host::PATIENCE, polls).unwrap();
    host.plays(async {
        let anna = host.anna().await;
        crate::host::sends(&anna, "of the shop").await;
        anna.sees_now(crate::host::SAVED).await.unwrap();
    });
    assert_eq!(lab.read(&format!("{shop}/fees.yml")), fees("of the shop"));
    assert_eq!(host.published("fees"), fees("of the first"));
    assert_eq!(host.plays(host.telegram.counters()).unwrap().conflicts, 0);
}

#[test]
fn a_token_may_lie_encrypted_as_the_unit_says() {
    let Some(host) = Host::installed() else { return };
    let lab = &host.lab;
    // What stands in the unit's comment, word for word.
    let unit = lab.read("/usr/local/lib/systemd/system/natrium.service");
    let comment = |line: &str| unit.lines().any(|it| it.strip_prefix("#   ") == Some(line));
    let settings = [
        "[Unit]",
        "AssertPathExists=",
        "[Service]",
        "LoadCredential=",
        "LoadCredentialEncrypted=bot-token:/etc/natrium/bot-token.cred",
    ];
    assert!(settings.into_iter().all(comment), "{unit}");
    let encrypt = "systemd-creds encrypt --name=bot-token - /etc/natrium/bot-token.cred";
    assert!(comment(encrypt), "{unit}");

    lab.run(["sh", "-c", &format!("{encrypt} < /etc/natrium/bot-token && rm /etc/natrium/bot-token")]).unwrap();
    lab.edit("natrium.service", &settings.join("\n")).unwrap();
    lab.run(["systemctl", "start", "natrium"]).unwrap();
    host.anna_uploads("with an encrypted token");
}
