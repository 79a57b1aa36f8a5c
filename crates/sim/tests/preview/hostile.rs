//! What people write is text on every page and in every field, whatever it looks like: no element of theirs comes to
//! be, and none of it is lost.

use natrium_sim::control::{Entity, EntityKind, FormattedText, Millis};
use natrium_sim::preview::{
    AlbumItem, Body, Channel, Content, Forwarded, Landing, LinkPreview, Media, Photo, Picture, Poll, PollKind, Post,
    PreviewMedia, Quote, Reaction, ReactionKind, Reply, Service, StickerKind, UrlButton, Video, Wanted, history,
    landing, widget,
};
use scraper::{Html, Node};

use crate::made::{self, text_post};
use crate::reader::{all, first};

/// Ends whatever it stands in and begins an element.
const HOSTILE: &str = "</title></textarea></style></div>\"'><evil onevil='1'>&amp;&lt;</evil>";
/// The same as an address.
const ADDRESS: &str = "https://a.example/?\"'></style><evil onevil='1'>&amp;');";
/// What is left of it in a style.
const IN_STYLE: &str = "https://a.example/?%22%27%3E%3C/style%3E%3Cevil%20onevil=%271%27%3E&amp;%27);";

/// How often hostile texts and addresses are on the page, none of them as markup.
fn found(html: &str) -> (usize, usize) {
    let document = Html::parse_document(html);
    assert!(all(document.root_element(), "evil, [onevil], script").is_empty(), "{html}");
    let mut said: Vec<String> = Vec::new();
    for node in document.tree.values() {
        match node {
            Node::Text(text) => said.push(text.to_string()),
            Node::Element(element) => said.extend(element.attrs().map(|(_, value)| value.to_owned())),
            _ => {}
        }
    }
    let count = |wanted: &str| said.iter().map(|text| text.matches(wanted).count()).sum::<usize>();
    (count(HOSTILE), count(ADDRESS) + count(IN_STYLE))
}

fn hostile() -> String {
    HOSTILE.to_owned()
}

fn address() -> String {
    ADDRESS.to_owned()
}

fn channel() -> Channel {
    let description = FormattedText { text: hostile(), entities: Vec::new() };
    Channel { title: hostile(), description, photo: Some(address()), ..made::news() }
}

fn page(post: &Post) -> String {
    let wanted = Wanted { q: Some(post.text().to_owned()), ..Wanted::default() };
    history(&channel(), std::slice::from_ref(post), &wanted, Millis(0))
}

/// A post adds so many hostile texts and addresses to a page without it, and to the widget. If it says `HOSTILE` itself,
/// so does the field for searches.
fn assert_adds(post: &Post, texts: usize, addresses: usize) {
    let plain = text_post(7, "word", None);
    let added = |html: &str, without: &str| {
        let (with, without) = (found(html), found(without));
        (with.0 - without.0, with.1 - without.1)
    };
    let searched = usize::from(post.text() == HOSTILE);
    assert_eq!(added(&page(post), &page(&plain)), (texts + searched, addresses), "{post:?}");
    let is_service = matches!(post.body, Body::Service(_));
    let expected = if is_service { (0, 0) } else { (texts, addresses) };
    let widgets = [post, &plain].map(|post| widget(Some((&channel(), post))));
    // The keyboard is not part of a widget.
    let (texts, addresses) = added(&widgets[0], &widgets[1]);
    let buttons = post.buttons.concat().len();
    assert_eq!((texts + buttons, addresses + buttons), (expected.0, expected.1), "{post:?}");
}

#[test]
fn a_channel_with_hostile_texts_is_shown_as_it_is_called() {
    let html = page(&text_post(7, "word", None));
    // The title, two properties, two headings, the owner of the post; the description and a property.
    assert_eq!(found(&html).0, 1 + 2 + 2 + 1 + 2);
    let document = Html::parse_document(&html);
    let title: String = first(document.root_element(), "title").unwrap().text().collect();
    assert_eq!(title, format!("{HOSTILE} – Telegram"));
    let pictures = all(document.root_element(), "img");
    assert!(pictures.len() == 3 && pictures.iter().all(|picture| picture.attr("src") == Some(ADDRESS)), "{html}");
}

#[test]
fn first_letters_of_a_title_are_letters() {
    let channel = Channel { title: "\" > x".to_owned(), ..made::news() };
    let html = history(&channel, &[text_post(7, "word", None)], &Wanted::default(), Millis(0));
    let document = Html::parse_document(&html);
    let letters = |css: &str| first(document.root_element(), css).unwrap().attr("data-content").map(str::to_owned);
    assert_eq!(letters(".tgme_page_photo_image").as_deref(), Some("\">"));
    assert_eq!(letters(".tgme_widget_message_user_photo").as_deref(), Some("\""));
}

