//! Turns a page into what it says, by the elements and classes that readers of the real site go by.
//!
//! It knows nothing of how the simulator writes pages. The parser is that of browsers (html5ever), so that tags which
//! do not nest come apart here as they do there.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

use crate::rich::{self, Rich};

/// What a page is and says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) kind: &'static str,
    pub(crate) title: Option<String>,
    pub(crate) extra: Option<String>,
    pub(crate) is_contact: bool,
    pub(crate) error: Option<String>,
    pub(crate) channel: Option<Channel>,
    pub(crate) prev: Option<i64>,
    pub(crate) next: Option<i64>,
    pub(crate) canonical: Option<String>,
    pub(crate) data_before: Option<i64>,
    pub(crate) data_after: Option<i64>,
    pub(crate) no_posts_found: bool,
    pub(crate) posts: Vec<Post>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Channel {
    pub(crate) title: String,
    pub(crate) username: String,
    pub(crate) description: Option<Rich>,
    pub(crate) verified: bool,
    pub(crate) counters: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Post {
    pub(crate) channel: String,
    pub(crate) id: i64,
    pub(crate) chat: Option<i64>,
    pub(crate) date: String,
    pub(crate) link: String,
    pub(crate) edited: bool,
    pub(crate) author: Option<String>,
    pub(crate) views: Option<String>,
    pub(crate) service: bool,
    pub(crate) text: Option<Rich>,
    pub(crate) media: Vec<Media>,
    pub(crate) album_ids: Vec<i64>,
    pub(crate) forwarded: Option<Forwarded>,
    pub(crate) reply: Option<Reply>,
    pub(crate) link_preview: Option<LinkPreview>,
    pub(crate) reactions: Vec<(String, String)>,
    pub(crate) buttons: Vec<Vec<(String, String)>>,
    pub(crate) not_supported: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Media {
    Photo { url: Option<String>, link: String },
    Video { kind: &'static str, url: Option<String>, thumb: String, duration: Option<String>, link: String },
    Round { url: Option<String>, thumb: String, duration: String },
    Voice { url: String, duration: String },
    Document { title: String, extra: String, audio: bool },
    Sticker { kind: &'static str, url: String },
    Poll { question: String, kind: String, multiple: bool, voters: String, options: Vec<(String, String, String)> },
    Location { url: String },
    Contact { name: String, phone: String },
    ServicePhoto { url: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forwarded {
    pub(crate) name: String,
    pub(crate) link: Option<String>,
    pub(crate) author: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) link: String,
    pub(crate) author: String,
    pub(crate) text: Option<String>,
    pub(crate) medium: Option<String>,
    pub(crate) thumb: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkPreview {
    pub(crate) url: String,
    pub(crate) site_name: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) image: Option<String>,
    pub(crate) right_image: Option<String>,
    pub(crate) video: Option<String>,
}

/// Reads a page.
pub(crate) fn read(html: &str) -> Page {
    let document = Html::parse_document(html);
    let root = document.root_element();
    let posts: Vec<Post> = all(root, "div.tgme_widget_message[data-post]").into_iter().map(post).collect();
    let error = first(root, ".tgme_widget_message_error").map(rich::text);
    let kind = match () {
        () if first(root, "body.tgme_webpreview").is_some() => "preview",
        () if first(root, ".tgme_page").is_some() => "landing",
        () if error.is_some() => "error",
        () if !posts.is_empty() => "block",
        () => "other",
    };
    let cursor = |css: &str| first(root, css).and_then(|link| number_at_end(link.attr("href")?));
    let data =
        |name: &str| first(root, &format!("a.tme_messages_more[{name}]")).and_then(|a| a.attr(name)?.parse().ok());
    Page {
        kind,
        title: first(root, ".tgme_page_title").map(|title| rich::text(title).trim().to_owned()),
        extra: first(root, ".tgme_page_extra").map(rich::text),
        is_contact: first(root, ".tgme_icon_user").is_some(),
        error,
        channel: first(root, ".tgme_channel_info").map(channel),
        prev: cursor("link[rel=prev]"),
        next: cursor("link[rel=next]"),
        canonical: first(root, "link[rel=canonical]").and_then(|link| Some(link.attr("href")?.to_owned())),
        data_before: data("data-before"),
        data_after: data("data-after"),
        no_posts_found: first(root, ".tme_no_messages_found").is_some(),
        posts,
    }
}

fn number_at_end(text: &str) -> Option<i64> {
    text.rsplit_once('=')?.1.parse().ok()
}

thread_local! {
    /// Selectors are read once: there are few of them and many pages.
    static SELECTORS: RefCell<HashMap<String, Rc<Selector>>> = RefCell::default();
}

fn selector(css: &str) -> Rc<Selector> {
    SELECTORS.with_borrow_mut(|known| {
        let parsed = known.entry(css.to_owned()).or_insert_with(|| Rc::new(Selector::parse(css).unwrap()));
        Rc::clone(parsed)
    })
}

/// All elements below, in their order.
pub(crate) fn all<'a>(element: ElementRef<'a>, css: &str) -> Vec<ElementRef<'a>> {
    element.select(&selector(css)).collect()
}

pub(crate) fn first<'a>(element: ElementRef<'a>, css: &str) -> Option<ElementRef<'a>> {
    element.select(&selector(css)).next()
}

fn said(element: ElementRef<'_>, css: &str) -> Option<String> {
    first(element, css).map(rich::text)
}

fn attribute(element: ElementRef<'_>, css: &str, name: &str) -> Option<String> {
    first(element, css).and_then(|found| found.attr(name)).map(str::to_owned)
}

/// The address in `background-image:url('…')`.
fn background(element: ElementRef<'_>) -> Option<String> {
    let (_, rest) = element.attr("style")?.split_once("background-image:url('")?;
    Some(rest.split_once("')")?.0.to_owned())
}

fn inside(element: ElementRef<'_>, classes: &[&str]) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).any(|above| classes.iter().any(|class| has(above, class)))
}

fn has(element: ElementRef<'_>, class: &str) -> bool {
    element.value().classes().any(|own| own == class)
}

fn channel(info: ElementRef<'_>) -> Channel {
    let counter = |counter: ElementRef<'_>| Some((said(counter, ".counter_type")?, said(counter, ".counter_value")?));
    let verified = ".tgme_channel_info_header_labels .verified-icon, .tgme_channel_info_header_title .verified-icon";
    Channel {
        title: said(info, ".tgme_channel_info_header_title > span").unwrap(),
        username: said(info, ".tgme_channel_info_header_username > a").unwrap().trim_start_matches('@').to_owned(),
        description: first(info, ".tgme_channel_info_description").map(rich::read),
        verified: first(info, verified).is_some(),
        counters: all(info, ".tgme_channel_info_counter").into_iter().filter_map(counter).collect(),
    }
}

fn post(element: ElementRef<'_>) -> Post {
    let (channel, id) = element.attr("data-post").unwrap().split_once('/').unwrap();
    let date = first(element, "a.tgme_widget_message_date").unwrap();
    let meta = first(element, ".tgme_widget_message_meta").unwrap();
    let own: String =
        meta.children().filter_map(|child| child.value().as_text().map(|text| text.to_string())).collect();
    let single =
        |item: ElementRef<'_>| Some(item.attr("href")?.strip_suffix("?single")?.rsplit_once('/')?.1.parse().unwrap());
    Post {
        channel: channel.to_owned(),
        id: id.parse().unwrap(),
        chat: element.attr("data-view").and_then(|view| chat(view, id)),
        date: attribute(date, "time", "datetime").unwrap(),
        link: date.attr("href").unwrap().to_owned(),
        edited: own.contains("edited"),
        author: said(element, ".tgme_widget_message_from_author"),
        views: said(element, ".tgme_widget_message_views"),
        service: has(element, "service_message"),
        text: own_text(element),
        media: media(element),
        album_ids: all(element, ".tgme_widget_message_grouped_wrap a[href]").into_iter().filter_map(single).collect(),
        forwarded: forwarded(element),
        reply: first(element, "a.tgme_widget_message_reply").map(reply),
        link_preview: first(element, "a.tgme_widget_message_link_preview").map(link_preview),
        reactions: all(element, ".tgme_widget_message_reactions .tgme_reaction").into_iter().map(reaction).collect(),
        buttons: all(element, ".tgme_widget_message_inline_row").into_iter().map(buttons).collect(),
        not_supported: not_supported(element),
    }
}

/// The chat's id out of `data-view`, which must be of this post; nothing if it was cut out.
fn chat(view: &str, id: &str) -> Option<i64> {
    let json: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(view).ok()?).ok()?;
    let named =
        json["p"].as_str().map_or_else(|| json["p"].to_string(), |group| group.trim_end_matches('g').to_owned());
    assert_eq!(named, id);
    json["c"].as_i64()
}

