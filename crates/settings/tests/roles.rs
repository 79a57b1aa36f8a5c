//! Whom the settings name, and with which role.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use natrium_settings::{Admin, Environment, KindRole, Role, Settings};

fn admins(text: &str) -> Result<Vec<Admin>, String> {
    let text = format!("telegram: {{ token: {{ credential: bot-token }} }}\n{text}");
    let settings = Settings::parse(text.as_bytes(), Path::new("/nowhere"), &Environment::default());
    settings.map(|settings| settings.admins).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

fn of(kind: &str, role: Role) -> KindRole {
    KindRole { kind: kind.to_owned(), role }
}

#[test]
fn nobody_need_be_named() {
    for text in ["", "admins: []\n", "log: info\n"] {
        assert_eq!(admins(text).unwrap(), [], "{text}");
    }
}

#[test]
fn who_has_no_role_written_is_an_owner_and_who_has_kinds_only_has_those() {
    let text = "\
admins:
  - { id: 1, name: Anna }
  - { id: 2, name: Boris, role: admin }
  - { id: 3, name: Vera, role: viewer, kinds: { fees: admin } }
  - { id: 4, name: Gleb, kinds: { rates: viewer, fees: admin } }
";
    let roles: Vec<_> = admins(text).unwrap().into_iter().map(|admin| (admin.role, admin.kinds)).collect();
    assert_eq!(
        roles,
        [
            (Some(Role::Owner), vec![]),
            (Some(Role::Admin), vec![]),
            (Some(Role::Viewer), vec![of("fees", Role::Admin)]),
            (None, vec![of("rates", Role::Viewer), of("fees", Role::Admin)]),
        ]
    );
}

#[test]
fn roles_that_make_no_sense_are_told_all_at_once() {
    let text = "\
admins:
  - { id: 1, name: Anna, role: boss }
  - { id: 2, name: Boris, role: owner, kinds: { fees: admin } }
  - { id: 3, name: Vera, role: viewer, kinds: { fee: admin, rates: owner } }
  - { id: 4, name: Gleb, kinds: {} }
  - { id: 5, name: Dina, kinds: admin, rôle: viewer }
";
    assert_eq!(
        admins(text).unwrap_err(),
        "\
3:32: admins[0].role: must be `owner`, `admin` or `viewer`, found the text \"boss\"
4:33: admins[1].role: an owner may do everything with every kind: leave `kinds` out, or write another role
5:49: admins[2].kinds.fee: `configs` declares no kind `fee`
5:68: admins[2].kinds.rates: must be `admin` or `viewer`, found the text \"owner\"
6:33: admins[3].kinds: must have at least 1 key, has 0
7:33: admins[4].kinds: must be keys with values, found the text \"admin\"
7:40: admins[4].rôle: unknown key `rôle`; did you mean `role`?"
    );
}

#[test]
fn a_role_for_a_kind_of_ones_own_is_accepted_and_one_that_is_wrong_is_blamed_once() {
    let text = "\
admins: [{ id: 1, name: Anna, kinds: { limits: admin, fees: admin } }]
configs: { limits: { file: limits.yml, schema: none.json } }
";
    assert_eq!(
        admins(text).unwrap_err(),
        "\
2:55: admins[0].kinds.fees: `configs` declares no kind `fees`
3:48: configs.limits.schema: reading the schema /nowhere/none.json: No such file or directory (os error 2)"
    );
}
