//! Why somebody has no role, or keeps one.

use std::time::Duration;

use crate::requests::RequestError;
use crate::store::StoreError;

/// Why a call has no effect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("only owners may do that")]
    Forbidden,
    /// The settings name them.
    #[error("the settings name {0}")]
    Fixed(i64),
    #[error("{0} is the last owner")]
    LastOwner(i64),
    #[error("no such kind")]
    NoSuchKind(String),
    #[error("no such code, or not any more")]
    WrongCode,
    #[error("too many wrong codes came lately")]
    TooManyCodes(Duration),
    /// What was asked for makes no sense.
    #[error("{0} makes no sense")]
    Senseless(&'static str),
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Request(RequestError::Store(error))
    }
}

impl Refused {
    /// The word for it in the audit trail; nothing where it says nothing of who asked.
    pub(crate) fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Forbidden => Some("forbidden"),
            Self::Fixed(_) => Some("fixed"),
            Self::LastOwner(_) => Some("last owner"),
            Self::NoSuchKind(_) => Some("no such kind"),
            Self::WrongCode => Some("wrong code"),
            Self::TooManyCodes(_) => Some("too many codes"),
            Self::Request(RequestError::Reused(_)) => Some("request reused"),
            Self::Request(RequestError::Store(error)) if error.is_certain() => Some("not saved"),
            Self::Senseless(_) | Self::Request(RequestError::Store(_) | RequestError::Malformed) => None,
        }
    }
}
