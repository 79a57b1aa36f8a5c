//! What the settings say of people and kinds, compared with what they said when the writer began before. Nobody asked the service
//! for what is different, so it is the file's own doing, and has its lines in the audit trail as what people do.

use std::collections::BTreeMap;
use std::path::Path;

use interfaces::admins::{Admin, Role};
use interfaces::configs::{Author, Origin};

use crate::admins::{Admins, name_of, role_of};
use crate::audit::{self, Line};
use crate::configs::KindSpec;
use crate::notices;
use crate::store::{Snapshot, StoreError, Transaction};

/// What somebody may do, by kind; in general under the empty name.
type Roles = BTreeMap<String, Role>;

/// How somebody is called, and what they may do.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Person {
    name: String,
    roles: Roles,
}

/// By their ids.
type People = BTreeMap<i64, Person>;

/// What the trail has of a kind.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Kind {
    file: String,
    approval: bool,
}

/// By their names.
type Kinds = BTreeMap<String, Kind>;

/// What one file of settings says otherwise than it said before, as of a start.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// The file.
    by: Author,
    people: People,
    kinds: Kinds,
    changes: Vec<Change>,
}

/// Something that it says otherwise than before, or than what held before it said anything.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Change {
    Role { user: i64, name: String, kind: String, role: Option<Role> },
    Declared { kind: String, now: Kind },
    Retired { kind: String },
}

impl Difference {
    /// Compares; `None`: `file` says the same.
    pub(crate) fn of(
        file: &str,
        admins: &[Admin],
        kinds: &[KindSpec],
        view: &Snapshot<'_>,
    ) -> Result<Option<Self>, StoreError> {
        let kind = |kind: &KindSpec| (kind.name.clone(), Kind { file: kind.file.clone(), approval: kind.approval });
        let (people, kinds): (_, Kinds) = (people(admins), kinds.iter().map(kind).collect());
        let (named, declared) = (named(view)?, declared(view)?);
        if (&named, &declared) == (&people, &kinds) {
            return Ok(None);
        }
        let mut changes = roles_changed(&named, &people, &given(view)?);
        changes.extend(kinds_changed(&declared, &kinds));
        let name = Path::new(file).file_name().map_or_else(|| file.into(), |name| name.to_string_lossy());
        let by = Author { origin: Origin::File, id: 0, name: name.into_owned() };
        Ok(Some(Self { by, people, kinds, changes }))
    }

    /// Records it.
    pub(crate) fn record(&self, transaction: &Transaction<'_>, now_ms: i64) -> Result<(), StoreError> {
        for change in &self.changes {
            self.line(transaction, change, now_ms)?;
        }
        let given = given(transaction)?;
        let is_gone = |user: &&i64| !self.people.contains_key(user) && !given.contains_key(user);
        for user in named(transaction)?.keys().filter(is_gone) {
            // What is untold was for somebody who might know it.
            notices::forget(transaction, *user)?;
        }
        self.keep(transaction)
    }

    fn line(&self, transaction: &Transaction<'_>, change: &Change, now_ms: i64) -> Result<(), StoreError> {
        let (action, kind, about) = match change {
            Change::Role { user, name, kind, role: Some(role) } => {
                ("set", kind, Some(format!("{name} ({user}): {}", name_of(*role))))
            }
            Change::Role { user, name, kind, role: None } => ("remove", kind, Some(format!("{name} ({user})"))),
            Change::Declared { kind, now: Kind { file, approval: false } } => ("declare", kind, Some(file.clone())),
            Change::Declared { kind, now: Kind { file, approval: true } } => {
                ("declare", kind, Some(format!("{file}, approval")))
            }
            Change::Retired { kind } => ("retire", kind, None),
        };
        let line = Line {
            actor: &self.by,
            action,
            kind: Some(kind.as_str()).filter(|kind| !kind.is_empty()),
            version: None,
            about: about.as_deref(),
            outcome: Ok(()),
            request_id: None,
        };
        audit::record(transaction, &line, now_ms)
    }

    /// For the next comparison.
    fn keep(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        transaction.execute("DELETE FROM named", ())?;
        for (user, Person { name, roles }) in &self.people {
            for (kind, role) in roles {
                let sql = "INSERT INTO named (user, kind, role, name) VALUES (?1, ?2, ?3, ?4)";
                transaction.execute(sql, (user, kind, name_of(*role), name))?;
            }
        }
        transaction.execute("DELETE FROM declared", ())?;
        for (kind, Kind { file, approval }) in &self.kinds {
            let sql = "INSERT INTO declared (kind, file, approval) VALUES (?1, ?2, ?3)";
            transaction.execute(sql, (kind, file, approval))?;
        }
        Ok(())
    }
}

fn people(admins: &[Admin]) -> People {
    let person = |admin: &Admin| {
        let general = admin.role.map(|role| (String::new(), role));
        let single = admin.kinds.iter().map(|one| (one.kind.clone(), one.role));
        (admin.user, Person { name: admin.name.clone(), roles: general.into_iter().chain(single).collect() })
    };
    // Who is named without a role is as good as not named.
    admins.iter().map(person).filter(|(_, person)| !person.roles.is_empty()).collect()
}

/// What was given to people in the service.
fn given(view: &Snapshot<'_>) -> Result<People, StoreError> {
    Ok(people(&Admins::new(Vec::new()).all(view)?))
}

/// Whom the settings named before.
fn named(view: &Snapshot<'_>) -> Result<People, StoreError> {
    let rows = view.all("SELECT user, kind, role, name FROM named", [], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?))
    })?;
    let mut people = People::new();
    for (user, kind, role, name) in rows {
        let person = people.entry(user).or_insert_with(|| Person { name, roles: Roles::new() });
        person.roles.insert(kind, role_of(&role));
    }
    Ok(people)
}

/// The kinds that they declared before.
fn declared(view: &Snapshot<'_>) -> Result<Kinds, StoreError> {
    let kind = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, Kind { file: row.get(1)?, approval: row.get(2)? }));
    Ok(view.all("SELECT kind, file, approval FROM declared", [], kind)?.into_iter().collect())
}

/// Whose role is another one. Whom the settings do not name has what was given to them in the service; whom they name, what they
/// say.
fn roles_changed(before: &People, now: &People, given: &People) -> Vec<Change> {
    let none = Roles::new();
    let mut users: Vec<i64> = before.keys().chain(now.keys()).copied().collect();
    users.sort_unstable();
    users.dedup();
    let mut changes = Vec::new();
    for user in users {
        let [old, new] = [before, now].map(|named| named.get(&user).or_else(|| given.get(&user)));
        let name = new.or(old).map(|person| person.name.clone()).unwrap_or_default();
        let [old, new] = [old, new].map(|person| person.map_or(&none, |person| &person.roles));
        let mut kinds: Vec<&String> = old.keys().chain(new.keys()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds.into_iter().filter(|kind| old.get(*kind) != new.get(*kind)) {
            let role = new.get(kind).copied();
            changes.push(Change::Role { user, name: name.clone(), kind: kind.clone(), role });
        }
    }
    changes
}

fn kinds_changed(before: &Kinds, now: &Kinds) -> Vec<Change> {
    let gone = before.keys().filter(|kind| !now.contains_key(*kind));
    let mut changes: Vec<_> = gone.map(|kind| Change::Retired { kind: kind.clone() }).collect();
    let new = now.iter().filter(|(kind, now)| before.get(*kind) != Some(now));
    changes.extend(new.map(|(kind, now)| Change::Declared { kind: kind.clone(), now: now.clone() }));
    changes
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests;
