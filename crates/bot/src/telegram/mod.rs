//! The Bot API as this worker uses it: teloxide's requests, each bounded in time, failures sorted by what to do about them.
//!
//! Owns the HTTP client and the token; must not know why something is sent. Nothing is retried here.
//!
//! teloxide sleeps 10 s inside a request when the server answers 5xx. That cannot be turned off, so it is bounded instead:
//! every request has a time limit, and who waits for one also waits for the signal to stop and drops the request then.

mod failure;
mod updates;

use std::fmt;
use std::time::Duration;

use futures_util::StreamExt as _;
use jiff::SignedDuration;
use teloxide::net::Download as _;
use teloxide::payloads::{
    AnswerCallbackQuerySetters as _, DeleteWebhookSetters as _, SendDocumentSetters as _, SetMyCommandsSetters as _,
};
use teloxide::requests::{JsonRequest, Requester as _};
use teloxide::types::{
    BotCommand, BotCommandScope, CallbackQueryId, ChatId, FileId, InlineKeyboardMarkup, InputFile, LinkPreviewOptions,
    Me, MessageId, ReplyMarkup,
};
use teloxide::{Bot, RequestError};

pub(crate) use self::failure::Failure;
use self::updates::GetUpdates;
pub(crate) use self::updates::RawUpdate;
use crate::redact::Redactor;

/// How long Telegram is asked to wait for updates. Telegram allows 50 s; a connection that died silently is noticed after
/// this and [`MARGIN`].
pub(crate) const POLL: Duration = Duration::from_secs(25);
/// How much longer a request may take than the server was asked to wait.
const MARGIN: Duration = Duration::from_secs(15);
/// How long any other request may take: a little more than teloxide's 10 s of sleep after a 5xx.
const ANSWER: Duration = Duration::from_secs(25);
/// How long establishing a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a download may stand still.
const STALLED: Duration = Duration::from_secs(15);

/// The way to Telegram for one bot. Every text is sent as it is, without a parse mode: nothing in a file name or a reason can
/// become markup, or make Telegram refuse the message.
#[derive(Clone)]
pub(crate) struct Telegram {
    bot: Bot,
    redactor: Redactor,
}

/// What became of a download.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Downloaded {
    /// All of it.
    Whole(Vec<u8>),
    /// It is larger than the limit; this many bytes had arrived when it was given up.
    TooLarge(u64),
}

impl Telegram {
    /// For the bot with `token`, at the API server `api_url` (without a trailing slash in its path).
    ///
    /// # Errors
    /// When the HTTP client cannot be set up, in words.
    pub(crate) fn new(token: &str, api_url: url::Url) -> Result<Self, String> {
        let redactor = Redactor::new(token);
        let client = teloxide::net::default_reqwest_settings()
            .connect_timeout(CONNECT)
            .timeout(POLL + MARGIN)
            .pool_idle_timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(2)
            .tcp_keepalive(Duration::from_secs(15))
            .build()
            .map_err(|error| redactor.clean(&error.to_string()))?;
        Ok(Self { bot: Bot::with_client(token, client).set_api_url(api_url), redactor })
    }

    /// Who the bot is.
    pub(crate) async fn get_me(&self) -> Result<Me, Failure> {
        self.bounded(ANSWER, self.bot.get_me()).await
    }

    /// Whether a webhook is set.
    pub(crate) async fn has_webhook(&self) -> Result<bool, Failure> {
        self.bounded(ANSWER, self.bot.get_webhook_info()).await.map(|info| info.url.is_some())
    }

    /// Waits up to [`POLL`] for updates from `offset` on (none: from the oldest unconfirmed), at most `limit` of them.
    /// Everything below `offset` is confirmed by asking.
    pub(crate) async fn get_updates(&self, offset: Option<i64>, limit: u8) -> Result<Vec<RawUpdate>, Failure> {
        let request = JsonRequest::new(self.bot.clone(), GetUpdates::new(offset, limit, POLL));
        let answer = self.bounded(POLL + MARGIN, request).await?;
        Ok(answer.into_iter().filter_map(RawUpdate::new).collect())
    }

    /// Removes the webhook; updates that wait are kept.
    pub(crate) async fn delete_webhook(&self) -> Result<(), Failure> {
        self.bounded(ANSWER, self.bot.delete_webhook().drop_pending_updates(false)).await.map(drop)
    }

