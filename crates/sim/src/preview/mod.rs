//! Telegram's public preview pages, as `https://t.me` serves them to everybody: [`history`] (`/s/<channel>`),
//! [`landing`] (`/<name>`) and [`widget`] (`/<channel>/<id>?embed=1`).
//!
//! From plain data to HTML and nothing else: no world, no HTTP, no clock. The pages have the elements, classes and
//! attributes that readers look for, in their places, and none of the rest (styles, scripts, icons). Every text is
//! escaped, whatever it holds.

mod attachments;
mod emoji;
mod landing;
mod markup;
mod media;
mod model;
mod page;
mod post;
mod select;
mod text;
mod widget;

pub use attachments::*;
pub use model::*;
pub use select::Wanted;
pub(crate) use select::matches;
use select::{window, window_of_found};

use crate::control::Millis;

/// The page of a channel's history that is wanted, out of all its posts in their order.
#[must_use]
pub fn history(channel: &Channel, posts: &[Post], wanted: &Wanted, now: Millis) -> String {
    let found: Vec<&Post> =
        posts.iter().filter(|post| wanted.q.as_deref().is_none_or(|query| matches(post.text(), query))).collect();
    let spans: Vec<(i64, i64)> = found.iter().map(|post| post.span()).collect();
    page_of(channel, &spans, wanted, now, |place| found[place].clone())
}

/// The same out of posts of which only the first and last numbers are known; `post` makes those that are shown. If
/// there is a query, only what it finds may be among them.
pub(crate) fn page_of(
    channel: &Channel,
    spans: &[(i64, i64)],
    wanted: &Wanted,
    now: Millis,
    post: impl Fn(usize) -> Post,
) -> String {
    let window = if wanted.q.is_some() { window_of_found(spans, wanted) } else { window(spans, wanted) };
    let shown: Vec<Post> = window.range.clone().map(post).collect();
    page::page(channel, &shown, &window, wanted, now)
}

/// The landing page of a name.
#[must_use]
pub fn landing(of: &Landing) -> String {
    landing::landing(of)
}

/// The widget of one post of a channel, or of one that is not there.
#[must_use]
pub fn widget(post: Option<(&Channel, &Post)>) -> String {
    post.map_or_else(widget::missing, |(channel, post)| widget::widget(channel, post))
}
