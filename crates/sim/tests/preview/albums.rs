//! Albums of bots and people on the pages, and what bots are told of posts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use scraper::Html;
use serde_json::{Value, json};

use crate::reader::{Media, all, first};
use crate::site::{site, text};

#[tokio::test]
async fn an_album_is_one_block_wherever_its_caption_hangs() {
    let site = site().await;
    let (_, photo) = site.photo().await;
    let plain = json!({"type": "photo", "media": photo});
    let captioned = json!({"type": "photo", "media": photo, "caption": "harbour"});
    let sent = site.bot("sendMediaGroup", json!({"chat_id": site.chat, "media": [plain, captioned, plain]})).await;
    let ids: Vec<i64> = sent.as_array().unwrap().iter().map(|one| one["message_id"].as_i64().unwrap()).collect();
    let post = site.last().await;
    assert_eq!((post.id, &post.album_ids, text(&post), post.edited), (ids[0], &ids, "harbour", false));
    let found = site.page("/s/natrium_news?q=harbour").await;
    assert_eq!(found.posts.iter().map(|post| post.id).collect::<Vec<_>>(), [ids[0]]);
    for id in &ids {
        let widget = site.page(&format!("/natrium_news/{id}?embed=1")).await;
        assert_eq!((widget.posts[0].id, &widget.posts[0].album_ids), (ids[0], &ids), "of {id}");
    }
    let edit = json!({"chat_id": site.chat, "message_id": ids[1], "caption": "harbours"});
    site.bot("editMessageCaption", edit).await;
    let post = site.last().await;
    assert!(text(&post) == "harbours" && post.edited, "{post:?}");
}

#[tokio::test]
async fn the_markup_of_an_album_is_that_of_an_album() {
    let site = site().await;
    let single = site.post(json!({"text": "one", "media": [{"kind": "photo"}]})).await;
    let album = site.post(json!({"text": "two", "media": [{"kind": "photo"}, {"kind": "photo"}]})).await;
    let document = Html::parse_document(&site.html("/s/natrium_news").await);
    let seen = |id: i64| {
        let post = first(document.root_element(), &format!("[data-post='Natrium_News/{id}']")).unwrap();
        let view = URL_SAFE_NO_PAD.decode(post.attr("data-view").unwrap()).unwrap();
        let view: Value = serde_json::from_slice(&view).unwrap();
        (all(post, ".tgme_widget_message_text").len(), view["p"].clone())
    };
    assert_eq!(seen(single), (1, json!(single)));
    assert_eq!(seen(album), (2, json!(format!("{album}g"))), "the caption stands in two elements");
}

