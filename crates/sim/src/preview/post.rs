//! One post as the pages write it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::attachments::{Media, Video};
use super::emoji;
use super::markup::{escape, href, iso, moment, plural, rounded, style_url};
use super::media::{media, post_link, shape};
use super::model::{
    Body, Channel, Content, Forwarded, LinkPreview, Post, PreviewMedia, Quote, Reaction, ReactionKind, Reply, Service,
    UrlButton,
};
use super::text::{formatted, plain};
use crate::control::{EntityKind, Millis};
use crate::world::files::scramble;

/// What a post is called where it is not shown.
const OPEN_TELEGRAM: &str = "Please open Telegram to view this post";

/// A post in a channel's history.
pub(super) fn block(channel: &Channel, post: &Post, now: Millis) -> String {
    let service = if matches!(post.body, Body::Service(_)) { " service_message" } else { "" };
    format!(
        "<div class=\"tgme_widget_message_wrap js-widget_message_wrap\">\
         <div class=\"tgme_widget_message text_not_supported_wrap{service} js-widget_message\" data-post=\"{}/{}\" \
         data-view=\"{}\">{}<div class=\"tgme_widget_message_bubble\">{}{}{}</div>{}</div></div>",
        escape(&channel.username),
        post.id,
        view(channel, post, now),
        user(channel),
        author(channel),
        inside(channel, post),
        footer(channel, post),
        keyboard(&post.buttons),
    )
}

