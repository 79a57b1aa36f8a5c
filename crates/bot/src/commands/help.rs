//! `/help`: what the bot understands from whoever asks.

use interfaces::admins::{Admin, Role};

use crate::desk::Desk;
use crate::registry::Known;
use crate::roles::Needs;
use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::{Language, Text};
use crate::upload::problems::{MESSAGE_LIMIT, cut};

/// Room for what is said above the list.
const GREETING: usize = 500;

pub(super) async fn run(talk: &Talk<'_>) -> Result<(), Stopping> {
    talk.say_words(&list(talk.desk, &talk.person, talk.language)).await
}

/// The commands that `person` may use, a line each.
pub(super) fn list(desk: &Desk, person: &Admin, language: Language) -> String {
    let lines: Vec<_> = lines(desk.registry.kinds(), person).iter().map(|line| line.say(language)).collect();
    cut(&lines.join("\n"), MESSAGE_LIMIT - GREETING)
}

fn lines(kinds: &[Known], person: &Admin) -> Vec<Text> {
    let mut lines = vec![Text::help_commands()];
    let may = |kind: &Known, role| Needs::Of(kind, role).met_by(person);
    for kind in kinds {
        lines.extend(may(kind, Role::Admin).then(|| Text::help_set(&kind.command, &kind.file)));
        lines.extend(may(kind, Role::Viewer).then(|| Text::help_get(&kind.command, &kind.file)));
    }
    if let Some(kind) = kinds.iter().find(|kind| may(kind, Role::Viewer)) {
        lines.extend([Text::help_history(&kind.command), Text::help_diff(&kind.command)]);
    }
    if let Some(kind) = kinds.iter().find(|kind| may(kind, Role::Admin)) {
        lines.extend([Text::help_rollback(&kind.command), Text::help_proposals()]);
    }
    lines.extend(kinds.iter().any(|kind| may(kind, Role::Viewer)).then(Text::help_page));
    lines.extend(Needs::General(Role::Admin).met_by(person).then(Text::help_audit));
    lines.extend(Needs::General(Role::Owner).met_by(person).then(Text::help_admins));
    lines.extend([Text::help_cancel(), Text::help_help()]);
    lines
}
