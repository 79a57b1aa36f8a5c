//! The channels of the world as preview pages show them.
//!
//! Only looks: it changes nothing. Where their pictures can be fetched is [`super::addresses`]'.

use std::collections::BTreeMap;

use crate::api::objects;
use crate::control::{
    EntityKind, FormattedText, LinkPicture, Markup, Millis, PostMedia, PostReaction, Service, StickerFormat,
};
use crate::preview::{
    self, AlbumItem, Body, Channel, Content, Counts, Forwarded, Landing, LinkPreview, Media, Photo, Picture, Poll,
    PollKind, Post, PreviewMedia, Quote, Reaction, ReactionKind, Reply, StickerKind, UrlButton, Video, Wanted,
};
use crate::world::World;
use crate::world::addresses::{MADE_UP, STORED, address, token};
use crate::world::chat::{Chat, ChatKey, Kind, Message, Origin};
use crate::world::files::scramble;
use crate::world::posts::Extras;
use crate::world::room::Room;

/// Channels and supergroups have their numbers below this one.
const CHANNELS: i64 = -1_000_000_000_000;

/// A channel that is looked at.
#[derive(Clone, Copy)]
struct Shown<'a> {
    world: &'a World,
    key: ChatKey,
    chat: &'a Chat,
    room: &'a Room,
    name: &'a str,
    /// Where the simulator listens, `http://127.0.0.1:PORT`.
    base: &'a str,
    now: Millis,
}

impl World {
    /// A channel's page; nothing if it may not be seen or there is none.
    pub(crate) fn history_page(&self, name: &str, wanted: &Wanted, base: &str, now: Millis) -> Option<String> {
        let shown = self.shown(name, base, now)?;
        if !shown.room.preview {
            return None;
        }
        let blocks = shown.blocks(wanted.q.as_deref());
        let spans: Vec<(i64, i64)> = blocks.iter().map(|block| (block[0].id, block[block.len() - 1].id)).collect();
        Some(preview::page_of(&shown.channel(), &spans, wanted, now, |place| shown.post(&blocks[place])))
    }

    /// The same page without posts, as it is shown to whoever asks too often.
    pub(crate) fn empty_page(&self, name: &str, base: &str, now: Millis) -> Option<String> {
        let shown = self.shown(name, base, now).filter(|shown| shown.room.preview)?;
        Some(preview::history(&shown.channel(), &[], &Wanted::default(), now))
    }

    /// The widget of one post, or of one that is not there or may not be seen.
    pub(crate) fn widget_page(&self, name: &str, id: i64, base: &str, now: Millis) -> String {
        let post = self.shown(name, base, now).filter(|shown| shown.room.preview).and_then(|shown| {
            let blocks = shown.blocks(None);
            let block = blocks.iter().find(|block| block.iter().any(|message| message.id == id))?;
            Some((shown.channel(), shown.post(block)))
        });
        preview::widget(post.as_ref().map(|(channel, post)| (channel, post)))
    }

    /// The landing page of a name.
    pub(crate) fn landing_page(&self, name: &str, base: &str, now: Millis) -> String {
        let is_named = |username: Option<&String>| username.is_some_and(|known| known.eq_ignore_ascii_case(name));
        let landing = if let Some(shown) = self.shown(name, base, now) {
            Landing::Channel { channel: Box::new(shown.channel()), preview: shown.room.preview }
        } else if let Some(group) = self.room_named(name).and_then(|key| self.chats.get(&key)).and_then(Chat::room) {
            let members = u64::try_from(group.present().count()).unwrap_or_default();
            Landing::Group {
                username: group.username.clone().unwrap_or_default(),
                title: group.title.clone(),
                description: group.description.clone().unwrap_or_default(),
                photo: None,
                members,
                // Everybody in the simulator is there all the time.
                online: u64::try_from(group.present().filter(|id| self.users.contains_key(id)).count()).unwrap_or(0),
            }
        } else if let Some(bot) = self.bots.values().find(|bot| is_named(Some(&bot.username))) {
            Landing::Bot { username: bot.username.clone(), name: bot.first_name.clone() }
        } else if let Some(user) = self.users.values().find(|user| is_named(user.username.as_ref())) {
            let name = [Some(user.first_name.clone()), user.last_name.clone()].into_iter().flatten();
            Landing::User {
                username: user.username.clone().unwrap_or_default(),
                name: name.collect::<Vec<_>>().join(" "),
            }
        } else {
            Landing::Unknown { username: name.to_owned() }
        };
        preview::landing(&landing)
    }