/// What the site counts views by: which post, when, and a seal.
fn view(channel: &Channel, post: &Post, now: Millis) -> String {
    let (first, last) = post.span();
    let seconds = now.0 / 1000;
    let number = if first == last { first.to_string() } else { format!("\"{first}g\"") };
    let seal = scramble(scramble(channel.id.unsigned_abs()) ^ first.unsigned_abs() ^ seconds);
    let json = format!(r#"{{"c":-{},"p":{number},"t":{seconds},"h":"{seal:016x}{:02x}"}}"#, channel.id, seal & 0xff);
    URL_SAFE_NO_PAD.encode(json)
}

/// The channel's picture beside the post.
pub(super) fn user(channel: &Channel) -> String {
    format!(
        "<div class=\"tgme_widget_message_user\"><a href=\"https://t.me/{}\">\
         <i class=\"tgme_widget_message_user_photo\" data-content=\"{}\">{}</i></a></div>",
        escape(&channel.username),
        escape(&initials(&channel.title, 1)),
        image(channel.photo.as_deref()),
    )
}

/// The first letters of the first words.
pub(super) fn initials(title: &str, count: usize) -> String {
    title.split_whitespace().filter_map(|word| word.chars().next()).take(count).collect()
}

/// A picture, if there is one.
pub(super) fn image(url: Option<&str>) -> String {
    url.map_or_else(String::new, |url| format!("<img src=\"{}\">", escape(url)))
}

fn author(channel: &Channel) -> String {
    format!(
        "<div class=\"tgme_widget_message_author accent_color\"><a class=\"tgme_widget_message_owner_name\" \
         href=\"https://t.me/{}\"><span dir=\"auto\">{}</span></a></div>",
        escape(&channel.username),
        plain(&channel.title),
    )
}

/// Everything between the author and the footer.
pub(super) fn inside(channel: &Channel, post: &Post) -> String {
    let link = post_link(&channel.username, post.id);
    let body = match &post.body {
        Body::Content(content) => self::content(content, channel, &link),
        Body::Service(service) => self::service(service, &link),
        Body::NotSupported => not_supported(OPEN_TELEGRAM, &link, ""),
    };
    let forwarded = post.forwarded.as_ref().map(forwarded).unwrap_or_default();
    let reply = post.reply.as_ref().map(reply).unwrap_or_default();
    format!("{forwarded}{reply}{body}{}", reactions(&post.reactions))
}

/// Where nothing else is shown. With `media_not_supported_cont` it is hidden wherever the rest can be shown.
pub(super) fn not_supported(label: &str, link: &str, class: &str) -> String {
    format!(
        "<div class=\"message_media_not_supported_wrap{class}\"><div class=\"message_media_not_supported\">\
         <div class=\"message_media_not_supported_label\">{label}</div>\
         <a href=\"{link}\" class=\"message_media_view_in_telegram\">VIEW IN TELEGRAM</a></div></div>"
    )
}

fn content(content: &Content, channel: &Channel, link: &str) -> String {
    let media = content.media.as_ref().map(|medium| media(medium, &channel.username, link)).unwrap_or_default();
    let is_album = matches!(content.media, Some(Media::Album(_)));
    let text = text(&formatted(&content.text), is_album);
    let has_custom = content.text.entities.iter().any(|entity| matches!(entity.kind, EntityKind::CustomEmoji { .. }));
    let preview = content.link_preview.as_ref().map(link_preview).unwrap_or_default();
    if matches!(content.media, Some(Media::Sticker { .. })) {
        let hidden = not_supported("This media is not supported in your browser", link, " media_not_supported_cont");
        return format!("{hidden}{media}{text}{preview}");
    }
    if has_custom {
        let hidden = not_supported(OPEN_TELEGRAM, link, "");
        return format!(
            "<div class=\"media_supported_cont\">{media}{text}</div>\
             <div class=\"media_not_supported_cont\">{hidden}</div>{preview}"
        );
    }
    format!("{media}{text}{preview}")
}

/// The text; a caption of an album stands in two elements of the same class.
fn text(markup: &str, is_album: bool) -> String {
    if markup.is_empty() {
        return String::new();
    }
    let one = format!("<div class=\"tgme_widget_message_text js-message_text\" dir=\"auto\">{markup}</div>");
    if !is_album {
        return one;
    }
    format!("<div class=\"tgme_widget_message_text js-message_text\" dir=\"auto\">{one}</div>")
}

fn service(service: &Service, link: &str) -> String {
    let photo = service.photo.as_deref().map_or_else(String::new, |url| {
        format!("<a class=\"tgme_widget_message_service_photo\" href=\"{link}\">{}</a>", image(Some(url)))
    });
    format!("{photo}{}", text(&plain(&service.text), false))
}

fn forwarded(from: &Forwarded) -> String {
    let name = format!("<span dir=\"auto\">{}</span>", plain(&from.name));
    let class = "tgme_widget_message_forwarded_from_name";
    let name = match from.link.as_deref().and_then(href) {
        Some(href) => format!("<a class=\"{class}\" href=\"{href}\">{name}</a>"),
        None => format!("<span class=\"{class}\">{name}</span>"),
    };
    let author = from.author.as_deref().map_or_else(String::new, |author| {
        let author = plain(author);
        format!("&nbsp;(<span class=\"tgme_widget_message_forwarded_from_author\" dir=\"auto\">{author}</span>)")
    });
    format!("<div class=\"tgme_widget_message_forwarded_from accent_color\">Forwarded from&nbsp;{name}{author}</div>")
}

/// It stands before the post's own text and shares its class.
fn reply(reply: &Reply) -> String {
    let thumb = reply.thumb.as_deref().map_or_else(String::new, |url| {
        let url = style_url(url);
        format!("<i class=\"tgme_widget_message_reply_thumb\" style=\"background-image:url('{url}')\"></i>")
    });
    let (class, quote) = match &reply.quote {
        Quote::Text(text) => ("tgme_widget_message_text", text),
        Quote::Media(label) => ("tgme_widget_message_metatext", label),
    };
    format!(
        "<a class=\"tgme_widget_message_reply\" href=\"{}\">{thumb}<div class=\"tgme_widget_message_author accent_color\">\
         <span class=\"tgme_widget_message_author_name\" dir=\"auto\">{}</span></div>\
         <div class=\"{class} js-message_reply_text\" dir=\"auto\">{}</div></a>",
        href(&reply.link).unwrap_or_default(),
        plain(&reply.author),
        plain(quote),
    )
}

fn link_preview(preview: &LinkPreview) -> String {
    let part = |class: &str, text: &Option<String>| {
        text.as_deref()
            .map_or_else(String::new, |text| format!("<div class=\"{class}\" dir=\"auto\">{}</div>", plain(text)))
    };
    let (right, large) = match &preview.media {
        Some(PreviewMedia::RightImage(url)) => {
            let url = style_url(url);
            (
                format!("<i class=\"link_preview_right_image\" style=\"background-image:url('{url}')\"></i>"),
                String::new(),
            )
        }
        Some(PreviewMedia::Image(url)) => {
            let url = style_url(url);
            (
                String::new(),
                format!(
                    "<i class=\"link_preview_image\" style=\"background-image:url('{url}');padding-top:52.5%\"></i>"
                ),
            )
        }
        Some(PreviewMedia::Video(video)) => (String::new(), preview_video(video)),
        None => (String::new(), String::new()),
    };
    format!(
        "<a class=\"tgme_widget_message_link_preview\" href=\"{}\">{right}{}{large}{}{}</a>",
        href(&preview.url).unwrap_or_default(),
        part("link_preview_site_name accent_color", &preview.site_name),
        part("link_preview_title", &preview.title),
        part("link_preview_description", &preview.description),
    )
}

fn preview_video(video: &Video) -> String {
    let element = video.url.as_ref().map_or_else(String::new, |url| {
        let url = escape(url);
        format!(
            "<video class=\"link_preview_video js-message_video\" src=\"{url}\" width=\"100%\" height=\"100%\"></video>"
        )
    });
    format!(
        "<div class=\"link_preview_video_player js-message_video_player\"><i class=\"link_preview_video_thumb\" \
         style=\"background-image:url('{}')\"></i><div class=\"link_preview_video_wrap\" style=\"{}\">{element}</div>\
         <time class=\"message_video_duration js-message_video_duration\">{}</time></div>",
        style_url(&video.thumb),
        shape(video.width, video.height),
        super::markup::duration(video.seconds),
    )
}

fn reactions(reactions: &[Reaction]) -> String {
    if reactions.is_empty() {
        return String::new();
    }
    let one = |reaction: &Reaction| {
        let count = rounded(reaction.count);
        match &reaction.kind {
            ReactionKind::Paid => format!(
                "<span class=\"tgme_reaction tgme_reaction_paid\"><i class=\"icon icon-telegram-stars\"></i>{count}</span>"
            ),
            ReactionKind::Emoji(emoji) => {
                format!("<span class=\"tgme_reaction\">{}{count}</span>", emoji::markup(&escape(emoji)))
            }
            ReactionKind::Custom(id) => {
                format!("<span class=\"tgme_reaction\"><tg-emoji emoji-id=\"{}\"></tg-emoji>{count}</span>", escape(id))
            }
        }
    };
    let inside: String = reactions.iter().map(one).collect();
    format!("<div class=\"tgme_widget_message_reactions js-message_reactions\">{inside}</div>")
}

/// Views, author, edited, and when.
fn footer(channel: &Channel, post: &Post) -> String {
    format!(
        "<div class=\"tgme_widget_message_footer compact js-message_footer\">\
         <div class=\"tgme_widget_message_info short js-message_info\">{}</div></div>",
        info(channel, post, "time", "%H:%M"),
    )
}

/// What the footer says; `class` and `format` are those of the time.
pub(super) fn info(channel: &Channel, post: &Post, class: &str, format: &str) -> String {
    let counted = |class: &str, number: u64, one, many| {
        let word = plural(number, one, many);
        format!("<span class=\"{class}\">{}</span><span class=\"copyonly\"> {word}</span>", rounded(number))
    };
    let voters = match post.media() {
        Some(Media::Poll(poll)) => counted("tgme_widget_message_voters", poll.voters, "voter", "voters"),
        _ => String::new(),
    };
    let is_service = matches!(post.body, Body::Service(_));
    let views =
        if is_service { String::new() } else { counted("tgme_widget_message_views", post.views, "view", "views") };
    let signature = post.signature.as_deref().map_or_else(String::new, |author| {
        format!("<span class=\"tgme_widget_message_from_author\" dir=\"auto\">{}</span>,&nbsp;", plain(author))
    });
    let edited = if post.edited { "edited &nbsp;" } else { "" };
    format!(
        "{voters}{views}<span class=\"tgme_widget_message_meta\">{signature}{edited}\
         <a class=\"tgme_widget_message_date\" href=\"{}\"><time datetime=\"{}\" class=\"{class}\">{}</time></a></span>",
        post_link(&channel.username, post.id),
        iso(post.date),
        moment(post.date, format),
    )
}

fn keyboard(rows: &[Vec<UrlButton>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let button = |button: &UrlButton| {
        let text = format!(
            "<span class=\"tgme_widget_message_inline_button_text\" dir=\"auto\">{}</span>",
            plain(&button.text)
        );
        let class = "tgme_widget_message_inline_button url_button";
        match href(&button.url) {
            Some(href) => format!(
                r#"<a class="{class}" href="{href}" target="_blank" rel="noopener" onclick="return confirm('Open this link?\n\n'+this.href);">{text}</a>"#
            ),
            None => text,
        }
    };
    let row = |row: &Vec<UrlButton>| {
        let inside: String = row.iter().map(button).collect();
        format!("<div class=\"tgme_widget_message_inline_row\">{inside}</div>")
    };
    let inside: String = rows.iter().map(row).collect();
    format!("<div class=\"tgme_widget_message_inline_keyboard\">{inside}</div>")
}
