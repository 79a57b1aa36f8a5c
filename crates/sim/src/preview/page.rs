//! `/s/<channel>`: a page of a channel's history.

use super::markup::{escape, plural, rounded};
use super::model::{Channel, Post};
use super::post::{block, image, initials};
use super::select::{Wanted, Window};
use super::text::{formatted, plain, query_value};
use crate::control::Millis;

/// The page with these posts; `posts` are those of the window.
pub(crate) fn page(channel: &Channel, posts: &[Post], window: &Window, wanted: &Wanted, now: Millis) -> String {
    let blocks: String = posts.iter().map(|post| block(channel, post, now)).collect();
    let blocks = if posts.is_empty() { nothing() } else { blocks };
    let name = escape(&channel.username);
    let query = Search(wanted.q.as_deref());
    let newer = window.next.map_or_else(String::new, |next| more(&name, "after", next, query));
    let older = window.prev.map_or_else(String::new, |prev| more(&name, "before", prev, query));
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>{} – Telegram</title>\n{}{}</head>\n\
         <body class=\"widget_frame_base tgme_webpreview emoji_image thin_box_shadow tme_mode no_transitions\">\n{}\n\
         <main class=\"tgme_main\" data-url=\"/{name}\">\n<div class=\"tgme_container\">\n\
         <section class=\"tgme_channel_history js-message_history\">{older}{blocks}{newer}</section>\n</div>\n</main>\n\
         </body>\n</html>\n",
        escape(&channel.title),
        meta(channel),
        links(&name, posts, window, query),
        header(channel, query),
    )
}

/// What was searched for, if anything.
#[derive(Clone, Copy)]
struct Search<'a>(Option<&'a str>);

impl Search<'_> {
    /// What stands before the other parameters of an address in an attribute.
    fn prefix(self) -> String {
        self.0.map_or_else(String::new, |query| format!("q={}&amp;", query_value(query)))
    }
}

fn nothing() -> String {
    "<div class=\"tgme_widget_message_wrap js-widget_message_wrap\"><div class=\"tgme_widget_message_centered\">\
     <div class=\"tme_no_messages_found\">No posts found</div></div></div>"
        .to_owned()
}

fn more(name: &str, direction: &str, number: i64, search: Search<'_>) -> String {
    format!(
        "<div class=\"tgme_widget_message_centered js-messages_more_wrap\"><a href=\"/s/{name}?{}{direction}={number}\" \
         class=\"tme_messages_more js-messages_more\" data-{direction}=\"{number}\"></a></div>",
        search.prefix(),
    )
}

/// What other sites show of the page.
fn meta(channel: &Channel) -> String {
    let photo = channel.photo.as_deref().unwrap_or("https://telegram.org/img/t_logo_2x.png");
    open_graph(&channel.title, photo, &channel.description.text)
}

/// The properties for whoever shows a link to this page.
pub(super) fn open_graph(title: &str, image: &str, description: &str) -> String {
    let (title, image, description) = (escape(title), escape(image), escape(description));
    format!(
        "<meta property=\"og:title\" content=\"{title}\">\n<meta property=\"og:image\" content=\"{image}\">\n\
         <meta property=\"og:site_name\" content=\"Telegram\">\n\
         <meta property=\"og:description\" content=\"{description}\">\n\
         <meta property=\"twitter:title\" content=\"{title}\">\n<meta property=\"twitter:image\" content=\"{image}\">\n\
         <meta property=\"twitter:site\" content=\"@Telegram\">\n"
    )
}

/// The pages before and after. `canonical` is this page itself, and never a cursor.
fn links(name: &str, posts: &[Post], window: &Window, search: Search<'_>) -> String {
    let link = |rel: &str, direction: &str, number: Option<i64>| {
        number.map_or_else(String::new, |number| {
            format!("<link rel=\"{rel}\" href=\"/s/{name}?{}{direction}={number}\">\n", search.prefix())
        })
    };
    let own = posts.last().map(|post| post.span().1 + 1);
    [link("prev", "before", window.prev), link("next", "after", window.next), link("canonical", "before", own)].concat()
}

fn counters(channel: &Channel) -> String {
    let counts = channel.counts;
    let counters = [
        (channel.subscribers, plural(channel.subscribers, "subscriber", "subscribers")),
        (counts.photos, plural(counts.photos, "photo", "photos")),
        (counts.videos, plural(counts.videos, "video", "videos")),
        (counts.files, plural(counts.files, "file", "files")),
        (counts.links, plural(counts.links, "link", "links")),
    ];
    let counter = |(value, kind): &(u64, &str)| {
        format!(
            "<div class=\"tgme_channel_info_counter\"><span class=\"counter_value\">{}</span> \
             <span class=\"counter_type\">{kind}</span></div>",
            rounded(*value)
        )
    };
    counters.iter().filter(|(value, _)| *value > 0).map(counter).collect()
}

fn header(channel: &Channel, search: Search<'_>) -> String {
    let name = escape(&channel.username);
    let title = format!("<span dir=\"auto\">{}</span>", plain(&channel.title));
    let verified = if channel.verified { "<i class=\"verified-icon\"> ✔</i>" } else { "" };
    let photo = format!(
        "<i class=\"tgme_page_photo_image\" data-content=\"{}\">{}</i>",
        escape(&initials(&channel.title, 2)),
        image(channel.photo.as_deref())
    );
    let description = formatted(&channel.description);
    let description = if description.is_empty() {
        String::new()
    } else {
        format!("<div class=\"tgme_channel_info_description\">{description}</div>")
    };
    let followers = plural(channel.subscribers, "subscriber", "subscribers");
    format!(
        "<header class=\"tgme_header search_collapsed\">\n<div class=\"tgme_container\">\n\
         <div class=\"tgme_header_search\"><form class=\"tgme_header_search_form\" action=\"/s/{name}\">\
         <input class=\"tgme_header_search_form_input js-header_search\" placeholder=\"Search\" name=\"q\" \
         autocomplete=\"off\" value=\"{}\" /></form></div>\n\
         <div class=\"tgme_header_right_column\"><section class=\"tgme_right_column\"><div class=\"tgme_channel_info\">\n\
         <div class=\"tgme_channel_info_header\">{photo}<div class=\"tgme_channel_info_header_title_wrap\">\
         <div class=\"tgme_channel_info_header_title\">{title}</div>\
         <div class=\"tgme_channel_info_header_labels\">{verified}</div></div>\
         <div class=\"tgme_channel_info_header_username\"><a href=\"https://t.me/{name}\">@{name}</a></div></div>\n\
         <div class=\"tgme_channel_info_counters\">{}</div>\n{description}</div></section></div>\n\
         <div class=\"tgme_header_info\"><a class=\"tgme_header_link\" href=\"https://t.me/{name}\">{photo}\
         <div class=\"tgme_header_title_wrap\"><div class=\"tgme_header_title\">{title}</div>\
         <div class=\"tgme_header_labels\">{verified}</div></div>\
         <div class=\"tgme_header_counter\">{} {followers}</div></a></div>\n</div>\n</header>",
        escape(search.0.unwrap_or_default()),
        counters(channel),
        rounded(channel.subscribers),
    )
}
