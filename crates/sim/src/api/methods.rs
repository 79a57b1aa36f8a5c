//! The table of methods: those that are simulated with their parameters, and the names of all others.

use super::{Run, commands, copy, documents, edits, media, messages, queries, reactions, rooms, updates};

/// A method of the Bot API.
#[derive(Clone, Copy)]
pub(crate) struct Method {
    pub(crate) name: &'static str,
    /// Parameters that are simulated.
    pub(crate) takes: &'static [&'static str],
    /// Parameters that Telegram knows and the simulator refuses.
    pub(crate) refuses: &'static [&'static str],
    /// `None`: not simulated.
    pub(crate) run: Option<Run>,
}

const fn method(
    name: &'static str,
    takes: &'static [&'static str],
    refuses: &'static [&'static str],
    run: Run,
) -> Method {
    Method { name, takes, refuses, run: Some(run) }
}

/// What every method that sends takes…
macro_rules! sending {
    ($($own:literal),*) => {
        &["chat_id", $($own,)* "disable_notification", "protect_content", "reply_parameters", "reply_to_message_id",
          "allow_sending_without_reply", "reply_markup"]
    };
}
/// …and refuses.
macro_rules! not_sending {
    ($($own:literal),*) => {
        &[$($own,)* "business_connection_id", "message_thread_id", "direct_messages_topic_id", "allow_paid_broadcast",
          "message_effect_id", "suggested_post_parameters", "ephemeral_message_parameters"]
    };
}

const SIMULATED: &[Method] = &[
    method("getMe", &[], &[], updates::get_me),
    method("getUpdates", &["offset", "limit", "timeout", "allowed_updates"], &[], updates::get_updates),
    method(
        "setWebhook",
        &["url", "ip_address", "max_connections", "allowed_updates", "drop_pending_updates", "secret_token"],
        &["certificate"],
        updates::set_webhook,
    ),
    method("deleteWebhook", &["drop_pending_updates"], &[], updates::delete_webhook),
    method("getWebhookInfo", &[], &[], updates::get_webhook_info),
    method(
        "sendMessage",
        sending!("text", "parse_mode", "entities", "link_preview_options", "disable_web_page_preview"),
        not_sending!(),
        messages::send_message,
    ),
    method(
        "sendPhoto",
        sending!("photo", "caption", "parse_mode", "caption_entities", "show_caption_above_media", "has_spoiler"),
        not_sending!(),
        media::send_photo,
    ),
    method(
        "sendDocument",
        sending!("document", "caption", "parse_mode", "caption_entities", "disable_content_type_detection"),
        not_sending!("thumbnail", "thumb"),
        documents::send_document,
    ),
    method(
        "sendMediaGroup",
        &[
            "chat_id",
            "media",
            "disable_notification",
            "protect_content",
            "reply_parameters",
            "reply_to_message_id",
            "allow_sending_without_reply",
        ],
        not_sending!("thumbnail", "thumb"),
        media::send_media_group,
    ),
    method(
        "forwardMessage",
        &["chat_id", "from_chat_id", "message_id", "disable_notification", "protect_content"],
        not_sending!("video_start_timestamp"),
        copy::forward_message,
    ),
    method(
        "forwardMessages",
        &["chat_id", "from_chat_id", "message_ids", "disable_notification", "protect_content"],
        not_sending!(),
        copy::forward_messages,
    ),
    method(
        "copyMessage",
        sending!("from_chat_id", "message_id", "caption", "parse_mode", "caption_entities", "show_caption_above_media"),
        not_sending!("video_start_timestamp"),
        copy::copy_message,
    ),
    method(
        "copyMessages",
        &["chat_id", "from_chat_id", "message_ids", "disable_notification", "protect_content", "remove_caption"],
        not_sending!(),
        copy::copy_messages,
    ),
    method(
        "editMessageText",
        &[
            "chat_id",
            "message_id",
            "text",
            "parse_mode",
            "entities",
            "link_preview_options",
            "disable_web_page_preview",
            "reply_markup",
        ],
        &["business_connection_id", "inline_message_id", "rich_message"],
        edits::edit_message_text,
    ),
    method(
        "editMessageCaption",
        &[
            "chat_id",
            "message_id",
            "caption",
            "parse_mode",
            "caption_entities",
            "show_caption_above_media",
            "reply_markup",
        ],
        &["business_connection_id", "inline_message_id"],
        edits::edit_message_caption,
    ),
    method(
        "editMessageMedia",
        &["chat_id", "message_id", "media", "reply_markup"],
        &["business_connection_id", "inline_message_id", "thumbnail", "thumb"],
        edits::edit_message_media,
    ),
    method(
        "editMessageReplyMarkup",
        &["chat_id", "message_id", "reply_markup"],
        &["business_connection_id", "inline_message_id"],
        edits::edit_message_reply_markup,
    ),
    method("deleteMessage", &["chat_id", "message_id"], &[], edits::delete_message),
    method("deleteMessages", &["chat_id", "message_ids"], &[], edits::delete_messages),
    method(
        "setMessageReaction",
        &["chat_id", "message_id", "reaction", "is_big"],
        &[],
        reactions::set_message_reaction,
    ),
    method("getFile", &["file_id"], &[], documents::get_file),
    method(
        "sendChatAction",
        &["chat_id", "action"],
        &["business_connection_id", "message_thread_id"],
        messages::send_chat_action,
    ),
    method(
        "answerCallbackQuery",
        &["callback_query_id", "text", "show_alert", "cache_time"],
        &["url"],
        queries::answer_callback_query,
    ),
    method("setMyCommands", &["commands", "scope", "language_code"], &[], commands::set_my_commands),
    method("getMyCommands", &["scope", "language_code"], &[], commands::get_my_commands),
    method("deleteMyCommands", &["scope", "language_code"], &[], commands::delete_my_commands),
    method("getChat", &["chat_id"], &[], rooms::get_chat),
    method("getChatMember", &["chat_id", "user_id"], &[], rooms::get_chat_member),
    method("getChatAdministrators", &["chat_id"], &["return_bots"], rooms::get_chat_administrators),
    method("getChatMemberCount", &["chat_id"], &[], rooms::get_chat_member_count),
    method("leaveChat", &["chat_id"], &[], rooms::leave_chat),
    method("banChatMember", &["chat_id", "user_id"], &["until_date", "revoke_messages"], rooms::ban_chat_member),
    method("unbanChatMember", &["chat_id", "user_id", "only_if_banned"], &[], rooms::unban_chat_member),
    method("setChatTitle", &["chat_id", "title"], &[], rooms::set_chat_title),
    method("setChatDescription", &["chat_id", "description"], &[], rooms::set_chat_description),
    method(
        "pinChatMessage",
        &["chat_id", "message_id", "disable_notification"],
        &["business_connection_id"],
        rooms::pin_chat_message,
    ),
    method("unpinChatMessage", &["chat_id", "message_id"], &["business_connection_id"], rooms::unpin_chat_message),
];

