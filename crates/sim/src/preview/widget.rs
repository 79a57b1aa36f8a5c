//! `/<channel>/<id>?embed=1`: one post for the pages of others.

use super::markup::escape;
use super::media::post_link;
use super::model::{Body, Channel, Post};
use super::post::{info, inside, not_supported, user};
use super::text::plain;

/// The widget of one post.
pub(crate) fn widget(channel: &Channel, post: &Post) -> String {
    let name = escape(&channel.username);
    let link = post_link(&channel.username, post.id);
    let body = match post.body {
        Body::Service(_) => not_supported("Service message", &link, ""),
        _ => inside(channel, post),
    };
    frame(&format!(
        "<div class=\"tgme_widget_message text_not_supported_wrap js-widget_message\" data-post=\"{name}/{id}\" \
         data-post-id=\"{id}\">{}<div class=\"tgme_widget_message_bubble\">\
         <div class=\"tgme_widget_message_author accent_color\"><a class=\"tgme_widget_message_owner_name\" \
         href=\"https://t.me/{name}\"><span dir=\"auto\">{}</span></a></div>{body}\
         <div class=\"tgme_widget_message_footer js-message_footer\">\
         <div class=\"tgme_widget_message_link accent_color\"><a href=\"{link}\" class=\"link_anchor flex_ellipsis\">\
         <span class=\"ellipsis\">t.me/{name}</span>/{id}</a></div>\
         <div class=\"tgme_widget_message_info js-message_info\">{}</div></div></div></div>",
        user(channel),
        plain(&channel.title),
        info(channel, post, "datetime", "%b %-d, %Y at %H:%M"),
        id = post.id,
    ))
}

/// The widget of a post that is not there.
pub(crate) fn missing() -> String {
    frame(
        "<div class=\"tgme_widget_message text_not_supported_wrap err_message js-widget_message\">\
         <div class=\"tgme_widget_message_user\"><i class=\"tgme_widget_message_user_photo\" data-content=\"!\"></i></div>\
         <div class=\"tgme_widget_message_bubble\">\
         <div class=\"tgme_widget_message_error\" dir=\"auto\">Post not found</div></div></div>",
    )
}

fn frame(inside: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>Telegram Widget</title>\n<base target=\"_blank\">\n\
         <meta name=\"robots\" content=\"noindex, nofollow\">\n</head>\n\
         <body class=\"widget_frame_base tgme_widget body_widget_post emoji_image nodark\">\n{inside}\n</body>\n</html>\n"
    )
}
