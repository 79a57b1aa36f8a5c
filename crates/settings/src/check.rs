//! From settings as written to validated ones: the right values.

use std::net::SocketAddr;
use std::path::{Path as FilePath, PathBuf};

use kinds::Kind;
use yaml::Place;

use crate::problem::Fault;
use crate::raw::{AdminRaw, ConfigRaw, DirectoriesRaw, Located, SchemaRaw, SettingsRaw, TelegramRaw, WebRaw};
use crate::redact::redacted;
use crate::{Admin, Config, Directories, Environment, KindRole, Problem, Role, SecretSource, Settings, Telegram, Web};

/// The largest schema file, in bytes.
const MOST_SCHEMA: u64 = 256 * 1024;

/// Telegram's user ids have at most 52 significant bits (Bot API, `User`).
const MOST_ID: i64 = (1 << 52) - 1;

/// The bot's commands, now and as planned, and words that people would take for commands.
const RESERVED: [&str; 24] = [
    "add_channel",
    "all",
    "cancel",
    "chat",
    "config",
    "configs",
    "diff",
    "get",
    "group",
    "groups",
    "help",
    "history",
    "kinds",
    "language",
    "me",
    "my_channels",
    "remove_channel",
    "rollback",
    "set",
    "settings",
    "start",
    "status",
    "stop",
    "version",
];

mod hook;

pub(crate) struct Checker<'a> {
    pub(crate) environment: &'a Environment,
    /// What paths in the file are relative to.
    pub(crate) directory: &'a FilePath,
    pub(crate) problems: Vec<Problem>,
}

