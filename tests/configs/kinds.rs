//! Kinds come and go with the settings: a reload makes their commands appear and disappear, and their history stays.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use harness::until_async;
use interfaces::configs::{Get, History, Kinds};
use sim::client::User;

use crate::house::{DECLARED, House, LIMITS, PATIENCE, document};
use crate::operators::{agree, history, put};

/// What `natrium reload` came to.
fn reload(house: &House) {
    let output = house.service.command("natrium").arg("reload").output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Whether the menu that the admin is shown has both of the kind's commands.
async fn is_in_the_menu(house: &House, kind: &str) -> bool {
    let state = house.telegram.state().await.unwrap();
    let menus: Vec<_> = state.chats.iter().map(|chat| &chat.commands).collect();
    let has = |name: String| menus.iter().any(|menu| menu.iter().any(|command| command.command == name));
    has(format!("set_{kind}")) && has(format!("get_{kind}"))
}

async fn menu_has(house: &House, kind: &str, expected: bool) {
    let what = format!("the menu is to have {kind}: {expected}");
    let found = until_async(&what, PATIENCE, async || (is_in_the_menu(house, kind).await == expected).then_some(()));
    found.await.unwrap();
}

async fn uploads(person: &User, kind: &str, mark: &str) {
    person.says(&format!("/set_{kind}")).await.unwrap();
    person.sees(&format!("{kind}.yml as a document")).await.unwrap();
    person.sends(&format!("{kind}.yml"), document(kind, mark)).await.unwrap();
    person.sees_now(&format!("✅ {kind}.yml updated successfully!")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kind_comes_with_a_reload_goes_with_one_keeps_its_history_and_goes_on_with_the_next_number() {
    let mut house = House::set().await;
    house.declare(DECLARED);
    house.service.start().unwrap();
    let anna = house.admin(0).await;
    anna.says("/set_limits").await.unwrap();
    anna.sees("I don't know the command /set_limits").await.unwrap();
    menu_has(&house, "fees", true).await;
    assert!(!is_in_the_menu(&house, "limits").await);

    // All the time somebody else puts fees, and no reload makes one of them fail.
    let over = Arc::<AtomicBool>::default();
    let others = tokio::spawn({
        let (configs, over) = (house.service.configs(), Arc::clone(&over));
        async move {
            let mut base = 0;
            while !over.load(Ordering::Relaxed) {
                let mark = format!("meanwhile {base}");
                let reply = configs.put(&put("fees", base, &document("fees", &mark), &mark)).await.unwrap();
                base += 1;
                assert_eq!((reply.version.version, reply.published), (base, true));
            }
            base
        }
    });
    house.declare(&format!("{DECLARED}{LIMITS}"));
    reload(&house);
    menu_has(&house, "limits", true).await;
    uploads(&anna, "limits", "first").await;
    uploads(&anna, "limits", "second").await;

    house.declare(DECLARED);
    reload(&house);
    menu_has(&house, "limits", false).await;
    for command in ["/set_limits", "/get_limits"] {
        anna.says(command).await.unwrap();
        anna.sees(&format!("I don't know the command {command}")).await.unwrap();
    }
    // What was can be looked at in the bot, too.
    anna.says("/history limits").await.unwrap();
    let told = anna.sees("Versions of limits, the newest first:").await.unwrap().text.text;
    assert!(told.contains("Version 2 ") && told.contains("Version 1 "), "{told}");
    anna.says("/diff limits").await.unwrap();
    anna.sees("limits v2").await.unwrap();
    let configs = house.service.configs();
    let kinds = configs.kinds(&Kinds {}).await.unwrap();
    assert_eq!(kinds.retired, ["limits"]);
    assert!(kinds.kinds.iter().all(|kind| kind.name != "limits"));
    // Whoever reads the file is not concerned, and what was is not forgotten.
    assert_eq!(house.file("limits"), Some(document("limits", "second")));
    let kept = configs.history(&History { kind: "limits".to_owned(), before: None, limit: 10 }).await.unwrap();
    assert_eq!(kept.versions.len(), 2);
    let first = configs.get(&Get { kind: "limits".to_owned(), version: Some(1) }).await.unwrap();
    assert_eq!(first.content, document("limits", "first"));

    house.declare(&format!("{DECLARED}{LIMITS}"));
    reload(&house);
    menu_has(&house, "limits", true).await;
    uploads(&anna, "limits", "third").await;
    let all = history(&house.service, "limits").await;
    let numbers: Vec<i64> = all.iter().map(|(version, _)| version.version).collect();
    assert_eq!(numbers, [1, 2, 3]);
    agree(&house.service, "limits", &all);

    over.store(true, Ordering::Relaxed);
    let versions = others.await.unwrap();
    let fees = history(&house.service, "fees").await;
    assert!(versions >= 3 && i64::try_from(fees.len()).unwrap() == versions, "{versions}");
    agree(&house.service, "fees", &fees);
    house.end().await;
}
