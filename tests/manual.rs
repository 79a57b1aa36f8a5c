//! The man pages tell the truth: what the programs know stands there, and the sample is the shipped one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, process::Command};

/// A page without roff's own marks.
fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/man").join(name);
    unmarked(&fs::read_to_string(path).unwrap())
}

fn unmarked(page: &str) -> String {
    page.replace("\\&", "").replace("\\-", "-").replace("\\\\", "\\")
}

fn help(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).arg("--help").output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The words of a help text that are options.
fn options(help: &str) -> Vec<String> {
    let words = help.split([' ', '\n', '[', ']', '=', ',']);
    words.filter(|word| word.starts_with("--") && word.len() > 2).map(str::to_owned).collect()
}

/// What the page says about a command.
fn section<'a>(page: &'a str, command: &str) -> &'a str {
    let (_, section) =
        page.split_once(&format!("\n.TP\n.B {command}\n")).unwrap_or_else(|| panic!("no part about {command}"));
    section.split("\n.TP\n.B ").next().unwrap().split("\n.SH").next().unwrap()
}

/// The text without the ends of its lines.
fn flat(text: &str) -> String {
    text.split_whitespace().filter(|word| *word != ".PP").collect::<Vec<_>>().join(" ")
}

/// Options that are explained once for all commands.
const ELSEWHERE: [&str; 7] =
    ["--json", "--runtime-directory", "--settings", "--request", "--timeout", "--over", "--overwrite"];

#[test]
fn every_command_and_option_of_natrium_is_explained() {
    let natrium = env!("CARGO_BIN_EXE_natrium");
    let (own, of_configs) = (page("natrium.1"), page("natrium-config.1"));
    let commands: &[&[&str]] = &[
        &["config", "list"],
        &["config", "get"],
        &["config", "put"],
        &["config", "diff"],
        &["config", "history"],
        &["config", "rollback"],
        &["config", "check"],
        &["config", "export"],
        &["config", "import"],
        &["config", "proposals"],
        &["config", "approve"],
        &["config", "decline"],
        &["config", "adopt"],
        &["config", "restore"],
        &["config", "ack"],
        &["config", "consumers"],
        &["audit"],
        &["admins"],
        &["admins", "list"],
        &["admins", "set"],
        &["admins", "invite"],
        &["admins", "remove"],
        &["pair"],
        &["status"],
        &["deaths"],
        &["watch"],
        &["reload"],
        &["restart"],
        &["init"],
        &["doctor"],
        &["preflight"],
        &["backup"],
        &["restore"],
        &["settings", "check"],
        &["settings", "show"],
        &["settings", "sample"],
    ];
    for command in commands {
        let name = command.join(" ");
        let page = if command[0] == "config" { &of_configs } else { &own };
        assert!(page.contains(&format!("natrium {name}")), "{name} stands in the synopsis");
        let section = section(page, &name);
        let help = help(natrium, command);
        for option in options(&help).into_iter().filter(|option| option != "--help") {
            let elsewhere = ELSEWHERE.contains(&option.as_str());
            assert!(page.contains(&option), "{name} {option}");
            assert!(elsewhere || section.contains(&option), "{name} {option} stands with the command");
        }
        // The exit statuses, word for word but for the ends of lines.
        if let Some((_, statuses)) = help.split_once("Exit status: ") {
            let statuses = flat(statuses.split("\n\n").next().unwrap());
            assert!(flat(section).contains(&statuses), "{name}: {statuses}");
        }
    }
    for above in [&[][..], &["config"], &["admins"], &["settings"]] {
        let overview = help(natrium, above);
        let listed: Vec<_> = overview.lines().skip_while(|line| *line != "Commands:").skip(1).collect();
        for line in listed.iter().take_while(|line| line.starts_with("  ")) {
            let command = [above, &[line.split_whitespace().next().unwrap()]].concat();
            let is_known = |known: &&[&str]| known.starts_with(&command);
            assert!(command.ends_with(&["help"]) || commands.iter().any(is_known), "{command:?} is not looked at");
        }
        assert!(listed.len() > 2, "{overview}");
    }
}

#[test]
fn every_option_of_natriumd_is_explained() {
    let page = page("natriumd.8");
    let options = options(&help(env!("CARGO_BIN_EXE_natriumd"), &[]));
    assert!(options.contains(&"--settings".to_owned()), "{options:?}");
    for option in options {
        assert!(page.contains(&option), "{option}");
    }
}

#[test]
fn every_option_of_natrium_sim_is_explained_and_no_other() {
    // It is a developer's tool and has its manual beside its code: what operators install carries neither.
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/sim");
    let page = unmarked(&fs::read_to_string(sources.join("natrium-sim.1")).unwrap());
    let (_, rest) = page.split_once(".SH OPTIONS\n").unwrap();
    let (own, rest) = rest.split_once(".SH SCENARIOS\n").unwrap();
    let (of_scenarios, statuses) = rest.split_once(".SH EXIT STATUS\n").unwrap();
    for (command, part) in [(&[][..], own), (&["scenario"], of_scenarios)] {
        let known = options(&help(env!("CARGO_BIN_EXE_natrium-sim"), command));
        assert!(known.contains(&"--listen".to_owned()), "{known:?}");
        for option in known.iter().filter(|option| !["--help", "--version"].contains(&option.as_str())) {
            assert!(explains(part, option), "{command:?} {option}");
            assert!(page.split(".SH DESCRIPTION").next().unwrap().contains(option), "{option} stands in the synopsis");
        }
        for option in part.split_whitespace().filter(|word| word.starts_with("--")) {
            assert!(known.iter().any(|known| known == option), "there is no {option} of {command:?}");
        }
    }
    let table = fs::read_to_string(sources.join("scenarios/README.md")).unwrap();
    let code = |line: &str| line.strip_prefix("| ")?.split(' ').next()?.parse::<u8>().ok();
    let codes: Vec<u8> = table.lines().filter_map(code).collect();
    assert!(codes.len() > 5, "{codes:?}");
    for code in codes {
        assert!(statuses.contains(&format!("\n.B {code}\n")), "{code}");
    }
}

/// Whether the option begins an explanation, alone or with others.
fn explains(part: &str, option: &str) -> bool {
    let is_head = |line: &str| line.starts_with(".B ") || line.starts_with(".BI ");
    part.lines().filter(|line| is_head(line)).any(|line| line.split_whitespace().any(|word| word == option))
}

#[test]
fn the_sample_in_the_manual_is_the_shipped_one() {
    let sample = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/natrium.yml")).unwrap();
    let page = page("natrium.yml.5");
    for line in sample.lines() {
        assert!(page.lines().any(|shown| shown == line), "not in natrium.yml.5: {line}");
    }
}
