//! What changing and deleting does to a page, and which changes are refused.

use reqwest::Method;
use serde_json::json;

use crate::reader::Media;
use crate::site::{Site, site, text};

async fn refused(site: &Site, method: Method, path: &str, body: serde_json::Value) -> String {
    let (status, answer) = site.try_control(method, path, &body).await;
    format!("{}: {}", status.as_u16(), answer["error"].as_str().unwrap())
}

#[tokio::test]
async fn a_change_of_one_thing_leaves_the_others() {
    let site = site().await;
    let buttons = json!([[{"text": "Open", "url": "https://example.org/"}]]);
    let id = site.post(json!({"text": "one", "views": 746, "buttons": buttons})).await;
    site.change(id, json!({"text": "two"})).await;
    let post = site.last().await;
    assert_eq!((text(&post), post.views.as_deref(), post.buttons.len()), ("two", Some("746"), 1));
    let page = "/channels/natrium_news";
    site.control(Method::POST, page, &json!({"verified": true, "subscribers": 16_674})).await;
    site.control(Method::POST, page, &json!({"preview": true})).await;
    let channel = site.page("/s/natrium_news").await.channel.unwrap();
    assert!(channel.verified && channel.counters["subscribers"] == "16.6K", "{channel:?}");
}

#[tokio::test]
async fn numbers_of_deleted_posts_are_not_given_out_again() {
    let site = site().await;
    let id = site.post(json!({"text": "one"})).await;
    let path = format!("/channels/natrium_news/posts/{id}");
    site.control(Method::DELETE, &path, &json!({})).await;
    let gone = format!("404: channel @natrium_news has no post {id}");
    assert_eq!(refused(&site, Method::POST, &path, json!({"views": 5})).await, gone);
    assert_eq!(site.page(&format!("/natrium_news/{id}?embed=1")).await.error.as_deref(), Some("Post not found"));
    assert_eq!(site.post(json!({"text": "two"})).await, id + 1);
}

#[tokio::test]
async fn what_a_post_answers_is_quoted_while_it_is_there() {
    let site = site().await;
    let photo = site.post(json!({"media": [{"kind": "photo"}]})).await;
    let video = site.post(json!({"media": [{"kind": "video", "seconds": 5}]})).await;
    let options = json!([{"text": "so", "votes": 3}, {"text": "not so", "votes": 1}]);
    let poll = json!({"kind": "poll", "question": "How?", "options": options, "voters": 2});
    let poll = site.post(json!({"media": [poll]})).await;
    let Media::Poll { voters, .. } = &site.last().await.media[0] else { panic!("no poll") };
    assert_eq!(voters, "2", "as many as it says, not as many as there are votes");
    for (answered, medium, has_thumb) in [(photo, "Photo", true), (video, "Video", true), (poll, "How?", false)] {
        site.post(json!({"text": "this", "reply_to": answered})).await;
        let reply = site.last().await.reply.unwrap();
        assert_eq!((reply.medium.as_deref(), reply.thumb.is_some()), (Some(medium), has_thumb));
    }
    site.control(Method::DELETE, &format!("/channels/natrium_news/posts/{poll}"), &json!({})).await;
    let post = site.last().await;
    assert_eq!((text(&post), &post.reply), ("this", &None), "nothing is said of what is gone");
}

#[tokio::test]
async fn posts_that_no_channel_has_are_refused() {
    let site = site().await;
    site.control(Method::POST, "/users", &json!({"id": 1002, "first_name": "Sam"})).await;
    let posts = "/channels/natrium_news/posts";
    let photos = vec![json!({"kind": "photo"}); 11];
    let poll = |options: usize| {
        let options = vec![json!({"text": "so"}); options];
        json!({"media": [{"kind": "poll", "question": "How?", "options": options}]})
    };
    let id = site.post(poll(2)).await;
    let album = "400: an album has 2 to 10 photos and videos";
    let wrong_poll = "400: a poll has 2 to 10 options, and as many votes";
    assert_eq!(refused(&site, Method::POST, posts, json!({"media": photos})).await, album);
    assert_eq!(refused(&site, Method::POST, posts, poll(1)).await, wrong_poll);
    assert_eq!(refused(&site, Method::POST, posts, poll(11)).await, wrong_poll);
    let votes = json!({"votes": [1, 2, 3]});
    assert_eq!(refused(&site, Method::POST, &format!("{posts}/{id}"), votes).await, wrong_poll);
    let pinned = json!({"service": {"type": "pinned", "message_id": 99}});
    assert_eq!(refused(&site, Method::POST, posts, pinned).await, "404: channel @natrium_news has no post 99");
    let (status, _) = site.try_control(Method::POST, posts, &json!({"text": "x", "from": 1002})).await;
    assert!(status.is_client_error(), "who is no administrator does not post: {status}");
}

#[tokio::test]
async fn a_poll_that_is_over_stays_over() {
    let site = site().await;
    let options = json!([{"text": "so", "votes": 3}, {"text": "not so", "votes": 1}]);
    let id = site.post(json!({"media": [{"kind": "poll", "question": "How?", "options": options}]})).await;
    site.change(id, json!({"close_poll": true})).await;
    site.change(id, json!({"votes": [3, 2]})).await;
    let Media::Poll { kind, .. } = &site.last().await.media[0] else { panic!("no poll") };
    assert_eq!(kind, "Final Results");
}

#[tokio::test]
async fn a_new_title_is_told_and_shown() {
    let site = site().await;
    let path = format!("/chats/{}/title", site.chat);
    site.control(Method::POST, &path, &json!({"by": 1001, "title": "Rates & Fees"})).await;
    let post = site.last().await;
    assert!(post.service && text(&post) == "Channel name was changed to «Rates & Fees»", "{post:?}");
    assert_eq!(site.page("/s/natrium_news").await.channel.unwrap().title, "Rates & Fees");
}