    /// Sends plain text, with buttons below it.
    pub(crate) async fn send_text(
        &self,
        chat: ChatId,
        text: &str,
        keyboard: Option<&InlineKeyboardMarkup>,
    ) -> Result<MessageId, Failure> {
        let mut request = self.bot.send_message(chat, text);
        request.reply_markup = keyboard.cloned().map(ReplyMarkup::InlineKeyboard);
        request.link_preview_options = Some(no_preview());
        self.bounded(ANSWER, request).await.map(|message| message.id)
    }

    /// Replaces the text of a message of ours and the buttons below it: without `keyboard` there are none any more.
    pub(crate) async fn edit_text(
        &self,
        chat: ChatId,
        message: MessageId,
        text: &str,
        keyboard: Option<&InlineKeyboardMarkup>,
    ) -> Result<(), Failure> {
        let mut request = self.bot.edit_message_text(chat, message, text);
        request.reply_markup = keyboard.cloned();
        request.link_preview_options = Some(no_preview());
        self.bounded(ANSWER, request).await.map(drop)
    }

    /// Answers the press of a button, with a text for whoever pressed it: `alert` keeps it on the screen until it is closed.
    pub(crate) async fn answer_callback_query(
        &self,
        query: CallbackQueryId,
        text: Option<&str>,
        alert: bool,
    ) -> Result<(), Failure> {
        let mut request = self.bot.answer_callback_query(query).show_alert(alert);
        request.text = text.map(str::to_owned);
        self.bounded(ANSWER, request).await.map(drop)
    }

    /// Sends a file with a caption, and buttons below it.
    pub(crate) async fn send_document(
        &self,
        chat: ChatId,
        name: &str,
        content: Vec<u8>,
        caption: &str,
        keyboard: Option<&InlineKeyboardMarkup>,
    ) -> Result<MessageId, Failure> {
        let file = InputFile::memory(content).file_name(name.to_owned());
        let mut request = self.bot.send_document(chat, file).caption(caption);
        request.reply_markup = keyboard.cloned().map(ReplyMarkup::InlineKeyboard);
        self.bounded(ANSWER, request).await.map(|message| message.id)
    }

    /// Fetches a file into memory, giving up as soon as more than `limit` bytes have arrived, whatever size was promised.
    pub(crate) async fn download(&self, file: &FileId, limit: u64) -> Result<Downloaded, Failure> {
        let file = self.bounded(ANSWER, self.bot.get_file(file.clone())).await?;
        let mut chunks = std::pin::pin!(self.bot.download_file_stream(&file.path));
        let mut content = Vec::new();
        loop {
            let next = tokio::time::timeout(STALLED, chunks.next());
            match next.await.map_err(|_| Failure::Unreachable("the download stood still".to_owned()))? {
                None => return Ok(Downloaded::Whole(content)),
                Some(Err(error)) => return Err(Failure::of_download(&error.into(), &self.redactor)),
                Some(Ok(chunk)) => {
                    let size = u64::try_from(content.len() + chunk.len()).unwrap_or(u64::MAX);
                    if size > limit {
                        return Ok(Downloaded::TooLarge(size));
                    }
                    content.extend_from_slice(&chunk);
                }
            }
        }
    }

    /// Sets the command menu of a scope for clients in `language` (none: in every other language).
    pub(crate) async fn set_commands(
        &self,
        commands: Vec<BotCommand>,
        scope: BotCommandScope,
        language: Option<&str>,
    ) -> Result<(), Failure> {
        let mut request = self.bot.set_my_commands(commands).scope(scope);
        if let Some(language) = language {
            request = request.language_code(language);
        }
        self.bounded(ANSWER, request).await.map(drop)
    }

    async fn bounded<T>(
        &self,
        limit: Duration,
        request: impl IntoFuture<Output = Result<T, RequestError>>,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(limit, request.into_future()).await {
            Ok(answer) => answer.map_err(|error| Failure::of(&error, &self.redactor)),
            Err(_) => {
                let limit = SignedDuration::try_from(limit).unwrap_or_default();
                Err(Failure::Unreachable(format!("no answer within {limit:#}")))
            }
        }
    }
}

/// Nobody is to look at an address that was meant for one person.
fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

impl fmt::Debug for Telegram {
    /// teloxide's own `Debug` shows the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telegram")
    }
}
