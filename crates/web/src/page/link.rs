//! `io.natrium.Page`: makes the addresses that sign people in. Only the bot may ask, which knows from Telegram who somebody is.

use std::io;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use interfaces::page::{Error, Page, SignIn, SignInReply};
use interfaces::{Fault, Peer};
use rustix::rand::{GetRandomFlags, getrandom};
use varlink::ServiceError;

use super::Room;
use crate::sign_ins::{CODE_LIFE, Person, Secret};
use crate::texts::language_of;

/// Characters of a name at most: a name that Telegram allows is not longer.
const NAME: usize = 130;

/// Answers the bot.
pub(crate) struct Link(pub(crate) Arc<Room>);

impl Page for Link {
    async fn sign_in(&self, _: Peer, call: SignIn) -> Result<SignInReply, Fault<Error>> {
        let room = &self.0;
        let Some(url) = &room.url else { return Err(Error::NoPage {}.into()) };
        let code = random().map_err(|error| {
            tracing::error!("no address could be made: {error}");
            Fault::Service(ServiceError::MethodNotImplemented { method: "io.natrium.Page.SignIn".to_owned() })
        })?;
        let SignIn { user, name, language } = call;
        let person = Person {
            user,
            name: name.chars().take(NAME).collect(),
            language: language_of(language.as_deref(), room.language),
        };
        room.sign_ins(|sign_ins, now| sign_ins.invite(now, &code, person));
        tracing::info!(user_id = user, "an address was made that signs somebody in");
        let expires = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + CODE_LIFE;
        Ok(SignInReply {
            url: format!("{url}/sign-in?code={}", code.text()),
            expires_ms: i64::try_from(expires.as_millis()).unwrap_or(i64::MAX),
        })
    }
}

/// A secret that nobody can guess.
///
/// # Errors
/// Where the kernel has no randomness.
pub(crate) fn random() -> io::Result<Secret> {
    let mut bytes = [0; 32];
    // Up to 256 bytes come whole or not at all (getrandom(2)).
    getrandom(&mut bytes, GetRandomFlags::empty())?;
    Ok(Secret::of(bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use super::*;

    fn link(url: Option<&str>) -> Link {
        Link(Arc::new(Room::without_a_writer(url)))
    }

    #[tokio::test]
    async fn an_address_is_made_of_how_browsers_reach_the_page_and_of_nothing_where_they_do_not() {
        let peer = Peer { pid: 1, uid: 0, gid: 0 };
        let call = SignIn { user: 7, name: "Anna".to_owned(), language: None };
        let reply = link(Some("https://natrium.example")).sign_in(peer, call.clone()).await.unwrap();
        assert!(reply.url.starts_with("https://natrium.example/sign-in?code="), "{}", reply.url);
        let refused = link(None).sign_in(peer, call).await.unwrap_err();
        assert!(matches!(refused, Fault::Reply(Error::NoPage {})), "{refused:?}");
    }
}
