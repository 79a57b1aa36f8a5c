//! Who may do what with the configs: those that the settings name, who are fixed, and those that owners added.
//!
//! Asked in the transaction of the effect itself, so that nobody who was removed a moment ago still changes something.

use std::sync::Arc;

use interfaces::admins::{Admin, KindRole, Role};

use crate::store::{Snapshot, StoreError};

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
        let mut users: Vec<i64> = view.all("SELECT DISTINCT user FROM admins", [], |row| row.get(0))?;
        users.extend(self.fixed.iter().map(|admin| admin.user));
        users.sort_unstable();
        users.dedup();
        let mut able = Vec::new();
        for user in users {
            if self.role_for(view, user, kind)? >= Some(role) {
                able.push(user);
            }
        }
        Ok(able)
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
fn role_of(name: &str) -> Role {
    match name {
        "owner" => Role::Owner,
        "admin" => Role::Admin,
        _ => Role::Viewer,
    }
}
