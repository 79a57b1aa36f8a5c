//! Channels and posts of every kind, made at random, with texts that would break a page that is not careful.

use natrium_sim::control::{Entity, EntityKind, FormattedText, Millis};
use natrium_sim::preview::{
    AlbumItem, Body, Channel, Content, Counts, Forwarded, LinkPreview, Media, Photo, Picture, Poll, PollKind, Post,
    PreviewMedia, Quote, Reaction, ReactionKind, Reply, Service, StickerKind, UrlButton, Video,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Pieces that texts are put together from.
const PIECES: &[&str] = &[
    "Price",
    " ",
    "цена",
    "\n",
    "&",
    "<",
    ">",
    "\"",
    "'",
    "&amp;",
    "&#33;",
    "<script>alert('x')</script>",
    "</div>",
    "<br/>",
    "<!--",
    "]]>",
    "$5",
    "!",
    "👀",
    "⌚️",
    "🇨🇳",
    "👩‍💻",
    "❤️‍🔥",
    "1️⃣",
    "\u{a0}",
    "\u{2009}",
    "\\n",
    "`",
    "%20",
    "{}",
    "日本",
    "\t",
    "\r",
    "\u{202e}",
    "=",
    "/*",
    "*/",
    "a&b=c",
    "</textarea>",
    "</title>",
    "' onload='x",
    "\u{85}",
];

/// A text of some pieces.
pub(crate) fn words(most: usize) -> impl Strategy<Value = String> {
    vec(proptest::sample::select(PIECES), 1..=most).prop_map(|pieces| pieces.concat())
}

fn address() -> impl Strategy<Value = String> {
    ("[a-z]{1,8}", "[a-z0-9&='\"<>;-]{0,12}").prop_map(|(host, query)| format!("https://{host}.example/?{query}"))
}

/// An address in a style; what would end the quotes is written there in another way.
fn file_address() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_-]{8,20}".prop_map(|name| format!("http://127.0.0.1:4000/file/{name}.jpg?token=a&b"))
}

/// A kind of entity that people can set.
fn entity_kind() -> impl Strategy<Value = EntityKind> {
    prop_oneof![
        Just(EntityKind::Bold),
        Just(EntityKind::Italic),
        Just(EntityKind::Underline),
        Just(EntityKind::Strikethrough),
        Just(EntityKind::Spoiler),
        Just(EntityKind::Code),
        Just(EntityKind::Pre { language: None }),
        Just(EntityKind::Blockquote),
        Just(EntityKind::ExpandableBlockquote),
        address().prop_map(|url| EntityKind::TextLink { url }),
        "[0-9]{19}".prop_map(|custom_emoji_id| EntityKind::CustomEmoji { custom_emoji_id }),
        Just(EntityKind::BotCommand),
        Just(EntityKind::Mention),
        Just(EntityKind::Hashtag),
    ]
}

/// A text with entities anywhere: nested, overlapping, beyond its end.
pub(crate) fn formatted() -> impl Strategy<Value = FormattedText> {
    (words(12), vec((0_usize..40, 1_usize..20, entity_kind()), 0..6)).prop_map(|(text, entities)| {
        let entities = entities.into_iter().map(|(offset, length, kind)| Entity { offset, length, kind }).collect();
        FormattedText { text, entities }
    })
}

fn photo() -> impl Strategy<Value = Photo> {
    (file_address(), 1_u32..2000, 1_u32..2000).prop_map(|(url, width, height)| Photo { url, width, height })
}

fn video() -> impl Strategy<Value = Video> {
    (option::weighted(0.8, address()), photo(), 0_u32..10_000).prop_map(|(url, still, seconds)| Video {
        url,
        thumb: still.url,
        width: still.width,
        height: still.height,
        seconds,
    })
}

fn poll() -> impl Strategy<Value = Poll> {
    let kind = prop_oneof![Just(PollKind::Poll), Just(PollKind::Quiz), Just(PollKind::Final)];
    (words(5), kind, any::<bool>(), vec((words(4), 0_u64..500), 2..10)).prop_map(
        |(question, kind, multiple, options)| {
            let voters = options.iter().map(|(_, votes)| votes).sum();
            Poll { question, kind, multiple, voters, options }
        },
    )
}

