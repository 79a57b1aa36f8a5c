//! `/help`: what the bot understands.

use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::Text;

pub(super) async fn run(talk: &Talk<'_>) -> Result<(), Stopping> {
    talk.say_words(&list(talk)).await
}

/// The list of commands, a line each.
pub(super) fn list(talk: &Talk<'_>) -> String {
    let mut lines = vec![Text::help_commands()];
    for kind in talk.desk.registry.kinds() {
        lines.push(Text::help_set(&kind.command, &kind.file));
        lines.push(Text::help_get(&kind.command, &kind.file));
    }
    lines.extend([Text::help_cancel(), Text::help_help()]);
    lines.iter().map(|line| line.say(talk.language)).collect::<Vec<_>>().join("\n")
}
