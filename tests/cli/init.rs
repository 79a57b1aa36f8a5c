//! `natrium init`: asked or told, it writes what works, or nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::hosted::Host;

const WRONG: &str = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

fn there(host: &Host) -> PathBuf {
    host.service.path().join("etc")
}

fn told<'a>(directory: &'a Path, token: &'a Path, url: &'a str) -> Vec<&'a str> {
    let (directory, token) = (directory.to_str().unwrap(), token.to_str().unwrap());
    vec!["init", "--yes", "--directory", directory, "--token-file", token, "--admin", "1001:Anna", "--api-url", url]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_writes_starts_a_service() {
    let mut host = Host::new().await;
    let (directory, token) = (there(&host), host.service.path().join("token"));
    let published = host.service.path().join("published");
    let mut words = told(&directory, &token, &host.url);
    words.extend(["--published", published.to_str().unwrap(), "--admin", "1002:Boris \"B\""]);
    let (text, code) = host.natrium(&words);
    assert_eq!(code, 0, "{text}");
    let (settings, secret) = (directory.join("natrium.yml"), directory.join("bot-token"));
    assert!(text.contains("written and checked") && text.contains("natriumd --settings"), "{text}");
    assert_eq!((mode(&settings), mode(&secret)), (0o640, 0o600));
    assert_eq!(fs::read_to_string(&secret).unwrap().trim(), host.token);
    assert!(!fs::read_to_string(&settings).unwrap().contains("SIMULATED"));
    let (text, code) = host.natrium(&["settings", "check", settings.to_str().unwrap()]);
    assert!(code == 0 && text.contains("Boris \"B\" (1002)"), "{text}");
    // What is there already stands.
    let before = fs::read_to_string(&settings).unwrap();
    let (text, code) = host.natrium(&told(&directory, &token, &host.url));
    assert!(code == 1 && text.contains("--force replaces it"), "{text}");
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);

    fs::copy(&settings, host.service.settings()).unwrap();
    host.service.start().unwrap();
    assert!(host.service.stop().unwrap().success(), "{}", host.service.log());
    let mut words = told(&directory, &token, &host.url);
    words.push("--force");
    assert_eq!(host.natrium(&words).1, 0);
    assert!(!fs::read_to_string(&settings).unwrap().contains("Boris"));
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 2, "nothing else is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_need_be_named_and_then_it_says_how_the_first_owner_comes() {
    let host = Host::new().await;
    let (directory, token) = (there(&host), host.service.path().join("token"));
    let mut words = told(&directory, &token, &host.url);
    words.retain(|word| !["--admin", "1001:Anna"].contains(word));
    let settings = directory.join("natrium.yml");
    for typed in ["", "\n\n\n"] {
        let (text, code) = if typed.is_empty() {
            host.natrium(&words)
        } else {
            // Asked for: an empty line names nobody.
            words.retain(|word| *word != "--yes");
            words.push("--force");
            host.natrium_typed(&words, typed)
        };
        assert!(code == 0 && text.contains("natrium pair"), "{code}: {text}");
        let (text, code) = host.natrium(&["settings", "check", settings.to_str().unwrap()]);
        assert!(code == 0 && text.contains("admins     none"), "{text}");
    }
    // They are somebody's all the same: no sample that makes room.
    words.retain(|word| *word != "--force");
    let (text, code) = host.natrium_typed(&words, "\n\n\n");
    assert!(code == 1 && text.contains("--force replaces it"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sample_that_was_installed_makes_room_and_settings_of_somebody_do_not() {
    let host = Host::new().await;
    let (directory, token) = (there(&host), host.service.path().join("token"));
    fs::create_dir(&directory).unwrap();
    let settings = directory.join("natrium.yml");
    let (sample, _) = host.natrium(&["settings", "sample"]);
    // As scripts/stage adapts it.
    let installed = sample
        .replace("#directories:", "directories:")
        .replace("#  published: /var/lib/natrium/published", "  published: /var/lib/natrium-published");
    assert_ne!(installed, sample);
    for sample in [sample, installed] {
        fs::write(&settings, &sample).unwrap();
        let (text, code) = host.natrium(&told(&directory, &token, &host.url));
        assert_eq!(code, 0, "{text}");
        assert!(fs::read_to_string(&settings).unwrap().contains("id: 1001"));
        assert_eq!(fs::read_to_string(directory.join("natrium.yml.sample")).unwrap(), sample);
        fs::remove_file(directory.join("bot-token")).unwrap();
    }

    let (text, code) = host.natrium(&told(&directory, &token, &host.url));
    assert!(code == 1 && text.contains("--force replaces it"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_names_nobody_becomes_owner_by_the_code_that_it_tells_how_to_see() {
    let mut host = Host::new().await;
    let (directory, token) = (there(&host), host.service.path().join("token"));
    let settings = directory.join("natrium.yml");
    let (at, from) = (directory.to_str().unwrap(), token.to_str().unwrap());
    let published = host.service.path().join("published");
    let init = ["init", "--directory", at, "--token-file", from, "--api-url", &host.url, "--force"];
    let init = [&init[..], &["--published", published.to_str().unwrap()]].concat();
    for (more, typed) in [(&["--yes"][..], ""), (&[], "\n")] {
        let (text, code) = host.natrium_typed(&[&init[..], more].concat(), typed);
        assert_eq!(code, 0, "{text}");
        let pair = format!("  natrium pair --settings {}\n", settings.display());
        assert!(text.contains(&pair) && text.contains("makes you the owner"), "{text}");
    }
    fs::copy(&settings, host.service.settings()).unwrap();
    host.service.start().unwrap();
    let (text, code) = host.natrium(&["pair"]);
    assert!(code == 0 && text.lines().count() == 3, "{text}");
    let code = text.lines().next().unwrap();
    assert!(text.contains(&format!("?start={code}\n")) && text.contains("\nopen https://t.me/"), "{text}");
    let (text, _) = host.natrium(&["settings", "check"]);
    assert!(text.contains("admins     none; "), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_is_told_and_asked_again() {
    let host = Host::new().await;
    let directory = there(&host);
    let words = ["init", "--directory", directory.to_str().unwrap(), "--api-url", &host.url];
    let typed = format!("nonsense\n{WRONG}\n{}\nno number\nAnna\n1001\nAnna\n/srv/published\n", host.token);
    let (text, code) = host.natrium_typed(&words, &typed);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("does not look like one"), "{text}");
    assert!(text.contains("Telegram does not know this token: 401"), "{text}");
    assert!(text.contains("the id is a number"), "{text}");
    assert!(!text.contains(WRONG.split_once(':').unwrap().1), "{text}");
    let settings = fs::read_to_string(directory.join("natrium.yml")).unwrap();
    assert!(settings.contains("published: \"/srv/published\"") && settings.contains("id: 1001"), "{settings}");
    assert_eq!(fs::read_to_string(directory.join("bot-token")).unwrap().trim(), host.token);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_what_it_must_know_nothing_is_written() {
    let host = Host::new().await;
    let (directory, token) = (there(&host), host.service.path().join("token"));
    let wrong = host.service.path().join("wrong");
    fs::write(&wrong, WRONG).unwrap();
    let refused = |words: &[&str], typed: &str, code: i32, part: &str| {
        let (text, found) = host.natrium_typed(words, typed);
        assert!(found == code && text.contains(part), "{words:?}: {found}, {text}");
        assert!(!directory.exists(), "{words:?}");
    };
    refused(&told(&directory, &wrong, &host.url), "", 78, "Telegram does not know this token");
    refused(&told(&directory, &token, "http://127.0.0.1:9"), "", 75, "cannot be asked about the token");
    refused(&told(&directory, &host.service.path().join("none"), &host.url), "", 78, "reading the secret in");
    let mut admin = told(&directory, &token, &host.url);
    admin[7] = "Anna";
    refused(&admin, "", 64, "makes no admin");
    let mut published = told(&directory, &token, &host.url);
    published.extend(["--published", "relative"]);
    refused(&published, "", 78, "what would be written is not right");
    // Whoever goes away in the middle.
    let asked = ["init", "--directory", directory.to_str().unwrap(), "--api-url", &host.url];
    refused(&asked, "", 1, "nobody to ask");
    refused(&asked, &format!("{}\n1001\n", host.token), 1, "nobody to ask");
    refused(&["init", "--yes", "--directory", directory.to_str().unwrap()], "", 78, "--yes needs --token-file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_terminal_the_token_is_not_shown_and_ctrl_c_leaves_nothing_and_the_terminal_as_it_was() {
    let host = Host::new().await;
    let directory = there(&host);
    let script = host.service.path().join("typescript");
    for (keys, code) in [("\u{3}".to_owned(), 1), (format!("{}\r1001\rAnna\r\r", host.token), 0)] {
        // script(1) gives it a terminal; what is shown there comes out of it, and the state of the terminal after it.
        let natrium = env!("CARGO_BIN_EXE_natrium");
        let line = format!(
            "stty echo; {natrium} init --directory {} --api-url {}; echo code=$?; stty -a",
            directory.display(),
            host.url
        );
        // One that waits for ever is ended, and seen by what it has not shown.
        let mut command = std::process::Command::new("timeout");
        command.args(["60", "script", "-q", "-e", "-c", &line]).arg(&script).env("SHELL", "/bin/sh");
        let mut child = command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("script(1), of util-linux or bsdutils");
        let mut input = child.stdin.take().unwrap();
        let mut output = child.stdout.take().unwrap();
        let shown = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut text, mut buffer) = (String::new(), [0; 1024]);
            // Each answer when it is asked for, as a person types.
            let mut answers =
                if keys == "\u{3}" { vec![keys] } else { keys.split_inclusive('\r').map(str::to_owned).collect() }
                    .into_iter();
            let mut asked = 0;
            while let Ok(read) = output.read(&mut buffer) {
                if read == 0 {
                    break;
                }
                text.push_str(&String::from_utf8_lossy(&buffer[..read]));
                let questions = [
                    "(it is not shown): ",
                    "(@userinfobot tells it): ",
                    "for the others to see: ",
                    "natrium-published]: ",
                ];
                while questions.get(asked).is_some_and(|question| text.contains(question)) {
                    asked += 1;
                    if let Some(answer) = answers.next() {
                        input.write_all(answer.as_bytes()).unwrap();
                        input.flush().unwrap();
                    }
                }
            }
            text
        });
        let shown = shown.join().unwrap();
        child.wait().unwrap();
        assert!(shown.contains(&format!("code={code}")), "{shown}");
        assert!(!shown.contains("SIMULATED"), "the token was shown: {shown}");
        let modes: Vec<_> = shown.split([' ', ';', '\r', '\n']).collect();
        for mode in ["echo", "icanon", "isig"] {
            assert!(modes.contains(&mode), "{mode} is off: {shown}");
        }
        assert_eq!(directory.exists(), code == 0, "{shown}");
    }
    assert_eq!(fs::read_to_string(directory.join("bot-token")).unwrap().trim(), host.token);
}
