//! The settings as written: the right shapes, not yet the right values.
//!
//! Reading never stops at a problem; what could not be read is `None` and has been reported.

mod reader;

use kinds::Language;
use yaml::{Document, Path, Place};

use crate::{Level, Problem, Role};
use reader::Reader;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Which value it is.
    pub path: Path,
    /// Where it stands.
    pub place: Place,
}

/// `natrium.yml` as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsRaw {
    /// `instance`.
    pub instance: Option<Located<String>>,
    /// `language`.
    pub language: Option<Language>,
    /// `directories`.
    pub directories: DirectoriesRaw,
    /// `telegram`.
    pub telegram: TelegramRaw,
    /// `web`.
    pub web: WebRaw,
    /// `admins`.
    pub admins: Vec<AdminRaw>,
    /// `configs`; `None` where it is not written, and the built-in kinds are meant.
    pub configs: Option<Vec<ConfigRaw>>,
    /// `log`.
    pub log: Option<Level>,
}

/// `directories` as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DirectoriesRaw {
    /// `state`.
    pub state: Option<Located<String>>,
    /// `runtime`.
    pub runtime: Option<Located<String>>,
    /// `published`.
    pub published: Option<Located<String>>,
}

/// `telegram` as written. Only where the token is may stand here; a token itself is not kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TelegramRaw {
    /// `api_url`.
    pub api_url: Option<Located<String>>,
    /// `token`: the key (`file`, `credential` or `environment`) and its value.
    pub token: Option<(&'static str, Located<String>)>,
    /// `api_hash`, likewise.
    pub api_hash: Option<(&'static str, Located<String>)>,
}

/// `web` as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WebRaw {
    /// `enabled`.
    pub enabled: Option<bool>,
    /// `api`.
    pub api: Option<Located<String>>,
    /// `page`.
    pub page: Option<Located<String>>,
    /// `page_url`.
    pub page_url: Option<Located<String>>,
}

/// An item of `admins` as written.
#[derive(Clone, Debug, PartialEq)]
pub struct AdminRaw {
    /// `id`, its digits.
    pub id: Option<Located<String>>,
    /// `name`.
    pub name: Option<Located<String>>,
    /// `role`.
    pub role: Option<Located<Role>>,
    /// `kinds`; `None` where it is not written.
    pub kinds: Option<Vec<(Located<String>, Option<Role>)>>,
}

/// An entry of `configs` as written.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigRaw {
    /// The key.
    pub name: Located<String>,
    /// `file`.
    pub file: Option<Located<String>>,
    /// `schema`.
    pub schema: Option<Located<SchemaRaw>>,
    /// `approval`.
    pub approval: Option<bool>,
    /// `after_publish`.
    pub after_publish: Option<Located<HookRaw>>,
}

/// `after_publish` as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HookRaw {
    /// `command`; `None` where it is not written.
    pub command: Option<Vec<Located<String>>>,
    /// `unit`; `Some(None)` where it is written and no text.
    pub unit: Option<Option<Located<String>>>,
    /// `timeout`, its digits.
    pub timeout: Option<Located<String>>,
}

/// `schema` as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaRaw {
    /// `builtin`.
    Builtin,
    /// The path of a JSON Schema.
    Path(String),
}

impl SettingsRaw {
    /// What a document says, and what is wrong with its shape.
    #[must_use]
    pub fn read(document: &Document) -> (Self, Vec<Problem>) {
        let mut reader = Reader::default();
        let raw = settings(&mut reader, document);
        (raw, reader.problems)
    }
}

fn settings(reader: &mut Reader, document: &Document) -> SettingsRaw {
    let keys = ["instance", "language", "directories", "telegram", "web", "admins", "configs", "log"];
    let Some(map) = reader.mapping(document.root(), Path::default(), &keys) else { return SettingsRaw::default() };
    SettingsRaw {
        instance: reader.text(map.get("instance")),
        language: reader.word(map.get("language"), &Language::ALL.map(|language| (language.tag(), language))),
        directories: directories(reader, map.get("directories")),
        telegram: telegram(reader, reader::required(map.get("telegram"))),
        web: web(reader, map.get("web")),
        admins: admins(reader, map.get("admins")),
        configs: configs(reader, map.get("configs")),
        log: reader.word(map.get("log"), &Level::ALL.map(|level| (level.as_str(), level))),
    }
}

