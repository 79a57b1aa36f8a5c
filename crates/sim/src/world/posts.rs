//! What a channel's posts have that only the preview page shows, beside their messages.
//!
//! The messages themselves are the chat's; here are views, reactions, and media that the simulator's Bot API does not
//! know. [`super::previews`] makes pages of both.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::control::{
    Author, FormattedText, Markup, Millis, NewPost, PageChange, PostChange, PostLink, PostMedia, PostOrigin,
    PostReaction, PostService, Posted, RoomKind, Service,
};
use crate::world::World;
use crate::world::chat::{Chat, ChatKey, Message};
use crate::world::delivery::News;
use crate::world::people::PeopleError;
use crate::world::text::{self, TextError};

/// Most pictures of an album.
const ALBUM: usize = 10;

/// What the page shows of one message beside its text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extras {
    pub(crate) media: Option<PostMedia>,
    /// The first number of its album.
    pub(crate) album: Option<i64>,
    pub(crate) link_preview: Option<PostLink>,
    pub(crate) forwarded: Option<PostOrigin>,
    pub(crate) signature: Option<String>,
    pub(crate) reactions: Vec<PostReaction>,
    /// Once, if nobody has said otherwise.
    pub(crate) views: Option<u64>,
    /// The channel has a new picture.
    pub(crate) photo_updated: bool,
    pub(crate) not_supported: bool,
}

/// What the page shows of a channel beside its title.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChannelExtras {
    pub(crate) verified: bool,
    pub(crate) subscribers: Option<u64>,
    pub(crate) has_photo: bool,
}

/// All of that, by chats and messages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Posts {
    pub(crate) posts: BTreeMap<(ChatKey, i64), Extras>,
    pub(crate) channels: BTreeMap<ChatKey, ChannelExtras>,
}

/// Why this cannot be posted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum PostError {
    #[error("there is no channel @{0}; create it with POST /control/chats")]
    NoChannel(String),
    #[error("channel @{0} has no post {1}")]
    NoPost(String, i64),
    #[error("a post needs text, media, a service or not_supported")]
    Empty,
    #[error("an album has 2 to 10 photos and videos")]
    NotAnAlbum,
    #[error("a service message has nothing else")]
    NotOnlyService,
    #[error("a poll has 2 to 10 options, and as many votes")]
    WrongPoll,
    #[error("post {0} is no poll")]
    NoPoll(i64),
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    People(#[from] PeopleError),
}

impl World {
    /// The channel of this public name, in any case.
    pub(crate) fn channel_named(&self, name: &str) -> Result<ChatKey, PostError> {
        let found = self.room_named(name).filter(|key| {
            let kind = self.chats.get(key).and_then(Chat::room_kind);
            kind == Some(RoomKind::Channel)
        });
        found.ok_or_else(|| PostError::NoChannel(name.to_owned()))
    }

    /// Puts a post into a channel. Bots are told of one that has text and buttons only.
    pub(crate) fn post(&mut self, name: &str, new: NewPost, now: Millis) -> Result<Posted, PostError> {
        let key = self.channel_named(name)?;
        check(&new)?;
        let room = self.room(key)?;
        let from = new.from.or_else(|| room.owner()).unwrap_or_default();
        if !room.status(from).is_administrator() {
            return Err(PeopleError::NotAdministrator(from).into());
        }
        if let Some(id) = new.reply_to.filter(|id| self.chats[&key].standing(*id).is_none()) {
            return Err(PostError::NoPost(name.to_owned(), id));
        }
        if let Some(service) = new.service {
            return self.post_service(key, name, from, &service, now);
        }
        let text = text::finished(&new.text, new.entities.clone())?;
        let mut message_ids = Vec::new();
        for number in 0..new.media.len().max(1) {
            let caption = if number == 0 { text.clone() } else { FormattedText::default() };
            let id = self.put_post(key, from, caption, &new, now);
            message_ids.push(id);
            let first = message_ids[0];
            let extras = extras(&new, number, (new.media.len() > 1).then_some(first));
            self.posts.posts.insert((key, id), extras);
        }
        // What the Bot API does not know here it cannot be told of: half a message would be none that Telegram sends.
        let is_whole = new.media.is_empty() && new.forwarded.is_none() && !new.not_supported;
        for id in message_ids.iter().filter(|_| is_whole) {
            self.deliver(key, *id, News::Sent, now);
        }
        Ok(Posted { message_ids, moment: self.next_moment() })
    }

    fn put_post(&mut self, key: ChatKey, from: i64, text: FormattedText, new: &NewPost, now: Millis) -> i64 {
        let moment = self.next_moment();
        let id = self.next_message_id(key);
        let mut message = Message::new(id, Author::Channel, from, text, moment, now);
        message.reply_to = new.reply_to;
        message.current.markup = (!new.buttons.is_empty()).then(|| Markup::Inline(new.buttons.clone()));
        self.put_message(key, message);
        id
    }