impl Checker<'_> {
    fn report<T>(&mut self, located: &Located<T>, fault: &Fault) {
        self.problems.push(Problem::with(located, fault));
    }

    /// The settings, as far as they can be told; only good if there are no problems.
    pub(crate) fn settings(&mut self, raw: SettingsRaw) -> Option<Settings> {
        let instance = self.instance(raw.instance);
        let directories = self.directories(&raw.directories);
        let telegram = self.telegram(raw.telegram);
        let web = self.web(&raw.web);
        // What a kind that could not be read is called has been reported, and those who have a role for it are not blamed.
        let declared: Vec<String> = match &raw.configs {
            Some(configs) => configs.iter().map(|config| config.name.value.clone()).collect(),
            None => kinds::BUILTIN.map(str::to_owned).to_vec(),
        };
        let admins = self.admins(raw.admins, &declared);
        let configs = match raw.configs {
            Some(configs) => self.configs(configs),
            None => kinds::BUILTIN.into_iter().filter_map(kinds::builtin).map(Config::from).collect(),
        };
        let (language, log) = (raw.language.unwrap_or_default(), raw.log.unwrap_or_default());
        let file = String::new();
        Some(Settings { file, instance, language, directories, telegram: telegram?, web, admins, configs, log })
    }

    fn instance(&mut self, raw: Option<Located<String>>) -> String {
        let Some(raw) = raw else { return "natrium".to_owned() };
        if !is_word(&raw.value, 32, b'-') {
            self.report(&raw, &Fault::Instance);
        }
        raw.value
    }

    fn directories(&mut self, raw: &DirectoriesRaw) -> Directories {
        let state = self.directory(raw.state.as_ref(), "STATE_DIRECTORY", "/var/lib/natrium");
        let runtime = self.directory(raw.runtime.as_ref(), "RUNTIME_DIRECTORY", "/run/natrium");
        let published = match &raw.published {
            Some(published) => self.absolute(published, "/var/lib/natrium/published"),
            None => state.join("published"),
        };
        Directories { state, runtime, published }
    }

    /// What is written, else the first of the directories that systemd made, else where they are by convention.
    fn directory(&mut self, raw: Option<&Located<String>>, variable: &str, default: &'static str) -> PathBuf {
        let made = || self.environment.get(variable).and_then(|list| list.split(':').next());
        match raw {
            Some(raw) => self.absolute(raw, default),
            None => PathBuf::from(made().unwrap_or(default)),
        }
    }

    fn absolute(&mut self, raw: &Located<String>, example: &'static str) -> PathBuf {
        let path = PathBuf::from(&raw.value);
        if !path.is_absolute() {
            self.report(raw, &Fault::NotAbsolute(example));
        }
        path
    }

    fn telegram(&mut self, raw: TelegramRaw) -> Option<Telegram> {
        let api_url = match raw.api_url {
            Some(raw) => {
                let trimmed = raw.value.trim_end_matches('/').to_owned();
                if let Some(fault) = url_fault(&trimmed) {
                    self.report(&raw, &fault);
                }
                trimmed
            }
            None => "https://api.telegram.org".to_owned(),
        };
        let api_hash = raw.api_hash.and_then(|(source, value)| self.source(source, value));
        let (source, value) = raw.token?;
        Some(Telegram { api_url, token: self.source(source, value)?, api_hash })
    }

    fn source(&mut self, source: &str, raw: Located<String>) -> Option<SecretSource> {
        let fault = match source {
            _ if redacted(&raw.value) != raw.value => Some(Fault::TokenInline),
            "file" if !FilePath::new(&raw.value).is_absolute() => Some(Fault::NotAbsolute("/etc/natrium/bot-token")),
            "credential" if raw.value.is_empty() || raw.value.starts_with('.') || raw.value.contains('/') => {
                Some(Fault::CredentialName)
            }
            "environment" if !is_variable(&raw.value) => Some(Fault::VariableName),
            _ => None,
        };
        if let Some(fault) = fault {
            self.report(&raw, &fault);
            return None;
        }
        Some(match source {
            "file" => SecretSource::File(PathBuf::from(raw.value)),
            "credential" => SecretSource::Credential(raw.value),
            _ => SecretSource::Environment(raw.value),
        })
    }

    fn web(&mut self, raw: &WebRaw) -> Web {
        let default = Web::default();
        let api = raw.api.as_ref().and_then(|raw| self.address(raw, "127.0.0.1:8010"));
        let page = raw.page.as_ref().and_then(|raw| self.address(raw, "127.0.0.1:8001"));
        let web = Web {
            enabled: raw.enabled.unwrap_or(default.enabled),
            api: api.unwrap_or(default.api),
            page: page.unwrap_or(default.page),
            page_url: raw.page_url.as_ref().map(|raw| self.page_url(raw)),
        };
        // What could not be read has been reported, and says nothing about the other one.
        let unread = (raw.api.is_some() && api.is_none()) || (raw.page.is_some() && page.is_none());
        if let Some(later) = raw.page.as_ref().or(raw.api.as_ref())
            && !unread
            && cannot_both_be(web.api, web.page)
        {
            self.report(later, &Fault::AddressTwice { api: web.api, page: web.page });
        }
        web
    }

    fn page_url(&mut self, raw: &Located<String>) -> String {
        let parsed = url::Url::parse(&raw.value);
        let at_a_path = || parsed.as_ref().is_ok_and(|url| url.path() != "/").then_some(Fault::UrlPath);
        if let Some(fault) = url_fault(&raw.value).or_else(at_a_path) {
            self.report(raw, &fault);
        }
        // As browsers write it, whatever else their standard lets one write.
        parsed.map_or_else(|_| raw.value.clone(), |url| url.origin().ascii_serialization())
    }

    fn address(&mut self, raw: &Located<String>, example: &'static str) -> Option<SocketAddr> {
        let address = raw.value.parse().ok();
        if address.is_none() {
            self.report(raw, &Fault::Address(example));
        }
        address
    }

    fn admins(&mut self, raw: Vec<AdminRaw>, declared: &[String]) -> Vec<Admin> {
        let mut seen: Vec<(i64, Place)> = Vec::new();
        let mut admins = Vec::new();
        for admin in raw {
            if let Some(name) = &admin.name
                && (name.value.trim().is_empty()
                    || name.value.chars().count() > 64
                    || name.value.chars().any(char::is_control))
            {
                self.report(name, &Fault::AdminName);
            }
            let (role, kinds) = self.roles(&admin, declared);
            let Some(raw) = &admin.id else { continue };
            let Some(id) = raw.value.parse().ok().filter(|id| (1..=MOST_ID).contains(id)) else {
                self.report(raw, &Fault::AdminId);
                continue;
            };
            match seen.iter().find(|(other, _)| *other == id) {
                Some((_, first)) => self.report(raw, &Fault::AdminTwice { first: *first }),
                None => seen.push((id, raw.place)),
            }
            admins.extend(admin.name.map(|name| Admin { id, name: name.value, role, kinds }));
        }
        admins
    }

    /// Who has no role written is an owner, unless there are roles for single kinds: then those are all.
    fn roles(&mut self, admin: &AdminRaw, declared: &[String]) -> (Option<Role>, Vec<KindRole>) {
        let Some(written) = &admin.kinds else {
            return (Some(admin.role.as_ref().map_or(Role::Owner, |role| role.value)), Vec::new());
        };
        let mut kinds = Vec::new();
        for (kind, role) in written {
            if !declared.contains(&kind.value) {
                self.report(kind, &Fault::NoSuchKind(kind.value.clone()));
            }
            kinds.extend(role.map(|role| KindRole { kind: kind.value.clone(), role }));
        }
        if let Some(role) = admin.role.as_ref().filter(|role| role.value == Role::Owner) {
            self.report(role, &Fault::OwnerKinds);
        }
        (admin.role.as_ref().map(|role| role.value), kinds)
    }

    fn configs(&mut self, raw: Vec<ConfigRaw>) -> Vec<Config> {
        let mut files: Vec<(String, String, Place)> = Vec::new();
        let mut configs = Vec::new();
        for config in raw {
            self.kind_name(&config.name);
            if let Some(file) = &config.file {
                if !is_file_name(&file.value) {
                    self.report(file, &Fault::FileName);
                }
                // Some file systems do not tell `Fees.yml` from `fees.yml`, and neither do some people.
                let key = file.value.to_lowercase();
                if key.ends_with(".meta.json") {
                    self.report(file, &Fault::FileMeta);
                }
                match files.iter().find(|(other, _, _)| *other == key) {
                    Some((_, kind, first)) => {
                        let fault = Fault::FileTwice { kind: kind.clone(), first: *first };
                        self.report(file, &fault);
                    }
                    None => files.push((key, config.name.value.clone(), file.place)),
                }
            }
            let schema = config.schema.and_then(|schema| self.schema(&config.name.value, &schema));
            let after_publish = config.after_publish.and_then(|hook| self.hook(&hook));
            if let (Some(file), Some(kind)) = (config.file, schema) {
                let kind = Kind { name: config.name.value, file: file.value, ..kind };
                configs.push(Config { kind, approval: config.approval.unwrap_or(false), after_publish });
            }
        }
        configs
    }

    fn kind_name(&mut self, name: &Located<String>) {
        if !is_word(&name.value, 21, b'_') {
            self.report(name, &Fault::KindName);
        } else if RESERVED.contains(&name.value.as_str()) {
            self.report(name, &Fault::KindReserved(name.value.clone()));
        }
    }

    /// A kind with the schema, its names yet to be put in.
    fn schema(&mut self, name: &str, raw: &Located<SchemaRaw>) -> Option<Kind> {
        let path = match &raw.value {
            SchemaRaw::Builtin => {
                let kind = kinds::builtin(name);
                if kind.is_none() {
                    self.report(raw, &Fault::NotBuiltin { name: name.to_owned() });
                }
                return kind;
            }
            SchemaRaw::Path(path) => self.directory.join(path),
        };
        let text = match read_schema(&path) {
            Ok(Some(text)) => text,
            Ok(None) => {
                self.report(raw, &Fault::SchemaTooLarge { path, limit: MOST_SCHEMA });
                return None;
            }
            Err(error) => {
                self.report(raw, &Fault::SchemaRead { path, error });
                return None;
            }
        };
        let kind = Kind { name: name.to_owned(), file: String::new(), schema: text.into(), rules: None };
        if let Err(error) = kind.check() {
            self.report(raw, &Fault::Schema { path, error: Box::new(error) });
            return None;
        }
        Some(kind)
    }
}