/// The post's own text: not the one it answers, and the innermost where there are two.
fn own_text(post: ElementRef<'_>) -> Option<Rich> {
    let own = |text: &ElementRef<'_>| !inside(*text, &["tgme_widget_message_reply"]);
    let texts = all(post, ".tgme_widget_message_text");
    let outer = texts.into_iter().find(own)?;
    Some(rich::read(first(outer, ".tgme_widget_message_text").unwrap_or(outer)))
}

fn media(post: ElementRef<'_>) -> Vec<Media> {
    let css = "a.tgme_widget_message_photo_wrap, a.tgme_widget_message_video_player, \
        .tgme_widget_message_roundvideo_player, .tgme_widget_message_voice_player, a.tgme_widget_message_document_wrap, \
        .tgme_widget_message_sticker_wrap, .tgme_widget_message_poll, a.tgme_widget_message_location_wrap, \
        .tgme_widget_message_contact_wrap, a.tgme_widget_message_service_photo";
    all(post, css).into_iter().map(|element| medium(post, element)).collect()
}

fn medium(post: ElementRef<'_>, element: ElementRef<'_>) -> Media {
    let link = element.attr("href").unwrap_or_default().to_owned();
    let thumb = |css: &str| background(first(element, css).unwrap()).unwrap();
    let text = |css: &str| said(element, css).unwrap();
    match () {
        () if has(element, "tgme_widget_message_photo_wrap") => Media::Photo { url: background(element), link },
        () if has(element, "tgme_widget_message_video_player") => {
            let duration = said(element, "time.message_video_duration");
            let kind = match (&duration, has(element, "not_supported")) {
                (_, true) => "too big",
                (None, _) => "gif",
                (Some(_), _) => "video",
            };
            let url = attribute(element, "video", "src");
            Media::Video { kind, url, thumb: thumb(".tgme_widget_message_video_thumb"), duration, link }
        }
        () if has(element, "tgme_widget_message_roundvideo_player") => Media::Round {
            url: attribute(element, "video.tgme_widget_message_roundvideo", "src"),
            thumb: thumb(".tgme_widget_message_roundvideo_thumb"),
            duration: text("time.tgme_widget_message_roundvideo_duration"),
        },
        () if has(element, "tgme_widget_message_voice_player") => Media::Voice {
            url: attribute(element, "audio", "src").unwrap(),
            duration: text("time.tgme_widget_message_voice_duration"),
        },
        () if has(element, "tgme_widget_message_document_wrap") => Media::Document {
            title: text(".tgme_widget_message_document_title"),
            extra: text(".tgme_widget_message_document_extra"),
            audio: first(element, ".tgme_widget_message_document_icon.audio").is_some(),
        },
        () if has(element, "tgme_widget_message_sticker_wrap") => sticker(element),
        () if has(element, "tgme_widget_message_poll") => poll(post, element),
        () if has(element, "tgme_widget_message_location_wrap") => Media::Location { url: link },
        () if has(element, "tgme_widget_message_contact_wrap") => Media::Contact {
            name: text(".tgme_widget_message_contact_name"),
            phone: text(".tgme_widget_message_contact_phone"),
        },
        () => Media::ServicePhoto { url: attribute(element, "img", "src").unwrap() },
    }
}

