//! `natrium settings`: the program as an operator runs it, in a fresh directory and with an environment of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const TOKEN: &str = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";

struct Run {
    code: i32,
    out: String,
    err: String,
}

/// Runs `natrium` in a directory, with nothing in its environment but `variables`.
fn natrium_with(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_natrium"));
    let output =
        command.args(arguments).current_dir(directory).env_clear().envs(variables.iter().copied()).output().unwrap();
    Run {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn natrium(directory: &Path, arguments: &[&str]) -> Run {
    natrium_with(directory, arguments, &[])
}

fn with_file(text: &[u8]) -> (TempDir, Run) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("natrium.yml"), text).unwrap();
    let run = natrium(directory.path(), &["settings", "check", "natrium.yml"]);
    (directory, run)
}

#[test]
fn the_sample_is_the_shipped_file_and_is_fine() {
    let directory = tempfile::tempdir().unwrap();
    let sample = natrium(directory.path(), &["settings", "sample"]);
    let shipped = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/natrium.yml")).unwrap();
    assert_eq!((sample.code, sample.out.as_str(), sample.err.as_str()), (0, shipped.as_str(), ""));

    let (_directory, check) = with_file(sample.out.as_bytes());
    assert_eq!(
        (check.code, check.out.as_str(), check.err.as_str()),
        (
            0,
            "\
natrium.yml: ok
  instance   natrium
  language   en
  log        info
  state      /var/lib/natrium
  runtime    /run/natrium
  published  /var/lib/natrium/published
  api        https://api.telegram.org
  token      from credential bot-token
  admins     none; the bot takes the first owner's code, which natrium pair shows
  configs    fees (fees.yml), rates (rates.yml)
",
            ""
        )
    );
}

#[test]
fn everything_wrong_is_on_one_screen() {
    let text = b"\
instance: My Bot
langauge: ru
telegram:
  token: { file: bot-token }
admins:
  - { id: 1001, name: Anna }
  - { id: 1001, name: Boris }
configs:
  fees: { file: fees.yml, schema: builtin }
  rates: { file: fees.yml, schema: rates.json }
log: loud
";
    let (_directory, check) = with_file(text);
    assert_eq!((check.code, check.out.as_str()), (78, ""));
    assert_eq!(
        check.err,
        "\
natrium.yml:1:11: instance: must be a small word: a to z, 0 to 9 and `-`, a letter first, at most 32 characters
natrium.yml:2:1: langauge: unknown key `langauge`; did you mean `language`?
natrium.yml:4:18: telegram.token.file: must be an absolute path, such as /etc/natrium/bot-token
natrium.yml:7:11: admins[1].id: this id is there twice; the first one is at line 6
natrium.yml:10:18: configs.rates.file: the file belongs to `fees` already (line 9)
natrium.yml:10:36: configs.rates.schema: reading the schema rates.json: No such file or directory (os error 2)
natrium.yml:11:6: log: must be `error`, `warn`, `info`, `debug` or `trace`, found the text \"loud\"
natrium.yml: 7 problems
"
    );
}

#[test]
fn a_file_that_is_no_settings_at_all() {
    let utf16: Vec<u8> = "log: info\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&[u8], &str); 6] = [
        (b"", "natrium.yml: the file is empty\n"),
        (&utf16, "natrium.yml: the file is UTF-16 text; save it as UTF-8\n"),
        (b"log: [info\n", "natrium.yml:2:1: a `,` or a closing `]` is missing\n"),
        (
            b"log: info\nlog: warn\n",
            "natrium.yml:2:1: log: the key `log` is there twice; the first one is at line 1, column 1\n",
        ),
        (b"\x89PNG\r\n\x1a\n\0\0", "natrium.yml:1:1: byte 0x89 is not UTF-8 text; save the file as UTF-8\n"),
        (b"just words\n", "natrium.yml:1:1: must be keys with values, found the text \"just words\"\n"),
    ];
    for (text, told) in cases {
        let (_directory, check) = with_file(text);
        assert_eq!(check.code, 78);
        assert_eq!(check.err, format!("{told}natrium.yml: 1 problem\n"));
    }
}

#[test]
fn no_file_is_told_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let check = natrium(directory.path(), &["settings", "check", "natrium.yml"]);
    assert_eq!((check.code, check.out.as_str()), (78, ""));
    assert_eq!(
        check.err,
        "\
there is no settings file natrium.yml
write one: natrium settings sample > natrium.yml
then put your own values in, and check it: natrium settings check natrium.yml
"
    );
    let named = natrium_with(directory.path(), &["settings", "check"], &[("NATRIUM_SETTINGS", "own.yml")]);
    assert!(named.err.starts_with("there is no settings file own.yml\n"), "{}", named.err);
}

