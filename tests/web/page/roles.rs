//! Everybody sees and does what his role allows, from one request to the next.

use interfaces::admins::{self, KindRole, Role};

use super::{signed_in, stage, with_page};
use crate::stage::{PATIENCE, Stage, operator};

fn admins(stage: &Stage) -> admins::Client {
    admins::Client::new(stage.service.pool("writer"), PATIENCE)
}

/// Gives a role to Carol, whom the settings do not name.
async fn becomes(stage: &Stage, role: Role, kind: Option<&str>, request: &str) {
    let (name, kind) = ("Carol".to_owned(), kind.map(str::to_owned));
    let call =
        admins::Set { user: 1003, name, role, kind, by: operator(), request_id: request.to_owned(), settles: None };
    admins(stage).set(&call).await.unwrap();
}

async fn loses_it(stage: &Stage) {
    let call =
        admins::Remove { user: 1003, kind: None, by: operator(), request_id: "she leaves".to_owned(), settles: None };
    let removed = admins(stage).remove(&call).await.unwrap().removed.unwrap();
    assert_eq!(removed.kinds, Vec::<KindRole>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_looks_and_cannot_roll_back_and_each_refusal_is_in_the_trail() {
    let viewer = "{ id: 1002, name: Boris, role: viewer }";
    let stage = with_page(|text| text.replace("{ id: 1002, name: Boris }", viewer)).await;
    let boris = stage.boris().await;
    stage.has(["first", "second"]).await;
    let mut browser = signed_in(&stage, &boris).await;
    for path in ["/", "/history/fees", "/diff/fees/1/2", "/get/fees/1"] {
        let page = browser.get(path);
        assert!(page.code == 200 && !page.body.contains("/rollback/"), "{path}: {}", page.body);
    }
    let said = "Вам это нельзя. Нужна роль для fees.yml: администратор; ваша: наблюдатель.";
    let refused = browser.get("/rollback/fees/1");
    assert!(refused.code == 403 && refused.body.contains(said), "{}", refused.body);
    let sent = "base=2&request=0190163d-8694-739b-aea5-966c26f8ad90";
    let refused = browser.post("/rollback/fees/1", sent);
    assert!(refused.code == 403 && refused.body.contains(said), "{}", refused.body);
    for _ in 0..20 {
        assert_eq!(browser.get("/rollback/fees/1").code, 403);
    }
    let audit = stage.audit().await;
    let times = audit.iter().filter(|line| *line == "Boris rollback fees forbidden").count();
    assert_eq!(times, 22, "{audit:#?}");
    assert_eq!(stage.versions().await, 2);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_for_one_kind_shows_that_one_only_and_whoever_loses_it_sees_nothing_more() {
    let stage = stage().await;
    let carol = stage.telegram.user(1003, "Carol").await.unwrap();
    stage.has(["secret", "more"]).await;
    becomes(&stage, Role::Viewer, Some("rates"), "she comes").await;
    let mut browser = signed_in(&stage, &carol).await;
    let home = browser.get("/");
    assert!(home.body.contains("rates.yml") && !home.body.contains("fees"), "{}", home.body);
    let said = "You may not do that. It takes the role viewer for fees.yml; yours is none.";
    for path in ["/history/fees", "/diff/fees/1/2", "/get/fees/1"] {
        let refused = browser.get(path);
        assert!(refused.code == 403 && refused.body.contains(said), "{path}: {}", refused.body);
        assert!(!refused.body.contains("secret"), "{path}: {}", refused.body);
    }
    for action in ["history", "diff", "get"] {
        let line = format!("Carol {action} fees forbidden");
        assert!(stage.audit().await.contains(&line), "{line}");
    }
    // More counts at once, and so does less.
    becomes(&stage, Role::Admin, None, "she rises").await;
    let asked = browser.get("/rollback/fees/1");
    assert_eq!(asked.code, 200);
    becomes(&stage, Role::Viewer, None, "she falls").await;
    assert_eq!(browser.sends("/rollback/fees/1", &asked).code, 403);
    assert_eq!(browser.get("/get/fees/1").code, 200);
    let call = admins::Remove {
        user: 1003,
        kind: Some("rates".to_owned()),
        by: operator(),
        request_id: "rates are taken".to_owned(),
        settles: None,
    };
    admins(&stage).remove(&call).await.unwrap();
    loses_it(&stage).await;
    assert_eq!(browser.sends("/rollback/fees/1", &asked).code, 403);
    assert_eq!(browser.get("/get/fees/1").code, 403);
    let home = browser.get("/");
    assert!(home.body.contains("There is no config here that you may look at."), "{}", home.body);
    assert_eq!(stage.versions().await, 2);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_without_end_is_told_to_wait_and_nobody_else_is() {
    let stage = stage().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    let [mut hers, mut his] = [signed_in(&stage, &anna).await, signed_in(&stage, &boris).await];
    let refused = (0..2000).map(|_| hers.get("/")).find(|answer| answer.code != 200).unwrap();
    assert_eq!(refused.code, 429, "{}", refused.body);
    assert!(refused.body.contains("These are too many requests at once."), "{}", refused.body);
    let wait: u64 = refused.field("retry-after").unwrap().parse().unwrap();
    assert_eq!(wait, 1);
    assert_eq!(his.get("/").code, 200);
    let again = || (hers.get("/").code == 200).then_some(());
    harness::until("she may ask again", PATIENCE, again).unwrap();
    stage.strike().await;
}
