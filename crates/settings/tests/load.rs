//! What a settings file may hold, and everything that is said about one that may not.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use natrium_settings::{Environment, Level, SAMPLE, SecretSource, Settings, SettingsError, Warning, Web};

const MINIMAL: &str = "telegram:\n  token: { credential: bot-token }\nadmins:\n  - { id: 1001, name: Anna }\n";

/// The least that is accepted.
const LEAST: &str = "telegram: { token: { credential: bot-token } }\n";

fn parse_in(text: &str, environment: &[(&str, &str)]) -> Result<Settings, String> {
    let environment: Environment = environment.iter().copied().collect();
    Settings::parse(text.as_bytes(), Path::new("/nowhere"), &environment).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn parse(text: &str) -> Result<Settings, String> {
    parse_in(text, &[])
}

/// The problems of the minimal settings with `more` after them.
fn problems(more: &str) -> String {
    parse(&format!("{MINIMAL}{more}")).unwrap_err()
}

#[test]
fn the_least_that_is_needed() {
    let settings = parse(MINIMAL).unwrap();
    assert_eq!(settings.instance, "natrium");
    assert_eq!(settings.directories.state, PathBuf::from("/var/lib/natrium"));
    assert_eq!(settings.directories.runtime, PathBuf::from("/run/natrium"));
    assert_eq!(settings.directories.published, PathBuf::from("/var/lib/natrium/published"));
    assert_eq!(settings.telegram.api_url, "https://api.telegram.org");
    assert_eq!(settings.telegram.token, SecretSource::Credential("bot-token".to_owned()));
    assert_eq!(settings.log, Level::Info);
    assert_eq!(
        settings.web,
        Web { enabled: true, api: address("127.0.0.1:8010"), page: address("127.0.0.1:8001"), page_url: None }
    );
    let kinds: Vec<_> = settings.configs.iter().map(|it| (it.kind.name.as_str(), it.kind.file.as_str())).collect();
    assert_eq!(kinds, [("fees", "fees.yml"), ("rates", "rates.yml")]);
}

#[test]
fn directories_come_from_systemd_where_the_file_is_silent() {
    let environment = [("STATE_DIRECTORY", "/s/one:/s/two"), ("RUNTIME_DIRECTORY", "/r")];
    let settings = parse_in(MINIMAL, &environment).unwrap();
    assert_eq!(settings.directories.state, PathBuf::from("/s/one"));
    assert_eq!(settings.directories.runtime, PathBuf::from("/r"));
    assert_eq!(settings.directories.published, PathBuf::from("/s/one/published"));
    let settings = parse_in(&format!("{MINIMAL}directories: {{ state: /own }}\n"), &environment).unwrap();
    assert_eq!(settings.directories.state, PathBuf::from("/own"));
    assert_eq!(settings.directories.runtime, PathBuf::from("/r"));
}

#[test]
fn the_sample_says_what_holds_without_it() {
    let sample = parse(SAMPLE).unwrap();
    let silent = parse(LEAST).unwrap();
    assert_eq!(sample, silent);
    // What is commented out is the default: put in, it changes nothing.
    let shown = [
        ("#instance", "instance"),
        ("#language", "language"),
        ("#log", "log"),
        ("#directories", "directories"),
        ("#  state", "  state"),
        ("#  runtime", "  runtime"),
        ("#  published", "  published"),
        ("#api_url", "api_url"),
        ("#web", "web"),
        ("#  enabled", "  enabled"),
        ("#  api:", "  api:"),
        ("#  page:", "  page:"),
    ];
    let mut text = SAMPLE.to_owned();
    for (comment, setting) in shown {
        assert!(text.contains(comment), "{comment}");
        text = text.replace(comment, setting);
    }
    assert_eq!(parse(&text).unwrap(), silent);
    // What is only there to be shown is right as well.
    let named = text.replace("#admins:\n#  - {", "admins:\n  - {").replace("\n#  - { id", "\n  - { id");
    let people = parse(&named.replace("#  page_url:", "  page_url:")).unwrap();
    assert_eq!(people.web.page_url.as_deref(), Some("https://natrium.example.org"));
    assert_eq!(people.admins.len(), 2);
    let warnings = people.warnings(&Environment::default());
    assert_eq!(warnings, [Warning::SampleAdmin]);
    let (above, limits) = text.split_once("  #limits:").unwrap();
    let own = format!("{above}  limits:{}", limits.replace("\n  #", "\n  "));
    let told = parse(&own).unwrap_err();
    assert!(told.lines().count() == 1 && told.contains("reading the schema /nowhere/limits.schema.json"), "{told}");
}

#[test]
fn everything_wrong_is_on_one_screen() {
    let text = "\
instence: Natrium
language: de
log: verbose
directories: { state: var/lib, publish: /x }
telegram:
  token: { flie: /etc/token }
  api_url: ftp://example.org
admins:
  - { id: 1001, name: Anna }
  - { id: \"1002\", name: Boris }
  - { id: 1001, name: 5 }
  - { id: -3 }
  - Vera
configs:
  fees: { file: fees.yml, schema: builtin }
  Limits: { file: ../limits.yml, schema: builtin }
  start: { file: Fees.yml, schema: none.json }
  prices: prices.yml
";
    assert_eq!(
        parse(text).unwrap_err(),
        "\
1:1: instence: unknown key `instence`; did you mean `instance`?
2:11: language: must be `en` or `ru`, found the text \"de\"
3:6: log: must be `error`, `warn`, `info`, `debug` or `trace`, found the text \"verbose\"
4:23: directories.state: must be an absolute path, such as /var/lib/natrium
4:32: directories.publish: unknown key `publish`; did you mean `published`?
6:12: telegram.token.flie: unknown key `flie`; did you mean `file`?
7:12: telegram.api_url: must start with https:// or http://
10:11: admins[1].id: must be a number, found the text \"1002\"; remove the quotes
11:11: admins[2].id: this id is there twice; the first one is at line 9
11:23: admins[2].name: must be text, found 5
12:5: admins[3]: the key `name` is missing
12:11: admins[3].id: must be a Telegram user's id, a whole number from 1
13:5: admins[4]: must be keys with values, found the text \"Vera\"
16:3: configs.Limits: a kind's name is part of its commands (/set_{name}): a to z, 0 to 9 and `_`, a letter first, at most 21 characters
16:19: configs.Limits.file: must be a plain file name: letters, digits, `.`, `_` and `-`, a letter or digit first, at most 100 characters
16:42: configs.Limits.schema: there is no built-in schema for `Limits`, only for fees and rates; write the path of a JSON Schema file
17:3: configs.start: `start` is a word of the bot's own; choose another name
17:18: configs.start.file: the file belongs to `fees` already (line 15)
17:36: configs.start.schema: reading the schema /nowhere/none.json: No such file or directory (os error 2)
18:11: configs.prices: must be keys with values, found the text \"prices.yml\""
    );
}

#[test]
fn what_is_missing_is_named() {
    assert_eq!(parse("log: info\n").unwrap_err(), "1:1: the key `telegram` is missing");
    assert_eq!(
        parse("telegram: {}\nadmins: []\nconfigs: {}\n").unwrap_err(),
        "1:11: telegram: the key `token` is missing\n3:10: configs: must have at least 1 key, has 0"
    );
    assert_eq!(parse("").unwrap_err(), "the file is empty");
    assert_eq!(parse("- 1\n").unwrap_err(), "1:1: must be keys with values, found a list");
    assert_eq!(
        parse("telegram:\nadmins:\nlog: no\n").unwrap_err(),
        "3:6: log: `no` is read as true or false by some programs and as text by others; put it in quotes, or write true or false"
    );
}

#[test]
fn names_that_would_do_harm_are_refused() {
    for name in ["../x", "a/b", ".hidden", "", "-x", "a b", "x\u{202e}", "a\\b"] {
        let told = problems(&format!(
            "configs: {{ fees: {{ file: \"{}\", schema: builtin }} }}\n",
            name.replace('\\', "\\\\")
        ));
        assert!(told.contains("must be a plain file name"), "{name:?}: {told}");
    }
    for name in ["help", "cancel", "history", "set"] {
        let told = problems(&format!("configs: {{ {name}: {{ file: x.yml, schema: builtin }} }}\n"));
        assert!(told.contains("is a word of the bot's own"), "{told}");
    }
    for name in ["Fees", "1st", "a-b", "_x", "abcdefghijklmnopqrstuv"] {
        let told = problems(&format!("configs: {{ {name}: {{ file: x.yml, schema: builtin }} }}\n"));
        assert!(told.contains("a kind's name is part of its commands"), "{told}");
    }
    for instance in ["Natrium", "a b", "-a", "a/b"] {
        assert!(problems(&format!("instance: {instance}\n")).contains("must be a small word"));
    }
    for url in ["api.telegram.org", "https://user:pw@x.org", "https://x.org/?a=b", "https://"] {
        let told = parse(&MINIMAL.replace("telegram:\n", &format!("telegram:\n  api_url: {url}\n"))).unwrap_err();
        assert!(told.starts_with("2:12: telegram.api_url: "), "{told}");
        assert!(!told.contains("pw"), "{told}");
    }
}

#[test]
fn only_who_writes_so_is_heard_beyond_this_host() {
    let web = |more: &str| parse(&format!("{MINIMAL}web: {{ {more} }}\n"));
    let exposed = |more: &str| {
        let warnings = web(more).unwrap().warnings(&Environment::default());
        warnings
            .into_iter()
            .filter(|warning| matches!(warning, Warning::ApiExposed { .. } | Warning::PageExposed { .. }))
            .count()
    };
    assert_eq!(exposed(""), 0);
    assert_eq!(exposed("api: \"[::1]:8010\", page: 127.0.0.9:0"), 0);
    assert_eq!(web("api: 0.0.0.0:80").unwrap().web.api, address("0.0.0.0:80"));
    assert_eq!(exposed("api: 0.0.0.0:80, page: \"[::]:81\""), 2);
    assert_eq!(exposed("api: 0.0.0.0:80, enabled: false"), 0);
    let told = web("api: 10.0.0.1:80").unwrap().warnings(&Environment::default())[0].to_string();
    assert!(told.starts_with("web.api: 10.0.0.1:80 can be reached from other hosts"), "{told}");
    let unencrypted = |url: &str| {
        let warnings = web(&format!("page_url: {url}")).unwrap().warnings(&Environment::default());
        warnings.iter().any(|warning| matches!(warning, Warning::PageUnencrypted { .. }))
    };
    assert!(unencrypted("http://natrium.example.org"));
    assert!(!unencrypted("https://natrium.example.org") && !unencrypted("http://127.0.0.1:8001"));
}

#[test]
fn what_cannot_be_listened_on_is_told() {
    assert_eq!(
        problems("web: { api: localhost, page: 127.0.0.1, enabled: 1 }\n"),
        "5:13: web.api: must be an address and a port, such as 127.0.0.1:8010; for IPv6 such as [::1]:8010\n\
         5:30: web.page: must be an address and a port, such as 127.0.0.1:8001; for IPv6 such as [::1]:8010\n\
         5:50: web.enabled: must be true or false, found 1"
    );
    let url = |url: &str| parse(&format!("{MINIMAL}web: {{ page_url: \"{url}\" }}\n"));
    assert_eq!(url("https://natrium.example.org/").unwrap().web.page_url.unwrap(), "https://natrium.example.org");
    for written in ["HTTPS://Natrium.Example.org:443", "https:natrium.example.org"] {
        assert_eq!(url(written).unwrap().web.page_url.unwrap(), "https://natrium.example.org", "{written}");
    }
    for (wrong, told) in [
        ("natrium.example.org", "is not an address such as"),
        ("ftp://natrium.example.org", "must start with https:// or http://"),
        ("https://natrium.example.org/admin/", "must not hold a path"),
        ("https://natrium.example.org?a=b", "must not hold a user name, a password, a query or a fragment"),
    ] {
        let problem = url(wrong).unwrap_err();
        assert!(problem.starts_with("5:18: web.page_url: ") && problem.contains(told), "{problem}");
    }
    for both in ["api: 127.0.0.1:8001", "api: 0.0.0.0:9, page: 127.0.0.1:9", "page: \"[::]:8010\""] {
        let told = problems(&format!("web: {{ {both} }}\n"));
        assert!(told.ends_with("cannot listen on the same port"), "{told}");
    }
    assert!(parse(&format!("{MINIMAL}web: {{ api: 127.0.0.1:0, page: 127.0.0.1:0 }}\n")).is_ok());
}

#[test]
fn schemas_are_read_from_beside_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("natrium.yml");
    fs::write(&path, format!("{MINIMAL}configs:\n  limits: {{ file: limits.yml, schema: limits.json }}\n")).unwrap();
    let told = || Settings::load(&path, &Environment::default()).unwrap_err().to_string();
    let file = path.display();
    let schema = directory.path().join("limits.json");
    assert_eq!(
        told(),
        format!(
            "{file}:6:39: configs.limits.schema: reading the schema {}: No such file or directory (os error 2)",
            schema.display()
        )
    );
    fs::write(&schema, "{\n  \"type\": \"nubmer\"\n}").unwrap();
    assert!(told().contains("cannot be used: line 2, column 11: type: must be"), "{}", told());
    fs::write(&schema, "{\"$ref\": \"http://127.0.0.1:9/\"}").unwrap();
    assert!(told().contains("`$ref` leads out of the schema"), "{}", told());
    fs::write(&schema, vec![b' '; 300_000]).unwrap();
    assert!(told().contains("is too large"), "{}", told());
    fs::write(&schema, "{\"type\": \"object\"}").unwrap();
    let settings = Settings::load(&path, &Environment::default()).unwrap();
    assert_eq!(&*settings.configs[0].kind.schema, "{\"type\": \"object\"}");
    assert!(settings.configs[0].kind.validate(b"a: 1").is_ok());
    assert!(settings.configs[0].kind.validate(b"1").is_err());
}

#[test]
fn no_file_is_told_with_what_to_do() {
    let error = Settings::load(Path::new("/nowhere/natrium.yml"), &Environment::default()).unwrap_err();
    assert!(matches!(error, SettingsError::Missing { .. }));
    assert_eq!(
        error.to_string(),
        "there is no settings file /nowhere/natrium.yml\n\
         write one: natrium settings sample > /nowhere/natrium.yml\n\
         then put your own values in, and check it: natrium settings check /nowhere/natrium.yml"
    );
    let directory = tempfile::tempdir().unwrap();
    let error = Settings::load(directory.path(), &Environment::default()).unwrap_err();
    assert_eq!(error.to_string(), format!("reading {}: Is a directory (os error 21)", directory.path().display()));
}

#[test]
fn settings_can_be_handed_down_as_json() {
    let settings = parse(SAMPLE).unwrap();
    let json = serde_json::to_vec(&settings).unwrap();
    assert_eq!(serde_json::from_slice::<Settings>(&json).unwrap(), settings);
}

#[test]
fn the_environment_shows_names_only() {
    let environment: Environment = [("NATRIUM_BOT_TOKEN", "1:secret")].into_iter().collect();
    assert_eq!(format!("{environment:?}"), "[\"NATRIUM_BOT_TOKEN\"]");
}