/// The text of a schema; none if it is too large.
fn read_schema(path: &FilePath) -> std::io::Result<Option<String>> {
    use std::io::Read;
    let mut text = String::new();
    std::fs::File::open(path)?.take(MOST_SCHEMA + 1).read_to_string(&mut text)?;
    Ok((text.len() as u64 <= MOST_SCHEMA).then_some(text))
}

/// Whether the kernel lets nobody listen on both: the same port of the same address, or of all addresses.
fn cannot_both_be(one: SocketAddr, other: SocketAddr) -> bool {
    let overlap = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && overlap
}

fn url_fault(text: &str) -> Option<Fault> {
    if redacted(text) != text {
        return Some(Fault::UrlToken);
    }
    match url::Url::parse(text) {
        Err(error) => Some(Fault::Url(error)),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => Some(Fault::UrlScheme),
        Ok(url)
            if !url.username().is_empty()
                || url.password().is_some()
                || url.query().is_some()
                || url.fragment().is_some() =>
        {
            Some(Fault::UrlExtras)
        }
        Ok(_) => None,
    }
}

/// Small letters, digits and one more character, a letter first.
fn is_word(text: &str, most: usize, extra: u8) -> bool {
    text.len() <= most
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == extra)
}

fn is_variable(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// One component, not hidden, without anything that a shell or a chat would mangle.
fn is_file_name(text: &str) -> bool {
    text.len() <= 100
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
