//! `/start`: a greeting, and what the bot understands. With a code, as an invitation's link says it, it is `/pair`.

use super::{help, pair};
use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::Text;

pub(super) async fn run(talk: &Talk<'_>, words: &[String]) -> Result<(), Stopping> {
    if !words.is_empty() {
        return pair::run(talk, words).await;
    }
    let greeting = Text::start(&talk.admin, &talk.desk.instance).say(talk.language);
    talk.say_words(&format!("{greeting}\n\n{}", help::list(talk.desk, &talk.person, talk.language))).await
}
