//! The pages over HTTP, of channels in the simulator's world.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::reader::{self, Media, Page};
use crate::site::{client, site, text};

#[tokio::test]
async fn what_a_bot_posts_is_on_the_page() {
    let site = site().await;
    site.bot("sendMessage", json!({"chat_id": site.chat, "text": "<b>Fees</b> #new", "parse_mode": "HTML"})).await;
    let page = site.page("/s/NATRIUM_news").await;
    let channel = page.channel.as_ref().unwrap();
    assert_eq!((channel.title.as_str(), channel.username.as_str()), ("News", "Natrium_News"));
    assert_eq!(channel.description.as_ref().unwrap().text, "All of @natrium");
    assert_eq!(channel.counters["subscriber"], "1");
    let created = &page.posts[0];
    assert!(created.service && created.id == 1 && text(created) == "Channel created", "{created:?}");
    let post = page.posts.last().unwrap();
    assert_eq!(
        (post.channel.as_str(), text(post), post.chat),
        ("Natrium_News", "Fees #new", Some(site.chat + 1_000_000_000_000))
    );
    let marks = &post.text.as_ref().unwrap().marks;
    assert_eq!((&marks[0][0], &marks[5][0]), (&"bold".to_owned(), &"tag #new".to_owned()));
    let edit = json!({"chat_id": site.chat, "message_id": post.id, "text": "Rates"});
    site.bot("editMessageText", edit).await;
    let edited = site.last().await;
    assert_eq!((text(&edited), edited.edited, &edited.date), ("Rates", true, &post.date));
    site.bot("deleteMessage", json!({"chat_id": site.chat, "message_id": post.id})).await;
    assert!(site.last().await.id < post.id);
}

#[tokio::test]
async fn a_channel_that_signs_says_who_wrote_a_post() {
    let site = site().await;
    let new = json!({ "kind": "channel", "title": "Signed", "username": "Signed_News", "owner": 1001, "bots": [{}], "signatures": true });
    let signed = site.control(Method::POST, "/chats", &new).await["chat"].as_i64().unwrap();
    for chat in [signed, site.chat] {
        site.control(Method::POST, &format!("/chats/{chat}/messages"), &json!({ "from": 1001, "text": "by Anna" }))
            .await;
    }
    site.bot("sendMessage", json!({ "chat_id": signed, "text": "by the bot" })).await;
    let page = site.page("/s/signed_news").await;
    let authors: Vec<_> = page.posts.iter().map(|post| (text(post), post.author.as_deref())).collect();
    assert_eq!(authors, [("Channel created", None), ("by Anna", Some("Anna")), ("by the bot", None)]);
    assert_eq!(site.last().await.author, None, "the other one does not sign");
    let post = json!({ "text": "by the editors", "signature": "The editors" });
    site.control(Method::POST, "/channels/signed_news/posts", &post).await;
    let page = site.page("/s/signed_news").await;
    assert_eq!(page.posts.last().unwrap().author.as_deref(), Some("The editors"));
}

#[tokio::test]
async fn a_document_of_a_person_is_on_the_page() {
    let site = site().await;
    let url =
        format!("{}/control/chats/{}/documents?from=1001&name=fees.yml&caption=new", site.telegram.url(), site.chat);
    site.http.post(url).body("a: 1").send().await.unwrap().error_for_status().unwrap();
    let post = site.last().await;
    let document = Media::Document { title: "fees.yml".into(), extra: "4 B".into(), audio: false };
    assert_eq!((text(&post), &post.media[..]), ("new", &[document][..]));
}

