//! Who may do what with the configs: those that the settings name, who are fixed, and those that owners added.
//!
//! Asked in the transaction of the effect itself, so that nobody who was removed a moment ago still changes something.
//! `roles` changes them, `invitations` gives them to whoever sends a `code`, `people` is all that for callers.

mod code;
mod guesses;
mod invitations;
mod people;
mod refused;
mod roles;

use std::sync::Arc;

use interfaces::admins::{Admin, KindRole, Role};

use crate::store::{Snapshot, StoreError};

pub(crate) use invitations::{KEPT_MS, prune, who_pairs};
pub(crate) use people::People;
pub(crate) use refused::Refused;

/// Everybody with a role. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Admins {
    /// Those that the settings name.
    fixed: Arc<[Admin]>,
}

impl Admins {
    pub(crate) fn new(fixed: Vec<Admin>) -> Self {
        Self { fixed: fixed.into() }
    }

    /// What `user` may do with `kind`.
    pub(crate) fn role_for(&self, view: &Snapshot<'_>, user: i64, kind: &str) -> Result<Option<Role>, StoreError> {
        Ok(self.one(view, user)?.and_then(|admin| admin.role_for(kind)))
    }

    /// Everybody who may do with `kind` what `role` may, by their ids.
    pub(crate) fn with_role(&self, view: &Snapshot<'_>, role: Role, kind: &str) -> Result<Vec<i64>, StoreError> {
        let able = self.all(view)?.into_iter().filter(|admin| admin.role_for(kind) >= Some(role));
        Ok(able.map(|admin| admin.user).collect())
    }

    /// Everybody, by their ids.
    pub(crate) fn all(&self, view: &Snapshot<'_>) -> Result<Vec<Admin>, StoreError> {
        let mut users: Vec<i64> = view.all("SELECT DISTINCT user FROM admins", [], |row| row.get(0))?;
        users.extend(self.fixed.iter().map(|admin| admin.user));
        users.sort_unstable();
        users.dedup();
        let mut all = Vec::with_capacity(users.len());
        for user in users {
            all.extend(self.one(view, user)?);
        }
        Ok(all)
    }

    /// Whether anybody but `except` owns the service.
    pub(crate) fn has_owner(&self, view: &Snapshot<'_>, except: Option<i64>) -> Result<bool, StoreError> {
        Ok(self.all(view)?.iter().any(|admin| admin.is_owner() && Some(admin.user) != except))
    }

    /// Whether the settings name them.
    pub(crate) fn is_fixed(&self, user: i64) -> bool {
        self.fixed.iter().any(|admin| admin.user == user)
    }

    /// One person; the settings' word counts.
    pub(crate) fn one(&self, view: &Snapshot<'_>, user: i64) -> Result<Option<Admin>, StoreError> {
        if let Some(fixed) = self.fixed.iter().find(|admin| admin.user == user) {
            return Ok(Some(fixed.clone()));
        }
        let sql = "SELECT kind, role, name, since_ms FROM admins WHERE user = ?1 ORDER BY kind";
        let rows = view.all(sql, [user], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?))
        })?;
        let mut admin: Option<Admin> = None;
        for (kind, role, name, since_ms) in rows {
            let role = role_of(&role);
            let admin = admin.get_or_insert_with(|| Admin {
                user,
                name,
                role: None,
                kinds: Vec::new(),
                fixed: false,
                since_ms,
            });
            admin.since_ms = admin.since_ms.min(since_ms);
            if kind.is_empty() { admin.role = Some(role) } else { admin.kinds.push(KindRole { kind, role }) }
        }
        Ok(admin)
    }
}

/// The table's own check allows no other name.
pub(crate) fn role_of(name: &str) -> Role {
    match name {
        "owner" => Role::Owner,
        "admin" => Role::Admin,
        _ => Role::Viewer,
    }
}

/// As the table has it.
pub(crate) fn name_of(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Admin => "admin",
        Role::Viewer => "viewer",
    }
}

#[cfg(test)]
mod tests;
