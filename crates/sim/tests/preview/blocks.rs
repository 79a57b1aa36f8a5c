//! What is put into a page comes back out of it, by a reader that knows nothing of how it was written.

use natrium_sim::control::{EntityKind, FormattedText, Millis};
use natrium_sim::preview::{
    Body, Channel, Content, LinkPreview, Media, Picture, Poll, PollKind, Post, PreviewMedia, Quote, ReactionKind,
    StickerKind, Video, Wanted, history,
};
use proptest::prelude::*;

use crate::made;
use crate::reader::{self, Forwarded, Media as Read, Reply};
use crate::rich::Rich;
use crate::saved::about;

const NOW: Millis = Millis(1_787_431_435_000);

/// What a reader must find in a text: beside each UTF-16 unit all that holds of it.
fn expected_text(text: &FormattedText) -> Rich {
    let mut position = 0;
    let mut expected = Rich { text: text.text.clone(), ..Rich::default() };
    for character in text.text.chars() {
        // Of links in links the outermost counts: it begins first, then it is the longest, then the first.
        let mut around: Vec<_> = text
            .entities
            .iter()
            .filter(|entity| (entity.offset..entity.offset + entity.length).contains(&position))
            .collect();
        around.sort_by_key(|entity| (entity.offset, usize::MAX - entity.length));
        let mut link = None;
        let mut marks: Vec<String> = Vec::new();
        for entity in around {
            let covered = covered(&text.text, entity.offset, entity.length);
            match mark(&entity.kind, &covered) {
                Some((mark, true)) => link = link.or(Some(mark)),
                Some((mark, false)) => marks.push(mark),
                None => {}
            }
        }
        marks.extend(link);
        marks.sort();
        marks.dedup();
        expected.marks.extend((0..character.len_utf16()).map(|_| marks.clone()));
        position += character.len_utf16();
    }
    expected
}

/// The characters that begin within a stretch.
fn covered(text: &str, offset: usize, length: usize) -> String {
    let mut position = 0;
    let mut covered = String::new();
    for character in text.chars() {
        if (offset..offset + length).contains(&position) {
            covered.push(character);
        }
        position += character.len_utf16();
    }
    covered
}

/// What an entity is to a reader, and whether it is a link.
fn mark(kind: &EntityKind, covered: &str) -> Option<(String, bool)> {
    let simple = |mark: &str| Some((mark.to_owned(), false));
    match kind {
        EntityKind::Bold => simple("bold"),
        EntityKind::Italic => simple("italic"),
        EntityKind::Underline => simple("underline"),
        EntityKind::Strikethrough => simple("strike"),
        EntityKind::Spoiler => simple("spoiler"),
        EntityKind::Code => simple("code"),
        EntityKind::Pre { .. } => simple("pre"),
        EntityKind::Blockquote => simple("quote"),
        EntityKind::ExpandableBlockquote => simple("folded quote"),
        EntityKind::CustomEmoji { custom_emoji_id } => Some((format!("emoji {custom_emoji_id}"), false)),
        EntityKind::TextLink { url } => Some((format!("link {url}"), true)),
        EntityKind::Mention => Some((format!("mention {}", covered.trim_start_matches('@')), true)),
        EntityKind::Hashtag => Some((format!("tag {covered}"), true)),
        EntityKind::BotCommand => None,
        other => unreachable!("{other:?} is not made"),
    }
}

fn assert_text(found: Option<&Rich>, put: &FormattedText) {
    if put.text.is_empty() {
        assert_eq!(found, None);
        return;
    }
    let (found, expected) = (found.expect("a text"), expected_text(put));
    assert_eq!(found.text, expected.text);
    assert_eq!(found.marks, expected.marks, "{put:?}");
}

/// A number as it is written is the number, cut off after three digits.
fn assert_rounded(written: &str, number: u64) {
    let step = 10_u64.pow(number.max(1).ilog10().saturating_sub(2));
    let about = about(written);
    assert!(about <= number && number - about < step, "{number} is written {written}");
    assert!(written.len() <= 5, "{written}");
}

