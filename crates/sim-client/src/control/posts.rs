//! What only the public preview page of a channel shows of its posts, and how that page behaves.

use serde::{Deserialize, Serialize};

use super::{Button, Entity};

/// A post for a channel. Bots that are administrators hear of one that is text; media here are for the page only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPost {
    /// The administrator who posts; the owner if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// The text, or the caption.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Entities of the text; those that Telegram finds by itself need not be named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// One medium, or two to ten photos and videos: an album, of which each takes a number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<PostMedia>,
    /// What is shown of a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_preview: Option<PostLink>,
    /// Where it was forwarded from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded: Option<PostOrigin>,
    /// The author who signs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The post that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// Its reactions, in the order in which they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<PostReaction>,
    /// Rows of buttons that open an address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
    /// How often it was seen; once if absent. Fetching a page does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<u64>,
    /// It is no post but says what happened to the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<PostService>,
    /// Only Telegram's apps can show it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_supported: bool,
}

/// What a post carries. The bytes of pictures and videos are made up; `POST /control/chats/CHAT/photos` sends real ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PostMedia {
    /// A photo.
    Photo,
    /// A video.
    Video {
        /// How long.
        seconds: u32,
        /// It is too big to be played on the page.
        #[serde(default)]
        too_big: bool,
    },
    /// A video without sound that repeats.
    Gif,
    /// A video in a circle.
    RoundVideo {
        /// How long.
        seconds: u32,
    },
    /// A voice message.
    Voice {
        /// How long.
        seconds: u32,
    },
    /// Music.
    Audio {
        /// The piece.
        title: String,
        /// Who plays it.
        performer: String,
    },
    /// A file.
    Document {
        /// Its name.
        name: String,
        /// Its size in bytes.
        size: u64,
    },
    /// A sticker.
    Sticker {
        /// What it is made of.
        format: StickerFormat,
    },
    /// A poll.
    Poll {
        /// The question.
        question: String,
        /// The answers.
        options: Vec<PollOption>,
        /// It has a right answer.
        #[serde(default)]
        quiz: bool,
        /// It is over.
        #[serde(default)]
        closed: bool,
        /// Several answers are allowed.
        #[serde(default)]
        multiple: bool,
        /// How many people took part; as many as there are votes if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        voters: Option<u64>,
    },
    /// A place.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
    },
    /// Somebody's card.
    Contact {
        /// Their name.
        name: String,
        /// Their number.
        phone: String,
    },
}

/// What a sticker is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StickerFormat {
    /// A picture, WebP.
    Static,
    /// A drawing that moves, TGS.
    Animated,
    /// A video, WebM.
    Video,
}

/// An answer of a poll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PollOption {
    /// What it says.
    pub text: String,
    /// How many chose it.
    #[serde(default)]
    pub votes: u64,
}

/// What is shown of a link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PostLink {
    /// The link.
    pub url: String,
    /// Whose page it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_name: Option<String>,
    /// The page's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the page is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What is shown beside the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<LinkPicture>,
}

/// What is shown beside the words about a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkPicture {
    /// A large picture.
    Large,
    /// A small picture at the right.
    Right,
    /// A video.
    Video,
}

/// Where a post was forwarded from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PostOrigin {
    /// The channel or person.
    pub name: String,
    /// Where it stands; people who hide have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Who had signed it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
}

/// A reaction, and how often it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PostReaction {
    /// Paid for in stars.
    Paid {
        /// How many stars.
        count: u64,
    },
    /// A standard emoji.
    Emoji {
        /// Which one.
        emoji: String,
        /// How often.
        count: u64,
    },
    /// A custom emoji.
    CustomEmoji {
        /// Its identifier.
        custom_emoji_id: String,
        /// How often.
        count: u64,
    },
}

/// What happened to a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PostService {
    /// It has a new picture, which it keeps.
    PhotoUpdated,
    /// A post was pinned.
    Pinned {
        /// Which one.
        message_id: i64,
    },
}

/// The numbers that a post has: one, or one for each picture of an album.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Posted {
    /// In their order.
    pub message_ids: Vec<i64>,
    /// The moment after which the page shows it.
    pub moment: u64,
}

/// What changes about a post. What is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PostChange {
    /// How often it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<u64>,
    /// All its reactions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reactions: Option<Vec<PostReaction>>,
    /// The votes for each answer of its poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub votes: Option<Vec<u64>>,
    /// Its poll is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub close_poll: bool,
    /// Another text; the page says from then on that it was edited, and bots are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Entities of that text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
}

/// What changes about a channel's page. What is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PageChange {
    /// The page can be seen by everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<bool>,
    /// Telegram has verified the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// How many follow it, in place of how many there are in the simulator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribers: Option<u64>,
}

/// From when on the pages refuse a reader who asks too often. Each address is counted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PreviewLimit {
    /// So many requests are answered…
    pub requests: u32,
    /// …within so many milliseconds.
    pub within_millis: u64,
    /// What the others get.
    #[serde(default)]
    pub answer: LimitAnswer,
}

/// What a reader gets who asks too often.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LimitAnswer {
    /// The page without posts.
    #[default]
    Empty,
    /// The way to the landing page.
    Redirect,
    /// 429.
    TooManyRequests,
}
