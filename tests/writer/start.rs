//! What a start may find: another writer at work, or a file that somebody changed.

use std::fs;
use std::process::Stdio;

use harness::until;
use interfaces::audit::{Client as Audit, List};
use interfaces::configs::{Author, Kinds, Origin, Restore};
use interfaces::supervisor::Status;

use crate::operators::{PATIENCE, agree, document, history, names, service, upload};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_writer_is_refused_with_a_sentence_and_disturbs_nobody() {
    let mut service = service();
    service.start().unwrap();
    upload(&service, "fees", 0, &document("fees", "first")).await;
    let holder = service.worker("writer").await.unwrap();

    // By itself, as a service of its own: it ends before it needs a listener.
    let mut second = service.command("natrium-writer");
    second.arg("--settings").arg(service.settings());
    let mut second = second.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until("the second one ends", PATIENCE, || second.try_wait().unwrap()).unwrap();
    let output = second.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let sentence = format!("another writer (pid {holder}) holds {}", service.state().join("lock").display());
    assert!(told.contains(&sentence), "{told}");
    // Try again: the holder may be about to end.
    assert_eq!(output.status.code(), Some(75), "{told}");

    let status = service.supervisor().status(&Status {}).await.unwrap();
    let writer = status.workers.into_iter().find(|worker| worker.name == "writer").unwrap();
    assert_eq!((writer.pid, writer.generation), (Some(holder), 1));
    assert_eq!(fs::read_to_string(service.state().join("lock")).unwrap(), format!("{holder}\n"));
    upload(&service, "fees", 1, &document("fees", "second")).await;
    agree(&service, "fees", &history(&service, "fees").await);
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_changed_by_hand_while_the_service_was_down_stands_until_somebody_has_seen_it() {
    let mut service = service();
    service.start().unwrap();
    for (base, mark) in [(0, "first"), (1, "second")] {
        upload(&service, "fees", base, &document("fees", mark)).await;
    }
    upload(&service, "rates", 0, &document("rates", "only")).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());

    // One in place, one as editors do: a new file with the old name.
    let by_hand = ["a: mistake\n".to_owned(), document("rates", "by hand")];
    fs::write(service.published("fees.yml"), &by_hand[0]).unwrap();
    fs::write(service.published("new"), &by_hand[1]).unwrap();
    fs::rename(service.published("new"), service.published("rates.yml")).unwrap();

    service.start().unwrap();
    let configs = service.configs();
    let kinds = configs.kinds(&Kinds {}).await.unwrap().kinds;
    for (kind, by_hand) in ["fees", "rates"].into_iter().zip(&by_hand) {
        let file = service.published(&format!("{kind}.yml"));
        assert_eq!(fs::read_to_string(&file).unwrap(), *by_hand, "it stands");
        let found = kinds.iter().find(|found| found.name == kind).and_then(|kind| kind.by_hand.clone()).unwrap();
        assert_eq!(found.valid, kind == "rates");
        let log = service.log();
        assert!(log.contains(&format!("{kind}.yml was changed by hand; it is left alone")), "{log}");
        let restore = Restore {
            kind: kind.to_owned(),
            sha256: found.sha256,
            by: Author { origin: Origin::Operator, id: 0, name: "root".to_owned() },
            request_id: format!("restore {kind}"),
            settles: None,
        };
        assert!(configs.restore(&restore).await.unwrap().published);
        agree(&service, kind, &history(&service, kind).await);
        let backups = service.state().join("backups");
        let mut found = names(&backups);
        found.retain(|name| name.starts_with(&format!("{kind}.yml.found-")));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(fs::read_to_string(backups.join(&found[0])).unwrap(), *by_hand);
        let warning = format!("{kind}.yml was changed by somebody else; it is kept");
        assert!(service.log().contains(&warning), "{}", service.log());
    }
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_removed_or_put_back_while_the_service_was_down_is_told_and_in_the_trail() {
    let mut service = service();
    service.start().unwrap();
    let first = document("fees", "first");
    upload(&service, "fees", 0, &first).await;
    upload(&service, "fees", 1, &document("fees", "second")).await;
    upload(&service, "rates", 0, &document("rates", "only")).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
    fs::write(service.published("fees.yml"), &first).unwrap();
    fs::remove_file(service.published("rates.yml")).unwrap();

    service.start().unwrap();
    let kinds = service.configs().kinds(&Kinds {}).await.unwrap().kinds;
    let by_hand: Vec<_> = kinds.into_iter().map(|kind| (kind.name, kind.by_hand.is_some())).collect();
    assert_eq!(by_hand, [("fees".to_owned(), true), ("rates".to_owned(), false)]);
    assert_eq!(fs::read_to_string(service.published("fees.yml")).unwrap(), first, "it stands");
    agree(&service, "rates", &history(&service, "rates").await);
    let audit = Audit::new(service.pool("writer"), PATIENCE);
    let list = List { before: None, limit: 100, kind: None, user: None };
    let mut lines = audit.list(&list).await.unwrap().entries;
    lines.retain(|line| line.action == "change_file");
    lines.sort_by(|one, other| one.kind.cmp(&other.kind));
    let lines: Vec<_> = lines.iter().map(|line| (line.kind.as_deref(), line.version, line.about.as_deref())).collect();
    let expected = [(Some("fees"), None, Some("changed by hand")), (Some("rates"), Some(1), Some("removed by hand"))];
    assert_eq!(lines, expected);
    assert!(service.stop().unwrap().success(), "{}", service.log());
}
