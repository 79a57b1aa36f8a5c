//! `/page`: a link that signs whoever asks in on the page, where configs are looked at in a browser.

use interfaces::admins::Role;
use interfaces::page::{Error, SignIn};
use varlink::CallError;

use super::answers::permitted;
use crate::roles::Needs;
use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::{Text, Value};

pub(super) async fn run(talk: &Talk<'_>) -> Result<(), Stopping> {
    let kinds = talk.desk.registry.kinds().iter().map(|kind| Needs::Of(kind, Role::Viewer));
    let needs = kinds.into_iter().find(|needs| needs.met_by(&talk.person)).unwrap_or(Needs::General(Role::Viewer));
    if !permitted(talk, None, needs, "page").await? {
        return Ok(());
    }
    let call = SignIn { user: talk.user, name: talk.admin.clone(), language: Some(talk.language.tag().to_owned()) };
    // Not waited for as the writer is: nothing is kept, and asking again makes another link.
    let text = match talk.desk.page.sign_in(&call).await {
        Ok(reply) => Text::page_link(reply.url, Value::at_ms(reply.expires_ms)),
        Err(CallError::Reply(Error::NoPage {})) => Text::page_none(),
        Err(error) => {
            tracing::warn!("natrium-web made no link to the page: {error}");
            Text::page_away()
        }
    };
    talk.say(&text).await
}