fn duration(seconds: u32) -> String {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, of_hour) = (minutes / 60, minutes % 60);
    if hours == 0 { format!("{minutes}:{seconds:02}") } else { format!("{hours}:{of_hour:02}:{seconds:02}") }
}

fn expected_video(video: &Video, kind: &'static str, link: String) -> Read {
    let kind = if video.url.is_none() { "too big" } else { kind };
    let duration = (kind != "gif").then(|| duration(video.seconds));
    Read::Video { kind, url: video.url.clone(), thumb: video.thumb.clone(), duration, link }
}

fn assert_media(found: &[Read], put: &Media, channel: &Channel, id: i64) {
    let link = format!("https://t.me/{}/{id}", channel.username);
    let expected = match put {
        Media::Photo(photo) => Read::Photo { url: Some(photo.url.clone()), link },
        Media::Video(video) => expected_video(video, "video", link),
        Media::Gif(video) => expected_video(video, "gif", link),
        Media::Album(items) => {
            let single = |id: i64| format!("https://t.me/{}/{id}?single", channel.username);
            let item = |item: &natrium_sim::preview::AlbumItem| match &item.picture {
                Picture::Photo(photo) => Read::Photo { url: Some(photo.url.clone()), link: single(item.id) },
                Picture::Video(video) => expected_video(video, "video", single(item.id)),
            };
            assert_eq!(found, items.iter().map(item).collect::<Vec<_>>());
            return;
        }
        Media::RoundVideo(video) => {
            Read::Round { url: video.url.clone(), thumb: video.thumb.clone(), duration: duration(video.seconds) }
        }
        Media::Voice { url, seconds } => Read::Voice { url: url.clone(), duration: duration(*seconds) },
        Media::Audio { title, performer } => {
            Read::Document { title: title.clone(), extra: performer.clone(), audio: true }
        }
        Media::Document { name, size } => return assert_document(found, name, *size),
        Media::Sticker { kind, url } => {
            let kind = match kind {
                StickerKind::Still => "webp",
                StickerKind::Animated => "tgs",
                StickerKind::Video => "webm",
            };
            Read::Sticker { kind, url: url.clone() }
        }
        Media::Poll(poll) => return assert_poll(found, poll),
        Media::Location { latitude, longitude } => {
            let at = format!("{latitude},{longitude}");
            Read::Location { url: format!("https://maps.google.com/maps?q={at}&ll={at}&z=16") }
        }
        Media::Contact { name, phone } => Read::Contact { name: name.clone(), phone: phone.clone() },
    };
    assert_eq!(found, [expected]);
}

fn assert_document(found: &[Read], name: &str, size: u64) {
    let [Read::Document { title, extra, audio: false }] = found else { panic!("{found:?}") };
    assert_eq!(title, name);
    let (number, unit) = extra.split_once(' ').unwrap();
    let power = ["B", "KB", "MB", "GB"].iter().position(|known| *known == unit).unwrap();
    let bytes = number.parse::<f64>().unwrap() * 1024_f64.powi(i32::try_from(power).unwrap());
    #[expect(clippy::cast_precision_loss, reason = "sizes are below 2^32")]
    let size = size as f64;
    assert!(bytes <= size && size - bytes <= size * 0.1, "{size} is written {extra}");
}

fn assert_poll(found: &[Read], put: &Poll) {
    let [Read::Poll { question, kind, multiple, voters, options }] = found else { panic!("{found:?}") };
    let expected = match put.kind {
        PollKind::Poll => "Anonymous Poll",
        PollKind::Quiz => "Anonymous Quiz",
        PollKind::Final => "Final Results",
    };
    assert_eq!((question, kind.as_str(), *multiple), (&put.question, expected, put.multiple));
    assert_rounded(voters, put.voters);
    assert_eq!(options.len(), put.options.len());
    let most = put.options.iter().map(|(_, votes)| *votes).max().unwrap();
    for ((text, percent, width), (put_text, votes)) in options.iter().zip(&put.options) {
        let percent: u64 = percent.strip_suffix('%').unwrap().parse().unwrap();
        assert_eq!(text, put_text);
        assert!(
            (percent * put.voters).abs_diff(votes * 100) * 2 <= put.voters,
            "{votes} of {} is {percent}%",
            put.voters
        );
        assert_eq!(width == "width:100%", *votes == most && most > 0, "{width}");
    }
}

