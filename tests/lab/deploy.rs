//! Releases that take each other's place: by `scripts/deploy`, by `scripts/rollback`, by systemd; also when they are no good, and
//! when whoever asked for it is killed.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use harness::lab::{CHECKOUT, PROGRAMS};
use harness::until;

use crate::host::{Host, PATIENCE, UNIT};
use crate::load::Load;

/// Looks like whatever it takes the place of, and does nothing, or ends.
const IMPOSTOR: &str = "/lab/programs/examples/impostor";
const LIB: &str = "/usr/local/lib/natrium";
/// How long a deploy may take: a copy of debug builds, a start, a soak.
const LONG: Duration = Duration::from_secs(120);

impl Host {
    /// Programs as a build would leave them. Some are replaced by others of this machine; all differ from every other build.
    fn build(&self, name: &str, replaced: &[(&str, &str)]) -> String {
        let directory = format!("/srv/{name}");
        let links = format!(
            "mkdir -p {directory} && cd {directory} && ln -sf {PROGRAMS}/natrium* . && rm natrium && \
             cp {PROGRAMS}/natrium natrium && echo {name} >> natrium"
        );
        self.lab.run(["sh", "-c", &links]).unwrap();
        for (program, by) in replaced {
            self.lab.run(["cp", "--remove-destination", by, &format!("{directory}/{program}")]).unwrap();
        }
        directory
    }

    /// `scripts/deploy`, ready to be started.
    fn deploy(&self, build: &str, options: &[&str]) -> Command {
        let mut deploy = self.lab.command([&format!("{CHECKOUT}/scripts/deploy"), "--from", build]);
        deploy.args(options).stdout(Stdio::piped()).stderr(Stdio::piped());
        deploy
    }

    /// Its exit code, and what it said.
    fn deploys(&self, build: &str, options: &[&str]) -> (i32, String) {
        ended(self.deploy(build, options).spawn().unwrap())
    }

    /// The release that a link names.
    fn release(&self, link: &str) -> String {
        let link = self.lab.tries(["readlink", &format!("{LIB}/{link}")]).unwrap();
        String::from_utf8(link.stdout).unwrap().trim().trim_start_matches("releases/").to_owned()
    }

    /// Waits for a switch to be under way, that is, for the old release to have been told to stop.
    fn until_switching(&self, deploy: &mut Child) {
        let begun = until("the switch begins", LONG, || {
            let is_there = self.lab.path(&format!("{LIB}/switching")).exists();
            if is_there { Some(true) } else { deploy.try_wait().unwrap().map(|_| false) }
        });
        if begun.as_ref().is_ok_and(|begun| *begun) {
            return;
        }
        let (mut said, ended) = (String::new(), deploy.try_wait().unwrap());
        if ended.is_some() {
            deploy.stdout.take().unwrap().read_to_string(&mut said).unwrap();
            deploy.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        }
        panic!("{begun:?}, {ended:?}: {said}");
    }

    /// Waits until nothing is left of a deploy that was killed: what it had started may live a moment longer, and keep others out.
    fn until_free(&self) {
        let lock = format!("{LIB}/deploy.lock");
        let is_free = || self.lab.tries(["flock", "--nonblock", &lock, "true"]).unwrap().status.success().then_some(());
        until("the killed deploy is gone", LONG, is_free).unwrap();
    }

    fn until_switched(&self) {
        until("the switch ends", LONG, || {
            let unit = self.lab.property("natrium-switch.service", "ActiveState").unwrap();
            (unit == "inactive" && !self.lab.path(&format!("{LIB}/switching")).exists()).then_some(())
        })
        .unwrap_or_else(|error| panic!("{error}\n{}", self.lab.read(&format!("{LIB}/deploys"))));
    }
}

