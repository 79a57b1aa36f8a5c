//! What posts carry, as plain data.

/// What a post carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Media {
    /// One photo.
    Photo(Photo),
    /// One video.
    Video(Video),
    /// A video without sound that repeats.
    Gif(Video),
    /// Photos and videos in one block.
    Album(Vec<AlbumItem>),
    /// A video in a circle.
    RoundVideo(Video),
    /// A voice message.
    Voice {
        /// Where it is.
        url: String,
        /// How long, in seconds.
        seconds: u32,
    },
    /// Music.
    Audio {
        /// The piece.
        title: String,
        /// Who plays it.
        performer: String,
    },
    /// A file. The page has no link to its bytes.
    Document {
        /// Its name.
        name: String,
        /// Its size in bytes.
        size: u64,
    },
    /// A sticker.
    Sticker {
        /// What it is made of.
        kind: StickerKind,
        /// Where it is.
        url: String,
    },
    /// A poll.
    Poll(Poll),
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

/// A photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Where it is.
    pub url: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// A video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Video {
    /// Where it is; nothing if it is too big to be shown.
    pub url: Option<String>,
    /// Where its still is.
    pub thumb: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// How long, in seconds.
    pub seconds: u32,
}

/// A picture in an album; each has a number of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlbumItem {
    /// Its number.
    pub id: i64,
    /// The picture.
    pub picture: Picture,
}

/// What an album is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// A photo.
    Photo(Photo),
    /// A video.
    Video(Video),
}

/// What a sticker is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StickerKind {
    /// A picture, WebP.
    Still,
    /// A drawing that moves, TGS.
    Animated,
    /// A video, WebM.
    Video,
}

/// A poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// The question.
    pub question: String,
    /// Quiz, poll, or over.
    pub kind: PollKind,
    /// Several answers are allowed.
    pub multiple: bool,
    /// How many people took part.
    pub voters: u64,
    /// The answers with their votes.
    pub options: Vec<(String, u64)>,
}

/// What kind of poll it is. Polls of channels are anonymous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollKind {
    /// An open poll.
    Poll,
    /// A poll with a right answer.
    Quiz,
    /// It is over.
    Final,
}
