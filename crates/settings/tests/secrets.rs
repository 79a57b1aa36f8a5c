//! Secrets: where they come from, and that nothing repeats them.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use natrium_settings::{BotToken, Environment, SecretError, SecretSource, Settings, TokenError, Warning};

const TOKEN: &str = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables.iter().copied().collect()
}

#[test]
fn a_token_in_the_wrong_place_is_refused_and_not_repeated() {
    let admins = "admins: [{ id: 1001, name: Anna }]\n";
    let good = "telegram: { token: { credential: bot-token } }\n";
    let places = [
        format!("telegram:\n  token: {TOKEN}\n{admins}"),
        format!("telegram:\n  token: \"{TOKEN}\"\n{admins}"),
        format!("telegram:\n  token: {{ file: {TOKEN} }}\n{admins}"),
        format!("telegram:\n  token: {{ credential: {TOKEN} }}\n{admins}"),
        format!("telegram:\n  token: {{ environment: {TOKEN} }}\n{admins}"),
        format!("telegram:\n  token: {{ file: /x/{TOKEN} }}\n{admins}"),
        format!("telegram:\n  token: [{TOKEN}]\n{admins}"),
        format!("telegram:\n  token: {{ {TOKEN}: x }}\n{admins}"),
        format!("telegram:\n  tokn: {TOKEN}\n{admins}"),
        format!("telegram: {TOKEN}\n{admins}"),
        format!("{good}admins: {TOKEN}\n"),
        format!("{good}admins: [{TOKEN}]\n"),
        format!("{good}admins: [{{ id: {TOKEN}, name: Anna }}]\n"),
        format!("{good}{admins}log: {TOKEN}\n"),
        format!("{good}{admins}language: {TOKEN}\n"),
        format!("{good}{admins}instance: {TOKEN}\n"),
        format!("{good}{admins}{TOKEN}: x\n"),
        format!("{good}{admins}{TOKEN}: x\n{TOKEN}: y\n"),
        format!("{good}{admins}directories: {{ state: {TOKEN} }}\n"),
        format!("{good}{admins}configs: {{ fees: {{ file: {TOKEN}, schema: builtin }} }}\n"),
        format!("{good}{admins}configs: {{ fees: {{ file: f.yml, schema: {TOKEN} }} }}\n"),
        format!("{good}{admins}configs: {{ \"{TOKEN}\": {{ file: f.yml, schema: builtin }} }}\n"),
        format!(
            "telegram: {{ api_url: \"https://api.telegram.org/bot{TOKEN}\", token: {{ credential: x }} }}\n{admins}"
        ),
        format!("telegram: {{ api_url: {TOKEN}, token: {{ credential: x }} }}\n{admins}"),
        format!("telegram: {{ api_url: \"http://[{TOKEN}\", token: {{ credential: x }} }}\n{admins}"),
        format!("x: !{TOKEN} y\n"),
        format!("x: *{TOKEN}\n"),
        format!("x: [{TOKEN}\n"),
        format!("x: \"{TOKEN}\ny: {TOKEN}: z\n"),
        TOKEN.to_owned(),
    ];
    for text in places {
        let problems = Settings::parse(text.as_bytes(), Path::new("/nowhere"), &environment(&[])).unwrap_err();
        for told in [format!("{problems:?}"), problems.iter().map(ToString::to_string).collect()] {
            for part in [TOKEN, "AAEhBOweik", "Cr4K-bc", "QXMENQ"] {
                assert!(!told.contains(part), "{text}: {told}");
            }
        }
    }
}

#[test]
fn a_token_under_its_key_is_never_repeated_whatever_it_looks_like() {
    for value in ["AAEhBOweik6ad9r", "1:30", "010", "yes", "!secret AAEhBOweik6ad9r", "12345", "1.5e7", "2025-01-31"] {
        let text = format!("telegram: {{ token: {value} }}\nadmins: [{{ id: 1, name: A }}]\n");
        let problems = Settings::parse(text.as_bytes(), Path::new("/nowhere"), &environment(&[])).unwrap_err();
        let told = format!("{problems:?}");
        assert!(!told.contains(&format!("`{value}`")) && !told.contains("AAEhBO") && !told.contains("12345"), "{told}");
    }
    let text = format!("telegram:\n  token: {TOKEN}\nadmins: [{{ id: 1, name: A }}]\n");
    let problems = Settings::parse(text.as_bytes(), Path::new("/nowhere"), &environment(&[])).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].to_string().starts_with("2:10: telegram.token: the token itself must not stand here"),
        "{problems:?}"
    );
}