fn ended(deploy: Child) -> (i32, String) {
    let output = deploy.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_release_takes_the_others_place_under_load_and_goes_again() {
    let Some(host) = Host::running() else { return };
    let (lab, first) = (&host.lab, host.release("current"));
    let load = Load::begin(&host);
    load.goes_on(&host, 5);
    let (code, said) = host.deploys(&host.build("second", &[]), &["--soak", "2", "--why", "better prices"]);
    assert_eq!(code, 0, "{said}");
    let second = host.release("current");
    assert_ne!(first, second);
    assert_eq!(host.release("previous"), first);
    load.goes_on(&host, 5);
    println!("the longest that an admin waited for an answer over the deploy: {:?}", load.longest_pause());

    let rollback = [&format!("{CHECKOUT}/scripts/rollback")];
    lab.run(["env", "SOAK=1", rollback[0]]).unwrap();
    assert_eq!(host.release("current"), first);
    // Not to and fro.
    assert_eq!(lab.tries(rollback.map(String::as_str)).unwrap().status.code(), Some(66));
    load.goes_on(&host, 5);
    load.end(&host);

    let records = lab.read(&format!("{LIB}/deploys"));
    let records: Vec<&str> = records.lines().collect();
    assert_eq!(records.len(), 4, "{records:#?}");
    let done = format!("done from={first} to={second} who=root@lab why=\"better prices\"");
    assert!(records[1].ends_with(&done), "{records:#?}");
    assert!(lab.run(["journalctl", "--identifier=natrium-deploy", "--output=cat"]).unwrap().contains(&done));
    let backup = format!("/var/lib/natrium-backups/before-{second}.tar");
    lab.run([&format!("{LIB}/current/natrium"), "backup", "--check", &backup]).unwrap();
    // Polled with by one at a time, all the while.
    let journal = lab.journal(UNIT).unwrap();
    assert!(!journal.contains("polls with this token"), "{journal}");
}

#[test]
fn a_release_that_ends_or_hangs_is_gone_back_from_and_its_last_words_are_told() {
    let Some(host) = Host::running() else { return };
    let (lab, first) = (&host.lab, host.release("current"));
    let ends = host.build("ends", &[("natriumd", IMPOSTOR)]);
    let hangs = host.build("hangs", &[("natrium-bot", IMPOSTOR)]);
    for (build, ready, word) in [(ends, "30", "failed before it was ready"), (hangs, "3", "not ready after 3 s")] {
        let (code, said) = host.deploys(&build, &["--ready", ready, "--soak", "1"]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(word), "{said}");
        assert!(said.contains("Starting natrium.service"), "its last words are missing: {said}");
        assert!(said.contains(&format!("{first} serves again")), "{said}");
        assert_eq!(host.release("current"), first);
        assert_eq!(lab.property(UNIT, "ActiveState").unwrap(), "active");
        host.anna_uploads(&build);
    }
    let records = lab.read(&format!("{LIB}/deploys"));
    assert_eq!(records.matches(" gone back from=").count(), 2, "{records}");
}

#[test]
fn a_release_whose_worker_dies_in_the_soak_is_gone_back_from() {
    let Some(host) = Host::running() else { return };
    let first = host.release("current");
    let deploy = host.deploy(&host.build("dies", &[]), &["--soak", "60"]).spawn().unwrap();
    until("the new one is ready", LONG, || {
        let ready = host.lab.property(UNIT, "ActiveState").unwrap() == "active";
        (ready && host.release("current") != first).then_some(())
    })
    .unwrap();
    let processes = host.lab.processes(UNIT).unwrap();
    let (bot, _) = processes.iter().find(|(_, name)| name == "natrium-bot").unwrap();
    host.lab.run(["kill", "-9", &bot.to_string()]).unwrap();
    let (code, said) = ended(deploy);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("a worker of natrium.service has been restarted"), "{said}");
    assert_eq!(host.release("current"), first);
    host.anna_uploads("after all");
}

#[test]
fn a_release_that_does_not_fit_is_not_tried() {
    let Some(host) = Host::running() else { return };
    let (lab, main) = (&host.lab, host.lab.main_pid(UNIT).unwrap());
    let build = host.build("second", &[]);
    let settings = lab.read("/etc/natrium/natrium.yml");
    lab.write("/etc/natrium/natrium.yml", &settings.replace("api_url:", "api_uri:")).unwrap();
    let (code, said) = host.deploys(&build, &[]);
    assert_eq!(code, 78, "{said}");
    assert!(said.contains("api_uri") && said.contains("nothing was touched"), "{said}");
    lab.write("/etc/natrium/natrium.yml", &settings).unwrap();
    let token = lab.read("/etc/natrium/bot-token");
    lab.write_secret("/etc/natrium/bot-token", "this is none").unwrap();
    assert_eq!(host.deploys(&build, &[]).0, 78);
    lab.write_secret("/etc/natrium/bot-token", &token).unwrap();
    // Of two releases.
    let (code, said) = host.deploys(&host.build("mixed", &[("natrium-bot", &format!("{PROGRAMS}/natrium-web"))]), &[]);
    assert!(code == 78 && said.contains("natrium-bot is another version"), "{code}: {said}");
    assert_eq!(lab.main_pid(UNIT).unwrap(), main);
    assert!(!lab.path(&format!("{LIB}/deploys")).exists());
    assert_eq!(lab.run(["ls", &format!("{LIB}/releases")]).unwrap().lines().count(), 1, "nothing is left of it");
}