#[tokio::test]
async fn forwards_reactions_and_albums_of_bots_are_on_the_page() {
    let site = site().await;
    let first = site.post(json!({"text": "hello"})).await;
    let forward = json!({"chat_id": site.chat, "from_chat_id": site.chat, "message_id": first});
    let id = site.bot("forwardMessage", forward).await["message_id"].clone();
    let reaction = json!([{"type": "emoji", "emoji": "👍"}]);
    site.bot("setMessageReaction", json!({"chat_id": site.chat, "message_id": id, "reaction": reaction})).await;
    let post = site.last().await;
    let forwarded = post.forwarded.as_ref().unwrap();
    let link = format!("https://t.me/Natrium_News/{first}");
    assert_eq!((text(&post), forwarded.name.as_str(), forwarded.link.as_ref()), ("hello", "News", Some(&link)));
    assert_eq!(post.reactions, [("👍".to_owned(), "1".to_owned())]);
    let url = format!("{}/control/chats/{}/photos?from=1001", site.telegram.url(), site.chat);
    let png = include_bytes!("../../samples/photo.png").as_slice();
    site.http.post(url).body(png).send().await.unwrap().error_for_status().unwrap();
    let updates = site.bot("getUpdates", json!({"offset": -1})).await;
    let photo = json!({"type": "photo", "media": updates[0]["channel_post"]["photo"][0]["file_id"], "caption": "two"});
    let sent = site.bot("sendMediaGroup", json!({"chat_id": site.chat, "media": [photo, photo]})).await;
    let post = site.last().await;
    let ids = [sent[0]["message_id"].as_i64().unwrap(), sent[1]["message_id"].as_i64().unwrap()];
    assert_eq!((post.album_ids.as_slice(), post.media.len(), text(&post)), (&ids[..], 2, "two"));
}

