//! What pages and landing pages say of a channel, group or person beside the posts.

use natrium_sim::control::Millis;
use natrium_sim::preview::{Channel, Landing, Wanted, history, landing};
use reqwest::Method;
use scraper::{ElementRef, Html};
use serde_json::json;

use crate::made::{news, text_post};
use crate::reader::{all, first};
use crate::site::{site, text};

fn said(root: ElementRef<'_>, css: &str) -> Option<String> {
    first(root, css).map(|element| element.text().collect())
}

fn property(root: ElementRef<'_>, name: &str) -> String {
    let css = format!("meta[property='{name}']");
    first(root, &css).unwrap().attr("content").unwrap().to_owned()
}

#[test]
fn the_head_of_a_page_says_what_the_channel_is() {
    let mut channel = Channel { photo: Some("http://127.0.0.1:1/file/a.jpg".to_owned()), ..news() };
    let page = |channel: &Channel| {
        let html = history(channel, &[text_post(7, "word", None)], &Wanted::default(), Millis(0));
        Html::parse_document(&html)
    };
    let without = page(&channel);
    assert!(first(without.root_element(), ".tgme_channel_info_description").is_none());
    assert!(first(without.root_element(), ".verified-icon").is_none());
    channel.description.text = "All of it".to_owned();
    let document = page(&channel);
    let root = document.root_element();
    for site in ["og", "twitter"] {
        assert_eq!(property(root, &format!("{site}:title")), "News");
        assert_eq!(property(root, &format!("{site}:image")), "http://127.0.0.1:1/file/a.jpg");
    }
    assert_eq!(property(root, "og:description"), "All of it");
    assert_eq!(said(root, ".tgme_channel_info_description").as_deref(), Some("All of it"));
    assert_eq!(said(root, ".tgme_header_counter").as_deref(), Some("16.6K subscribers"));
    assert_eq!(first(root, "main").unwrap().attr("data-url"), Some("/Natrium_News"));
}

#[test]
fn the_field_for_searches_holds_what_was_searched_for() {
    let value = |q: Option<&str>| {
        let wanted = Wanted { q: q.map(str::to_owned), ..Wanted::default() };
        let document = Html::parse_document(&history(&news(), &[], &wanted, Millis(0)));
        first(document.root_element(), "input[name=q]").unwrap().attr("value").map(str::to_owned)
    };
    assert_eq!((value(Some("#fees")).as_deref(), value(None).as_deref()), (Some("#fees"), Some("")));
}

#[test]
fn landing_pages_say_in_their_head_what_they_are_of() {
    let name = || "somebody".to_owned();
    let group = |online| Landing::Group {
        username: name(),
        title: "Team".into(),
        description: "We".into(),
        photo: Some("http://127.0.0.1:1/file/a.jpg".into()),
        members: 16_674,
        online,
    };
    let user = Landing::User { username: name(), name: "Sam".into() };
    let unknown = Landing::Unknown { username: name() };
    let cases = [
        (group(0), "Telegram: View @somebody", "Team", "We", Some("16 674 members"), 1, 0),
        (group(362), "Telegram: View @somebody", "Team", "We", Some("16 674 members, 362 online"), 1, 0),
        (user, "Telegram: Contact @somebody", "Sam", "You can contact @somebody right away.", Some("@somebody"), 0, 0),
        (unknown, "Telegram: Contact @somebody", "Telegram: Contact @somebody", "", None, 0, 1),
    ];
    for (of, heading, title, description, extra, photos, robots) in cases {
        let document = Html::parse_document(&landing(&of));
        let root = document.root_element();
        assert_eq!(said(root, "title").as_deref(), Some(heading));
        assert_eq!(
            (property(root, "og:title").as_str(), property(root, "og:description").as_str()),
            (title, description)
        );
        assert_eq!(said(root, ".tgme_page_extra").as_deref(), extra);
        assert_eq!(all(root, "img.tgme_page_photo_image[src='http://127.0.0.1:1/file/a.jpg']").len(), photos);
        assert_eq!(all(root, "meta[name=robots][content^=noindex]").len(), robots);
    }
}

#[tokio::test]
async fn counters_count_what_stands() {
    let site = site().await;
    let counters = async || site.page("/s/natrium_news").await.channel.unwrap().counters;
    assert_eq!(counters().await.len(), 1, "what there is none of is not counted");
    let mut made = Vec::new();
    for media in [
        json!([{"kind": "photo"}, {"kind": "video", "seconds": 1}, {"kind": "photo"}]),
        json!([{"kind": "video", "seconds": 1}]),
        json!([{"kind": "document", "name": "a.pdf", "size": 1}]),
        json!([{"kind": "gif"}]),
    ] {
        made.push(site.post(json!({"media": media})).await);
    }
    site.post(json!({"text": "see https://example.org/ and https://example.net/"})).await;
    let found = counters().await;
    let seen = |name: &str| found.get(name).map(String::as_str);
    let expected = [Some("2"), Some("2"), Some("1"), Some("1")];
    assert_eq!([seen("photos"), seen("videos"), seen("file"), seen("link")], expected, "{found:?}");
    site.control(Method::DELETE, &format!("/channels/natrium_news/posts/{}", made[0]), &json!({})).await;
    assert_eq!(counters().await["photo"], "1");
}

#[tokio::test]
async fn people_are_found_in_any_case_and_forwards_lead_to_them() {
    let site = site().await;
    let sam =
        json!({"id": 1002, "first_name": "Sam", "last_name": "Sample", "username": "Sam_Sample", "started": true});
    site.control(Method::POST, "/users", &sam).await;
    assert_eq!(site.page("/SAM_sample").await.title.as_deref(), Some("Sam Sample"));
    let said = site.control(Method::POST, "/users/1002/messages", &json!({"text": "hello"})).await;
    let forward = json!({"chat_id": site.chat, "from_chat_id": 1002, "message_id": said["message_id"]});
    site.bot("forwardMessage", forward).await;
    let post = site.last().await;
    let from = post.forwarded.clone().unwrap();
    assert_eq!((text(&post), from.link.as_deref()), ("hello", Some("https://t.me/Sam_Sample")));
    assert_eq!(post.views.as_deref(), Some("1"), "seen once, if nobody says otherwise");
}

#[tokio::test]
async fn a_post_that_is_not_embedded_is_a_landing_page() {
    let site = site().await;
    for path in ["/natrium_news/1", "/natrium_news/1?embed=0", "/natrium_news/1?mode=tme"] {
        assert_eq!(site.page(path).await.kind, "landing", "{path}");
    }
}

#[tokio::test]
async fn a_limit_shows_nobody_a_page_that_is_hidden() {
    let site = site().await;
    let limit = json!({"requests": 1, "within_millis": 60_000});
    site.control(Method::POST, "/preview/limit", &limit).await;
    site.control(Method::POST, "/channels/natrium_news", &json!({"preview": false})).await;
    for _ in 0..3 {
        assert_eq!(site.get("/s/natrium_news?q=x").await.status(), 302);
        assert_eq!(site.get("/s/nobody_here").await.status(), 302);
    }
    site.control(Method::POST, "/channels/natrium_news", &json!({"preview": true})).await;
    assert!(site.page("/s/natrium_news").await.no_posts_found, "those requests were counted");
    site.control(Method::POST, "/preview/limit", &limit).await;
    assert!(!site.page("/s/natrium_news").await.no_posts_found, "a new limit begins anew");
    let calls = site.telegram.client().calls(Some("preview")).await.unwrap();
    assert_eq!(calls[0].path, "/s/natrium_news?q=x");
}