fn directories(reader: &mut Reader, field: reader::Field<'_>) -> DirectoriesRaw {
    let Some(map) = reader.sub(field, &["state", "runtime", "published"]) else { return DirectoriesRaw::default() };
    DirectoriesRaw {
        state: reader.text(map.get("state")),
        runtime: reader.text(map.get("runtime")),
        published: reader.text(map.get("published")),
    }
}

fn telegram(reader: &mut Reader, field: reader::Field<'_>) -> TelegramRaw {
    let Some(map) = reader.sub(field, &["api_url", "token", "api_hash"]) else {
        return TelegramRaw::default();
    };
    TelegramRaw {
        api_url: reader.text(map.get("api_url")),
        token: reader.secret(reader::required(map.get("token"))),
        api_hash: reader.secret(map.get("api_hash")),
    }
}

fn web(reader: &mut Reader, field: reader::Field<'_>) -> WebRaw {
    let Some(map) = reader.sub(field, &["enabled", "api", "page", "page_url"]) else { return WebRaw::default() };
    WebRaw {
        enabled: reader.boolean(map.get("enabled")),
        api: reader.text(map.get("api")),
        page: reader.text(map.get("page")),
        page_url: reader.text(map.get("page_url")),
    }
}

fn admins(reader: &mut Reader, field: reader::Field<'_>) -> Vec<AdminRaw> {
    let items = reader.list(field, reader::Empty::Allowed);
    let admin = |item| {
        let map = reader.sub(item, &["id", "name", "role", "kinds"])?;
        Some(AdminRaw {
            id: reader.number(reader::required(map.get("id"))),
            name: reader.text(reader::required(map.get("name"))),
            role: reader.located_word(map.get("role"), &Role::ALL.map(|role| (role.as_str(), role))),
            kinds: kind_roles(reader, map.get("kinds")),
        })
    };
    items.into_iter().filter_map(admin).collect()
}

fn kind_roles(reader: &mut Reader, field: reader::Field<'_>) -> Option<Vec<(Located<String>, Option<Role>)>> {
    // An owner owns everything: there are none of one kind.
    let words = [Role::Admin, Role::Viewer].map(|role| (role.as_str(), role));
    let entries = reader.entries(field)?;
    Some(entries.into_iter().map(|(name, role)| (name, reader.word(role, &words))).collect())
}

fn configs(reader: &mut Reader, field: reader::Field<'_>) -> Option<Vec<ConfigRaw>> {
    let entries = reader.entries(field)?;
    let config = |(name, entry): (Located<String>, _)| {
        let map = reader.sub(entry, &["file", "schema", "approval", "after_publish"])?;
        let schema = reader.text(reader::required(map.get("schema"))).map(|text| {
            let Located { value, path, place } = text;
            let value = if value == "builtin" { SchemaRaw::Builtin } else { SchemaRaw::Path(value) };
            Located { value, path, place }
        });
        Some(ConfigRaw {
            name,
            file: reader.text(reader::required(map.get("file"))),
            schema,
            approval: reader.boolean(map.get("approval")),
            after_publish: hook(reader, map.get("after_publish")),
        })
    };
    Some(entries.into_iter().filter_map(config).collect())
}

fn hook(reader: &mut Reader, field: reader::Field<'_>) -> Option<Located<HookRaw>> {
    let map = reader.sub(field, &["command", "unit", "timeout"])?;
    let command = map.get("command").is_written().then(|| {
        let words = reader.list(map.get("command"), reader::Empty::Refused);
        words.into_iter().filter_map(|word| reader.text(word)).collect()
    });
    let unit = map.get("unit").is_written().then(|| reader.text(map.get("unit")));
    Some(map.located(HookRaw { command, unit, timeout: reader.number(map.get("timeout")) }))
}
