//! The Debian package: installed, upgraded under load, removed, purged.

use std::fs;
use std::path::Path;
use std::process::Command;

use harness::Programs;

use crate::host::{Host, UNIT, fees};
use crate::install::installed;
use crate::load::Load;

/// Builds the package of the programs under test.
fn package() -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let built = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/package"))
        .arg("--from")
        .arg(Programs::beside_this_one().unwrap().directory())
        .args(["--fast", "--output"])
        .arg(directory.path().join("natrium.deb"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    fs::read(directory.path().join("natrium.deb")).unwrap()
}

/// The same package of a later version, with programs that differ in a byte.
const LATER: &str = "cd /root && dpkg-deb --raw-extract natrium.deb later && \
    sed -i 's/^Version: .*/Version: 99.0.0-1/' later/DEBIAN/control && \
    for program in later/usr/lib/natrium/natrium*; do echo >> $program; done && \
    dpkg-deb --build -Znone --root-owner-group later later.deb";

#[test]
fn the_package_is_installed_upgraded_under_load_removed_and_purged() {
    let Some(host) = Host::bare() else { return };
    let lab = &host.lab;
    let nothing = installed(&host);
    fs::write(lab.path("/root/natrium.deb"), package()).unwrap();
    let apt = ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", "/root/natrium.deb"];
    let said = lab.run(apt).unwrap();
    assert!(said.contains("systemctl enable --now natrium"), "{said}");
    assert_eq!(lab.property(UNIT, "ActiveState").unwrap(), "inactive", "it started without a token");
    assert_eq!(lab.property(UNIT, "UnitFileState").unwrap(), "disabled");
    assert_eq!(lab.run(["systemctl", "is-system-running"]).unwrap(), "running\n");
    assert_eq!(lab.run(["stat", "--format=%a %U %G", "/etc/natrium/natrium.yml"]).unwrap(), "640 root natrium\n");
    let manual = lab.run(["sh", "-c", "zcat /usr/share/man/man8/natriumd.8.gz"]).unwrap();
    assert!(manual.contains("natriumd"));

    assert!(lab.run(["journalctl", "--list-catalog"]).unwrap().contains("atrium"), "the catalog is not read");
    host.configure();
    let settings = lab.read("/etc/natrium/natrium.yml");
    lab.run(["systemctl", "enable", "--now", "natrium"]).unwrap();
    let (main, load) = (lab.main_pid(UNIT).unwrap(), Load::begin(&host));
    load.goes_on(&host, 10);
    lab.run(["sh", "-c", LATER]).unwrap();
    lab.run(["dpkg", "--install", "/root/later.deb"]).unwrap();
    assert_ne!(host.until_succeeded(main), main, "the old programs go on");
    load.goes_on(&host, 10);
    load.end(&host);
    assert_eq!(lab.read("/etc/natrium/natrium.yml"), settings, "the operator's settings were overwritten");
    assert_eq!(lab.property(UNIT, "NRestarts").unwrap(), "0", "it was stopped and started, and did not die");

    // One that does not run is not started by an upgrade, nor by one back.
    lab.run(["systemctl", "stop", "natrium"]).unwrap();
    host.pretend_newer();
    lab.run(["dpkg", "--install", "/root/natrium.deb"]).unwrap();
    assert_eq!(lab.property(UNIT, "RestartUSec").unwrap(), "100ms");
    assert_eq!(lab.property(UNIT, "ActiveState").unwrap(), "inactive");
    lab.run(["systemctl", "start", "natrium"]).unwrap();
    host.anna_uploads("to be kept");

    lab.run(["dpkg", "--remove", "natrium"]).unwrap();
    assert_eq!(lab.processes(UNIT).unwrap(), []);
    assert!(!fs::exists(lab.path("/usr/lib/natrium")).unwrap());
    assert_eq!(lab.read("/etc/natrium/natrium.yml"), settings);
    assert_eq!(host.published("fees"), fees("to be kept"));
    assert!(fs::exists(lab.path("/var/lib/natrium/store.sqlite")).unwrap());
    assert!(fs::exists(lab.path("/etc/natrium/bot-token")).unwrap());

    lab.run(["dpkg", "--purge", "natrium"]).unwrap();
    let mut left = installed(&host);
    left.retain(|path| !nothing.contains(path));
    assert_eq!(left, [""; 0], "left after the purge");
}
