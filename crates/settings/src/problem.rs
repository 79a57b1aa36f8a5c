//! One thing that is wrong with the settings, and where.

use std::fmt;
use std::net::SocketAddr;

use kinds::{Reason, SchemaError};
use thiserror::Error;
use yaml::{Path, Place};

use crate::raw::Located;
use crate::redact::{SECRET, is_secret, redacted};

/// One thing that is wrong with the settings. Nothing that may be a secret can be had from it, not by `Debug` either.
#[derive(Clone)]
pub struct Problem {
    /// The line, from 1; 0 where no place can be named.
    pub line: u32,
    /// The character within the line, from 1; 0 where no place can be named.
    pub column: u32,
    /// Which value, such as `admins[1].id`; empty for the file as a whole.
    pub path: String,
    sentence: String,
}

impl Problem {
    pub(crate) fn new(place: Option<Place>, path: &Path, fault: &Fault) -> Self {
        let (line, column) = place.map_or((0, 0), |place| (place.line, place.column));
        Self { line, column, path: redacted(&path.to_string()), sentence: redacted(&fault.to_string()) }
    }

    pub(crate) fn with<T>(located: &Located<T>, fault: &Fault) -> Self {
        Self::new(Some(located.place), &located.path, fault)
    }

    /// What is wrong, as a sentence without a capital letter and a final period.
    #[must_use]
    pub fn sentence(&self) -> &str {
        &self.sentence
    }
}

impl From<yaml::Error> for Problem {
    fn from(error: yaml::Error) -> Self {
        let secret =
            error.path.segments().iter().any(|segment| matches!(segment, yaml::Segment::Key(key) if is_secret(key)));
        let fault = match error.fault {
            yaml::Fault::Misread { reading, .. } if secret => yaml::Fault::Misread { text: SECRET.to_owned(), reading },
            yaml::Fault::Tag { .. } if secret => yaml::Fault::Tag { tag: SECRET.to_owned() },
            fault => fault,
        };
        Self::new(error.place, &error.path, &Fault::Yaml(fault))
    }
}

impl fmt::Display for Problem {
    /// `LINE:COLUMN: path: sentence`, ready to be put behind the file's name and a colon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.sentence)
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is wrong, with what a sentence about it needs.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    #[error("{0}")]
    Yaml(yaml::Fault),
    /// The right words for shapes are those of config files.
    #[error("{}", .0.sentence(kinds::Language::English))]
    Shape(Reason),
    #[error("must be a small word: a to z, 0 to 9 and `-`, a letter first, at most 32 characters")]
    Instance,
    #[error("must be an absolute path, such as {0}")]
    NotAbsolute(&'static str),
    #[error("is not an address such as https://api.telegram.org: {0}")]
    Url(url::ParseError),
    #[error("must start with https:// or http://")]
    UrlScheme,
    #[error("must not hold a user name, a password, a query or a fragment")]
    UrlExtras,
    #[error("must not hold a path: the page is served at the root of its host")]
    UrlPath,
    #[error("must not hold the token; it is added by itself")]
    UrlToken,
    #[error(
        "the token itself must not stand here: whoever sees this file would see it. Put it into a file that only the service \
         can read and write `token: {{ file: /path/to/it }}` (or credential: NAME, or environment: NAME). If anybody else may \
         have seen it, let @BotFather revoke it"
    )]
    TokenInline,
    #[error("must be one of `{{ file: /path }}`, `{{ credential: NAME }}` and `{{ environment: NAME }}`")]
    NotASource,
    #[error("the credential's name must not hold a `/` and not start with a dot")]
    CredentialName,
    #[error("must be the name of an environment variable: A to Z, 0 to 9 and `_`, a letter first")]
    VariableName,
    #[error("must be an address and a port, such as {0}; for IPv6 such as [::1]:8010")]
    Address(&'static str),
    #[error("api ({api}) and page ({page}) cannot listen on the same port")]
    AddressTwice { api: SocketAddr, page: SocketAddr },
    #[error("must be a Telegram user's id, a whole number from 1")]
    AdminId,
    #[error("this id is there twice; the first one is at line {}", .first.line)]
    AdminTwice { first: Place },
    #[error("a name must have 1 to 64 characters, none of them invisible")]
    AdminName,
    #[error(
        "a kind's name is part of its commands (/set_{{name}}): a to z, 0 to 9 and `_`, a letter first, at most 21 characters"
    )]
    KindName,
    #[error("`{0}` is a word of the bot's own; choose another name")]
    KindReserved(String),
    #[error(
        "must be a plain file name: letters, digits, `.`, `_` and `-`, a letter or digit first, at most 100 characters"
    )]
    FileName,
    #[error("the file belongs to `{kind}` already (line {})", .first.line)]
    FileTwice { kind: String, first: Place },
    #[error("must not end in `.meta.json`: what lies beside each config file is called so")]
    FileMeta,
    #[error("an owner may do everything with every kind: leave `kinds` out, or write another role")]
    OwnerKinds,
    #[error("`configs` declares no kind `{0}`")]
    NoSuchKind(String),
    #[error("must have one of `command: [/path/of/the/program, its, arguments]` and `unit: NAME.service`")]
    HookRun,
    #[error("must not hold a NUL character")]
    Nul,
    #[error("must be the name of a service of systemd, such as nginx.service")]
    Unit,
    #[error("must be whole seconds, 1 to 600")]
    Timeout,
    #[error("there is no built-in schema for `{name}`, only for {}; write the path of a JSON Schema file", kinds::BUILTIN.join(" and "))]
    NotBuiltin { name: String },
    #[error("reading the schema {}: {error}", .path.display())]
    SchemaRead { path: std::path::PathBuf, error: std::io::Error },
    #[error("the schema {} cannot be used: {error}", .path.display())]
    Schema { path: std::path::PathBuf, error: Box<SchemaError> },
    #[error("the schema {} is too large: more than {limit} bytes", .path.display())]
    SchemaTooLarge { path: std::path::PathBuf, limit: u64 },
}
