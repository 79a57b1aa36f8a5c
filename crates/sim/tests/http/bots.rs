//! Several bots: which one is meant, and whose token is revoked.

use natrium_sim::client::ClientError;
use natrium_sim::control::{NewBot, Revoke};
use natrium_sim::{Options, Simulator};
use serde_json::json;

use crate::bot::{Bot, Scene, scene, scene_of};

const SECOND: &str = "77:second";

/// Another bot, with a smaller id than the one that is there.
async fn second_bot(scene: &Scene) -> Bot {
    scene.control.add_bot(NewBot { token: SECOND.into(), username: None, first_name: None }).await.unwrap();
    Bot::new(&scene.telegram.url(), SECOND)
}

fn revoke(bot: Option<i64>, token: Option<&str>) -> Revoke {
    Revoke { bot, token: token.map(Into::into) }
}

async fn hears(bot: &Bot) -> Vec<String> {
    let updates = bot.call("getUpdates", json!({})).await.result();
    updates.as_array().unwrap().iter().map(|update| update["message"]["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_bot_that_is_meant_if_none_is_named_is_the_one_that_was_there_first() {
    let scene = scene().await;
    let second = second_bot(&scene).await;
    scene.anna.says("hello").await.unwrap();
    assert_eq!(hears(&scene.bot).await, ["hello"]);
    assert_eq!(hears(&second).await, [""; 0]);
    scene.control.reset().await.unwrap();
    let anna = scene.control.user(1001, "Anna").await.unwrap();
    anna.says("hello again").await.unwrap();
    assert_eq!(hears(&scene.bot).await, ["hello again"], "it is so after a reset");
}

#[tokio::test]
async fn the_first_of_the_tokens_given_is_that_of_the_bot_that_is_meant() {
    let scene = scene_of(Options { tokens: vec!["9:a".into(), "7:b".into()], ..Options::default() }).await;
    assert_eq!(scene.telegram.token(), "9:a");
    scene.anna.says("hello").await.unwrap();
    assert_eq!(hears(&scene.bot).await, ["hello"]);
}

#[tokio::test]
async fn with_no_bot_at_the_start_the_first_one_that_is_added_is_meant() {
    let telegram = Simulator::start(Options { tokens: Vec::new(), ..Options::default() }).await.unwrap();
    let control = telegram.client();
    for token in ["9:a", "7:b"] {
        control.add_bot(NewBot { token: token.into(), username: None, first_name: None }).await.unwrap();
    }
    control.user(1001, "Anna").await.unwrap().says("hello").await.unwrap();
    assert_eq!(hears(&Bot::new(&telegram.url(), "9:a")).await, ["hello"]);
}

#[tokio::test]
async fn a_new_token_says_itself_whose_old_one_is_revoked() {
    let scene = scene().await;
    let second = second_bot(&scene).await;
    scene.control.revoke(revoke(None, Some("77:new"))).await.unwrap();
    scene.bot.call("getMe", json!({})).await.result();
    assert_eq!(second.call("getMe", json!({})).await.error(), (401, "Unauthorized"));
    let renewed = Bot::new(&scene.telegram.url(), "77:new");
    assert_eq!(renewed.call("getMe", json!({})).await.result()["id"], 77);
}

#[tokio::test]
async fn a_token_of_another_bot_or_of_none_revokes_nothing() {
    let scene = scene().await;
    let second = second_bot(&scene).await;
    let refused = async |bot, token| match scene.control.revoke(revoke(bot, Some(token))).await {
        Err(ClientError::Refused { status, error }) => (status, error),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refused(Some(5_550_001_111), "77:new").await,
        (
            400,
            "the token is one of bot 77 and not of bot 5550001111: leave out `bot`, or give that bot's token"
                .to_owned()
        )
    );
    let (status, error) = refused(None, "78:new").await;
    assert_eq!((status, error.as_str()), (404, "there is no bot 78; POST /control/bots adds one"));
    scene.bot.call("getMe", json!({})).await.result();
    second.call("getMe", json!({})).await.result();
}
