//! `natrium config diff`.

use std::process::Command;

use super::{Desk, document};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_is_told_as_diff_does_with_2() {
    let desk = Desk::new();
    let (one, two, three) = (document("fees", "one"), document("fees", "two"), document("fees", "three"));
    desk.save("fees", 0, &one).await;
    let first = desk.natrium(&["config", "diff", "fees"]);
    assert_eq!((first.code, first.err.as_str()), (2, ""));
    assert!(
        first.out.starts_with("--- nothing\n+++ fees, version 1 by ") && first.out.contains("\n+# one\n"),
        "{first:?}"
    );
    desk.says(&["config", "diff", "rates"], 1, &["rates has no version yet"]);
    desk.save("fees", 1, &two).await;
    desk.save("fees", 2, &three).await;

    let newest = desk.natrium(&["config", "diff", "fees"]).out;
    assert!(newest.contains("\n-# two\n+# three\n") && newest.contains("version 3 by Anna [1001], "), "{newest}");
    assert!(!newest.contains('\u{1b}'), "nobody's terminal");
    let since = desk.says(&["config", "diff", "fees", "1"], 2, &[]).out;
    assert!(since.contains("\n-# one\n+# three\n"), "{since}");
    desk.says(&["config", "diff", "fees", "1", "2"], 2, &["-# one\n+# two\n"]);
    let same = desk.natrium(&["config", "diff", "fees", "2", "2"]);
    assert_eq!((same.code, same.out.as_str(), same.err.as_str()), (0, "", ""));
    desk.says(&["config", "diff", "fees", "1", "9"], 1, &["no version 9"]);

    let file = desk.file("mine.yml", three.replace("three", "mine"));
    desk.says(&["config", "diff", "fees", "--file", &file], 2, &["-# three\n+# mine\n", &format!("+++ {file}\n")]);
    desk.says(&["config", "diff", "fees", "1", "--file", &file], 2, &["-# one\n+# mine\n"]);
    let typed = desk.typed(&["config", "diff", "fees", "--file", "-"], &three);
    assert_eq!((typed.code, typed.out.as_str()), (0, ""), "{typed:?}");
    desk.says(&["config", "diff", "fees", "--file", "/nowhere"], 1, &["reading /nowhere"]);
    desk.says(&["config", "diff", "fees", "1", "2", "--file", &file], 64, &["cannot be used with"]);

    let (json, code) = desk.json(&["config", "diff", "fees", "1", "3"]);
    assert_eq!((code, &json["differs"], &json["added"], &json["removed"]), (2, &true.into(), &1.into(), &1.into()));
    assert!(json["diff"].as_str().unwrap().contains("-# one\n+# three\n"), "{json}");
    let (json, code) = desk.json(&["config", "diff", "fees", "3", "3"]);
    assert_eq!((code, &json["differs"], &json["diff"]), (0, &false.into(), &"".into()));
    desk.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_terminal_is_sent_colours_and_nothing_that_moves_the_cursor() {
    let desk = Desk::new();
    desk.save("fees", 0, &document("fees", "one")).await;
    desk.save("fees", 1, &document("fees", "two")).await;
    // What a file says may be anything.
    let file = desk.file("evil.yml", document("fees", "two \u{1b}[2J"));
    let shown = |before: &str, words: &str| {
        // script(1) gives it a terminal; what is shown there comes out of it.
        let natrium = env!("CARGO_BIN_EXE_natrium");
        let line = format!("{before} {natrium} config diff fees {words}; echo code=$?");
        let mut command = Command::new("timeout");
        command.args(["60", "script", "-q", "-e", "-c", &line, "/dev/null"]).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("SHELL", "/bin/sh").env("TERM", "xterm");
        command.env("RUNTIME_DIRECTORY", desk.service.runtime()).stdin(std::process::Stdio::null());
        let output = command.output().expect("script(1), of util-linux or bsdutils");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("code=2"), "{text}");
        text
    };
    let coloured = shown("", "");
    assert!(
        coloured.contains("\u{1b}[31m-# one\u{1b}[0m") && coloured.contains("\u{1b}[32m+# two\u{1b}[0m"),
        "{coloured}"
    );
    for plain in [shown("NO_COLOR=1", ""), shown("TERM=dumb", "")] {
        assert!(plain.contains("-# one") && !plain.contains("\u{1b}["), "{plain:?}");
    }
    let evil = shown("NO_COLOR=1", &format!("--file {file}"));
    assert!(evil.contains("+# two \u{241b}[2J") && !evil.contains("\u{1b}["), "{evil:?}");
}
