//! What a post carries, as the pages write it.

use super::attachments::{AlbumItem, Media, Photo, Picture, Poll, PollKind, StickerKind, Video};
use super::markup::{duration, escape, file_size, style_url};
use super::text::plain;

/// Where a post stands on the real site. Links to posts lead there, for that is what readers look for.
pub(super) fn post_link(channel: &str, id: i64) -> String {
    format!("https://t.me/{}/{id}", escape(channel))
}

/// The markup of a medium; `link` is that of its post.
pub(super) fn media(media: &Media, channel: &str, link: &str) -> String {
    match media {
        Media::Photo(one) => photo(one, link),
        Media::Video(video) => player(video, link, false),
        Media::Gif(video) => player(video, link, true),
        Media::Album(items) => album(items, channel),
        Media::RoundVideo(video) => round_video(video, link),
        Media::Voice { url, seconds } => voice(url, *seconds, link),
        Media::Audio { title, performer } => file(title, performer, " audio", link),
        Media::Document { name, size } => file(name, &file_size(*size), "", link),
        Media::Sticker { kind, url } => sticker(*kind, url),
        Media::Poll(of) => poll(of, link),
        Media::Location { latitude, longitude } => location(*latitude, *longitude),
        Media::Contact { name, phone } => contact(name, phone),
    }
}

/// `padding-top` that gives a box the shape of a picture.
pub(super) fn shape(width: u32, height: u32) -> String {
    let percent = f64::from(height) * 100.0 / f64::from(width.max(1));
    format!("padding-top:{}%", decimals(percent))
}

/// Up to four decimals.
fn decimals(number: f64) -> String {
    let written = format!("{number:.4}");
    written.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn photo(photo: &Photo, link: &str) -> String {
    format!(
        "<a class=\"tgme_widget_message_photo_wrap\" href=\"{link}\" style=\"width:{}px;background-image:url('{}')\">\
         <div class=\"tgme_widget_message_photo\" style=\"{}\"></div></a>",
        photo.width,
        style_url(&photo.url),
        shape(photo.width, photo.height),
    )
}

/// The hint that browsers get, or why there is nothing to play.
fn not_supported_hint(label: &str) -> String {
    format!(
        "<div class=\"message_media_not_supported_wrap\"><div class=\"message_media_not_supported\">\
         <div class=\"message_media_not_supported_label\">{label}</div>\
         <span class=\"message_media_view_in_telegram\">VIEW IN TELEGRAM</span></div></div>"
    )
}

const NOT_IN_BROWSER: &str = "This media is not supported in your browser";

/// What stands in a video's player; a GIF has neither a button nor a duration.
fn player_inside(video: &Video, is_gif: bool, wrap: &str) -> String {
    let playing = if is_gif { " preload muted autoplay loop playsinline" } else { "" };
    let element = video.url.as_ref().map_or_else(String::new, |url| {
        format!(
            "<video src=\"{}\" class=\"tgme_widget_message_video js-message_video\" width=\"100%\" height=\"100%\"{playing}></video>",
            escape(url)
        )
    });
    let play = if is_gif {
        String::new()
    } else {
        format!(
            "<div class=\"message_video_play js-message_video_play\"></div>\
             <time class=\"message_video_duration js-message_video_duration\">{}</time>",
            duration(video.seconds)
        )
    };
    let label = if video.url.is_some() { NOT_IN_BROWSER } else { "Media is too big" };
    format!(
        "<i class=\"tgme_widget_message_video_thumb\" style=\"background-image:url('{}')\"></i>{wrap}{element}</div>{play}{}",
        style_url(&video.thumb),
        not_supported_hint(label),
    )
}

fn too_big(video: &Video) -> &'static str {
    if video.url.is_some() { "" } else { " not_supported" }
}