#[tokio::test]
async fn pictures_of_different_posts_are_different_ones() {
    let site = site().await;
    site.post(json!({"media": [{"kind": "photo"}, {"kind": "photo"}]})).await;
    let post = site.last().await;
    let [Media::Photo { url: Some(one), .. }, Media::Photo { url: Some(other), .. }] = &post.media[..] else {
        panic!("{post:?}")
    };
    assert_ne!(one, other);
    let fetched = site.http.get(one).send().await.unwrap();
    assert_eq!(fetched.headers()["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn a_photo_has_the_shape_that_it_was_sent_in() {
    let site = site().await;
    site.photo().await;
    let document = Html::parse_document(&site.html("/s/natrium_news").await);
    let root = document.root_element();
    let wrap = first(root, "a.tgme_widget_message_photo_wrap").unwrap().attr("style").unwrap();
    let inside = first(root, ".tgme_widget_message_photo").unwrap().attr("style").unwrap();
    assert!(wrap.starts_with("width:480px;") && inside == "padding-top:66.6667%", "{wrap} {inside}");
}

#[tokio::test]
async fn documents_sent_together_are_blocks_of_their_own() {
    let site = site().await;
    let url = format!("{}/control/chats/{}/documents?from=1001&name=a.yml", site.telegram.url(), site.chat);
    site.http.post(url).body("a: 1").send().await.unwrap().error_for_status().unwrap();
    let updates = site.bot("getUpdates", json!({"offset": -1})).await;
    let file = json!({"type": "document", "media": updates[0]["channel_post"]["document"]["file_id"]});
    let sent = site.bot("sendMediaGroup", json!({"chat_id": site.chat, "media": [file, file]})).await;
    let page = site.page("/s/natrium_news").await;
    let last: Vec<i64> = page.posts.iter().rev().take(2).map(|post| post.id).collect();
    assert_eq!(json!(last), json!([sent[1]["message_id"], sent[0]["message_id"]]));
}

#[tokio::test]
async fn only_the_first_picture_of_a_made_album_has_its_caption_and_views() {
    let site = site().await;
    let first = site.post(json!({"text": "trip", "views": 5, "media": [{"kind": "photo"}, {"kind": "photo"}]})).await;
    site.control(Method::DELETE, &format!("/channels/natrium_news/posts/{first}"), &json!({})).await;
    let post = site.last().await;
    assert_eq!((post.id, text(&post), post.views.as_deref(), post.media.len()), (first + 1, "", Some("1"), 1));
}

#[tokio::test]
async fn bots_hear_of_what_they_can_be_told_and_of_edits() {
    let site = site().await;
    site.post(json!({"text": "from afar", "forwarded": {"name": "Hidden"}})).await;
    let id = site.post(json!({"text": "hello"})).await;
    site.change(id, json!({"text": "hello again"})).await;
    let updates = site.bot("getUpdates", json!({})).await;
    let told = |kind: &str| -> Vec<Value> {
        updates.as_array().unwrap().iter().map(|update| update[kind]["text"].clone()).filter(Value::is_string).collect()
    };
    assert_eq!(told("channel_post"), ["hello"]);
    assert_eq!(told("edited_channel_post"), ["hello again"]);
}

#[tokio::test]
async fn a_bot_has_one_reaction_and_takes_it_away() {
    let site = site().await;
    let id = site.post(json!({"text": "hello"})).await;
    let react = async |reaction: &[&str]| {
        let list: Vec<Value> = reaction.iter().map(|emoji| json!({"type": "emoji", "emoji": emoji})).collect();
        let parameters = json!({"chat_id": site.chat, "message_id": id, "reaction": list});
        site.bot("setMessageReaction", parameters).await;
        site.last().await.reactions
    };
    let one = |emoji: &str| vec![(emoji.to_owned(), "1".to_owned())];
    assert_eq!(react(&["👍"]).await, one("👍"));
    assert_eq!(react(&["❤️"]).await, one("❤"), "in place of the other one");
    site.control(Method::POST, "/bots", &json!({"token": "77:second"})).await;
    let members = format!("/chats/{}/members", site.chat);
    site.control(Method::POST, &members, &json!({"id": 77, "status": "administrator"})).await;
    let url = format!("{}/bot77:second/setMessageReaction", site.telegram.url());
    let heart = json!({"chat_id": site.chat, "message_id": id, "reaction": [{"type": "emoji", "emoji": "❤"}]});
    let answer: Value = site.http.post(url).json(&heart).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["ok"], true, "{answer}");
    let page = site.page("/s/natrium_news").await;
    let post = page.posts.into_iter().find(|post| post.id == id).unwrap();
    assert_eq!(post.reactions, [("❤".to_owned(), "2".to_owned())], "two bots gave the same one");
    let url = format!("{}/bot77:second/setMessageReaction", site.telegram.url());
    let none = json!({"chat_id": site.chat, "message_id": id, "reaction": []});
    site.http.post(url).json(&none).send().await.unwrap().error_for_status().unwrap();
    site.bot("setMessageReaction", json!({"chat_id": site.chat, "message_id": id})).await;
    let page = site.page("/s/natrium_news").await;
    assert_eq!(page.posts.into_iter().find(|post| post.id == id).unwrap().reactions, []);
}