    fn shown<'a>(&'a self, name: &str, base: &'a str, now: Millis) -> Option<Shown<'a>> {
        let key = self.room_named(name)?;
        let chat = self.chats.get(&key)?;
        let Kind::Channel(room) = &chat.kind else { return None };
        Some(Shown { world: self, key, chat, room, name: room.username.as_deref()?, base, now })
    }
}

impl<'a> Shown<'a> {
    fn extras(self, id: i64) -> Option<&'a Extras> {
        self.world.posts.posts.get(&(self.key, id))
    }

    /// Messages that are one block each, in their order; those of an album together.
    fn blocks(self, q: Option<&str>) -> Vec<Vec<&'a Message>> {
        let mut blocks: BTreeMap<i64, Vec<&Message>> = BTreeMap::new();
        let mut albums: BTreeMap<&str, i64> = BTreeMap::new();
        for message in self.chat.messages.values().filter(|message| !message.deleted) {
            let made = self.extras(message.id).and_then(|extras| extras.album);
            // Documents of an album are blocks of their own.
            let sent =
                message.extra.album.as_deref().filter(|_| matches!(self.media_of(message), Some(Media::Photo(_))));
            let sent = sent.map(|album| *albums.entry(album).or_insert(message.id));
            let first = made.or(sent).unwrap_or(message.id);
            blocks.entry(first).or_default().push(message);
        }
        let found = |block: &Vec<&Message>| {
            q.is_none_or(|query| block.iter().any(|message| preview::matches(&message.current.text.text, query)))
        };
        blocks.into_values().filter(found).collect()
    }

    fn channel(self) -> Channel {
        let extras = self.world.posts.channels.get(&self.key).cloned().unwrap_or_default();
        let people = self.room.present().filter(|id| self.world.users.contains_key(id)).count();
        let description = self.room.description.as_deref().unwrap_or_default();
        Channel {
            id: CHANNELS - self.key.id(),
            username: self.name.to_owned(),
            title: self.room.title.clone(),
            description: crate::world::text::plain(description),
            photo: extras.has_photo.then(|| self.made_up(0, 0, "jpg")),
            verified: extras.verified,
            subscribers: extras.subscribers.unwrap_or_else(|| u64::try_from(people).unwrap_or_default()),
            counts: self.counts(),
        }
    }

    fn counts(self) -> Counts {
        let mut counts = Counts::default();
        for message in self.chat.messages.values().filter(|message| !message.deleted) {
            match self.media_of(message) {
                Some(Media::Photo(_)) => counts.photos += 1,
                Some(Media::Video(_)) => counts.videos += 1,
                Some(Media::Document { .. }) => counts.files += 1,
                _ => {}
            }
            let is_link = |kind: &EntityKind| matches!(kind, EntityKind::Url | EntityKind::TextLink { .. });
            counts.links += u64::from(message.current.text.entities.iter().any(|entity| is_link(&entity.kind)));
        }
        counts
    }

    /// One block. Most is said by its first message; the caption may hang on any.
    fn post(self, block: &[&Message]) -> Post {
        let first = block[0];
        let extras = self.extras(first.id).cloned().unwrap_or_default();
        let caption = block.iter().map(|message| &message.current.text).find(|text| !text.text.is_empty());
        let buttons = match &first.current.markup {
            Some(Markup::Inline(rows)) => url_buttons(rows),
            _ => Vec::new(),
        };
        Post {
            id: first.id,
            date: first.sent,
            edited: block.iter().any(|message| message.edited().is_some()),
            signature: extras.signature.clone().or_else(|| objects::signature(self.world, self.key, first)),
            views: extras.views.unwrap_or(1),
            forwarded: self.forwarded(first, &extras),
            reply: first.reply_to.and_then(|id| self.reply(id)),
            reactions: extras.reactions.iter().map(reaction).chain(reactions_of_bots(first)).collect(),
            body: self.body(first, &extras, caption.cloned().unwrap_or_default(), block),
            buttons,
        }
    }

    fn body(self, first: &Message, extras: &Extras, text: FormattedText, block: &[&Message]) -> Body {
        if let Some(service) = &first.service {
            return Body::Service(self.service(service));
        }
        if extras.photo_updated {
            return Body::Service(preview::Service::photo_updated(&self.made_up(0, 0, "jpg")));
        }
        if extras.not_supported {
            return Body::NotSupported;
        }
        let media = if block.len() > 1 { self.album(block) } else { self.media_of(first) };
        let link_preview = extras.link_preview.clone().map(|link| LinkPreview {
            media: link.picture.map(|picture| self.link_picture(first.id, picture)),
            url: link.url,
            site_name: link.site_name,
            title: link.title,
            description: link.description,
        });
        Body::Content(Box::new(Content { text, media, link_preview }))
    }

    fn forwarded(self, message: &Message, extras: &Extras) -> Option<Forwarded> {
        if let Some(from) = extras.forwarded.clone() {
            return Some(Forwarded { name: from.name, link: from.link, author: from.author });
        }
        let (name, link) = match message.extra.forwarded.as_ref()?.0 {
            Origin::Channel { chat, message_id } => {
                let room = self.world.chats.get(&ChatKey::Shared(chat)).and_then(Chat::room)?;
                let link = room.username.as_ref().map(|name| format!("https://t.me/{name}/{message_id}"));
                (room.title.clone(), link)
            }
            Origin::User(id) => {
                let user = self.world.users.get(&id).map(|user| (user.first_name.clone(), user.username.clone()));
                let bot = self.world.bots.get(&id).map(|bot| (bot.first_name.clone(), Some(bot.username.clone())));
                let (name, username) = user.or(bot)?;
                (name, username.map(|username| format!("https://t.me/{username}")))
            }
        };
        Some(Forwarded { name, link, author: None })
    }

    fn service(self, service: &Service) -> preview::Service {
        let text = match service {
            Service::ChannelChatCreated => return preview::Service::created(),
            Service::NewChatTitle { title } => format!("Channel name was changed to «{title}»"),
            Service::PinnedMessage { message_id } => {
                let pinned = self.chat.messages.get(message_id).map(|message| self.quote(message));
                let (Quote::Text(what) | Quote::Media(what)) = pinned.unwrap_or(Quote::Text(String::new()));
                return preview::Service::pinned(&self.room.title, &what);
            }
            _ => "Service message".to_owned(),
        };
        preview::Service { text, photo: None }
    }

    fn reply(self, id: i64) -> Option<Reply> {
        let message = self.chat.standing(id)?;
        let thumb = match self.media_of(message) {
            Some(Media::Photo(photo)) => Some(photo.url),
            Some(Media::Video(video) | Media::Gif(video)) => Some(video.thumb),
            _ => None,
        };
        Some(Reply {
            link: format!("https://t.me/{}/{id}", self.name),
            author: self.room.title.clone(),
            quote: self.quote(message),
            thumb,
        })
    }

    /// What stands for a post where it is answered or pinned.
    fn quote(self, message: &Message) -> Quote {
        if !message.current.text.text.is_empty() {
            return Quote::Text(message.current.text.text.clone());
        }
        Quote::Media(match self.media_of(message) {
            Some(Media::Photo(_)) => "Photo".to_owned(),
            Some(Media::Video(_)) => "Video".to_owned(),
            Some(Media::Gif(_)) => "GIF".to_owned(),
            Some(Media::RoundVideo(_)) => "Video message".to_owned(),
            Some(Media::Voice { .. }) => "Voice message".to_owned(),
            Some(Media::Audio { title, .. }) => title,
            Some(Media::Document { name, .. }) => name,
            Some(Media::Sticker { .. }) => "Sticker".to_owned(),
            Some(Media::Poll(poll)) => poll.question,
            Some(Media::Location { .. }) => "Location".to_owned(),
            Some(Media::Contact { .. }) => "Contact".to_owned(),
            Some(Media::Album(_)) | None => "Service message".to_owned(),
        })
    }

    fn album(self, block: &[&Message]) -> Option<Media> {
        let item = |message: &&Message| {
            let picture = match self.media_of(message)? {
                Media::Photo(photo) => Picture::Photo(photo),
                Media::Video(video) => Picture::Video(video),
                _ => return None,
            };
            Some(AlbumItem { id: message.id, picture })
        };
        block.iter().map(item).collect::<Option<Vec<_>>>().map(Media::Album)
    }

    /// What a single message carries.
    fn media_of(self, message: &Message) -> Option<Media> {
        if let Some(media) = self.extras(message.id).and_then(|extras| extras.media.as_ref()) {
            return Some(self.made_up_media(message.id, media));
        }
        let file = self.world.files.get(message.file?)?;
        Some(match file.photo {
            Some((width, height)) => {
                Media::Photo(Photo { url: address(self.base, STORED, file.key, "jpg"), width, height })
            }
            None => {
                Media::Document { name: file.name.clone(), size: u64::try_from(file.bytes.len()).unwrap_or_default() }
            }
        })
    }

    fn made_up_media(self, id: i64, media: &PostMedia) -> Media {
        match media {
            PostMedia::Photo => Media::Photo(Photo { url: self.made_up(id, 1, "jpg"), width: 800, height: 600 }),
            PostMedia::Video { seconds, too_big } => {
                let video = self.video(id, *seconds);
                Media::Video(if *too_big { Video { url: None, ..video } } else { video })
            }
            PostMedia::Gif => Media::Gif(self.video(id, 0)),
            PostMedia::RoundVideo { seconds } => {
                Media::RoundVideo(Video { width: 384, height: 384, ..self.video(id, *seconds) })
            }
            PostMedia::Voice { seconds } => Media::Voice { url: self.made_up(id, 1, "ogg"), seconds: *seconds },
            PostMedia::Audio { title, performer } => {
                Media::Audio { title: title.clone(), performer: performer.clone() }
            }
            PostMedia::Document { name, size } => Media::Document { name: name.clone(), size: *size },
            PostMedia::Sticker { format } => {
                let (kind, extension) = match format {
                    StickerFormat::Static => (StickerKind::Still, "webp"),
                    StickerFormat::Animated => (StickerKind::Animated, "tgs"),
                    StickerFormat::Video => (StickerKind::Video, "webm"),
                };
                Media::Sticker { kind, url: self.made_up(id, 1, extension) }
            }
            PostMedia::Poll { question, options, quiz, closed, multiple, voters } => {
                let votes = || options.iter().map(|option| option.votes);
                Media::Poll(Poll {
                    question: question.clone(),
                    kind: match (closed, quiz) {
                        (true, _) => PollKind::Final,
                        (_, true) => PollKind::Quiz,
                        _ => PollKind::Poll,
                    },
                    multiple: *multiple,
                    voters: voters.unwrap_or_else(|| votes().sum()),
                    options: options.iter().map(|option| (option.text.clone(), option.votes)).collect(),
                })
            }
            PostMedia::Location { latitude, longitude } => {
                Media::Location { latitude: *latitude, longitude: *longitude }
            }
            PostMedia::Contact { name, phone } => Media::Contact { name: name.clone(), phone: phone.clone() },
        }
    }

    fn video(self, id: i64, seconds: u32) -> Video {
        let (url, thumb) = (self.made_up(id, 1, "mp4"), self.made_up(id, 2, "jpg"));
        Video { url: Some(url), thumb, width: 640, height: 360, seconds }
    }

    fn link_picture(self, id: i64, picture: LinkPicture) -> PreviewMedia {
        match picture {
            LinkPicture::Large => PreviewMedia::Image(self.made_up(id, 3, "jpg")),
            LinkPicture::Right => PreviewMedia::RightImage(self.made_up(id, 3, "jpg")),
            LinkPicture::Video => PreviewMedia::Video(self.video(id, 11)),
        }
    }

    /// The address of bytes that nobody sent: the same one every time for the same part of the same post.
    fn made_up(self, id: i64, part: u64, extension: &str) -> String {
        let number = scramble(scramble(self.key.id().unsigned_abs()) ^ scramble(id.unsigned_abs()) ^ part);
        let address = address(self.base, MADE_UP, number, extension);
        // Pictures have no token.
        if extension == "jpg" { address } else { format!("{address}?token={}", token(number, self.now)) }
    }
}