fn player(video: &Video, link: &str, is_gif: bool) -> String {
    let shape = shape(video.width, video.height);
    let wrap = format!("<div class=\"tgme_widget_message_video_wrap\" style=\"width:{}px;{shape}\">", video.width);
    format!(
        "<a class=\"tgme_widget_message_video_player{} js-message_video_player\" href=\"{link}\">{}</a>",
        too_big(video),
        player_inside(video, is_gif, &wrap),
    )
}

/// Pictures below each other: where exactly they stand matters to eyes only.
fn album(items: &[AlbumItem], channel: &str) -> String {
    let inside: String = items.iter().map(|item| album_item(item, channel)).collect();
    format!(
        "<div class=\"tgme_widget_message_grouped_wrap js-message_grouped_wrap\" style=\"width:453px;\">\
         <div class=\"tgme_widget_message_grouped js-message_grouped\">\
         <div class=\"tgme_widget_message_grouped_layer js-message_grouped_layer\">{inside}</div></div></div>"
    )
}

fn album_item(item: &AlbumItem, channel: &str) -> String {
    let link = format!("{}?single", post_link(channel, item.id));
    match &item.picture {
        Picture::Photo(photo) => format!(
            "<a class=\"tgme_widget_message_photo_wrap grouped_media_wrap blured js-message_photo\" \
             style=\"background-image:url('{}')\" href=\"{link}\"><div class=\"grouped_media_helper\">\
             <div class=\"tgme_widget_message_photo grouped_media\"></div></div></a>",
            style_url(&photo.url),
        ),
        Picture::Video(video) => format!(
            "<a class=\"tgme_widget_message_video_player{} grouped_media_wrap blured js-message_video_player\" \
             href=\"{link}\">{}</a>",
            too_big(video),
            player_inside(
                video,
                false,
                "<div class=\"tgme_widget_message_video_wrap grouped_media js-message_video_wrap\">"
            ),
        ),
    }
}

fn round_video(video: &Video, link: &str) -> String {
    let element = video.url.as_ref().map_or_else(String::new, |url| {
        format!(
            "<video class=\"tgme_widget_message_roundvideo js-message_roundvideo\" src=\"{}\" width=\"100%\" height=\"100%\" \
             preload muted autoplay loop playsinline></video>",
            escape(url)
        )
    });
    format!(
        "<div class=\"tgme_widget_message_roundvideo_player js-message_roundvideo_player\">\
         <div class=\"tgme_widget_message_roundvideo_wrap\"><i class=\"tgme_widget_message_roundvideo_thumb\" \
         style=\"background-image:url('{}')\"></i>{element}</div>\
         <div class=\"message_media_not_supported_wrap js-message_roundvideo_not_supported\">\
         <div class=\"message_media_not_supported\"><div class=\"message_media_not_supported_label\">{NOT_IN_BROWSER}</div>\
         <a href=\"{link}\" class=\"message_media_view_in_telegram\">VIEW IN TELEGRAM</a></div></div>\
         <time class=\"tgme_widget_message_roundvideo_duration js-message_roundvideo_duration\">{}</time></div>",
        style_url(&video.thumb),
        duration(video.seconds),
    )
}

fn voice(url: &str, seconds: u32, link: &str) -> String {
    format!(
        "<a class=\"tgme_widget_message_voice_player js-message_voice_player\" href=\"{link}\">\
         <audio class=\"tgme_widget_message_voice js-message_voice\" src=\"{}\" data-ogg=\"\" width=\"100%\"></audio>\
         <div class=\"tgme_widget_message_voice_wrap\"><time class=\"tgme_widget_message_voice_duration \
         js-message_voice_duration\">{}</time></div></a>",
        escape(url),
        duration(seconds),
    )
}

fn file(title: &str, extra: &str, icon: &str, link: &str) -> String {
    format!(
        "<a class=\"tgme_widget_message_document_wrap\" href=\"{link}\">\
         <div class=\"tgme_widget_message_document_icon accent_bg{icon}\"></div><div class=\"tgme_widget_message_document\">\
         <div class=\"tgme_widget_message_document_title accent_color\" dir=\"auto\">{}</div>\
         <div class=\"tgme_widget_message_document_extra\" dir=\"auto\">{}</div></div></a>",
        plain(title),
        plain(extra),
    )
}

