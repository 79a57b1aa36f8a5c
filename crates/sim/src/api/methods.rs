//! The table of methods: those that are simulated with their parameters, and the names of all others.

use super::{Run, commands, documents, messages, queries, updates};

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
        &[
            "chat_id",
            "text",
            "parse_mode",
            "entities",
            "link_preview_options",
            "disable_web_page_preview",
            "disable_notification",
            "protect_content",
            "reply_parameters",
            "reply_to_message_id",
            "allow_sending_without_reply",
            "reply_markup",
        ],
        &[
            "business_connection_id",
            "message_thread_id",
            "direct_messages_topic_id",
            "allow_paid_broadcast",
            "message_effect_id",
            "suggested_post_parameters",
        ],
        messages::send_message,
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
        &["business_connection_id", "inline_message_id"],
        messages::edit_message_text,
    ),
    method("deleteMessage", &["chat_id", "message_id"], &[], messages::delete_message),
    method(
        "sendDocument",
        &[
            "chat_id",
            "document",
            "caption",
            "parse_mode",
            "caption_entities",
            "disable_content_type_detection",
            "disable_notification",
            "protect_content",
            "reply_parameters",
            "reply_to_message_id",
            "allow_sending_without_reply",
            "reply_markup",
        ],
        &[
            "business_connection_id",
            "message_thread_id",
            "direct_messages_topic_id",
            "thumbnail",
            "thumb",
            "allow_paid_broadcast",
            "message_effect_id",
            "suggested_post_parameters",
        ],
        documents::send_document,
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
];

/// Methods of the Bot API that are refused.
const REFUSED: &[&str] = &[
    "addStickerToSet",
    "answerInlineQuery",
    "answerPreCheckoutQuery",
    "answerShippingQuery",
    "answerWebAppQuery",
    "approveChatJoinRequest",
    "approveSuggestedPost",
    "banChatMember",
    "banChatSenderChat",
    "close",
    "closeForumTopic",
    "closeGeneralForumTopic",
    "convertGiftToStars",
    "copyMessage",
    "copyMessages",
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
    "deleteMessages",
    "deleteStickerFromSet",
    "deleteStickerSet",
    "deleteStory",
    "editChatInviteLink",
    "editChatSubscriptionInviteLink",
    "editForumTopic",
    "editGeneralForumTopic",
    "editMessageCaption",
    "editMessageChecklist",
    "editMessageLiveLocation",
    "editMessageMedia",
    "editMessageReplyMarkup",
    "editStory",
    "editUserStarSubscription",
    "exportChatInviteLink",
    "forwardMessage",
    "forwardMessages",
    "getAvailableGifts",
    "getBusinessAccountGifts",
    "getBusinessAccountStarBalance",
    "getBusinessConnection",
    "getChat",
    "getChatAdministrators",
    "getChatGifts",
    "getChatMember",
    "getChatMemberCount",
    "getChatMenuButton",
    "getCustomEmojiStickers",
    "getForumTopicIconStickers",
    "getGameHighScores",
    "getMyDefaultAdministratorRights",
    "getMyDescription",
    "getMyName",
    "getMyShortDescription",
    "getMyStarBalance",
    "getStarTransactions",
    "getStickerSet",
    "getUserChatBoosts",
    "getUserGifts",
    "getUserProfilePhotos",
    "giftPremiumSubscription",
    "hideGeneralForumTopic",
    "leaveChat",
    "logOut",
    "pinChatMessage",
    "postStory",
    "promoteChatMember",
    "readBusinessMessage",
    "refundStarPayment",
    "removeBusinessAccountProfilePhoto",
    "removeChatVerification",
    "removeUserVerification",
    "reopenForumTopic",
    "reopenGeneralForumTopic",
    "replaceStickerInSet",
    "repostStory",
    "restrictChatMember",
    "revokeChatInviteLink",
    "savePreparedInlineMessage",
    "sendAnimation",
    "sendAudio",
    "sendChecklist",
    "sendContact",
    "sendDice",
    "sendGame",
    "sendGift",
    "sendInvoice",
    "sendLocation",
    "sendMediaGroup",
    "sendMessageDraft",
    "sendPaidMedia",
    "sendPhoto",
    "sendPoll",
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
    "setChatDescription",
    "setChatMenuButton",
    "setChatPermissions",
    "setChatPhoto",
    "setChatStickerSet",
    "setChatTitle",
    "setCustomEmojiStickerSetThumbnail",
    "setGameScore",
    "setMessageReaction",
    "setMyDefaultAdministratorRights",
    "setMyDescription",
    "setMyName",
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
    "unbanChatMember",
    "unbanChatSenderChat",
    "unhideGeneralForumTopic",
    "unpinAllChatMessages",
    "unpinAllForumTopicMessages",
    "unpinAllGeneralForumTopicMessages",
    "unpinChatMessage",
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
        assert!(find("sendPhoto").is_some_and(|method| method.run.is_none()));
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