/// Methods of the Bot API that are refused.
const REFUSED: &[&str] = &[
    "addStickerToSet",
    "answerChatJoinRequestQuery",
    "answerGuestQuery",
    "answerInlineQuery",
    "answerPreCheckoutQuery",
    "answerShippingQuery",
    "answerWebAppQuery",
    "approveChatJoinRequest",
    "approveSuggestedPost",
    "banChatSenderChat",
    "close",
    "closeForumTopic",
    "closeGeneralForumTopic",
    "convertGiftToStars",
    "createChatInviteLink",
    "createChatSubscriptionInviteLink",
    "createForumTopic",
    "createInvoiceLink",
    "createNewStickerSet",
    "declineChatJoinRequest",
    "declineSuggestedPost",
    "deleteBusinessMessages",
    "deleteChatPhoto",
    "deleteChatStickerSet",
    "deleteForumTopic",
    "deleteStickerFromSet",
    "deleteStickerSet",
    "deleteStory",
    "editChatInviteLink",
    "editChatSubscriptionInviteLink",
    "editForumTopic",
    "editGeneralForumTopic",
    "editMessageChecklist",
    "editMessageLiveLocation",
    "editStory",
    "editUserStarSubscription",
    "exportChatInviteLink",
    "getAvailableGifts",
    "getBusinessAccountGifts",
    "getBusinessAccountStarBalance",
    "getBusinessConnection",
    "getChatGifts",
    "getChatMenuButton",
    "getCustomEmojiStickers",
    "getForumTopicIconStickers",
    "getGameHighScores",
    "getManagedBotAccessSettings",
    "getManagedBotToken",
    "getMyDefaultAdministratorRights",
    "getMyDescription",
    "getMyName",
    "getMyShortDescription",
    "getMyStarBalance",
    "getStarTransactions",
    "getStickerSet",
    "getUserChatBoosts",
    "getUserGifts",
    "getUserPersonalChatMessages",
    "getUserProfileAudios",
    "getUserProfilePhotos",
    "giftPremiumSubscription",
    "hideGeneralForumTopic",
    "logOut",
    "postStory",
    "promoteChatMember",
    "readBusinessMessage",
    "refundStarPayment",
    "removeBusinessAccountProfilePhoto",
    "removeChatVerification",
    "removeMyProfilePhoto",
    "removeUserVerification",
    "reopenForumTopic",
    "reopenGeneralForumTopic",
    "replaceManagedBotToken",
    "replaceStickerInSet",
    "repostStory",
    "restrictChatMember",
    "revokeChatInviteLink",
    "savePreparedInlineMessage",
    "savePreparedKeyboardButton",
    "sendAnimation",
    "sendAudio",
    "sendChatJoinRequestWebApp",
    "sendChecklist",
    "sendContact",
    "sendDice",
    "sendGame",
    "sendGift",
    "sendInvoice",
    "sendLivePhoto",
    "sendLocation",
    "sendMessageDraft",
    "sendPaidMedia",
    "sendPoll",
    "sendRichMessage",
    "sendRichMessageDraft",
    "sendSticker",
    "sendVenue",
    "sendVideo",
    "sendVideoNote",
    "sendVoice",
    "setBusinessAccountBio",
    "setBusinessAccountGiftSettings",
    "setBusinessAccountName",
    "setBusinessAccountProfilePhoto",
    "setBusinessAccountUsername",
    "setChatAdministratorCustomTitle",
    "setChatMemberTag",
    "setChatMenuButton",
    "setChatPermissions",
    "setChatPhoto",
    "setChatStickerSet",
    "setCustomEmojiStickerSetThumbnail",
    "setGameScore",
    "setManagedBotAccessSettings",
    "setMyDefaultAdministratorRights",
    "setMyDescription",
    "setMyName",
    "setMyProfilePhoto",
    "setMyShortDescription",
    "setPassportDataErrors",
    "setStickerEmojiList",
    "setStickerKeywords",
    "setStickerMaskPosition",
    "setStickerPositionInSet",
    "setStickerSetThumbnail",
    "setStickerSetTitle",
    "setUserEmojiStatus",
    "stopMessageLiveLocation",
    "stopPoll",
    "transferBusinessAccountStars",
    "transferGift",
    "unbanChatSenderChat",
    "unhideGeneralForumTopic",
    "unpinAllChatMessages",
    "unpinAllForumTopicMessages",
    "unpinAllGeneralForumTopicMessages",
    "upgradeGift",
    "uploadStickerFile",
    "verifyChat",
    "verifyUser",
];

/// The method of this name, in any case; nothing if Telegram has none.
pub(crate) fn find(name: &str) -> Option<Method> {
    let simulated = SIMULATED.iter().find(|method| method.name.eq_ignore_ascii_case(name)).copied();
    simulated.or_else(|| {
        let name = REFUSED.iter().find(|refused| refused.eq_ignore_ascii_case(name))?;
        Some(Method { name, takes: &[], refuses: &[], run: None })
    })
}

/// The names of all methods that Telegram has.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SIMULATED.iter().map(|method| method.name).chain(REFUSED.iter().copied())
}

/// Whether it is known that calls of this method name no chat.
pub(crate) fn is_without_chat(name: &str) -> bool {
    find(name).is_some_and(|method| method.run.is_some() && !method.takes.contains(&"chat_id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(find("GETME").map(|method| method.name), Some("getMe"));
        assert!(find("sendDice").is_some_and(|method| method.run.is_none()));
        assert!(find("getMeNot").is_none());
    }

    #[test]
    fn no_method_is_both_simulated_and_refused() {
        for method in SIMULATED {
            assert!(!REFUSED.contains(&method.name), "{}", method.name);
            assert!(method.takes.iter().all(|name| !method.refuses.contains(name)), "{}", method.name);
        }
    }
}
