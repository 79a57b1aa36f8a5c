//! What people see of the bot, each according to their role.

use harness::until_async;

use crate::stage::{PATIENCE, Stage, fees, operator, person};

async fn with_roles() -> Stage {
    Stage::with(|text| {
        text.replace("{ id: 1002, name: Boris }", "{ id: 1002, name: Boris, role: viewer }")
            + "  - { id: 1003, name: Carol, kinds: { rates: admin } }\n"
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_looks_and_everything_else_is_refused_and_recorded() {
    let stage = with_roles().await;
    let boris = stage.telegram.put_user(person(1002, "Борис", Some("ru"))).await.unwrap();
    stage.saves(operator(), &fees("first")).await;
    stage.saves(operator(), &fees("second")).await;
    for (says, answer) in [
        ("/get_fees", "fees.yml, версия 2"),
        ("/history fees", "Версия 2 – оператор root"),
        ("/diff fees", "fees.yml: от версии 1 к версии 2"),
        ("/set_fees", "Вам это нельзя. Нужна роль для fees.yml: администратор; ваша: наблюдатель."),
        ("/rollback fees 1", "Вам это нельзя. Нужна роль для fees.yml: администратор; ваша: наблюдатель."),
        ("/proposals", "Вам это нельзя. Нужна роль: администратор; ваша: наблюдатель."),
        ("/audit", "Вам это нельзя. Нужна роль: администратор; ваша: наблюдатель."),
        ("/audit fees", "Вам это нельзя. Нужна роль для fees.yml: администратор; ваша: наблюдатель."),
        ("/admins", "Вам это нельзя. Нужна роль: владелец; ваша: наблюдатель."),
        ("/admins 1002 owner", "Вам это нельзя. Нужна роль: владелец; ваша: наблюдатель."),
    ] {
        boris.says(says).await.unwrap();
        boris.sees(answer).await.unwrap();
    }
    let audit = stage.audit().await;
    for line in [
        "Boris put fees forbidden",
        "Boris rollback fees forbidden",
        "Boris proposals forbidden",
        "Boris audit forbidden",
        "Boris audit fees forbidden",
        "Boris list forbidden",
        "Boris set forbidden",
    ] {
        assert_eq!(audit.iter().filter(|said| *said == line).count(), 1, "{line}: {audit:#?}");
    }
    assert_eq!(stage.versions().await, 2);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_for_one_kind_is_for_that_one_only() {
    let stage = with_roles().await;
    let carol = stage.telegram.user(1003, "Carol").await.unwrap();
    stage.saves(operator(), &fees("secret")).await;
    for (says, answer) in [
        ("/set_rates", "Send me rates.yml"),
        ("/cancel", "Ended."),
        ("/audit rates", " – the file natrium.yml – a config in the settings, rates, rates.yml"),
        ("/get_fees", "You may not do that. It takes the role viewer for fees.yml; yours is none."),
        ("/history fees", "You may not do that. It takes the role viewer for fees.yml; yours is none."),
        ("/diff fees", "You may not do that. It takes the role viewer for fees.yml; yours is none."),
        ("/history", "Which one? /history rates"),
        ("/audit", "You may not do that. It takes the role admin; yours is none."),
    ] {
        carol.says(says).await.unwrap();
        carol.sees(answer).await.unwrap();
    }
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_and_menus_show_what_the_role_allows_and_follow_it() {
    let stage = with_roles().await;
    let (anna, carol) = (stage.anna().await, stage.telegram.user(1003, "Carol").await.unwrap());
    let boris = stage.telegram.user(1002, "Boris").await.unwrap();
    for (person, there, absent) in [
        (&anna, &["/set_fees", "/rollback fees 3", "/proposals", "/audit", "/admins"][..], &[][..]),
        (
            &boris,
            &["/get_fees", "/history fees", "/diff fees 3 7", "/page"][..],
            &["/set_", "/rollback", "/audit", "/admins"][..],
        ),
        (&carol, &["/set_rates", "/history rates"][..], &["fees", "/audit", "/admins"][..]),
    ] {
        person.says("/help").await.unwrap();
        let help = person.sees("What I understand:").await.unwrap().text.text;
        assert!(there.iter().all(|command| help.contains(command)), "{help}");
        assert!(!absent.iter().any(|command| help.contains(command)), "{help}");
    }
    let dora = stage.telegram.user(1004, "Dora").await.unwrap();
    dora.says("/start").await.unwrap();
    dora.sees("Sorry").await.unwrap();
    let menu = async |id: i64| {
        let chats = stage.telegram.state().await.unwrap().chats;
        let chat = chats.iter().find(|chat| chat.chat == id);
        chat.map(|chat| chat.commands.iter().map(|entry| entry.command.clone()).collect::<Vec<_>>().join(" "))
    };
    let becomes = async |id: i64, commands: &str| {
        let shown = until_async(commands, PATIENCE, async || menu(id).await.filter(|menu| menu == commands)).await;
        if shown.is_err() {
            panic!("{:?} instead of {commands}\n{}", menu(id).await, stage.service.log());
        }
    };
    let viewer = "get_fees get_rates history diff page cancel help";
    becomes(
        1001,
        "set_fees get_fees set_rates get_rates history diff rollback proposals page audit admins cancel help",
    )
    .await;
    becomes(1002, viewer).await;
    becomes(1003, "set_rates get_rates history diff rollback proposals page cancel help").await;
    becomes(1004, "start help").await;
    anna.says("/admins 1004 viewer").await.unwrap();
    dora.sees("Anna gave you a role: viewer. /help shows what you may do now.").await.unwrap();
    becomes(1004, viewer).await;
    anna.says("/admins 1004 none").await.unwrap();
    dora.sees("Anna took your role. This bot does not work for you any more.").await.unwrap();
    becomes(1004, "start help").await;
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_done_in_a_group_and_who_asked_for_it_there_is_in_the_trail() {
    let stage = with_roles().await;
    let (boris, dora) = (stage.boris().await, stage.telegram.user(2004, "Dora").await.unwrap());
    let group = stage.telegram.group("Team", &[&boris, &dora]).await.unwrap();
    boris.says_in(&group, "/rollback fees 1").await.unwrap();
    boris.says_in(&group, "/rollback@simulated_bot fees 1").await.unwrap();
    group.shows("О файлах настроек я говорю только в личной переписке.").await.unwrap();
    // A button that the bot itself puts in no group.
    let markup = r#"{"inline_keyboard":[[{"text":"Old","callback_data":"anything"}]]}"#;
    let markup: String = markup.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let sent = stage.calls(&format!("sendMessage?chat_id={}&text=x&reply_markup={markup}", group.id())).await;
    assert!(sent.contains(r#""ok":true"#), "{sent}");
    for presses in [&boris, &dora] {
        let query = presses.presses_in(&group, "Old").await.unwrap();
        assert!(!presses.is_answered(&query).await.unwrap().text.is_empty());
    }
    let audit = stage.audit().await;
    let lines = ["Boris rollback private only", "Boris press private only", "Dora press stranger"];
    let told = |line: &str| audit.iter().filter(|said| *said == line).count();
    assert_eq!(lines.map(told), [1; 3], "{audit:#?}");
    assert_eq!(
        audit.iter().filter(|line| line.contains("rollback")).count(),
        1,
        "who names no bot asks none: {audit:#?}"
    );
    boris.says("/help").await.unwrap();
    stage.strike().await;
}
