//! The rules by which well-known readers go hold on the simulator's pages. Each is written after what is known of the
//! reader, its weaknesses included.

use natrium_sim::control::Millis;
use natrium_sim::preview::{Body, Landing, Media, Post, Quote, Reply, Service, Video, Wanted, history, landing};
use scraper::{ElementRef, Html};

use crate::made::{news, text_post};
use crate::reader::{all, first};

fn page(posts: &[Post], wanted: &Wanted) -> Html {
    Html::parse_document(&history(&news(), posts, wanted, Millis(1_787_431_435_000)))
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

fn service(id: i64) -> Post {
    Post { body: Body::Service(Service::created()), ..text_post(id, "", None) }
}

/// RSSHub takes every wrap but those with a service message or none at all, and gives up without a history.
fn rsshub(document: &Html) -> Result<Vec<String>, &'static str> {
    let root = document.root_element();
    let wraps = all(root, ".tgme_widget_message_wrap");
    if wraps.is_empty() && first(root, ".tgme_channel_history").is_none() {
        return Err("Unable to fetch message feed from this channel");
    }
    let is_post = |wrap: &ElementRef<'_>| first(*wrap, ".service_message, .tme_no_messages_found").is_none();
    let datetime = |wrap: ElementRef<'_>| {
        first(wrap, ".tgme_widget_message_date time").unwrap().attr("datetime").unwrap().to_owned()
    };
    Ok(wraps.into_iter().filter(is_post).map(datetime).collect())
}

#[test]
fn rsshub_skips_service_messages_and_tells_empty_from_refused() {
    let posts = [service(1), text_post(2, "hello", None)];
    assert_eq!(rsshub(&page(&posts, &Wanted::default())), Ok(vec!["2026-06-09T19:33:51+00:00".to_owned()]));
    let nothing = Wanted { q: Some("zzz".into()), ..Wanted::default() };
    assert_eq!(rsshub(&page(&posts, &nothing)), Ok(vec![]));
    let unknown = Html::parse_document(&landing(&Landing::Unknown { username: "x".into() }));
    assert!(rsshub(&unknown).is_err());
}

/// snscrape takes name and number from the link in the footer, which must lead to t.me.
fn snscrape(document: &Html) -> Vec<(String, String, Option<String>)> {
    let posts = all(document.root_element(), "div.tgme_widget_message[data-post]");
    let read = |post: ElementRef<'_>| {
        let footer = first(post, "div.tgme_widget_message_footer").unwrap();
        let url = first(footer, "a.tgme_widget_message_date").unwrap().attr("href").unwrap();
        let path = url.strip_prefix("https://t.me/").expect("a link to t.me");
        let (name, number) = path.split_once('/').unwrap();
        assert!(number.bytes().all(|byte| byte.is_ascii_digit()), "{url}");
        (name.to_owned(), number.to_owned(), first(post, ".tgme_widget_message_text").map(text))
    };
    posts.into_iter().map(read).collect()
}

#[test]
fn snscrape_finds_links_and_mistakes_a_quote_for_the_text() {
    let reply =
        Reply { link: "https://t.me/x/1".into(), author: "X".into(), quote: Quote::Text("quoted".into()), thumb: None };
    let posts = [text_post(2, "two\nlines", None), Post { reply: Some(reply), ..text_post(3, "answer", None) }];
    let document = page(&posts, &Wanted::default());
    let post = |number: &str, text: &str| ("Natrium_News".to_owned(), number.to_owned(), Some(text.to_owned()));
    assert_eq!(snscrape(&document), [post("2", "twolines"), post("3", "quoted")]);
    let more = first(document.root_element(), "a.tme_messages_more[data-before]");
    assert!(more.is_none(), "the end of the history");
}

/// It reads how many there are from the landing page: what stands before the comma, without the spaces.
#[test]
fn snscrape_counts_members_on_the_landing_page() {
    let group = Landing::Group {
        username: "team".into(),
        title: "Team".into(),
        description: String::new(),
        photo: None,
        members: 16_674,
        online: 362,
    };
    let channel = Landing::Channel { channel: Box::new(news()), preview: true };
    for (of, word) in [(group, " members"), (channel, " subscribers")] {
        let document = Html::parse_document(&landing(&of));
        let extra = text(first(document.root_element(), "div.tgme_page_extra").unwrap());
        let count = extra.split(',').next().unwrap().strip_suffix(word).unwrap().split(' ').collect::<String>();
        assert_eq!(count, "16674");
    }
}

/// tchan goes back by `link[rel=prev]`, and finds subscribers under the singular only.
#[test]
fn tchan_goes_back_by_the_link_in_the_head() {
    let posts: Vec<Post> = (1..=25).map(|id| text_post(id, "word", None)).collect();
    let document = page(&posts, &Wanted::default());
    let root = document.root_element();
    assert_eq!(first(root, "link[rel=prev]").unwrap().attr("href"), Some("/s/Natrium_News?before=6"));
    let older = page(&posts, &Wanted { before: Some(6), ..Wanted::default() });
    assert!(first(older.root_element(), "link[rel=prev]").is_none());
    let counters = all(root, ".tgme_channel_info_counters > .tgme_channel_info_counter");
    let pairs: Vec<(String, String)> = counters
        .into_iter()
        .map(|counter| {
            (text(first(counter, ".counter_type").unwrap()), text(first(counter, ".counter_value").unwrap()))
        })
        .collect();
    assert_eq!(pairs, [("subscribers".to_owned(), "16.6K".to_owned())]);
}

/// Readers tell a GIF by its missing button, and a video that is too big by its class.
#[test]
fn videos_are_told_apart_as_readers_do() {
    let video = Video {
        url: Some("http://a.example/v.mp4".into()),
        thumb: "http://a.example/t".into(),
        width: 16,
        height: 9,
        seconds: 34,
    };
    let too_big = Video { url: None, ..video.clone() };
    let posts = [
        text_post(1, "", Some(Media::Video(video.clone()))),
        text_post(2, "", Some(Media::Gif(video))),
        text_post(3, "", Some(Media::Video(too_big))),
    ];
    let document = page(&posts, &Wanted::default());
    let players = all(document.root_element(), ".tgme_widget_message_video_player");
    let seen = |player: ElementRef<'_>| {
        let is_too_big = player.value().classes().any(|class| class == "not_supported");
        (first(player, ".message_video_play").is_some(), first(player, "video").is_some(), is_too_big)
    };
    let seen: Vec<_> = players.into_iter().map(seen).collect();
    assert_eq!(seen, [(true, true, false), (false, true, false), (true, false, true)]);
}