fn assert_link_preview(found: Option<&reader::LinkPreview>, put: Option<&LinkPreview>) {
    let expected = put.cloned().map(|put| {
        let (mut image, mut right_image, mut video) = (None, None, None);
        match put.media {
            Some(PreviewMedia::Image(url)) => image = Some(url),
            Some(PreviewMedia::RightImage(url)) => right_image = Some(url),
            Some(PreviewMedia::Video(of)) => video = of.url,
            None => {}
        }
        let LinkPreview { url, site_name, title, description, .. } = put;
        reader::LinkPreview { url, site_name, title, description, image, right_image, video }
    });
    assert_eq!(found, expected.as_ref());
}

/// Reactions, buttons, views, author, and where it comes from.
fn assert_around(found: &reader::Post, put: &Post) {
    assert_eq!(found.reactions.len(), put.reactions.len());
    for ((kind, count), reaction) in found.reactions.iter().zip(&put.reactions) {
        let expected = match &reaction.kind {
            ReactionKind::Paid => "stars".to_owned(),
            ReactionKind::Emoji(emoji) => emoji.clone(),
            ReactionKind::Custom(id) => format!("custom {id}"),
        };
        assert_eq!(kind, &expected);
        assert_rounded(count, reaction.count);
    }
    let button = |button: &natrium_sim::preview::UrlButton| (button.text.clone(), button.url.clone());
    let buttons: Vec<Vec<_>> = put.buttons.iter().map(|row| row.iter().map(button).collect()).collect();
    assert_eq!(found.buttons, buttons);
    let forwarded = put.forwarded.clone();
    let forwarded = forwarded.map(|from| Forwarded { name: from.name, link: from.link, author: from.author });
    assert_eq!(found.forwarded, forwarded);
    let reply = put.reply.clone().map(|reply| {
        let (text, medium) = match reply.quote {
            Quote::Text(text) => (Some(text), None),
            Quote::Media(medium) => (None, Some(medium)),
        };
        Reply { link: reply.link, author: reply.author, text, medium, thumb: reply.thumb }
    });
    assert_eq!(found.reply, reply);
}

/// The post that was found is the one that was put in.
fn assert_same(found: &reader::Post, put: &Post, channel: &Channel) {
    assert_eq!((&found.channel, found.id), (&channel.username, put.id));
    assert_eq!(found.chat, Some(-channel.id));
    assert_eq!(found.link, format!("https://t.me/{}/{}", channel.username, put.id));
    let date: jiff::Timestamp = found.date.parse().unwrap();
    assert!(found.date.ends_with("+00:00"));
    assert_eq!(u64::try_from(date.as_millisecond()).unwrap(), put.date.0);
    assert_eq!((found.edited, &found.author), (put.edited, &put.signature));
    assert_eq!(found.service, matches!(put.body, Body::Service(_)));
    assert_eq!(found.views.is_none(), found.service);
    if let Some(views) = &found.views {
        assert_rounded(views, put.views);
    }
    assert_around(found, put);
    let album: Vec<i64> = if put.span().0 == put.span().1 { vec![] } else { (put.span().0..=put.span().1).collect() };
    assert_eq!(found.album_ids, album);
    match &put.body {
        Body::Content(content) => assert_content(found, content, channel),
        Body::Service(service) => {
            assert_eq!(found.text.as_ref().map(|text| &text.text), Some(&service.text));
            let photo: Vec<Read> = service.photo.iter().cloned().map(|url| Read::ServicePhoto { url }).collect();
            assert_eq!(found.media, photo);
        }
        Body::NotSupported => {
            assert_eq!((&found.text, found.media.len()), (&None, 0));
            assert_eq!(found.not_supported, ["Please open Telegram to view this post"]);
        }
    }
}

