//! The OpenAPI document of the control API: its head, and its text. What is in it stands beside the handlers.

use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "natrium-sim control API",
        description = "The people's side of a simulated Telegram: who says what, which buttons are pressed, what goes wrong. \
                       Times are Unix milliseconds; `bot` may be left out everywhere and is then the first one.",
        license(name = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "people", description = "What people do in the private chat with a bot"),
        (name = "chats", description = "Groups, supergroups and channels, and what people do there"),
        (name = "channels", description = "Posts of all kinds, and the public preview pages"),
        (name = "waiting", description = "Being told when something is true"),
        (name = "faults", description = "What goes wrong"),
        (name = "calls", description = "The record of Bot API calls"),
        (name = "bots", description = "Bots and their tokens"),
        (name = "simulator", description = "All of it: state, events, clock"),
    )
)]
struct Head;

/// What is said of all of it; without paths.
pub(super) fn head() -> OpenApi {
    Head::openapi()
}

/// The document as JSON.
pub(super) fn text(document: &OpenApi) -> String {
    // Nothing in it can fail to be written; were it so, its reader would see an empty text, not a wrong one.
    serde_json::to_string_pretty(document).unwrap_or_default()
}
