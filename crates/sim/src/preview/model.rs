//! What the pages show, as plain data.

use super::attachments::{Media, Video};
use crate::control::{FormattedText, Millis};

/// A public channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Without the `-100` that the Bot API puts before it.
    pub id: i64,
    /// The name without `@`, spelt as its owner spelt it.
    pub username: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: FormattedText,
    /// Where its picture is.
    pub photo: Option<String>,
    /// Telegram has verified it.
    pub verified: bool,
    /// How many people follow it.
    pub subscribers: u64,
    /// What it holds.
    pub counts: Counts,
}

/// How much of each kind a channel holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Photos.
    pub photos: u64,
    /// Videos.
    pub videos: u64,
    /// Documents.
    pub files: u64,
    /// Posts with links.
    pub links: u64,
}

/// A post: one block on the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// Its number; an album's is its first picture's.
    pub id: i64,
    /// When it was posted, also if it was edited later.
    pub date: Millis,
    /// It was edited.
    pub edited: bool,
    /// The author who signed it.
    pub signature: Option<String>,
    /// How often it was seen.
    pub views: u64,
    /// Where it was forwarded from.
    pub forwarded: Option<Forwarded>,
    /// What it answers.
    pub reply: Option<Reply>,
    /// What it says.
    pub body: Body,
    /// Reactions, in the order in which they are shown.
    pub reactions: Vec<Reaction>,
    /// Rows of a bot's buttons that open an address.
    pub buttons: Vec<Vec<UrlButton>>,
}

impl Post {
    /// Its first and its last number; they differ in an album.
    #[must_use]
    pub fn span(&self) -> (i64, i64) {
        let last = match self.media() {
            Some(Media::Album(items)) => items.last().map(|item| item.id),
            _ => None,
        };
        (self.id, last.unwrap_or(self.id))
    }

    /// What it carries.
    #[must_use]
    pub fn media(&self) -> Option<&Media> {
        match &self.body {
            Body::Content(content) => content.media.as_ref(),
            Body::Service(_) | Body::NotSupported => None,
        }
    }

    /// The text that a search looks into.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.body {
            Body::Content(content) => &content.text.text,
            Body::Service(_) | Body::NotSupported => "",
        }
    }
}

/// What a post says.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Text, media, or both.
    Content(Box<Content>),
    /// Something that happened to the channel.
    Service(Service),
    /// What only Telegram's apps show.
    NotSupported,
}

/// Text, media, or both.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Content {
    /// The text, or the caption.
    pub text: FormattedText,
    /// The media.
    pub media: Option<Media>,
    /// What is shown of a link in the text.
    pub link_preview: Option<LinkPreview>,
}

/// Something that happened to the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// What.
    pub text: String,
    /// The new picture of the channel.
    pub photo: Option<String>,
}

impl Service {
    /// The first post of every channel.
    #[must_use]
    pub fn created() -> Self {
        Self { text: "Channel created".to_owned(), photo: None }
    }

    /// The channel has a new picture.
    #[must_use]
    pub fn photo_updated(photo: &str) -> Self {
        Self { text: "Channel photo updated".to_owned(), photo: Some(photo.to_owned()) }
    }

    /// A post was pinned.
    #[must_use]
    pub fn pinned(who: &str, what: &str) -> Self {
        Self { text: format!("{who} pinned «{what}»"), photo: None }
    }
}

/// Where a post was forwarded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forwarded {
    /// The channel or person.
    pub name: String,
    /// Where it stands; people who hide have none.
    pub link: Option<String>,
    /// Who had signed it there.
    pub author: Option<String>,
}

/// What a post answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The address of that post.
    pub link: String,
    /// Who wrote it.
    pub author: String,
    /// Its text, or what medium it is.
    pub quote: Quote,
    /// A small picture of its medium.
    pub thumb: Option<String>,
}

/// What is shown of a post that is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quote {
    /// Its text.
    Text(String),
    /// Its medium, such as `Photo`.
    Media(String),
}

/// A reaction and how often it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// Which one.
    pub kind: ReactionKind,
    /// How often.
    pub count: u64,
}

/// Which reaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReactionKind {
    /// Paid for in stars.
    Paid,
    /// A standard emoji.
    Emoji(String),
    /// A custom emoji, by its identifier.
    Custom(String),
}

/// A button that opens an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlButton {
    /// What it says.
    pub text: String,
    /// What it opens.
    pub url: String,
}

/// What is shown of a link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkPreview {
    /// The link.
    pub url: String,
    /// Whose page it is.
    pub site_name: Option<String>,
    /// The page's title.
    pub title: Option<String>,
    /// What the page is about.
    pub description: Option<String>,
    /// A picture or a video of it.
    pub media: Option<PreviewMedia>,
}

/// The picture or video of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreviewMedia {
    /// A large picture below the site's name.
    Image(String),
    /// A small picture at the right.
    RightImage(String),
    /// A video.
    Video(Video),
}

/// Who or what has a name, for the landing page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landing {
    /// A channel, with or without a preview.
    Channel {
        /// The channel.
        channel: Box<Channel>,
        /// Its posts can be looked at.
        preview: bool,
    },
    /// A group.
    Group {
        /// Its name without `@`.
        username: String,
        /// Its title.
        title: String,
        /// What it is about.
        description: String,
        /// Where its picture is.
        photo: Option<String>,
        /// How many there are.
        members: u64,
        /// How many of them are there now.
        online: u64,
    },
    /// A person.
    User {
        /// Their name without `@`.
        username: String,
        /// Their name.
        name: String,
    },
    /// A bot.
    Bot {
        /// Its name without `@`.
        username: String,
        /// Its name.
        name: String,
    },
    /// Nobody has this name.
    Unknown {
        /// As it was asked for.
        username: String,
    },
}