/// Any media but an album.
fn media() -> impl Strategy<Value = Media> {
    let sticker = prop_oneof![Just(StickerKind::Still), Just(StickerKind::Animated), Just(StickerKind::Video)];
    prop_oneof![
        photo().prop_map(Media::Photo),
        video().prop_map(Media::Video),
        (video(), address()).prop_map(|(video, url)| Media::Gif(Video { url: Some(url), ..video })),
        video().prop_map(Media::RoundVideo),
        (address(), 0_u32..4000).prop_map(|(url, seconds)| Media::Voice { url, seconds }),
        (words(4), words(3)).prop_map(|(title, performer)| Media::Audio { title, performer }),
        (words(4), any::<u32>()).prop_map(|(name, size)| Media::Document { name, size: u64::from(size) }),
        (sticker, address()).prop_map(|(kind, url)| Media::Sticker { kind, url }),
        poll().prop_map(Media::Poll),
        (-90_i32..90, -180_i32..180).prop_map(|(north, east)| Media::Location {
            latitude: f64::from(north) + 0.5,
            longitude: f64::from(east) + 0.25
        }),
        (words(3), "[+0-9]{3,12}").prop_map(|(name, phone)| Media::Contact { name, phone }),
    ]
}

fn link_preview() -> impl Strategy<Value = LinkPreview> {
    let media = prop_oneof![
        file_address().prop_map(PreviewMedia::Image),
        file_address().prop_map(PreviewMedia::RightImage),
        video().prop_map(PreviewMedia::Video),
    ];
    let text = || option::of(words(6));
    (address(), text(), text(), text(), option::of(media)).prop_map(|(url, site_name, title, description, media)| {
        LinkPreview { url, site_name, title, description, media }
    })
}

/// What a post says. An album is asked for by how many pictures it has; their numbers are given later.
fn body() -> impl Strategy<Value = Body> {
    let picture = prop_oneof![photo().prop_map(Picture::Photo), video().prop_map(Picture::Video)];
    let album = vec(picture, 2..=10)
        .prop_map(|pictures| Media::Album(pictures.into_iter().map(|picture| AlbumItem { id: 0, picture }).collect()));
    let text = prop_oneof![3 => formatted(), 1 => Just(FormattedText::default())];
    let media = prop_oneof![2 => media(), 1 => album];
    let content = (text, option::of(media), option::weighted(0.3, link_preview()))
        .prop_map(|(text, media, link_preview)| Body::Content(Box::new(Content { text, media, link_preview })));
    let service = prop_oneof![
        Just(Service::created()),
        file_address().prop_map(|url| Service::photo_updated(&url)),
        (words(2), words(4)).prop_map(|(who, what)| Service::pinned(&who, &what)),
    ];
    prop_oneof![8 => content, 1 => service.prop_map(Body::Service), 1 => Just(Body::NotSupported)]
}

fn reaction() -> impl Strategy<Value = Reaction> {
    let emoji = proptest::sample::select(vec!["👍", "❤", "🔥", "🤷‍♀️"]);
    let kind = prop_oneof![
        Just(ReactionKind::Paid),
        emoji.prop_map(|emoji| ReactionKind::Emoji(emoji.to_owned())),
        "[0-9]{19}".prop_map(ReactionKind::Custom),
    ];
    (kind, 1_u64..100_000_000).prop_map(|(kind, count)| Reaction { kind, count })
}

fn reply() -> impl Strategy<Value = Reply> {
    let quote = prop_oneof![words(6).prop_map(Quote::Text), words(2).prop_map(Quote::Media)];
    (1_u32..1000, words(3), quote, option::of(file_address())).prop_map(|(id, author, quote, thumb)| Reply {
        link: format!("https://t.me/news/{id}"),
        author,
        quote,
        thumb,
    })
}

fn forwarded() -> impl Strategy<Value = Forwarded> {
    (words(3), option::of(address()), option::of(words(2))).prop_map(|(name, link, author)| Forwarded {
        name,
        link,
        author,
    })
}

