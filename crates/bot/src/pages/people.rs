//! Who may do what.

use interfaces::admins::{Admin, Role};

use super::Page;
use crate::buttons::Button;
use crate::roles;
use crate::texts::{Language, Text};
use crate::upload::problems::{MESSAGE_LIMIT, cut};

/// People with a line; a list that is longer than a message helps nobody.
const LINES: usize = 30;
/// People with a button to remove them.
const BUTTONS: usize = 10;

/// Everybody with a role, and what an owner can do about it. `example` is a kind's name.
pub(crate) fn list(people: &[Admin], example: &str, language: Language) -> Page {
    let mut lines = vec![Text::admins_head().say(language), String::new()];
    lines.extend(people.iter().take(LINES).map(|person| line(person, language)));
    if people.len() > LINES {
        lines.push(Text::admins_more(people.len() - LINES).say(language));
    }
    let example = format!("/admins 123456789 admin {example}");
    lines.extend([String::new(), Text::admins_how(example).say(language)]);
    let mut page = Page { text: cut(&lines.join("\n"), MESSAGE_LIMIT), ..Page::default() };
    page = page.with(vec![(Text::invite_admin_button(), Button::Invite { role: Role::Admin })]);
    page = page.with(vec![(Text::invite_viewer_button(), Button::Invite { role: Role::Viewer })]);
    for person in people.iter().filter(|person| !person.fixed).take(BUTTONS) {
        page = page.with(vec![(Text::remove_button(cut(&person.name, 40)), Button::Remove { user: person.user })]);
    }
    page
}

fn line(person: &Admin, language: Language) -> String {
    let mut roles = roles::all_of(person, language);
    if person.fixed {
        roles = format!("{roles}, {}", Text::admins_fixed().say(language));
    }
    // Not as a number: an id is not counted, and must be there to be copied.
    cut(&Text::admins_line(&person.name, person.user.to_string(), roles).say(language), 300)
}

/// Asks before somebody's roles are taken.
pub(crate) fn removing(person: &Admin, language: Language) -> Page {
    Page::saying(&Text::remove_asks(&person.name, person.user.to_string()), language).with(vec![
        (Text::remove_confirm_button(), Button::ReallyRemove { user: person.user }),
        (Text::remove_keep_button(), Button::Admins),
    ])
}

/// Where an invitation leads: opening it says `/start CODE` to the bot.
pub(crate) fn link(bot: &str, code: &str) -> String {
    format!("https://t.me/{bot}?start={code}")
}

#[cfg(test)]
mod tests {
    use interfaces::admins::KindRole;

    use super::*;

    fn people(count: i64) -> Vec<Admin> {
        let person = |user| Admin {
            role: Some(if user == 1 { Role::Owner } else { Role::Viewer }),
            kinds: vec![KindRole { kind: "rates".to_owned(), role: Role::Admin }],
            fixed: user == 1,
            ..roles::nobody(user, &format!("Person {user}"))
        };
        (1..=count).map(person).collect()
    }

    #[test]
    fn everybody_has_a_line_and_who_can_be_removed_a_button() {
        let page = list(&people(3), "fees", Language::English);
        assert!(page.text.contains("• Person 1, id 1: owner, admin for rates, fixed by the settings\n"), "{page:?}");
        assert!(page.text.contains("• Person 2, id 2: viewer, admin for rates\n"), "{page:?}");
        assert!(page.text.ends_with("/admins 123456789 admin fees"), "{page:?}");
        let buttons: Vec<_> = page.buttons.iter().flatten().map(|(_, button)| button.data()).collect();
        assert_eq!(buttons, ["invite:admin", "invite:viewer", "remove:2", "remove:3"]);
    }

    #[test]
    fn a_crowd_fits_into_a_message() {
        let page = list(&people(200), "fees", Language::Russian);
        assert!(page.text.contains("… и ещё 170 человек.") && page.buttons.len() == 2 + BUTTONS, "{page:?}");
    }

    #[test]
    fn the_link_says_the_code_to_the_bot() {
        assert_eq!(link("natrium_bot", "K7QF-9M2X"), "https://t.me/natrium_bot?start=K7QF-9M2X");
    }
}