fn sticker(element: ElementRef<'_>) -> Media {
    let kinds = [
        ("webp", "i[data-webp]", "data-webp"),
        ("tgs", ".tgme_widget_message_tgsticker source[type='application/x-tgsticker']", "srcset"),
        ("webm", ".tgme_widget_message_videosticker video", "src"),
    ];
    let found = kinds.iter().find_map(|(kind, css, name)| Some((*kind, attribute(element, css, name)?)));
    let (kind, url) = found.unwrap();
    Media::Sticker { kind, url }
}

fn poll(post: ElementRef<'_>, element: ElementRef<'_>) -> Media {
    let option = |option: ElementRef<'_>| {
        let width = attribute(option, ".tgme_widget_message_poll_option_bar", "style").unwrap();
        let text = |css: &str| said(option, css).unwrap();
        (text(".tgme_widget_message_poll_option_text"), text(".tgme_widget_message_poll_option_percent"), width)
    };
    Media::Poll {
        question: said(element, ".tgme_widget_message_poll_question").unwrap(),
        kind: said(element, ".tgme_widget_message_poll_type").unwrap(),
        multiple: has(element, "multiple"),
        voters: said(post, ".tgme_widget_message_voters").unwrap(),
        options: all(element, ".tgme_widget_message_poll_option").into_iter().map(option).collect(),
    }
}

