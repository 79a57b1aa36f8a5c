//! Webhooks as people see them.

use serde::{Deserialize, Serialize};

use super::Millis;

/// A webhook that is set, and how deliveries to it go. Each of them is in the call log, as the method `webhook`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookView {
    /// Its address.
    pub url: String,
    /// Where that is.
    pub ip_address: String,
    /// How many deliveries may be under way at once.
    pub max_connections: usize,
    /// Deliveries carry a secret token.
    pub has_secret: bool,
    /// Deliveries under way.
    pub under_way: usize,
    /// Updates that arrived.
    pub delivered: u64,
    /// Deliveries that failed.
    pub failed: u64,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<WebhookError>,
}

/// A delivery went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookError {
    /// When.
    pub at: Millis,
    /// In the words of getWebhookInfo.
    pub message: String,
}
