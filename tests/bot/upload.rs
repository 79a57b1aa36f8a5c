//! An admin sends a config, and what comes of it.

use interfaces::configs::{Author, Get, History, Origin, Put};

use crate::stage::{PATIENCE, SAVED, SAVING, Stage, VALIDATING, fees, said, uploads};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_becomes_the_published_config_and_one_message_tells_how() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("Send me fees.yml as a document, or /cancel. There is no version of it yet.").await.unwrap();

    // Byte for byte, mark and line ends included.
    let content = format!("\u{feff}{}", fees("first").replace('\n', "\r\n"));
    anna.sends("fees.yml", content.clone()).await.unwrap();
    let message = anna.sees_now(SAVED).await.unwrap();
    assert_eq!(said(&message), [VALIDATING, SAVING, SAVED]);
    assert_eq!(stage.fees(), content);

    let got = stage.service.configs().get(&Get { kind: "fees".to_owned(), version: None }).await.unwrap();
    let author = Author { origin: Origin::Telegram, id: 1001, name: "Anna".to_owned() };
    assert_eq!((got.version.version, got.version.base, &got.version.author), (1, 0, &author));
    assert_eq!(got.content, content);

    anna.says("/get_fees").await.unwrap();
    assert_eq!(anna.gets("fees.yml").await.unwrap(), content);
    anna.sees("fees.yml, version 1 of Anna, saved 20").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_systemctl_shows_names_the_poller_its_next_poll_the_versions_and_the_last_of_them() {
    let mut stage = Stage::start().await;
    let nothing = "no config has a version yet";
    let at_first = harness::until("the first line", PATIENCE, || {
        Some(stage.service.shown().unwrap().to_owned()).filter(|line| line.contains("next poll"))
    });
    let line = at_first.unwrap();
    assert!(line.starts_with(&format!("ready; writer: {nothing}; bot: polling as @")), "{line}");
    assert!(line.contains(", next poll by "), "{line}");

    uploads(&stage.anna().await, fees("shown")).await;
    harness::until("the version is shown", PATIENCE, || {
        let line = stage.service.shown().unwrap();
        (line.contains("; writer: fees 1, last published: fees 20") && line.contains(", next poll by ")).then_some(())
    })
    .unwrap();
    // A successor says it as well, which has published nothing itself.
    stage.kill("writer").await;
    harness::until_async("the successor says it", PATIENCE, async || {
        let writer = stage.worker("writer").await;
        (writer.generation == 2 && writer.status.starts_with("fees 1, last published: fees 20")).then_some(())
    })
    .await
    .unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_document_again_makes_no_version_and_says_so() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    uploads(&anna, fees("same")).await;
    anna.sees(SAVED).await.unwrap();
    uploads(&anna, fees("same")).await;
    anna.sees("This is exactly the current fees.yml (version 1). No new version was made.").await.unwrap();
    let history = History { kind: "fees".to_owned(), before: None, limit: 10 };
    assert_eq!(stage.service.configs().history(&history).await.unwrap().versions.len(), 1);

    anna.says("/cancel").await.unwrap();
    anna.sees("Nothing is under way.").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_on_top_of_an_older_version_is_not_saved_and_says_who_was_faster() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    uploads(&anna, fees("first")).await;
    anna.sees(SAVED).await.unwrap();

    boris.says("/set_fees").await.unwrap();
    boris.sees("Вы замените версию 1 (автор: Anna").await.unwrap();
    uploads(&anna, fees("faster")).await;
    anna.sees(SAVED).await.unwrap();
    boris.sends("fees.yml", fees("slower")).await.unwrap();
    boris
        .sees("fees.yml не сохранён. Перед вами была версия 1, но за это время появилась версия 2 (автор: Anna")
        .await
        .unwrap();
    assert_eq!(stage.fees(), fees("faster"));

    uploads(&boris, fees("slower")).await;
    boris.sees("✅ fees.yml успешно обновлён!").await.unwrap();
    assert_eq!(stage.fees(), fees("slower"));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_with_an_operator_names_the_operator() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("There is no version of it yet").await.unwrap();
    let put = Put {
        kind: "fees".to_owned(),
        content: fees("by hand"),
        base: 0,
        over: None,
        author: Author { origin: Origin::Operator, id: 0, name: "root".to_owned() },
        request_id: "test".to_owned(),
        settles: None,
    };
    stage.service.configs().put(&put).await.unwrap();
    anna.sends("fees.yml", fees("slower")).await.unwrap();
    anna.sees("There was none when you began, but the operator root saved version 1 in the meantime").await.unwrap();
    assert_eq!(stage.fees(), fees("by hand"));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_is_away_is_waited_for_and_nothing_is_claimed_meanwhile() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let mut stage = Stage::set().await;
    // The writer is only stopped here, and must not be taken for hung.
    stage.service.environment.push(("NATRIUM_TIMING".to_owned(), "watchdog=120s".to_owned()));
    stage.service.start().unwrap();
    let anna = stage.anna().await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("Send me fees.yml").await.unwrap();
    // The document is hung on its way until the writer does not answer any more.
    stage.telegram.fails("download", sim::control::FaultKind::latency(1500), 1).await.unwrap();
    anna.sends("fees.yml", fees("patient")).await.unwrap();
    anna.sees(VALIDATING).await.unwrap();
    let writer = Pid::from_raw(stage.service.worker("writer").await.unwrap());
    kill(writer, Signal::SIGSTOP).unwrap();
    anna.sees("it is not known whether fees.yml is saved").await.unwrap();
    kill(writer, Signal::SIGCONT).unwrap();
    let message = anna.sees_now(SAVED).await.unwrap();
    // That the lock is had is told where saving lasts a while then.
    let told = said(&message).into_iter().filter(|said| !said.starts_with("🔒 Lock acquired")).count();
    assert_eq!(told, 4, "{:?}", said(&message));
    assert_eq!(stage.fees(), fees("patient"));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_whose_file_cannot_be_put_in_place_is_not_called_published() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    // Whatever stands where the file is to be makes room, but this is nobody's.
    let said = stage.service.published("fees.yml.meta.json");
    std::fs::create_dir_all(said.join("in the way")).unwrap();
    uploads(&anna, fees("kept")).await;
    anna.sees_now("⚠️ fees.yml is saved as version 1, but the published file could not be replaced yet.")
        .await
        .unwrap();
    let got = stage.service.configs().get(&Get { kind: "fees".to_owned(), version: None }).await.unwrap();
    assert_eq!(got.content, fees("kept"));
    std::fs::remove_dir_all(&said).unwrap();
    harness::until("it is published after all", PATIENCE, || said.is_file().then_some(())).unwrap();
    assert_eq!(stage.fees(), fees("kept"));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_id_leads_from_the_bots_log_to_the_writers() {
    let mut stage = Stage::set().await;
    stage.service.environment.push(("NATRIUM_LOG".into(), "debug".into()));
    stage.service.start().unwrap();
    let anna = stage.anna().await;
    uploads(&anna, fees("traced")).await;
    anna.sees(SAVED).await.unwrap();

    let log = stage.service.log();
    let line = |of: &str, with: &str| log.lines().find(|line| line.contains(of) && line.contains(with));
    let saved = line("natrium_writer", "config_upload_lock_acquired").unwrap();
    let id = saved.split_once("request=\"").and_then(|(_, rest)| rest.split_once('"')).unwrap().0;
    let update = id.strip_suffix(":put").unwrap();
    assert!(update.starts_with("tg:"), "{update}");
    assert!(
        line("natrium_bot", &format!("request=\"{update}\"")).is_some(),
        "{update} is not in the bot's lines:\n{log}"
    );
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kind_that_needs_a_second_admin_is_proposed_and_may_be_withdrawn() {
    let stage =
        Stage::with(|text| format!("{text}configs:\n  fees: {{ file: fees.yml, schema: builtin, approval: true }}\n"))
            .await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    boris.says("/help").await.unwrap();
    boris.sees("/history fees").await.unwrap();
    uploads(&anna, fees("withdrawn")).await;
    let waits =
        anna.sees_now("🕓 fees.yml is not published yet: it waits for approval by another admin").await.unwrap();
    assert_eq!(said(&waits)[..2], [VALIDATING, SAVING]);
    assert_eq!((stage.versions().await, stage.fees()), (0, String::new()));
    anna.presses("Withdraw").await.unwrap();
    anna.sees("withdr").await.unwrap();
    uploads(&anna, fees("approved")).await;
    anna.sees_now("(proposal 2)").await.unwrap();
    boris.sees("предложение 2").await.unwrap();
    boris.presses("Одобрить").await.unwrap();
    harness::until("it is published", PATIENCE, || (stage.fees() == fees("approved")).then_some(())).unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_loses_the_role_in_between_is_refused_and_it_is_recorded() {
    use interfaces::admins::{Client, Role, Set};

    let stage = Stage::start().await;
    let admins = Client::new(stage.service.pool("writer"), PATIENCE);
    let role = |role, request: &str| Set {
        user: 1005,
        name: "Emma".to_owned(),
        role,
        kind: None,
        by: crate::stage::operator(),
        request_id: request.to_owned(),
        settles: None,
    };
    admins.set(&role(Role::Admin, "up")).await.unwrap();
    let emma = stage.telegram.user(1005, "Emma").await.unwrap();
    emma.says("/set_fees").await.unwrap();
    emma.sees("Send me fees.yml").await.unwrap();
    admins.set(&role(Role::Viewer, "down")).await.unwrap();
    emma.sends("fees.yml", fees("too late")).await.unwrap();
    emma.sees_now("❌ You may not change fees.yml: that takes the role admin. Nothing was saved.").await.unwrap();
    assert_eq!(stage.versions().await, 0);

    // So is a document that is none, by the bot itself, before the writer sees it.
    let anna = stage.anna().await;
    uploads(&anna, "fees: [").await;
    anna.sees_now("❌ fees.yml was not saved").await.unwrap();
    anna.sends("fees.txt", fees("by its name")).await.unwrap();
    anna.sees_now("is not a YAML file by its name").await.unwrap();
    harness::until_async("all are recorded", PATIENCE, async || {
        let audit = stage.audit().await;
        let recorded = |line: &str| audit.iter().any(|known| known == line);
        let all = ["Emma put fees forbidden", "Anna put fees invalid", "Anna put fees document"];
        all.into_iter().all(recorded).then_some(())
    })
    .await
    .unwrap();
    stage.strike().await;
}