#[test]
fn an_archive_is_enough_on_a_host_without_a_checkout() {
    let Some(host) = Host::running() else { return };
    let (lab, first) = (&host.lab, host.release("current"));
    let pack =
        [&format!("{CHECKOUT}/scripts/deploy"), "--pack", "/srv/new.tar.gz", "--from", &host.build("second", &[])];
    let said = lab.run(pack).unwrap();
    let deploy = format!("{LIB}/deploy");
    // Older ones are there, each a day older than the next.
    let older =
        format!("cd {LIB}/releases && for n in 1 2 3 4 5 6; do mkdir old-$n; touch -d \"$n days ago\" old-$n; done");
    lab.run(["sh", "-c", &older]).unwrap();
    lab.run([&deploy, "--archive", "/srv/new.tar.gz", "--soak", "0", "--why", "by hand"]).unwrap();
    let second = host.release("current");
    assert!(second != first && said.contains(&second), "{second}: {said}");
    // Five are kept, these two among them.
    let kept = lab.run(["ls", &format!("{LIB}/releases")]).unwrap();
    let mut kept: Vec<&str> = kept.lines().collect();
    kept.retain(|release| *release != first && *release != second);
    assert_eq!(kept, ["old-1", "old-2", "old-3"]);
    host.anna_uploads("with the second");

    let main = lab.main_pid(UNIT).unwrap();
    lab.run(["sh", "-c", "echo rubbish > /srv/rubbish.tar.gz && tar -C /etc -czf /srv/other.tar.gz hostname"]).unwrap();
    for (archive, word) in
        [("rubbish", "cannot be unpacked"), ("other", "this is no release"), ("missing", "cannot be unpacked")]
    {
        let output = lab.tries([&deploy, "--archive", &format!("/srv/{archive}.tar.gz")]).unwrap();
        assert_eq!(output.status.code(), Some(65), "{archive}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(word), "{archive}");
    }
    assert_eq!(lab.tries([&deploy]).unwrap().status.code(), Some(64), "it cannot build here");
    assert_eq!(lab.main_pid(UNIT).unwrap(), main);
}

#[test]
fn two_at_once_are_one_and_the_other_is_told_whose() {
    let Some(host) = Host::running() else { return };
    let (one, other) = (host.build("one", &[]), host.build("other", &[]));
    let first = host.deploy(&one, &["--soak", "3", "--why", "I was first"]).spawn().unwrap();
    until("it has the lock", LONG, || {
        host.lab.read(&format!("{LIB}/deploy.lock")).contains("I was first").then_some(())
    })
    .unwrap();
    let (code, said) = host.deploys(&other, &[]);
    assert!(code == 75 && said.contains("root@lab") && said.contains("I was first"), "{code}: {said}");
    let (code, said) = ended(first);
    assert_eq!(code, 0, "{said}");
    let (code, said) = host.deploys(&one, &[]);
    assert!(code == 0 && said.contains("in use already"), "{said}");
    host.anna_uploads("by the first");
}

#[test]
fn whoever_asked_for_it_may_be_killed_at_any_moment() {
    let Some(host) = Host::running() else { return };
    let (lab, first) = (&host.lab, host.release("current"));
    let load = Load::begin(&host);
    let build = host.build("second", &[]);
    let kills = |deploy: &mut Child| {
        // The script and all that it started on this side, as a job that is cancelled.
        lab.run(["sh", "-c", "pkill -9 -f '[s]cripts/(deploy|stage)'; pkill -9 -x systemd-run; true"]).unwrap();
        let _ = deploy.wait();
    };

    // While it prepares: the old one has not been touched.
    let main = lab.main_pid(UNIT).unwrap();
    let mut deploy = host.deploy(&build, &[]).spawn().unwrap();
    until("it prepares", LONG, || {
        let releases = lab.run(["ls", "-A", &format!("{LIB}/releases")]).unwrap();
        releases.contains(".new-").then_some(())
    })
    .unwrap();
    kills(&mut deploy);
    host.until_free();
    assert_eq!((lab.main_pid(UNIT).unwrap(), host.release("current")), (main, first.clone()));

    // While it switches: the switch comes to its end. Meanwhile nobody else may begin one.
    let mut deploy = host.deploy(&build, &["--soak", "3"]).spawn().unwrap();
    host.until_switching(&mut deploy);
    kills(&mut deploy);
    let (code, said) = host.deploys(&host.build("third", &[]), &[]);
    assert!(code == 75 && said.contains("another deploy is under way"), "{code}: {said}");
    host.until_switched();
    let second = host.release("current");
    assert_ne!(second, first);
    load.goes_on(&host, 5);

    // The switch itself: the old one is back.
    let mut deploy = host.deploy(&host.build("third", &[]), &["--soak", "30"]).spawn().unwrap();
    host.until_switching(&mut deploy);
    lab.run(["systemctl", "kill", "--kill-whom=main", "--signal=KILL", "natrium-switch.service"]).unwrap();
    let _ = deploy.wait();
    host.until_switched();
    assert_eq!(host.release("current"), second);
    assert_eq!(lab.property(UNIT, "ActiveState").unwrap(), "active");
    load.goes_on(&host, 5);
    load.end(&host);
}

#[test]
fn a_release_that_fails_for_good_later_is_gone_back_from_by_itself() {
    let Some(host) = Host::running() else { return };
    let (lab, first) = (&host.lab, host.release("current"));
    let (code, said) = host.deploys(&host.build("second", &[]), &["--soak", "0"]);
    assert_eq!(code, 0, "{said}");
    lab.edit(UNIT, "[Unit]\nStartLimitBurst=2\n[Service]\nRestartSec=100ms\n").unwrap();
    let second = host.release("current");
    lab.run(["cp", "--remove-destination", "/usr/bin/false", &format!("{LIB}/releases/{second}/natriumd")]).unwrap();
    lab.run(["systemctl", "kill", "--kill-whom=main", "--signal=KILL", "natrium"]).unwrap();
    until("the first is back", LONG, || (host.release("current") == first).then_some(())).unwrap();
    host.until_switched();
    assert_eq!(lab.property(UNIT, "ActiveState").unwrap(), "active");
    assert!(lab.read(&format!("{LIB}/deploys")).contains("why=\"the service failed\""));
    host.anna_uploads("after the failure");

    // There is nothing to go back to any more: it stays failed, for people to see.
    lab.run(["cp", "--remove-destination", "/usr/bin/false", &format!("{LIB}/releases/{first}/natriumd")]).unwrap();
    lab.run(["systemctl", "kill", "--kill-whom=main", "--signal=KILL", "natrium"]).unwrap();
    lab.until_state(UNIT, "failed").unwrap();
    until("it has looked", PATIENCE, || {
        let looked = lab.journal("natrium-rollback.service").unwrap().contains("nothing to go back to just now");
        looked.then_some(())
    })
    .unwrap();
    lab.until_state("natrium-rollback.service", "inactive").unwrap();
    assert_eq!(host.release("current"), first);
}

#[test]
fn the_release_before_serves_a_store_that_its_successor_has_migrated() {
    let Some(host) = Host::running() else { return };
    let (lab, first) = (&host.lab, host.release("current"));
    host.anna_uploads("before");
    let (code, said) = host.deploys(&host.build("second", &[]), &["--soak", "0"]);
    assert_eq!(code, 0, "{said}");
    // What a migration of a later release does.
    lab.run(["systemctl", "stop", "natrium"]).unwrap();
    lab.run([
        "python3",
        "-c",
        "import sqlite3, glob
store = sqlite3.connect(glob.glob('/var/lib/natrium/*.sqlite')[0])
store.execute('CREATE TABLE forecasts (kind TEXT NOT NULL) STRICT')
store.execute('ALTER TABLE versions ADD COLUMN weather TEXT')
store.execute('PRAGMA user_version = 99')
store.close()",
    ])
    .unwrap();
    lab.run(["systemctl", "start", "natrium"]).unwrap();
    lab.run(["env", "SOAK=1", &format!("{LIB}/rollback")]).unwrap();
    assert_eq!(host.release("current"), first);
    host.anna_uploads("after");
}
