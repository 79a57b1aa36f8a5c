//! Saved pages are read to what an independent reader found in them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::reader::{self, LinkPreview, Media, Page, Post};

/// Texts are compared with white space collapsed: some pages were laid out anew when they were saved.
fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn as_json(page: &Page) -> Value {
    let mut value = json!({
        "kind": page.kind,
        "prev": page.prev,
        "next": page.next,
        "no_posts_found": page.no_posts_found,
        "posts": page.posts.iter().map(post).collect::<Vec<_>>(),
    });
    if let Some(channel) = &page.channel {
        value["channel"] = json!({
            "title": channel.title,
            "username": channel.username,
            "description": channel.description.as_ref().map(|text| text.text.clone()),
            "verified": channel.verified,
            "counters": channel.counters,
        });
    }
    if page.kind == "landing" {
        value["title"] = json!(page.title);
        value["extra"] = json!(page.extra);
        value["contact"] = json!(page.is_contact);
    }
    if let Some(error) = &page.error {
        value["error"] = json!(error);
    }
    value
}

fn post(post: &Post) -> Value {
    let text = post.text.as_ref().map(|text| text.text.clone());
    json!({
        "channel": post.channel,
        "id": post.id,
        "date": post.date,
        "edited": post.edited,
        "author": post.author,
        "views": post.views,
        "views_about": post.views.as_deref().map(about),
        "service": post.service,
        "text": text,
        "links": post.text.as_ref().map(|text| text.links.clone()).unwrap_or_default(),
        "media": post.media.iter().map(medium).collect::<Vec<_>>(),
        "album_ids": post.album_ids,
        "forwarded_from": post.forwarded.as_ref().map(|from| json!({"name": from.name, "link": from.link})),
        "reply_to": post.reply.as_ref().map(|reply| reply.link.clone()),
        "link_preview": post.link_preview.as_ref().map(link_preview),
        "reactions": post.reactions.iter().map(reaction).collect::<Vec<_>>(),
        "not_supported": post.not_supported,
        "chat": post.chat,
    })
}

/// About how many `171.9K` is.
pub(crate) fn about(written: &str) -> u64 {
    let (digits, zeros) = match written.char_indices().last() {
        Some((at, 'K')) => (&written[..at], 3),
        Some((at, 'M')) => (&written[..at], 6),
        _ => (written, 0),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    format!("{whole}{part:0<zeros$}").parse().unwrap()
}

fn medium(medium: &Media) -> Value {
    match medium {
        Media::Photo { url, link } => json!({"kind": "photo", "url": url, "link": link}),
        Media::Video { kind, url, thumb, duration, link } => json!({
            "kind": if *kind == "gif" { "gif" } else { "video" },
            "url": url, "thumb": thumb, "duration": duration, "too_big": *kind == "too big", "link": link,
        }),
        Media::Round { url, thumb, duration } => {
            json!({"kind": "round_video", "url": url, "thumb": thumb, "duration": duration})
        }
        Media::Voice { url, duration } => json!({"kind": "voice", "url": url, "duration": duration}),
        Media::Document { title, extra, .. } => {
            json!({"kind": "document", "title": title, "extra": extra, "url": null})
        }
        // The independent reader knows pictures only.
        Media::Sticker { kind, url } => {
            json!({"kind": "sticker", "url": Some(url).filter(|_| *kind == "webp")})
        }
        Media::Poll { question, kind, voters, options, .. } => {
            let options: Vec<Value> =
                options.iter().map(|(text, percent, _)| json!({"text": text, "percent": percent})).collect();
            json!({"kind": "poll", "question": question, "type": kind, "voters": voters, "options": options})
        }
        Media::Location { url } => json!({"kind": "location", "url": url}),
        Media::Contact { name, phone } => json!({"kind": "contact", "name": name, "phone": phone}),
        Media::ServicePhoto { url } => json!({"kind": "service_photo", "url": url}),
    }
}

fn link_preview(preview: &LinkPreview) -> Value {
    json!({
        "url": preview.url,
        "site_name": preview.site_name,
        "title": preview.title,
        "description": preview.description,
        "image": preview.image.as_ref().or(preview.right_image.as_ref()),
    })
}

/// Of custom emoji it is not said which.
fn reaction((kind, count): &(String, String)) -> Value {
    json!({"emoji": Some(kind).filter(|kind| !kind.starts_with("custom ")), "count": count})
}

/// White space collapsed in every text of a value.
fn with_collapsed(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(collapsed(text)),
        Value::Array(items) => items.iter().map(with_collapsed).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), with_collapsed(value))).collect(),
        other => other.clone(),
    }
}

/// Reads every page below the directory and compares; returns how many there were.
fn compare(pages: &Path) -> usize {
    let mut compared = 0;
    for folder in fs::read_dir(pages).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let html = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "html");
        for page in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(html) {
            let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
            let expected = pages.join("expected").join(format!("{}__{}.json", name(&folder), name(&page)));
            let expected: Value = serde_json::from_slice(&fs::read(&expected).unwrap()).unwrap();
            let found = as_json(&reader::read(&fs::read_to_string(&page).unwrap()));
            assert_eq!(with_collapsed(&found), with_collapsed(&expected), "{}", page.display());
            compared += 1;
        }
    }
    compared
}

#[test]
fn saved_pages_are_read_to_what_they_say() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/preview/pages");
    assert!(compare(&pages) >= 20);
}

/// For whoever has more of them, laid out in the same way.
#[test]
#[ignore = "reads the pages below NATRIUM_PREVIEW_PAGES"]
fn other_saved_pages_are_read_to_what_they_say() {
    let pages = std::env::var_os("NATRIUM_PREVIEW_PAGES").expect("NATRIUM_PREVIEW_PAGES names a directory");
    assert!(compare(Path::new(&pages)) > 0);
}