#[tokio::test]
async fn a_photo_of_a_person_can_be_fetched() {
    let site = site().await;
    let png = include_bytes!("../../samples/photo.png").as_slice();
    let url = format!("{}/control/chats/{}/photos?from=1001", site.telegram.url(), site.chat);
    site.http.post(url).body(png).send().await.unwrap().error_for_status().unwrap();
    let [Media::Photo { url: Some(url), link }] = &site.last().await.media[..] else { panic!("no photo") };
    assert!(link.starts_with("https://t.me/Natrium_News/"));
    let fetched = site.http.get(url).send().await.unwrap();
    assert_eq!(fetched.headers()["content-type"], "image/png");
    assert_eq!(fetched.bytes().await.unwrap(), png);
    let other = url.replace(".jpg", "x.jpg");
    assert_eq!(site.http.get(other).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn posts_of_every_kind_can_be_made() {
    let site = site().await;
    let media = json!([
        {"kind": "photo"}, {"kind": "video", "seconds": 34}, {"kind": "video", "seconds": 69, "too_big": true},
        {"kind": "gif"}, {"kind": "round_video", "seconds": 57}, {"kind": "voice", "seconds": 1660},
        {"kind": "audio", "title": "Song", "performer": "Band"}, {"kind": "document", "name": "a.pdf", "size": 2_202_010},
        {"kind": "sticker", "format": "static"}, {"kind": "sticker", "format": "animated"}, {"kind": "sticker", "format": "video"},
        {"kind": "poll", "question": "How?", "options": [{"text": "so", "votes": 3}, {"text": "not so", "votes": 1}], "quiz": true},
        {"kind": "location", "latitude": 59.5, "longitude": 30.25}, {"kind": "contact", "name": "Anna", "phone": "+1555"},
    ]);
    let mut made = Vec::new();
    for medium in media.as_array().unwrap() {
        made.push(site.post(json!({"media": [medium], "text": "caption", "views": 171_900})).await);
    }
    let page = site.page("/s/natrium_news").await;
    let posts: Vec<&reader::Post> = page.posts.iter().filter(|post| made.contains(&post.id)).collect();
    assert_eq!(posts.len(), made.len());
    assert!(
        posts
            .iter()
            .all(|post| post.views.as_deref() == Some("171K") && text(post) == "caption" && post.media.len() == 1)
    );
    let kinds: Vec<&str> = posts.iter().map(|post| kind(&post.media[0])).collect();
    assert_eq!(
        kinds,
        [
            "photo", "video", "too big", "gif", "round", "voice", "document", "document", "webp", "tgs", "webm",
            "poll", "location", "contact",
        ]
    );
    let Media::Poll { kind, voters, options, .. } = &posts[11].media[0] else { panic!("no poll") };
    assert_eq!((kind.as_str(), voters.as_str(), options[0].1.as_str()), ("Anonymous Quiz", "4", "75%"));
    site.change(made[11], json!({"votes": [1, 9], "close_poll": true})).await;
    let page = site.page("/s/natrium_news").await;
    let post = page.posts.iter().find(|post| post.id == made[11]).unwrap();
    let Media::Poll { kind, voters, options, .. } = &post.media[0] else { panic!("no poll") };
    assert_eq!((kind.as_str(), voters.as_str(), options[1].1.as_str()), ("Final Results", "10", "90%"));
}

fn kind(media: &Media) -> &'static str {
    match media {
        Media::Photo { .. } => "photo",
        Media::Video { kind, .. } | Media::Sticker { kind, .. } => kind,
        Media::Round { .. } => "round",
        Media::Voice { .. } => "voice",
        Media::Document { .. } => "document",
        Media::Poll { .. } => "poll",
        Media::Location { .. } => "location",
        Media::Contact { .. } => "contact",
        Media::ServicePhoto { .. } => "service photo",
    }
}

#[tokio::test]
async fn an_address_of_a_video_holds_for_a_day() {
    let site = site().await;
    site.post(json!({"media": [{"kind": "video", "seconds": 1}]})).await;
    let [Media::Video { url: Some(url), thumb, .. }] = &site.last().await.media[..] else { panic!("no video") };
    let status = async |url: &str| site.http.get(url).send().await.unwrap().status().as_u16();
    assert_eq!((status(url).await, status(thumb).await), (200, 200));
    assert_eq!(status(url.split('?').next().unwrap()).await, 404, "without its token");
    site.control(Method::POST, "/clock", &json!({"millis": 24 * 3_600_000})).await;
    assert_eq!(status(url).await, 200);
    site.control(Method::POST, "/clock", &json!({"millis": 24 * 3_600_000})).await;
    assert_eq!((status(url).await, status(thumb).await), (404, 200));
    let [Media::Video { url: Some(fresh), .. }] = &site.last().await.media[..] else { panic!("no video") };
    assert_eq!(status(fresh).await, 200);
}

#[tokio::test]
async fn what_else_a_post_can_have() {
    let site = site().await;
    let first = site.post(json!({"text": "question"})).await;
    let id = site
        .post(json!({
            "text": "see example.org", "reply_to": first, "signature": "Anna", "views": 12_500_000,
            "forwarded": {"name": "Hidden"}, "reactions": [
                {"type": "paid", "count": 7030}, {"type": "emoji", "emoji": "👍", "count": 5},
                {"type": "custom_emoji", "custom_emoji_id": "5296419911260742000", "count": 490},
            ],
            "buttons": [[{"text": "Open", "url": "https://example.org/"}, {"text": "Press", "callback_data": "x"}]],
            "link_preview": {"url": "http://example.org/", "title": "Example", "picture": "right"},
        }))
        .await;
    let post = site.last().await;
    assert_eq!((post.id, post.author.as_deref(), post.views.as_deref()), (id, Some("Anna"), Some("12.5M")));
    let reply = post.reply.unwrap();
    assert_eq!((reply.link, reply.text.as_deref()), (format!("https://t.me/Natrium_News/{first}"), Some("question")));
    assert_eq!(post.forwarded.unwrap().link, None);
    let reactions = [("stars", "7.03K"), ("👍", "5"), ("custom 5296419911260742000", "490")];
    assert_eq!(post.reactions, reactions.map(|(kind, count)| (kind.to_owned(), count.to_owned())));
    assert_eq!(post.buttons, [[("Open".to_owned(), "https://example.org/".to_owned())]]);
    let link = post.link_preview.unwrap();
    assert_eq!((link.title.as_deref(), link.right_image.is_some()), (Some("Example"), true));
    site.change(id, json!({"views": 13_000_000, "reactions": []})).await;
    let post = site.last().await;
    assert_eq!((post.views.as_deref(), post.reactions.len(), post.edited), (Some("13M"), 0, false));
    site.change(id, json!({"text": "other"})).await;
    let post = site.last().await;
    assert_eq!((text(&post), post.edited), ("other", true));
}

#[tokio::test]
async fn albums_lose_pictures_one_by_one() {
    let site = site().await;
    let album =
        json!({"text": "trip", "media": [{"kind": "photo"}, {"kind": "video", "seconds": 5}, {"kind": "photo"}]});
    let first = site.post(album).await;
    let post = site.last().await;
    assert_eq!((post.id, &post.album_ids, text(&post)), (first, &vec![first, first + 1, first + 2], "trip"));
    let deleted = format!("/channels/natrium_news/posts/{}", first + 1);
    site.control(Method::DELETE, &deleted, &json!({})).await;
    assert_eq!(site.last().await.album_ids, [first, first + 2]);
    assert_eq!(site.try_control(Method::DELETE, &deleted, &json!({})).await.0, 404);
}

#[tokio::test]
async fn service_posts_and_what_is_not_shown() {
    let site = site().await;
    let pinned = site.post(json!({"text": "rules"})).await;
    site.post(json!({"service": {"type": "pinned", "message_id": pinned}})).await;
    assert_eq!(text(&site.last().await), "News pinned «rules»");
    let id = site.post(json!({"service": {"type": "photo_updated"}})).await;
    let post = site.last().await;
    assert!(
        post.service && text(&post) == "Channel photo updated" && matches!(post.media[0], Media::ServicePhoto { .. })
    );
    assert!(site.html("/s/natrium_news").await.contains("<img src=\"http://127.0.0.1:"));
    let embedded = site.page(&format!("/natrium_news/{id}?embed=1")).await;
    assert_eq!((embedded.kind, &embedded.posts[0].not_supported[..]), ("block", &["Service message".to_owned()][..]));
    site.post(json!({"not_supported": true})).await;
    assert_eq!(site.last().await.not_supported, ["Please open Telegram to view this post"]);
}

#[tokio::test]
async fn widgets_show_one_post() {
    let site = site().await;
    let id = site.post(json!({"text": "hello", "views": 746})).await;
    let page = site.page(&format!("/NATRIUM_NEWS/{id}?embed=1&mode=tme")).await;
    assert_eq!((page.kind, page.posts[0].id, text(&page.posts[0])), ("block", id, "hello"));
    assert_eq!(page.posts[0].views.as_deref(), Some("746"));
    for missing in [format!("/natrium_news/{}?embed=1", id + 1), "/nobody_here/1?embed=1".to_owned()] {
        let page = site.page(&missing).await;
        assert_eq!((page.kind, page.error.as_deref()), ("error", Some("Post not found")), "{missing}");
    }
}

#[tokio::test]
async fn whoever_has_no_preview_is_on_the_landing_page() {
    let site = site().await;
    let group = json!({"kind": "supergroup", "title": "Team", "username": "natrium_team", "owner": 1001, "bots": [{}]});
    site.control(Method::POST, "/chats", &group).await;
    let user = json!({"id": 1002, "first_name": "Sam", "username": "sam_sample"});
    site.control(Method::POST, "/users", &user).await;
    for name in ["natrium_team", "sam_sample", "simulated_bot", "nobody_here"] {
        let response = site.get(&format!("/s/{name}?before=5")).await;
        let to = format!("{}/{name}", site.telegram.url());
        assert_eq!((response.status().as_u16(), response.headers()["location"].to_str().unwrap()), (302, to.as_str()));
    }
    let landing = async |name: &str| {
        let page = site.page(&format!("/{name}")).await;
        assert_eq!(page.kind, "landing");
        (page.title, page.extra, page.is_contact)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(landing("Natrium_Team").await, (some("Team"), some("2 members, 1 online"), false));
    assert_eq!(landing("sam_sample").await, (some("Sam"), some("@sam_sample"), false));
    assert_eq!(landing("simulated_bot").await, (some("Bot"), some("@simulated_bot"), false));
    assert_eq!(landing("nobody_here").await, (None, None, true));
    site.control(Method::POST, "/channels/natrium_news", &json!({"subscribers": 16_674, "verified": true})).await;
    assert_eq!(landing("natrium_news").await, (some("News"), some("16 674 subscribers"), false));
    assert!(site.html("/natrium_news").await.contains("href=\"/s/Natrium_News\""));
    assert!(site.page("/s/natrium_news").await.channel.unwrap().verified);
    site.control(Method::POST, "/channels/natrium_news", &json!({"preview": false})).await;
    assert_eq!(site.get("/s/natrium_news").await.status(), 302);
    assert_eq!(site.page("/natrium_news/1?embed=1").await.kind, "error");
    assert!(!site.html("/natrium_news").await.contains("/s/"));
}

#[tokio::test]
async fn pages_are_asked_for_by_number_and_by_words() {
    let site = site().await;
    for number in 1..=50 {
        let word = if number % 2 == 0 { "even" } else { "odd" };
        site.post(json!({"text": format!("{word} {number}")})).await;
    }
    let ids = |page: &Page| (page.posts[0].id, page.posts[page.posts.len() - 1].id, page.posts.len());
    let newest = site.page("/s/natrium_news").await;
    let (first, last, count) = ids(&newest);
    assert_eq!((newest.prev, newest.next, last - first, count), (Some(first), None, 19, 20));
    let older = site.page(&format!("/s/natrium_news?before={first}")).await;
    assert_eq!((ids(&older), older.next), ((first - 20, first - 1, 20), Some(first - 1)));
    let newer = site.page(&format!("/s/natrium_news?after={}", first - 1)).await;
    assert_eq!(ids(&newer), ids(&newest));
    for ignored in [
        "before=abc",
        "before=",
        "before=-5",
        "before=0",
        "after=abc",
        "search=odd",
        "q=",
        "x",
        "before=99999999999999999999",
    ] {
        assert_eq!(ids(&site.page(&format!("/s/natrium_news?{ignored}")).await), ids(&newest), "{ignored}");
    }
    let odd = site.page(&format!("/s/natrium_news?q=ODD&before={first}")).await;
    assert!(odd.posts.iter().all(|post| post.id < first && text(post).starts_with("odd")) && !odd.posts.is_empty());
    let nothing = site.page("/s/natrium_news?q=zzz").await;
    assert!(nothing.no_posts_found && nothing.channel.is_some());
    let beyond = site.page("/s/natrium_news?after=9999").await;
    assert!(beyond.no_posts_found);
}

#[tokio::test]
async fn head_says_the_same_without_a_page() {
    let site = site().await;
    for (path, status) in
        [("/s/natrium_news", 200), ("/natrium_news", 200), ("/s/nobody_here", 302), ("/natrium_news/1?embed=1", 200)]
    {
        let response = site.request(Method::HEAD, path).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.bytes().await.unwrap().len(), 0);
    }
    assert_eq!(site.get("/no").await.status(), 404);
    assert_eq!(site.get("/s/n-o").await.status(), 404);
}

#[tokio::test]
async fn a_limit_refuses_each_address_by_itself() {
    let site = site().await;
    site.post(json!({"text": "hello"})).await;
    let limit = json!({"requests": 2, "within_millis": 60_000});
    site.control(Method::POST, "/preview/limit", &limit).await;
    for _ in 0..2 {
        assert!(!site.page("/s/natrium_news").await.no_posts_found);
    }
    let refused = site.page("/s/natrium_news").await;
    assert!(refused.no_posts_found && refused.posts.is_empty());
    assert_eq!(refused.channel.unwrap().title, "News");
    let url = format!("{}/s/natrium_news", site.telegram.url());
    let other = client("127.0.0.2").get(&url).send().await.unwrap().text().await.unwrap();
    assert!(!reader::read(&other).no_posts_found, "another address");
    site.control(Method::POST, "/clock", &json!({"millis": 60_000})).await;
    assert!(!site.page("/s/natrium_news").await.no_posts_found, "the time is over");
    for (answer, status) in [("redirect", 302), ("too_many_requests", 429)] {
        let limit = json!({"requests": 0, "within_millis": 60_000, "answer": answer});
        site.control(Method::POST, "/preview/limit", &limit).await;
        assert_eq!(site.get("/s/natrium_news").await.status(), status);
    }
    site.control(Method::DELETE, "/preview/limit", &json!({})).await;
    assert!(!site.page("/s/natrium_news").await.no_posts_found);
}

#[tokio::test]
async fn faults_hit_pages_under_the_name_preview() {
    let site = site().await;
    let fault = json!({"kind": "server_error", "status": 502, "method": "preview", "calls": 2});
    site.control(Method::POST, "/faults", &fault).await;
    assert_eq!(site.get("/s/natrium_news").await.status(), 502);
    assert_eq!(site.get("/natrium_news").await.status(), 502);
    assert_eq!(site.get("/s/natrium_news").await.status(), 200);
    site.control(Method::POST, "/faults", &json!({"kind": "drop", "method": "Preview", "calls": 1})).await;
    let url = format!("{}/s/natrium_news", site.telegram.url());
    assert!(site.http.get(&url).send().await.unwrap_err().is_request());
    site.control(Method::POST, "/faults", &json!({"kind": "hang", "method": "preview", "calls": 1})).await;
    let hanging = site.http.get(&url).timeout(Duration::from_millis(300)).send().await;
    assert!(hanging.unwrap_err().is_timeout());
    site.control(Method::POST, "/faults", &json!({"kind": "drop", "method": "getMe", "calls": 1})).await;
    assert_eq!(site.get("/s/natrium_news").await.status(), 200, "another method's fault");
    let calls = site.telegram.client().calls(Some("preview")).await.unwrap();
    let statuses: Vec<Option<u16>> = calls.iter().map(|call| call.status).collect();
    assert_eq!(statuses, [Some(502), Some(502), Some(200), None, None, Some(200)]);
}

#[tokio::test]
async fn wrong_posts_are_refused_with_a_sentence() {
    let site = site().await;
    let posts = "/channels/natrium_news/posts";
    let cases = [
        (posts, json!({}), "400: a post needs text, media, a service or not_supported"),
        (posts, json!({"media": [{"kind": "photo"}, {"kind": "gif"}]}), "400: an album has 2 to 10 photos and videos"),
        (posts, json!({"text": "x", "service": {"type": "photo_updated"}}), "400: a service message has nothing else"),
        (posts, json!({"text": "x", "reply_to": 99}), "404: channel @natrium_news has no post 99"),
        (
            "/channels/nobody_here/posts",
            json!({"text": "x"}),
            "404: there is no channel @nobody_here; create it with POST /control/chats",
        ),
        ("/channels/natrium_news/posts/1", json!({"votes": [1]}), "400: post 1 is no poll"),
    ];
    for (path, body, expected) in cases {
        let (status, answer) = site.try_control(Method::POST, path, &body).await;
        assert_eq!(format!("{}: {}", status.as_u16(), answer["error"].as_str().unwrap()), expected);
    }
}

#[tokio::test]
async fn bots_hear_of_posts() {
    let site = site().await;
    let id = site.post(json!({"text": "hello"})).await;
    site.post(json!({"text": "hello", "media": [{"kind": "photo"}]})).await;
    let updates = site.bot("getUpdates", json!({"allowed_updates": ["channel_post"]})).await;
    let posts = updates.as_array().unwrap().iter().filter(|update| update["channel_post"]["text"] == "hello");
    let ids: Vec<&Value> = posts.map(|update| &update["channel_post"]["message_id"]).collect();
    assert_eq!(ids, [&json!(id)]);
}
