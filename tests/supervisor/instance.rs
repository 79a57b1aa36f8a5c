//! There is one instance: what a second start is told, and what a start that cannot be says.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Output;

use crate::house::{HEALTHY, House};

fn second(house: &House, variables: &[(&str, &str)]) -> Output {
    let mut natriumd = house.instance.command("natriumd");
    natriumd.arg("--settings").arg(house.instance.settings()).envs(variables.iter().copied());
    natriumd.output().unwrap()
}

#[test]
fn a_second_start_is_refused_in_the_callers_language_and_disturbs_nothing() {
    let mut house = House::healthy();
    let pid = house.instance.pid().unwrap();
    let file = house.instance.runtime().join("natrium.pid");
    let before =
        (fs::read(&file).unwrap(), fs::metadata(&file).unwrap().ino(), fs::metadata(&file).unwrap().mtime_nsec());
    assert_eq!(before.0, format!("{pid}\n").into_bytes());
    let sockets = fs::metadata(house.instance.runtime().join("writer.sock")).unwrap().ino();

    for (variables, message) in [
        (
            &[("LANG", "en_US.UTF-8")][..],
            format!("natriumd: another instance of natrium is running, PID {pid}\nto stop it: kill {pid}\n"),
        ),
        (
            &[("LANG", "ru_RU.UTF-8")],
            format!("natriumd: уже работает другой экземпляр natrium, PID {pid}\nостановить его: kill {pid}\n"),
        ),
        (
            &[("LANG", "en_US.UTF-8"), ("LC_ALL", "ru_RU.UTF-8")],
            format!("natriumd: уже работает другой экземпляр natrium, PID {pid}\nостановить его: kill {pid}\n"),
        ),
    ] {
        let refused = second(&house, variables);
        assert_eq!(refused.status.code(), Some(1));
        assert_eq!(String::from_utf8(refused.stderr).unwrap(), message);
        assert_eq!(refused.stdout, b"");
    }
    let after =
        (fs::read(&file).unwrap(), fs::metadata(&file).unwrap().ino(), fs::metadata(&file).unwrap().mtime_nsec());
    assert_eq!(before, after);
    assert_eq!(fs::metadata(house.instance.runtime().join("writer.sock")).unwrap().ino(), sockets);
    assert_eq!(house.worker("writer").generation, 1);
    house.stop();
    assert_eq!(fs::metadata(&file).unwrap().ino(), before.1, "the file is never unlinked");
}

#[test]
fn settings_that_cannot_be_used_start_nothing() {
    let house = House::new(HEALTHY, HEALTHY);
    house.instance.write_settings("instance: Not A Name\nlanguage: fr\n").unwrap();
    let refused = second(&house, &[]);
    assert_eq!(refused.status.code(), Some(78), "{refused:?}");
    let said = String::from_utf8(refused.stderr).unwrap();
    for problem in ["instance", "language", "telegram"] {
        assert!(said.contains(problem), "{problem} is missing in: {said}");
    }
    assert_eq!(fs::read_dir(house.instance.runtime()).unwrap().count(), 0);

    fs::remove_file(house.instance.settings()).unwrap();
    let refused = second(&house, &[]);
    assert_eq!(refused.status.code(), Some(78), "{refused:?}");
    assert!(String::from_utf8(refused.stderr).unwrap().contains("natrium.yml"));
}

#[test]
fn wrong_usage_is_told_as_such() {
    let house = House::new(HEALTHY, HEALTHY);
    let run = |arguments: &[&str]| house.instance.command("natriumd").args(arguments).output().unwrap();
    let wrong = run(&["--setings", "x"]);
    assert_eq!(wrong.status.code(), Some(64));
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("usage: natriumd"));
    let version = run(&["--version"]);
    assert_eq!((version.status.code(), version.stdout.starts_with(b"natriumd ")), (Some(0), true));
    assert!(run(&["--help"]).stdout.starts_with(b"usage:"));

    let timing = second(&house, &[("NATRIUM_TIMING", "stop=soon")]);
    assert_eq!(timing.status.code(), Some(78));
    assert!(String::from_utf8(timing.stderr).unwrap().contains("\"soon\" is not a duration"));
}

#[test]
fn a_file_in_the_way_of_a_socket_is_not_removed() {
    let house = House::new(HEALTHY, HEALTHY);
    let precious = house.instance.runtime().join("writer.sock");
    fs::write(&precious, "precious").unwrap();
    let refused = second(&house, &[]);
    assert_eq!(refused.status.code(), Some(75), "{refused:?}");
    assert_eq!(fs::read(&precious).unwrap(), b"precious");
}