#[test]
fn markup_in_any_field_of_a_post_is_text() {
    assert_adds(&text_post(7, HOSTILE, None), 1, 0);
    let around = Post {
        signature: Some(hostile()),
        forwarded: Some(Forwarded { name: hostile(), link: Some(address()), author: Some(hostile()) }),
        reply: Some(Reply {
            link: address(),
            author: hostile(),
            quote: Quote::Text(hostile()),
            thumb: Some(address()),
        }),
        reactions: vec![
            Reaction { kind: ReactionKind::Emoji(hostile()), count: 1 },
            Reaction { kind: ReactionKind::Custom(hostile()), count: 1 },
        ],
        buttons: vec![vec![UrlButton { text: hostile(), url: address() }]],
        ..text_post(7, "word", None)
    };
    assert_adds(&around, 8, 4);
    let medium = Reply { link: address(), author: String::new(), quote: Quote::Media(hostile()), thumb: None };
    assert_adds(&Post { reply: Some(medium), ..text_post(7, "word", None) }, 1, 1);
    for service in [Service::pinned(HOSTILE, HOSTILE), Service::photo_updated(ADDRESS)] {
        let is_photo = service.photo.is_some();
        let post = Post { body: Body::Service(service), ..text_post(7, "", None) };
        assert_adds(&post, if is_photo { 0 } else { 2 }, usize::from(is_photo));
    }
}

#[test]
fn markup_in_any_entity_and_link_preview_is_text() {
    let entity = |offset, kind| Entity { offset, length: 1, kind };
    let entities = vec![
        entity(0, EntityKind::TextLink { url: address() }),
        entity(1, EntityKind::CustomEmoji { custom_emoji_id: hostile() }),
    ];
    let media = |media| Some(LinkPreview { media: Some(media), ..preview() });
    let pictures = [PreviewMedia::Image(address()), PreviewMedia::RightImage(address()), PreviewMedia::Video(video())];
    for (picture, addresses) in pictures.into_iter().zip([1, 1, 2]) {
        let text = FormattedText { text: "ab".to_owned(), entities: entities.clone() };
        let content = Content { text, media: None, link_preview: media(picture) };
        let post = Post { body: Body::Content(Box::new(content)), ..text_post(7, "", None) };
        assert_adds(&post, 1 + 3, 1 + 1 + addresses);
    }
}

fn preview() -> LinkPreview {
    LinkPreview {
        url: address(),
        site_name: Some(hostile()),
        title: Some(hostile()),
        description: Some(hostile()),
        media: None,
    }
}

fn photo() -> Photo {
    Photo { url: address(), width: 1, height: 1 }
}

fn video() -> Video {
    Video { url: Some(address()), thumb: address(), width: 1, height: 1, seconds: 1 }
}

#[test]
fn markup_in_any_medium_is_text() {
    let options = vec![(hostile(), 1), (hostile(), 2)];
    let poll = Poll { question: hostile(), kind: PollKind::Quiz, multiple: false, voters: 3, options };
    let items = [Picture::Photo(photo()), Picture::Video(video())];
    let items = items.into_iter().zip(7..).map(|(picture, id)| AlbumItem { id, picture }).collect();
    let sticker = |kind| Media::Sticker { kind, url: address() };
    let media = [
        (Media::Photo(photo()), 0, 1),
        (Media::Video(video()), 0, 2),
        (Media::Gif(video()), 0, 2),
        (Media::Album(items), 0, 3),
        (Media::RoundVideo(video()), 0, 2),
        (Media::Voice { url: address(), seconds: 1 }, 0, 1),
        (Media::Audio { title: hostile(), performer: hostile() }, 2, 0),
        (Media::Document { name: hostile(), size: 1 }, 1, 0),
        (sticker(StickerKind::Still), 0, 1),
        (sticker(StickerKind::Animated), 0, 1),
        (sticker(StickerKind::Video), 0, 1),
        (Media::Poll(poll), 3, 0),
        (Media::Contact { name: hostile(), phone: hostile() }, 2, 0),
    ];
    for (medium, texts, addresses) in media {
        assert_adds(&text_post(7, "word", Some(medium)), texts, addresses);
    }
}

#[test]
fn an_address_that_would_run_is_no_link_anywhere() {
    let run = || "javascript:alert(1)".to_owned();
    let forwarded = Forwarded { name: "A".into(), link: Some(run()), author: None };
    let reply = Reply { link: run(), author: "A".into(), quote: Quote::Text("x".into()), thumb: None };
    let text = FormattedText {
        text: "see".to_owned(),
        entities: vec![Entity { offset: 0, length: 3, kind: EntityKind::TextLink { url: run() } }],
    };
    let link_preview = Some(LinkPreview { url: run(), ..LinkPreview::default() });
    let post = Post {
        forwarded: Some(forwarded),
        reply: Some(reply),
        body: Body::Content(Box::new(Content { text, media: None, link_preview })),
        buttons: vec![vec![UrlButton { text: "Open".into(), url: run() }]],
        ..text_post(7, "", None)
    };
    let html = page(&post);
    assert!(!html.contains("javascript:"), "{html}");
}

#[test]
fn markup_on_a_landing_page_is_text() {
    let group = Landing::Group {
        username: hostile(),
        title: hostile(),
        description: hostile(),
        photo: Some(address()),
        members: 1,
        online: 0,
    };
    // Four times the title, twice the description; the name in the head, in each link, and as what a person is called.
    let pages = [
        (Landing::Channel { channel: Box::new(channel()), preview: true }, 4 + 2, 3),
        (group, 4 + 2 + 1 + 2, 3),
        (Landing::User { username: hostile(), name: hostile() }, 4 + 1 + 1 + 2, 0),
        (Landing::Bot { username: hostile(), name: hostile() }, 4 + 1 + 1 + 2, 0),
        (Landing::Unknown { username: hostile() }, 3 + 3, 0),
    ];
    for (of, texts, addresses) in pages {
        let html = landing(&of);
        assert_eq!(found(&html), (texts, addresses), "{html}");
    }
}
