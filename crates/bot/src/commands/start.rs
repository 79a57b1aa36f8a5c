//! `/start`: a greeting, and what the bot understands.

use super::help;
use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::Text;

pub(super) async fn run(talk: &Talk<'_>) -> Result<(), Stopping> {
    let greeting = Text::start(&talk.admin, &talk.desk.instance).say(talk.language);
    talk.say_words(&format!("{greeting}\n\n{}", help::list(talk))).await
}