/// A post without its numbers.
fn unnumbered() -> impl Strategy<Value = Post> {
    let buttons = vec(vec((words(3), address()).prop_map(|(text, url)| UrlButton { text, url }), 1..3), 0..3);
    let about = (0_u64..4_000_000_000, any::<bool>(), option::of(words(2)), 0_u64..50_000_000);
    let around = (option::weighted(0.2, forwarded()), option::weighted(0.2, reply()), vec(reaction(), 0..4), buttons);
    (about, around, body()).prop_map(|((seconds, edited, signature, views), around, body)| {
        let (forwarded, reply, reactions, buttons) = around;
        let date = Millis(seconds * 1000);
        Post { id: 0, date, edited, signature, views, forwarded, reply, body, reactions, buttons }
    })
}

/// Gives a post its number, and numbers after it to the pictures of an album.
fn numbered(mut post: Post, id: i64) -> Post {
    post.id = id;
    if let Body::Content(content) = &mut post.body
        && let Some(Media::Album(items)) = &mut content.media
    {
        for (number, item) in (id..).zip(items) {
            item.id = number;
        }
    }
    post
}

/// Puts posts in an order, each so many numbers after the one before.
fn in_order(posts: Vec<(Post, i64)>) -> Vec<Post> {
    let mut last = 0;
    posts
        .into_iter()
        .map(|(post, gap)| {
            let post = numbered(post, last + gap);
            last = post.span().1;
            post
        })
        .collect()
}

/// Posts of all kinds; most follow each other, some after a gap.
pub(crate) fn posts(most: usize) -> impl Strategy<Value = Vec<Post>> {
    vec((unnumbered(), gap()), 1..=most).prop_map(in_order)
}

fn gap() -> impl Strategy<Value = i64> {
    prop_oneof![6 => Just(1_i64), 2 => 2_i64..5, 1 => 15_i64..60, 1 => Just(1000)]
}

/// Posts that matter only for where they stand: many, of one number or of some.
pub(crate) fn many_posts() -> impl Strategy<Value = Vec<Post>> {
    vec((prop_oneof![3 => Just(1_i64), 1 => 2_i64..=10], gap()), 0..80)
        .prop_map(|sizes| in_order(sizes.into_iter().map(|(size, gap)| (plain(size), gap)).collect()))
}

/// A post that takes so many numbers.
fn plain(size: i64) -> Post {
    let photo = Photo { url: "http://127.0.0.1/a.jpg".to_owned(), width: 1, height: 1 };
    let items: Vec<AlbumItem> = (0..size).map(|id| AlbumItem { id, picture: Picture::Photo(photo.clone()) }).collect();
    let media = (size > 1).then_some(Media::Album(items));
    text_post(0, "word", media)
}

/// The simplest post.
pub(crate) fn text_post(id: i64, text: &str, media: Option<Media>) -> Post {
    let text = FormattedText { text: text.to_owned(), entities: Vec::new() };
    Post {
        id,
        date: Millis(1_781_033_631_000),
        edited: false,
        signature: None,
        views: 746,
        forwarded: None,
        reply: None,
        body: Body::Content(Box::new(Content { text, media, link_preview: None })),
        reactions: Vec::new(),
        buttons: Vec::new(),
    }
}

/// A channel with any title and description.
pub(crate) fn channel() -> impl Strategy<Value = Channel> {
    let number = || prop_oneof![Just(0_u64), Just(1), 2_u64..50_000_000];
    (
        words(4),
        formatted(),
        option::of(file_address()),
        any::<bool>(),
        [number(), number(), number(), number(), number()],
    )
        .prop_map(|(title, description, photo, verified, [subscribers, photos, videos, files, links])| Channel {
            title,
            description,
            photo,
            verified,
            subscribers,
            counts: Counts { photos, videos, files, links },
            ..news()
        })
}

/// The channel of the other tests.
pub(crate) fn news() -> Channel {
    Channel {
        id: 1_006_503_122,
        username: "Natrium_News".to_owned(),
        title: "News".to_owned(),
        description: FormattedText::default(),
        photo: None,
        verified: false,
        subscribers: 16_674,
        counts: Counts::default(),
    }
}
