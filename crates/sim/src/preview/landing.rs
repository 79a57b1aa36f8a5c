//! `/<name>`: what everybody is shown who cannot be shown posts.

use super::markup::{escape, plural, spaced};
use super::model::Landing;
use super::page::open_graph;
use super::text::plain;

/// What the page is made of.
struct Card<'a> {
    username: &'a str,
    /// Nobody has one whose name is unknown.
    title: Option<&'a str>,
    photo: Option<&'a str>,
    extra: String,
    description: &'a str,
    preview: bool,
    /// What one is asked to do.
    action: &'static str,
    /// What one can do: `view and join`.
    can: &'static str,
}

/// The landing page of a name.
pub(crate) fn landing(landing: &Landing) -> String {
    render(&card(landing))
}

fn card(landing: &Landing) -> Card<'_> {
    let contact = |username, title, extra, action| Card {
        username,
        title,
        photo: None,
        extra,
        description: "",
        preview: false,
        action,
        can: "contact",
    };
    match landing {
        Landing::Channel { channel, preview } => Card {
            username: &channel.username,
            title: Some(&channel.title),
            photo: channel.photo.as_deref(),
            extra: counted(channel.subscribers, "subscriber", "subscribers"),
            description: &channel.description.text,
            preview: *preview,
            action: "View in Telegram",
            can: "view and join",
        },
        Landing::Group { username, title, description, photo, members, online } => Card {
            username,
            title: Some(title),
            photo: photo.as_deref(),
            extra: format!(
                "{}{}",
                counted(*members, "member", "members"),
                match online {
                    0 => String::new(),
                    online => format!(", {} online", spaced(*online)),
                }
            ),
            description,
            preview: false,
            action: "View in Telegram",
            can: "view and join",
        },
        Landing::User { username, name } => contact(username, Some(name), format!("@{username}"), "Send Message"),
        Landing::Bot { username, name } => contact(username, Some(name), format!("@{username}"), "Start Bot"),
        Landing::Unknown { username } => contact(username, None, String::new(), "Send Message"),
    }
}

fn counted(number: u64, one: &'static str, many: &'static str) -> String {
    format!("{} {}", spaced(number), plural(number, one, many))
}

fn render(card: &Card<'_>) -> String {
    let name = escape(card.username);
    let heading = if card.can == "contact" { "Contact" } else { "View" };
    let heading = format!("Telegram: {heading} @{}", card.username);
    let shown = match (card.title, card.description) {
        (None, _) => String::new(),
        (Some(_), "") => format!("You can {} @{} right away.", card.can, card.username),
        (Some(_), description) => description.to_owned(),
    };
    let og = open_graph(
        card.title.unwrap_or(&heading),
        card.photo.unwrap_or("https://telegram.org/img/t_logo_2x.png"),
        &shown,
    );
    let robots = if card.title.is_none() { "<meta name=\"robots\" content=\"noindex, nofollow\">\n" } else { "" };
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n{robots}{og}</head>\n\
         <body class=\"no_transition\">\n<div class=\"tgme_page_wrap\"><div class=\"tgme_body_wrap\">\
         <div class=\"tgme_page\">\n{}</div></div></div>\n</body>\n</html>\n",
        escape(&heading),
        inside(card, &name),
    )
}

fn inside(card: &Card<'_>, name: &str) -> String {
    let open = format!("tg://resolve?domain={name}");
    let Some(title) = card.title else {
        return format!(
            "<div class=\"tgme_page_icon\"><i class=\"tgme_icon_user\"></i></div>\n<div class=\"tgme_page_description\">\
             If you have <strong>Telegram</strong>, you can contact <a class=\"tgme_username_link\" href=\"{open}\">@{name}</a> \
             right away.</div>\n<div class=\"tgme_page_action\"><a class=\"tgme_action_button_new\" href=\"{open}\">{}</a></div>\n",
            card.action
        );
    };
    let photo = card.photo.map_or_else(String::new, |url| {
        let url = escape(url);
        format!(
            "<div class=\"tgme_page_photo\"><a href=\"{open}\"><img class=\"tgme_page_photo_image\" src=\"{url}\"></a></div>\n"
        )
    });
    let description = if card.description.is_empty() {
        String::new()
    } else {
        format!("<div class=\"tgme_page_description\" dir=\"auto\">{}</div>\n", plain(card.description))
    };
    let preview = if card.preview {
        format!(
            "<div class=\"tgme_page_context_link_wrap\"><a class=\"tgme_page_context_link\" href=\"/s/{name}\">Preview channel</a></div>\n"
        )
    } else {
        String::new()
    };
    let title = plain(title);
    format!(
        "{photo}<div class=\"tgme_page_title\" dir=\"auto\"><span dir=\"auto\">{title}</span></div>\n\
         <div class=\"tgme_page_extra\">{}</div>\n{description}<div class=\"tgme_page_action\">\
         <a class=\"tgme_action_button_new\" href=\"{open}\">{}</a></div>\n{preview}<div class=\"tgme_page_additional\">\
         If you have <strong>Telegram</strong>, you can {} <br><strong>{title}</strong> right away.</div>\n",
        escape(&card.extra),
        card.action,
        card.can,
    )
}
