use serde_json::json;

use crate::bot::scene;

#[tokio::test]
async fn a_webhook_excludes_polling() {
    let scene = scene().await;
    let poll = scene.bot.poll(json!({ "timeout": 50 }));
    scene.control.polling().await.unwrap();
    let set = scene.bot.call("setWebhook", json!({ "url": "https://example.org/hook" })).await;
    assert_eq!(set.body["description"], "Webhook was set");
    assert_eq!(poll.await.unwrap().error(), (409, "Conflict: terminated by setWebhook request"));
    let again = scene.bot.call("setWebhook", json!({ "url": "https://example.org/hook" })).await;
    assert_eq!(again.body["description"], "Webhook is already set");

    scene.anna.says("waits").await.unwrap();
    let info = scene.bot.call("getWebhookInfo", json!({})).await.result();
    assert_eq!(
        info,
        json!({
            "url": "https://example.org/hook",
            "has_custom_certificate": false,
            "pending_update_count": 1,
            "max_connections": 40,
        })
    );
    let refused = scene.bot.call("getUpdates", json!({})).await;
    assert_eq!(
        refused.error(),
        (
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    );
    let deleted = scene.bot.call("deleteWebhook", json!({})).await;
    assert_eq!(deleted.body["description"], "Webhook was deleted");
    let deleted = scene.bot.call("deleteWebhook", json!({})).await;
    assert_eq!(deleted.body["description"], "Webhook is already deleted");
    assert_eq!(scene.bot.call("getUpdates", json!({})).await.result().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn pending_updates_can_be_dropped_and_only_https_is_taken() {
    let scene = scene().await;
    scene.anna.says("lost").await.unwrap();
    scene.bot.call("deleteWebhook", json!({ "drop_pending_updates": true })).await.result();
    assert_eq!(scene.bot.call("getWebhookInfo", json!({})).await.result()["pending_update_count"], json!(0));
    let answer = scene.bot.call("setWebhook", json!({ "url": "http://example.org/hook" })).await;
    assert_eq!(answer.error(), (400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"));
}
