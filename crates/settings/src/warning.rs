//! What is allowed in the settings, but probably not meant.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use thiserror::Error;

use crate::{Environment, Settings};

/// The admin's id in the sample, larger than any that Telegram has given.
const SAMPLE_ADMIN: i64 = (1 << 52) - 1;

/// Something to tell whoever wrote the settings.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Warning {
    /// Anybody on the host can read a secret.
    #[error("everybody on this host can read the secret in {0}; chmod 600 {0}", path.display())]
    SecretReadable {
        /// The file.
        path: PathBuf,
    },
    /// The token goes over the network in the clear.
    #[error("telegram.api_url: the token goes to {host} unencrypted; use https:// unless the way there is private")]
    Unencrypted {
        /// To whom.
        host: String,
    },
    /// Other hosts can ask.
    #[error(
        "web.api: {address} can be reached from other hosts, and nobody who asks there is asked who they are; put a firewall \
         or a proxy before it"
    )]
    ApiExposed {
        /// Where it is.
        address: SocketAddr,
    },
    /// Other hosts see the page, and can read along.
    #[error(
        "web.page: {address} can be reached from other hosts, and what is said there is not encrypted; put a proxy with TLS \
         before it"
    )]
    PageExposed {
        /// Where it is.
        address: SocketAddr,
    },
    /// Sign-ins go over the network in the clear.
    #[error("web.page_url: sign-ins go to {host} unencrypted; use https:// unless the way there is private")]
    PageUnencrypted {
        /// To whom.
        host: String,
    },
    /// The sample's admin is nobody.
    #[error("admins: the id {SAMPLE_ADMIN} is the sample's and nobody's; put in your own")]
    SampleAdmin,
}

impl Settings {
    /// What is allowed, but probably not meant. Looks at the permissions of the secret's file, not into it.
    #[must_use]
    pub fn warnings(&self, environment: &Environment) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let secrets = [Some(&self.telegram.token), self.telegram.api_hash.as_ref()];
        for path in secrets.into_iter().flatten().filter_map(|secret| secret.path(environment)) {
            if fs::metadata(&path)
                .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o004 != 0)
            {
                warnings.push(Warning::SecretReadable { path });
            }
        }
        if let Some(host) = remote_in_the_clear(&self.telegram.api_url) {
            warnings.push(Warning::Unencrypted { host });
        }
        if self.web.enabled {
            let elsewhere = |address: SocketAddr| (!address.ip().to_canonical().is_loopback()).then_some(address);
            warnings.extend(elsewhere(self.web.api).map(|address| Warning::ApiExposed { address }));
            warnings.extend(elsewhere(self.web.page).map(|address| Warning::PageExposed { address }));
            let host = self.web.page_url.as_deref().and_then(remote_in_the_clear);
            warnings.extend(host.map(|host| Warning::PageUnencrypted { host }));
        }
        if self.admins.iter().any(|admin| admin.id == SAMPLE_ADMIN) {
            warnings.push(Warning::SampleAdmin);
        }
        warnings
    }
}

/// The host of an `http://` address that is not this one.
fn remote_in_the_clear(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok().filter(|url| url.scheme() == "http")?;
    let local = match url.host()? {
        url::Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    };
    if local { None } else { url.host_str().map(str::to_owned) }
}