    fn post_service(
        &mut self,
        key: ChatKey,
        name: &str,
        from: i64,
        service: &PostService,
        now: Millis,
    ) -> Result<Posted, PostError> {
        let id = match service {
            PostService::Pinned { message_id } => {
                if self.chats[&key].standing(*message_id).is_none() {
                    return Err(PostError::NoPost(name.to_owned(), *message_id));
                }
                self.put_service(key, from, Service::PinnedMessage { message_id: *message_id }, now)
            }
            PostService::PhotoUpdated => {
                self.posts.channels.entry(key).or_default().has_photo = true;
                let id = self.put_post(key, from, FormattedText::default(), &NewPost::default(), now);
                self.posts.posts.insert((key, id), Extras { photo_updated: true, ..Extras::default() });
                id
            }
        };
        Ok(Posted { message_ids: vec![id], moment: self.next_moment() })
    }

    /// Changes a post.
    pub(crate) fn change_post(
        &mut self,
        name: &str,
        id: i64,
        change: PostChange,
        now: Millis,
    ) -> Result<Posted, PostError> {
        let key = self.channel_named(name)?;
        let no_post = || PostError::NoPost(name.to_owned(), id);
        self.chats.get(&key).and_then(|chat| chat.standing(id)).ok_or_else(no_post)?;
        let text = change.text.map(|text| text::finished(&text, change.entities)).transpose()?;
        let extras = self.posts.posts.entry((key, id)).or_default();
        if change.votes.is_some() || change.close_poll {
            change_poll(extras.media.as_mut(), change.votes.as_deref(), change.close_poll, id)?;
        }
        extras.views = change.views.or(extras.views);
        if let Some(reactions) = change.reactions {
            extras.reactions = reactions;
        }
        let moment = self.next_moment();
        if let Some(text) = text {
            let message = self.chats.get_mut(&key).and_then(|chat| chat.messages.get_mut(&id)).ok_or_else(no_post)?;
            let markup = message.current.markup.clone();
            message.edit(text, markup, moment, now);
            self.deliver(key, id, News::Edited, now);
        }
        self.tell_message(key, id);
        Ok(Posted { message_ids: vec![id], moment })
    }

    /// Deletes a post; of an album, one picture. Its number is not given out again.
    pub(crate) fn delete_post(&mut self, name: &str, id: i64) -> Result<Posted, PostError> {
        let key = self.channel_named(name)?;
        let post = self.chats.get(&key).and_then(|chat| chat.standing(id));
        post.ok_or_else(|| PostError::NoPost(name.to_owned(), id))?;
        Ok(Posted { message_ids: vec![id], moment: self.delete_message(key, id) })
    }

    /// Changes what the page says of a channel, and who may see it.
    pub(crate) fn change_page(&mut self, name: &str, change: PageChange) -> Result<(), PostError> {
        let key = self.channel_named(name)?;
        if let Some((preview, room)) = change.preview.zip(self.chats.get_mut(&key).and_then(Chat::room_mut)) {
            room.preview = preview;
        }
        let extras = self.posts.channels.entry(key).or_default();
        extras.verified = change.verified.unwrap_or(extras.verified);
        extras.subscribers = change.subscribers.or(extras.subscribers);
        self.next_moment();
        self.tell_chat(key);
        Ok(())
    }
}

/// Whether a post can be so.
fn check(new: &NewPost) -> Result<(), PostError> {
    let is_picture = |media: &PostMedia| matches!(media, PostMedia::Photo | PostMedia::Video { .. });
    if new.service.is_some() {
        let has_more = !new.text.is_empty() || !new.media.is_empty() || new.not_supported;
        return if has_more { Err(PostError::NotOnlyService) } else { Ok(()) };
    }
    if new.text.trim().is_empty() && new.media.is_empty() && !new.not_supported {
        return Err(PostError::Empty);
    }
    if new.media.len() > ALBUM || (new.media.len() > 1 && !new.media.iter().all(is_picture)) {
        return Err(PostError::NotAnAlbum);
    }
    match new.media.first() {
        Some(PostMedia::Poll { options, .. }) if !(2..=10).contains(&options.len()) => Err(PostError::WrongPoll),
        _ => Ok(()),
    }
}

/// What the page shows of one message of a post; most belongs to the first one.
fn extras(new: &NewPost, number: usize, album: Option<i64>) -> Extras {
    let media = new.media.get(number).cloned();
    if number > 0 {
        return Extras { media, album, ..Extras::default() };
    }
    Extras {
        media,
        album,
        link_preview: new.link_preview.clone(),
        forwarded: new.forwarded.clone(),
        signature: new.signature.clone(),
        reactions: new.reactions.clone(),
        views: new.views,
        photo_updated: false,
        not_supported: new.not_supported,
    }
}

fn change_poll(media: Option<&mut PostMedia>, given: Option<&[u64]>, close: bool, id: i64) -> Result<(), PostError> {
    let Some(PostMedia::Poll { options, closed, voters, .. }) = media else { return Err(PostError::NoPoll(id)) };
    if let Some(given) = given {
        if given.len() != options.len() {
            return Err(PostError::WrongPoll);
        }
        for (option, votes) in options.iter_mut().zip(given) {
            option.votes = *votes;
        }
        *voters = None;
    }
    *closed |= close;
    Ok(())
}