fn assert_content(found: &reader::Post, content: &Content, channel: &Channel) {
    assert_text(found.text.as_ref(), &content.text);
    assert_link_preview(found.link_preview.as_ref(), content.link_preview.as_ref());
    match &content.media {
        Some(media) => assert_media(&found.media, media, channel, found.id),
        None => assert_eq!(found.media, []),
    }
    let hints = ["This media is not supported in your browser", "Media is too big"];
    assert!(found.not_supported.iter().all(|label| hints.contains(&label.as_str())), "{:?}", found.not_supported);
}

/// Reads the page that holds only this post.
fn read_alone(channel: &Channel, post: &Post) -> reader::Page {
    let html = history(channel, std::slice::from_ref(post), &Wanted::default(), NOW);
    let page = reader::read(&html);
    assert_eq!(page.posts.len(), 1, "{html}");
    page
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn posts_come_out_as_they_were_put_in(channel in made::channel(), posts in made::posts(6)) {
        for post in &posts {
            assert_same(&read_alone(&channel, post).posts[0], post, &channel);
        }
    }

    #[test]
    fn channels_come_out_as_they_were_put_in(channel in made::channel()) {
        let page = read_alone(&channel, &made::text_post(1, "word", None));
        let found = page.channel.unwrap();
        assert_eq!((&found.title, &found.username, found.verified), (&channel.title, &channel.username, channel.verified));
        assert_text(found.description.as_ref(), &channel.description);
        let counts = channel.counts;
        let put = [
            ("subscribers", channel.subscribers), ("photos", counts.photos), ("videos", counts.videos),
            ("files", counts.files), ("links", counts.links),
        ];
        for (name, count) in put {
            let name = if count == 1 { name.trim_end_matches('s') } else { name };
            match found.counters.get(name) {
                Some(written) => assert_rounded(written, count),
                None => assert_eq!(count, 0, "{name}"),
            }
        }
    }
}

#[test]
fn an_address_cannot_leave_its_style() {
    let url = "http://a.example/x');} body{display:none} \"><script>.jpg".to_owned();
    let photo = natrium_sim::preview::Photo { url, width: 1, height: 1 };
    let html = history(&made::news(), &[made::text_post(1, "", Some(Media::Photo(photo)))], &Wanted::default(), NOW);
    let document = scraper::Html::parse_document(&html);
    let photo = reader::first(document.root_element(), "a.tgme_widget_message_photo_wrap").unwrap();
    assert_eq!(photo.attr("style").unwrap().matches('\'').count(), 2);
    assert!(reader::first(document.root_element(), "script").is_none());
}

#[test]
fn posts_with_custom_emoji_say_that_a_part_is_not_shown() {
    let kind = EntityKind::CustomEmoji { custom_emoji_id: "5296419911260742000".into() };
    let entity = natrium_sim::control::Entity { offset: 0, length: 2, kind };
    let mut post = made::text_post(1, "💎 gram", None);
    if let Body::Content(content) = &mut post.body {
        content.text.entities.push(entity);
    }
    let html = history(&made::news(), &[post], &Wanted::default(), NOW);
    let document = scraper::Html::parse_document(&html);
    let bubble = ".tgme_widget_message_bubble > .media_supported_cont > .tgme_widget_message_text";
    assert!(reader::first(document.root_element(), bubble).is_some());
    let label = ".tgme_widget_message_bubble > .media_not_supported_cont .message_media_not_supported_label";
    assert!(reader::first(document.root_element(), label).is_some());
    assert_eq!(reader::read(&html).posts[0].not_supported, Vec::<String>::new());
}

#[test]
fn a_sticker_has_a_hint_that_is_hidden_wherever_it_is_shown() {
    let media = Media::Sticker { kind: StickerKind::Video, url: "http://a.example/a.webm".into() };
    let html = history(&made::news(), &[made::text_post(1, "", Some(media))], &Wanted::default(), NOW);
    let document = scraper::Html::parse_document(&html);
    let hint = ".tgme_widget_message_bubble > .media_not_supported_cont .message_media_not_supported_label";
    let hint: String = reader::first(document.root_element(), hint).unwrap().text().collect();
    assert_eq!(hint, "This media is not supported in your browser");
    let sticker = ".tgme_widget_message_bubble > .media_supported_cont video";
    assert!(reader::first(document.root_element(), sticker).is_some());
}
