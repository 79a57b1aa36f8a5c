//! What the settings say is to happen with the versions of a kind.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::time::Duration;

use natrium_settings::{Config, Environment, HookRun, Settings};

fn configs(text: &str) -> Result<Vec<Config>, String> {
    let text = format!("telegram: {{ token: {{ credential: bot-token }} }}\nconfigs:\n{text}");
    let settings = Settings::parse(text.as_bytes(), Path::new("/nowhere"), &Environment::default());
    settings.map(|settings| settings.configs).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

/// `fees` with `more`.
fn fees(more: &str) -> Result<Config, String> {
    configs(&format!("  fees: {{ file: fees.yml, schema: builtin, {more} }}\n")).map(|mut configs| configs.remove(0))
}

#[test]
fn nothing_is_run_and_nobody_else_is_needed_unless_it_is_written() {
    let config = fees("").unwrap();
    assert!(!config.approval && config.after_publish.is_none());
    assert!(fees("approval: true").unwrap().approval);
    assert!(!fees("approval: false").unwrap().approval);
}

#[test]
fn a_hook_is_a_command_or_a_unit() {
    let hook = fees("after_publish: { command: [/bin/sh, -c, 'echo 1; true', \"\"] }").unwrap().after_publish.unwrap();
    let words = ["/bin/sh", "-c", "echo 1; true", ""].map(str::to_owned).to_vec();
    assert_eq!((&hook.run, hook.timeout()), (&HookRun::Command(words), Duration::from_secs(30)));
    let hook = fees("after_publish: { unit: 'prices@eu\\x2d1.service', timeout: 600 }").unwrap().after_publish.unwrap();
    assert_eq!(hook.run, HookRun::Unit("prices@eu\\x2d1.service".to_owned()));
    assert_eq!(hook.timeout(), Duration::from_secs(600));
}

#[test]
fn what_is_handed_down_is_the_same() {
    let text = "  fees: { file: fees.yml, schema: builtin, approval: true, after_publish: { command: [/bin/true], timeout: 5 } }
  rates: { file: rates.yml, schema: builtin, after_publish: { unit: a.service } }
";
    let configs = configs(text).unwrap();
    let json = serde_json::to_string(&configs).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Config>>(&json).unwrap(), configs);
    // The shape of the file as it is written.
    assert!(json.contains(r#""approval":true,"after_publish":{"command":["/bin/true"],"timeout":5}"#), "{json}");
}

#[test]
fn hooks_that_make_no_sense_are_told_all_at_once() {
    let text = "  fees:
    file: fees.yml
    schema: builtin
    approval: 2
    after_publish: { command: [bin/true, 5], unit: a.service, timeout: 601 }
  rates:
    file: rates.yml
    schema: builtin
    after_publish: { command: [], timeout: 1.5 }
";
    assert_eq!(
        configs(text).unwrap_err(),
        "\
6:15: configs.fees.approval: must be true or false, found 2
7:20: configs.fees.after_publish: must have one of `command: [/path/of/the/program, its, arguments]` and `unit: NAME.service`
7:42: configs.fees.after_publish.command[1]: must be text, found 5
7:72: configs.fees.after_publish.timeout: must be whole seconds, 1 to 600
11:31: configs.rates.after_publish.command: the list must not be empty
11:44: configs.rates.after_publish.timeout: must be whole seconds, 1 to 600"
    );
}

#[test]
fn what_systemctl_would_take_for_something_else_is_no_unit() {
    for unit in
        ["nginx", "nginx.socket", "--help.service", ".service", "a/b.service", "a*.service", "a b.service", "@.service"]
    {
        let told = fees(&format!("after_publish: {{ unit: {unit:?} }}")).unwrap_err();
        assert!(told.ends_with("must be the name of a service of systemd, such as nginx.service"), "{unit}: {told}");
    }
    let told = fees("after_publish: { command: [bin/true] }").unwrap_err();
    assert!(told.ends_with("must be an absolute path, such as /usr/local/bin/reload-prices"), "{told}");
    let told = fees("after_publish: {}").unwrap_err();
    assert!(told.contains("after_publish: must have one of `command: ["), "{told}");
    for timeout in ["0", "-1", "601", "1.5"] {
        let told = fees(&format!("after_publish: {{ unit: a.service, timeout: {timeout} }}")).unwrap_err();
        assert!(told.ends_with("timeout: must be whole seconds, 1 to 600"), "{timeout}: {told}");
    }
}

#[test]
fn a_kinds_file_is_not_called_as_what_lies_beside_another() {
    for file in ["fees.meta.json", "fees.yml.meta.json", "Fees.Meta.JSON"] {
        let told = configs(&format!("  fees: {{ file: {file}, schema: builtin }}\n")).unwrap_err();
        assert!(
            told.ends_with("must not end in `.meta.json`: what lies beside each config file is called so"),
            "{told}"
        );
    }
    assert!(configs("  fees: { file: meta.json, schema: builtin }\n").is_ok());
}