#[test]
fn a_token_in_the_file_is_refused_and_never_shown() {
    let text = format!("telegram:\n  token: {TOKEN}\nadmins: [{{ id: 1, name: \"{TOKEN}\" }}]\nlog: {TOKEN}\n");
    let (_directory, check) = with_file(text.as_bytes());
    assert_eq!(check.code, 78);
    assert!(
        check.err.starts_with("natrium.yml:2:10: telegram.token: the token itself must not stand here"),
        "{}",
        check.err
    );
    assert!(check.err.contains("found the text \"[secret]"), "{}", check.err);
    assert!(!(check.out + &check.err).contains("BOweik"));
}

#[test]
fn a_token_file_that_everybody_can_read_is_a_warning() {
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    fs::write(&token, TOKEN).unwrap();
    let text = format!("telegram: {{ token: {{ file: {} }} }}\nadmins: [{{ id: 1, name: A }}]\n", token.display());
    fs::write(directory.path().join("natrium.yml"), text).unwrap();
    let check = |mode| {
        fs::set_permissions(&token, fs::Permissions::from_mode(mode)).unwrap();
        let check = natrium(directory.path(), &["settings", "check", "natrium.yml"]);
        assert_eq!(check.code, 0, "{}", check.err);
        assert!(!(check.out + &check.err).contains("BOweik"));
        check.err
    };
    assert_eq!(check(0o600), "");
    let path = token.display();
    assert_eq!(
        check(0o644),
        format!("natrium.yml: warning: everybody on this host can read the secret in {path}; chmod 600 {path}\n")
    );
}

#[test]
fn a_kind_of_ones_own() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("schemas")).unwrap();
    let schema = directory.path().join("schemas/limits.json");
    let text = "telegram: { token: { environment: T } }\nadmins: [{ id: 1, name: A }]\nconfigs:\n  limits: { file: limits.yml, schema: schemas/limits.json }\n";
    fs::write(directory.path().join("natrium.yml"), text).unwrap();
    fs::write(&schema, "{\n  \"properties\": { \"a\": { \"type\": \"nubmer\" } }\n}\n").unwrap();
    let check = natrium(directory.path(), &["settings", "check", "natrium.yml"]);
    assert_eq!(check.code, 78);
    assert_eq!(
        check.err,
        "natrium.yml:4:39: configs.limits.schema: the schema schemas/limits.json cannot be used: line 2, column 34: \
         properties.a.type: must be `array`, `boolean`, `integer`, `null`, `number`, `object` or `string`, found the text \
         \"nubmer\"; did you mean `number`?\nnatrium.yml: 1 problem\n"
    );
    fs::write(&schema, "{ \"type\": \"object\" }\n").unwrap();
    let check = natrium(directory.path(), &["settings", "check", "natrium.yml"]);
    assert_eq!(check.code, 0, "{}", check.err);
    assert!(check.out.contains("configs    limits (limits.yml)\n"), "{}", check.out);
}

#[test]
fn wrong_usage_is_64() {
    let directory = tempfile::tempdir().unwrap();
    for arguments in
        [&["settings", "chekc"][..], &["settings"], &["--no-such-option"], &["restart"], &["status", "bot"]]
    {
        let run = natrium(directory.path(), arguments);
        assert_eq!((run.code, run.out.as_str()), (64, ""), "{arguments:?}");
        assert!(!run.err.is_empty());
    }
    assert!(natrium(directory.path(), &["settings", "chekc"]).err.contains("check"), "a suggestion");
    for arguments in [&["--help"][..], &["--version"], &["settings", "check", "--help"]] {
        assert_eq!(natrium(directory.path(), arguments).code, 0, "{arguments:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    use std::process::Stdio;
    let mut command = Command::new(env!("CARGO_BIN_EXE_natrium"));
    let mut child = command.args(["settings", "sample"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn what_is_shown_is_what_the_supervisor_hands_down() {
    let directory = tempfile::tempdir().unwrap();
    let text = "telegram: { token: { environment: T } }\nadmins: [{ id: 1, name: Anna }]\nlog: debug\n";
    fs::write(directory.path().join("natrium.yml"), text).unwrap();
    let variables = [("T", TOKEN), ("NATRIUM_SETTINGS", "natrium.yml")];
    let shown = natrium_with(directory.path(), &["settings", "show"], &variables);
    assert_eq!((shown.code, shown.err.as_str()), (0, ""));
    assert!(shown.out.contains("  log        debug\n") && !shown.out.contains(TOKEN), "{}", shown.out);

    let json = natrium_with(directory.path(), &["settings", "show", "--json"], &variables);
    let settings: settings::Settings = serde_json::from_str(&json.out).unwrap();
    assert_eq!((settings.admins[0].name.as_str(), settings.configs.len()), ("Anna", 2));
    assert!(!json.out.contains(TOKEN));

    fs::write(directory.path().join("natrium.yml"), "log: loud\n").unwrap();
    let wrong = natrium_with(directory.path(), &["settings", "show", "--json"], &variables);
    assert_eq!((wrong.code, wrong.out.as_str()), (78, ""));
    assert!(wrong.err.contains("natrium.yml:1:6: log"), "{}", wrong.err);
}