fn url_buttons(rows: &[Vec<crate::control::Button>]) -> Vec<Vec<UrlButton>> {
    let button = |button: &crate::control::Button| {
        let url = button.url.clone()?;
        Some(UrlButton { text: button.text.clone(), url })
    };
    let rows = rows.iter().map(|row| row.iter().filter_map(button).collect::<Vec<_>>());
    rows.filter(|row| !row.is_empty()).collect()
}

fn reaction(reaction: &PostReaction) -> Reaction {
    let (kind, count) = match reaction {
        PostReaction::Paid { count } => (ReactionKind::Paid, *count),
        PostReaction::Emoji { emoji, count } => (ReactionKind::Emoji(emoji.clone()), *count),
        PostReaction::CustomEmoji { custom_emoji_id, count } => (ReactionKind::Custom(custom_emoji_id.clone()), *count),
    };
    Reaction { kind, count }
}

/// What bots gave, each kind once with its count.
fn reactions_of_bots(message: &Message) -> Vec<Reaction> {
    let mut reactions: Vec<Reaction> = Vec::new();
    for given in message.extra.reactions.values().flatten() {
        let text = |field: &str| given[field].as_str().map(str::to_owned);
        let kind = text("emoji").map(ReactionKind::Emoji).or_else(|| text("custom_emoji_id").map(ReactionKind::Custom));
        let Some(kind) = kind else { continue };
        match reactions.iter_mut().find(|reaction| reaction.kind == kind) {
            Some(reaction) => reaction.count += 1,
            None => reactions.push(Reaction { kind, count: 1 }),
        }
    }
    reactions
}