#[test]
fn the_three_sources() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bot-token");
    fs::write(&path, format!("{TOKEN}\n")).unwrap();
    let variables = environment(&[("CREDENTIALS_DIRECTORY", directory.path().to_str().unwrap()), ("BOT", TOKEN)]);
    for source in [
        SecretSource::File(path),
        SecretSource::Credential("bot-token".to_owned()),
        SecretSource::Environment("BOT".to_owned()),
    ] {
        let secret = source.read(&variables).unwrap();
        assert_eq!(secret.expose(), TOKEN, "{source}");
        assert_eq!(format!("{secret:?} {secret}"), "[secret] [secret]");
        let token = BotToken::new(secret).unwrap();
        assert_eq!((token.id(), token.expose()), (123_456_789, TOKEN));
        assert!(!format!("{token:?}").contains("AAE"), "{token:?}");
    }
}

#[test]
fn what_is_missing_is_told_without_telling_secrets() {
    let directory = tempfile::tempdir().unwrap();
    let file = |content: &[u8]| {
        let path = directory.path().join("secret");
        fs::write(&path, content).unwrap();
        SecretSource::File(path)
    };
    let told = |source: SecretSource| source.read(&environment(&[("EMPTY", " ")])).unwrap_err();
    assert!(matches!(told(SecretSource::File(PathBuf::from("/nowhere/x"))), SecretError::Read { .. }));
    assert!(matches!(told(SecretSource::Credential("x".to_owned())), SecretError::NoCredentials { .. }));
    assert!(matches!(told(SecretSource::Environment("NONE".to_owned())), SecretError::NoVariable { .. }));
    assert!(matches!(told(SecretSource::Environment("EMPTY".to_owned())), SecretError::Empty { .. }));
    assert!(matches!(told(file(b"\n \n")), SecretError::Empty { .. }));
    assert!(matches!(told(file(b"\xFFsecret")), SecretError::Read { .. }));
    for content in [format!("{TOKEN}\n{TOKEN}\n"), "x".repeat(5000)] {
        let error = told(file(content.as_bytes()));
        assert!(matches!(error, SecretError::NotOneLine { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("AAE"));
    }
}

#[test]
fn tokens_must_look_like_tokens() {
    let source = SecretSource::Environment("T".to_owned());
    for text in [
        "x",
        "123456789",
        ":AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc",
        "0:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc",
        "1:short",
        "1x:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc",
        "123456789:AAEhBOweik6ad9r/QXMENQjcrGbqCr4K-bc",
        "bot123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc",
        "99999999999999999999999:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc",
    ] {
        let secret = source.read(&environment(&[("T", text)])).unwrap();
        let error = BotToken::new(secret).unwrap_err();
        assert_eq!(error, TokenError::Form, "{text}");
        assert!(!error.to_string().contains("BOweik"));
    }
}

#[test]
fn a_secret_that_everybody_can_read_is_warned_of() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bot-token");
    fs::write(&path, TOKEN).unwrap();
    let text = format!("telegram: {{ token: {{ file: {} }} }}\nadmins: [{{ id: 1, name: A }}]\n", path.display());
    let warnings = |mode| {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let settings = Settings::parse(text.as_bytes(), Path::new("/"), &environment(&[])).unwrap();
        settings.warnings(&environment(&[]))
    };
    assert_eq!(warnings(0o640), []);
    assert_eq!(warnings(0o644), [Warning::SecretReadable { path: path.clone() }]);
    assert!(warnings(0o604)[0].to_string().contains(&format!("chmod 600 {}", path.display())));
}

#[test]
fn a_token_in_the_clear_is_warned_of() {
    let warnings = |url: &str| {
        let text =
            format!("telegram: {{ api_url: \"{url}\", token: {{ credential: x }} }}\nadmins: [{{ id: 1, name: A }}]\n");
        let settings = Settings::parse(text.as_bytes(), Path::new("/"), &environment(&[])).unwrap();
        settings.warnings(&environment(&[])).len()
    };
    assert_eq!(warnings("http://bot-api:8081"), 1);
    assert_eq!(warnings("http://10.0.0.5:8081"), 1);
    for url in ["https://api.telegram.org", "http://127.0.0.1:9/x", "http://localhost:9", "http://[::1]:9"] {
        assert_eq!(warnings(url), 0, "{url}");
    }
}

#[test]
fn the_api_hash_has_the_same_sources_and_may_be_missing() {
    let settings = |line: &str| {
        let text =
            format!("telegram:\n  token: {{ credential: bot-token }}\n{line}admins:\n  - {{ id: 1001, name: Anna }}\n");
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("natrium.yml");
        std::fs::write(&path, text).unwrap();
        Settings::load(&path, &Environment::default())
    };
    assert_eq!(settings("").unwrap().telegram.api_hash, None);
    let loaded = settings("  api_hash: { credential: api-hash }\n").unwrap();
    assert_eq!(loaded.telegram.api_hash, Some(SecretSource::Credential("api-hash".into())));
    let refused = settings("  api_hash: 0123456789abcdef0123456789abcdef\n").unwrap_err().to_string();
    assert!(refused.contains("telegram.api_hash"), "{refused}");
    assert!(!refused.contains("0123456789abcdef"), "{refused}");
}