fn forwarded(post: ElementRef<'_>) -> Option<Forwarded> {
    let name = first(post, ".tgme_widget_message_forwarded_from_name")?;
    Some(Forwarded {
        name: rich::text(name),
        link: name.attr("href").map(str::to_owned),
        author: said(post, ".tgme_widget_message_forwarded_from_author"),
    })
}

fn reply(reply: ElementRef<'_>) -> Reply {
    Reply {
        link: reply.attr("href").unwrap().to_owned(),
        author: said(reply, ".tgme_widget_message_author_name").unwrap(),
        text: said(reply, ".tgme_widget_message_text.js-message_reply_text"),
        medium: said(reply, ".tgme_widget_message_metatext"),
        thumb: first(reply, "i.tgme_widget_message_reply_thumb").and_then(background),
    }
}

fn link_preview(preview: ElementRef<'_>) -> LinkPreview {
    LinkPreview {
        url: preview.attr("href").unwrap().to_owned(),
        site_name: said(preview, ".link_preview_site_name"),
        title: said(preview, ".link_preview_title"),
        description: said(preview, ".link_preview_description"),
        image: first(preview, "i.link_preview_image").and_then(background),
        right_image: first(preview, "i.link_preview_right_image").and_then(background),
        video: attribute(preview, "video.link_preview_video", "src"),
    }
}

/// Which, and how many as it is written.
fn reaction(reaction: ElementRef<'_>) -> (String, String) {
    let own = reaction.children().filter_map(|child| child.value().as_text().map(|text| text.to_string()));
    let count = own.collect::<String>();
    let custom = attribute(reaction, "tg-emoji", "emoji-id");
    let kind = match (has(reaction, "tgme_reaction_paid"), custom, said(reaction, "i.emoji > b")) {
        (true, _, _) => "stars".to_owned(),
        (_, Some(id), _) => format!("custom {id}"),
        (_, _, emoji) => emoji.unwrap(),
    };
    (kind, count)
}

fn buttons(row: ElementRef<'_>) -> Vec<(String, String)> {
    let button = |a: ElementRef<'_>| (rich::text(a), a.attr("href").unwrap().to_owned());
    all(row, "a.tgme_widget_message_inline_button").into_iter().map(button).collect()
}

/// The labels that are not hidden wherever the rest can be shown.
fn not_supported(post: ElementRef<'_>) -> Vec<String> {
    let shown = |label: &ElementRef<'_>| !inside(*label, &["media_not_supported_cont"]);
    all(post, ".message_media_not_supported_label").into_iter().filter(shown).map(rich::text).collect()
}