/// The wrapper with its `media_supported_cont`; what stands before it is the post's.
fn sticker(kind: StickerKind, url: &str) -> String {
    let inside = match kind {
        StickerKind::Still => format!(
            "<i class=\"tgme_widget_message_sticker js-sticker_image\" data-webp=\"{}\" style=\"width:256px;\"></i>",
            escape(url)
        ),
        StickerKind::Animated => format!(
            "<div class=\"tgme_widget_message_tgsticker_wrap\"><picture class=\"tgme_widget_message_tgsticker js-tgsticker_image\" \
             style=\"width:256px;\"><source type=\"application/x-tgsticker\" srcset=\"{}\"></picture></div>",
            escape(url)
        ),
        StickerKind::Video => format!(
            "<div class=\"tgme_widget_message_videosticker js-videosticker\"><video class=\"js-videosticker_video\" src=\"{}\" \
             preload muted autoplay loop playsinline></video></div>",
            escape(url)
        ),
    };
    format!("<div class=\"tgme_widget_message_sticker_wrap media_supported_cont\">{inside}</div>")
}

/// What a poll is called.
fn poll_type(kind: PollKind) -> &'static str {
    match kind {
        PollKind::Poll => "Anonymous Poll",
        PollKind::Quiz => "Anonymous Quiz",
        PollKind::Final => "Final Results",
    }
}

fn poll(poll: &Poll, link: &str) -> String {
    let most = poll.options.iter().map(|(_, votes)| *votes).max().unwrap_or_default().max(1);
    let options: String =
        poll.options.iter().map(|(text, votes)| poll_option(text, *votes, poll.voters, most)).collect();
    let multiple = if poll.multiple { " multiple" } else { "" };
    format!(
        "<div class=\"tgme_widget_message_poll js-poll{multiple}\"><div class=\"tgme_widget_message_poll_question\">{}</div>\
         <div class=\"tgme_widget_message_poll_type\">{}</div>\
         <a class=\"tgme_widget_message_poll_options\" href=\"{link}\">{options}</a></div>",
        plain(&poll.question),
        poll_type(poll.kind),
    )
}

/// The bar is as long as the answer is behind the one that leads; the percentage is of all who took part.
fn poll_option(text: &str, votes: u64, voters: u64, most: u64) -> String {
    let percent = (votes * 100 + voters / 2).checked_div(voters).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "votes are few")]
    let width = decimals(votes as f64 * 100.0 / most as f64);
    format!(
        "<div class=\"tgme_widget_message_poll_option\"><div class=\"tgme_widget_message_poll_option_percent\">{percent}%</div>\
         <div class=\"tgme_widget_message_poll_option_value\"><div class=\"tgme_widget_message_poll_option_text\">{}</div>\
         <div class=\"tgme_widget_message_poll_option_bar accent_bg\" style=\"width:{width}%\"></div></div></div>",
        plain(text),
    )
}

fn location(latitude: f64, longitude: f64) -> String {
    format!(
        "<a class=\"tgme_widget_message_location_wrap\" \
         href=\"https://maps.google.com/maps?q={latitude},{longitude}&amp;ll={latitude},{longitude}&amp;z=16\">\
         <div class=\"tgme_widget_message_location\"></div></a>"
    )
}

fn contact(name: &str, phone: &str) -> String {
    format!(
        "<div class=\"tgme_widget_message_contact_wrap\"><div class=\"tgme_widget_message_contact\">\
         <div class=\"tgme_widget_message_contact_name\" dir=\"auto\">{}</div>\
         <div class=\"tgme_widget_message_contact_phone\">{}</div></div></div>",
        plain(name),
        plain(phone),
    )
}
