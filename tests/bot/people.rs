//! Who may do what: from nobody at all to an owner who invites and removes others.

use interfaces::admins::{Client, Pairing, Role, Set};
use interfaces::audit::{Client as Audit, List};
use sim::client::User;
use sim::control::FaultKind;

use crate::stage::{PATIENCE, Stage, fees, operator, person, times, uploads};

/// A service whose settings name nobody.
async fn with_nobody() -> Stage {
    Stage::with(|text| text.split_once("admins:").unwrap().0.to_owned()).await
}

async fn pairing(stage: &Stage) -> Option<String> {
    Client::new(stage.service.pool("writer"), PATIENCE).pairing(&Pairing {}).await.unwrap().code
}

/// The code in an invitation that somebody sees.
async fn invitation(person: &User, sentence: &str) -> String {
    let message = person.sees(sentence).await.unwrap();
    let (_, rest) = message.text.text.split_once("?start=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_nobody_to_an_owner_who_invites_and_removes() {
    let stage = with_nobody().await;
    let anna = stage.telegram.user(2001, "Anna").await.unwrap();
    anna.says("/start").await.unwrap();
    anna.sees("Sorry, this bot works for its administrators only.").await.unwrap();
    anna.says("/pair AAAA-AAAA").await.unwrap();
    anna.sees("This code is not valid, or not any more.").await.unwrap();
    let code = pairing(&stage).await.unwrap();
    anna.says(&format!("/start {code}")).await.unwrap();
    anna.sees("Welcome, Anna! What you are here: owner.").await.unwrap();
    assert_eq!(pairing(&stage).await, None);
    uploads(&anna, fees("of an owner")).await;
    anna.sees("✅ fees.yml updated successfully!").await.unwrap();

    // The code was good once.
    let boris = stage.telegram.put_user(person(2002, "Борис", Some("ru"))).await.unwrap();
    boris.says(&format!("/pair {code}")).await.unwrap();
    boris.sees("Такого кода нет, или он больше не действует.").await.unwrap();

    anna.says("/admins").await.unwrap();
    anna.sees("• Anna, id 2001: owner\n").await.unwrap();
    anna.presses("Invite a viewer").await.unwrap();
    let code = invitation(&anna, "An invitation; it makes whoever uses it first: viewer.").await;
    boris.says(&format!("/pair {}", code.to_lowercase())).await.unwrap();
    boris.sees("Добро пожаловать, Борис! Кто вы здесь: наблюдатель.").await.unwrap();
    boris.says("/get_fees").await.unwrap();
    boris.sees("fees.yml, версия 1").await.unwrap();
    boris.says("/set_fees").await.unwrap();
    boris.sees("Вам это нельзя. Нужна роль для fees.yml: администратор; ваша: наблюдатель.").await.unwrap();

    anna.says("/admins 2002 admin rates").await.unwrap();
    anna.sees("✅ Борис, id 2002: viewer, admin for rates").await.unwrap();
    boris.sees("Ваша роль для rates теперь: администратор. Её дал(а) Anna.").await.unwrap();
    boris.says("/set_rates").await.unwrap();
    boris.sees("Пришлите rates.yml документом").await.unwrap();
    boris.says("/set_fees").await.unwrap();
    boris.sees("Вам это нельзя.").await.unwrap();

    anna.says("/admins").await.unwrap();
    anna.sees_button("Remove Борис").await.unwrap();
    anna.presses("Remove Борис").await.unwrap();
    anna.sees_now("Take all roles from Борис, id 2002?").await.unwrap();
    anna.presses("No").await.unwrap();
    anna.sees_now("Who may do what:").await.unwrap();
    anna.presses("Remove Борис").await.unwrap();
    anna.sees_button("Yes, remove").await.unwrap();
    anna.presses("Yes, remove").await.unwrap();
    anna.sees_now("✅ Борис has no role any more.").await.unwrap();
    boris.says("/get_fees").await.unwrap();
    boris.sees("этот бот работает только со своими администраторами").await.unwrap();

    // Somebody has to be able to add others.
    anna.says("/admins 2001 none").await.unwrap();
    anna.sees("Anna is the last owner, and stays one").await.unwrap();

    let audit = stage.audit().await;
    for line in [
        "Anna start stranger",
        "Anna pair wrong code",
        "Anna pair",
        "Anna put fees",
        "Anna invite",
        "Борис pair",
        "Борис put fees forbidden",
        "Anna set rates",
        "Anna remove",
        "Борис get_fees stranger",
    ] {
        assert!(audit.iter().any(|said| said == line), "{line} is not in {audit:#?}");
    }
    anna.says("/audit").await.unwrap();
    let shown = anna.sees("What was done and refused, the newest first:").await.unwrap();
    assert!(shown.text.text.contains(" – Борис – action get_fees – refused: stranger"), "{shown:?}");
    assert!(shown.text.text.contains(" – Anna – role given, rates, Борис (2002): admin\n"), "{shown:?}");
    anna.presses("older").await.unwrap();
    anna.sees_now(" – Anna – greeting – refused: stranger\n").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_a_stranger_is_refused_is_in_the_trail_answered_or_not() {
    let stage = with_nobody().await;
    let carol = stage.telegram.user(2003, "Carol").await.unwrap();
    for number in 0..6 {
        carol.says(&format!("let me in, {number}")).await.unwrap();
        carol.says(&format!("/open_{number}")).await.unwrap();
    }
    carol.says("/get_fees").await.unwrap();
    // In a group nobody but admins is answered, and who names the bot there is refused all the same.
    let group = stage.telegram.group("Team", &[&carol]).await.unwrap();
    carol.says_in(&group, "/set_fees@simulated_bot").await.unwrap();
    carol.says_in(&group, "talk among people").await.unwrap();
    let lines = async || {
        let audit = Audit::new(stage.service.pool("writer"), PATIENCE);
        let list = List { before: None, limit: 100, kind: None, user: Some(carol.id()) };
        let entries = audit.list(&list).await.unwrap().entries;
        assert!(entries.iter().all(|entry| entry.reason.as_deref() == Some("stranger")), "{entries:#?}");
        // Chats do not wait for one another.
        let mut lines: Vec<_> = entries.into_iter().map(|entry| (entry.action, entry.times)).collect();
        lines.sort();
        lines
    };
    let mut expected = ["get_fees"].to_vec();
    expected.extend(["message"; 12]);
    expected.push("set_fees");
    let expected: Vec<_> = expected.into_iter().map(|action| (action.to_owned(), 1)).collect();
    harness::until_async("all are recorded", PATIENCE, async || (lines().await.len() >= expected.len()).then_some(()))
        .await
        .unwrap();
    assert_eq!(times(&carol, "Sorry").await, 5, "she is answered a few times a minute");
    // A worker that is killed and handles what it had not finished adds none; its answer it may say once more.
    stage.kill("bot").await;
    let anna = stage.telegram.user(2001, "Anna").await.unwrap();
    anna.says("/start").await.unwrap();
    anna.sees("Sorry, this bot works for its administrators only.").await.unwrap();
    assert_eq!(lines().await, expected);
    assert!((5..=6).contains(&times(&carol, "Sorry").await));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_cannot_be_tried_without_end() {
    let stage = with_nobody().await;
    let carol = stage.telegram.user(2003, "Carol").await.unwrap();
    for attempt in 0..30 {
        carol.says(&format!("/pair AAAA-AA{attempt:02}")).await.unwrap();
    }
    // What she says next is answered when all of that is handled.
    let role = Set {
        user: carol.id(),
        name: "Carol".to_owned(),
        role: Role::Viewer,
        kind: None,
        by: operator(),
        request_id: "a role for Carol".to_owned(),
        settles: None,
    };
    stage.telegram.confirmed().await.unwrap();
    let audit = async |reason: &str| {
        let line = format!("Carol pair {reason}");
        stage.audit().await.iter().filter(|said| **said == line).count()
    };
    let all = async || (audit("wrong code").await + audit("too many codes").await == 30).then_some(());
    harness::until_async("each is in the trail", PATIENCE, all).await.unwrap();
    Client::new(stage.service.pool("writer"), PATIENCE).set(&role).await.unwrap();
    carol.says("/help").await.unwrap();
    carol.sees("What I understand").await.unwrap();
    assert_eq!(audit("wrong code").await, 10, "past that, none is looked at for a while");
    let (wrong, later) = (times(&carol, "This code is not valid").await, times(&carol, "Too many wrong codes").await);
    // With a role she is answered every time, so those after it may have been, too.
    assert!(wrong == 5, "a stranger is answered a few times a minute: {wrong}, {later}");
    assert!(pairing(&stage).await.is_some());
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_settings_say_only_they_change() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    anna.says("/admins").await.unwrap();
    anna.sees("• Boris, id 1002: owner, fixed by the settings").await.unwrap();
    anna.says("/admins 1002 none").await.unwrap();
    anna.sees("Boris is named by the settings, and only they change that.").await.unwrap();
    anna.says("/admins 1003 viewer").await.unwrap();
    anna.sees("✅ 1003, id 1003: viewer").await.unwrap();
    anna.says("/admins 1003 none").await.unwrap();
    anna.sees("✅ 1003 has no role any more.").await.unwrap();
    anna.says("/admins 1003 none").await.unwrap();
    anna.sees("There was no role to take.").await.unwrap();
    let boris = stage.boris().await;
    boris.says("/admins").await.unwrap();
    boris.sees("• Anna, номер 1001: владелец, задано настройками").await.unwrap();
    boris.presses("Пригласить администратора").await.unwrap();
    let code = invitation(&boris, "Приглашение; роль того, кто воспользуется им первым: администратор.").await;
    let dora = stage.telegram.user(1004, "Dora").await.unwrap();
    dora.says(&format!("/start {code}")).await.unwrap();
    dora.sees("Welcome, Dora! What you are here: admin.").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_removed_while_a_button_is_shown_presses_it_in_vain() {
    let stage = with_nobody().await;
    let anna = stage.telegram.user(2001, "Anna").await.unwrap();
    anna.says(&format!("/pair {}", pairing(&stage).await.unwrap())).await.unwrap();
    anna.sees("Welcome").await.unwrap();
    let boris = stage.telegram.user(2002, "Boris").await.unwrap();
    anna.says("/admins 2002 admin").await.unwrap();
    anna.sees("✅ 2002, id 2002: admin").await.unwrap();
    for mark in ["first", "second"] {
        stage.saves(operator(), &fees(mark)).await;
    }
    boris.says("/rollback fees 1").await.unwrap();
    boris.sees_button("Roll back").await.unwrap();
    anna.says("/admins 2002 none").await.unwrap();
    anna.sees("2002 has no role any more.").await.unwrap();
    let query = boris.presses("Roll back").await.unwrap();
    let answer = boris.is_answered(&query).await.unwrap();
    assert!(answer.text.starts_with("Sorry, this bot works for its administrators only."), "{answer:?}");
    assert_eq!((stage.versions().await, stage.fees()), (2, fees("second")));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_killed_before_it_could_say_welcome_says_it_afterwards() {
    let stage = with_nobody().await;
    let anna = stage.telegram.user(2001, "Anna").await.unwrap();
    stage.telegram.fails("sendMessage", FaultKind::Hang, 1).await.unwrap();
    anna.says(&format!("/start {}", pairing(&stage).await.unwrap())).await.unwrap();
    stage.telegram.called("sendMessage", 1).await.unwrap();
    assert_eq!(pairing(&stage).await, None);
    stage.kill("bot").await;
    anna.sees("Welcome, Anna! What you are here: owner.").await.unwrap();
    assert_eq!(times(&anna, "Welcome").await, 1);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_audit_trail_is_paged_through_for_all_kinds_or_one() {
    let stage = Stage::start().await;
    let boris = stage.boris().await;
    for number in 1..=12 {
        stage.saves(operator(), &fees(&format!("number {number}"))).await;
    }
    boris.says("/pair AAAA-AAAA").await.unwrap();
    boris.sees("Такого кода нет").await.unwrap();
    boris.says("/audit").await.unwrap();
    let all = boris.sees("Что сделано и в чём отказано, последнее первым:").await.unwrap().text.text;
    assert!(all.contains(" – Boris – использован код – отказано: неверный код\n"), "{all}");
    assert!(all.contains(" – оператор root – новая версия, fees, версия 12\n"), "{all}");
    boris.presses("раньше").await.unwrap();
    let older = boris.sees_now("новая версия, fees, версия 3\n").await.unwrap();
    let first = older.text.text.lines().last().unwrap_or_default();
    assert!(first.ends_with(" – файл natrium.yml – дана роль, Anna (1001): owner"), "{older:?}");
    assert!(older.text.text.contains("новая версия, fees, версия 1\n") && older.markup.is_none(), "{older:?}");

    boris.says("/audit fees").await.unwrap();
    let of_fees = boris.sees("Что сделано с fees.yml и в чём отказано").await.unwrap().text.text;
    assert!(!of_fees.contains("код") && of_fees.contains("версия 3") && !of_fees.contains("версия 2"), "{of_fees}");
    boris.presses("раньше").await.unwrap();
    boris.sees_now("новая версия, fees, версия 2\n").await.unwrap();

    // Wrong codes are not looked at without end, and that is told.
    for _ in 0..9 {
        boris.says("/pair AAAA-AAAA").await.unwrap();
        boris.sees("Такого кода нет").await.unwrap();
    }
    boris.says("/pair AAAA-AAAA").await.unwrap();
    boris.sees("В последнее время было слишком много неверных кодов. Попробуйте снова через 10 минут.").await.unwrap();
    stage.strike().await;
}
