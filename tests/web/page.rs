//! The page, as an admin uses it: the link comes from the chat, what is looked at is asked for by HTTP as a browser does it.

#[path = "page/browser.rs"]
mod browser;
#[path = "page/crash.rs"]
mod crash;
#[path = "page/hostile.rs"]
mod hostile;
#[path = "page/roles.rs"]
mod roles;
#[path = "page/rollback.rs"]
mod rollback;
#[path = "page/sign_in.rs"]
mod sign_in;
#[path = "page/tour.rs"]
mod tour;

use harness::until_async;
use sim::client::User;

use self::browser::Browser;
use crate::stage::{PATIENCE, Stage};

/// A stage with a page, whose settings are changed by `change`.
async fn with_page(change: impl FnOnce(String) -> String) -> Stage {
    started(Stage::set().await, change).await
}

async fn started(mut stage: Stage, change: impl FnOnce(String) -> String) -> Stage {
    let text = std::fs::read_to_string(stage.service.settings()).unwrap();
    stage.service.write_settings(&change(text)).unwrap();
    stage.service.with_web().unwrap();
    stage.service.start().unwrap();
    reached(&stage).await;
    stage
}

/// The same as it is.
async fn stage() -> Stage {
    with_page(|text| text).await
}

/// Where browsers reach the page, once it is there.
async fn reached(stage: &Stage) -> std::net::SocketAddr {
    let address = async || stage.service.address("page").await.ok();
    until_async("the page", PATIENCE, address).await.unwrap()
}

/// What follows the address of the page in the link that the bot sends.
async fn link(stage: &Stage, person: &User) -> String {
    person.says("/page").await.unwrap();
    let told = person.sees("/sign-in?code=").await.unwrap().text.text;
    let url = told.lines().find_map(|line| line.trim().strip_prefix("http://")).unwrap();
    let (host, path) = url.split_once('/').unwrap();
    assert_eq!(host, reached(stage).await.to_string());
    format!("/{path}")
}

/// Signs somebody in, as he does it.
async fn signed_in(stage: &Stage, person: &User) -> Browser {
    let link = link(stage, person).await;
    let mut browser = Browser::new(reached(stage).await);
    let answer = browser.get(&link);
    assert_eq!(answer.code, 200, "{}", answer.body);
    let entered = browser.sends("/sign-in", &answer);
    assert_eq!((entered.code, entered.field("location")), (303, Some("/")), "{}", entered.body);
    browser
}
