//! Giving and taking roles, in the transaction of the call.

use interfaces::admins::{Admin, Remove, RemoveReply, Role, Set, SetReply};
use interfaces::configs::{Author, Origin};
use interfaces::notices::Event;

use super::{Admins, Refused, invitations, name_of};
use crate::audit::{self, Line};
use crate::notices;
use crate::store::{Snapshot, StoreError, Transaction};

/// A role to be given: in general, or for one kind.
pub(super) struct Grant<'a> {
    pub(super) user: i64,
    pub(super) name: &'a str,
    pub(super) role: Role,
    pub(super) kind: Option<&'a str>,
}

impl Admins {
    /// Owners say who else may, and operators.
    pub(super) fn may_govern(&self, view: &Snapshot<'_>, by: &Author) -> Result<(), Refused> {
        let may = match by.origin {
            Origin::Telegram => self.one(view, by.id)?.is_some_and(|admin| admin.is_owner()),
            Origin::Operator => true,
            Origin::File => false,
        };
        if may { Ok(()) } else { Err(Refused::Forbidden) }
    }

    /// Gives a role.
    pub(super) fn set(
        &self,
        transaction: &Transaction<'_>,
        call: &Set,
        declared: &[String],
        now_ms: i64,
    ) -> Result<SetReply, Refused> {
        self.may_govern(transaction, &call.by)?;
        self.may_change(call.user)?;
        makes_sense(call.role, call.kind.as_ref(), declared)?;
        let before = self.one(transaction, call.user)?;
        let was_owner = before.as_ref().is_some_and(Admin::is_owner);
        if was_owner && call.kind.is_none() && call.role < Role::Owner {
            self.may_go(transaction, call.user)?;
        }
        let grant = Grant { user: call.user, name: &call.name, role: call.role, kind: call.kind.as_deref() };
        let after = self.grant(transaction, &grant, now_ms)?;
        if roles(before.as_ref()) != roles(Some(&after)) {
            let changed = Changed {
                action: "set",
                user: call.user,
                about: format!("{} ({}): {}", after.name, call.user, name_of(call.role)),
                kind: call.kind.as_deref(),
                role: Some(call.role),
                by: &call.by,
                request_id: &call.request_id,
            };
            changed.told(transaction, now_ms)?;
        }
        if was_owner && !after.is_owner() {
            invitations::revoke(transaction, call.user)?;
        }
        Ok(SetReply { admin: after })
    }

    /// Takes a role.
    pub(super) fn remove(
        &self,
        transaction: &Transaction<'_>,
        call: &Remove,
        now_ms: i64,
    ) -> Result<RemoveReply, Refused> {
        self.may_govern(transaction, &call.by)?;
        self.may_change(call.user)?;
        let before = self.one(transaction, call.user)?;
        let was_owner = before.as_ref().is_some_and(Admin::is_owner);
        if was_owner && call.kind.is_none() {
            self.may_go(transaction, call.user)?;
        }
        let gone = match &call.kind {
            Some(kind) if kind.is_empty() => return Err(Refused::Senseless("kind")),
            Some(kind) => transaction.execute("DELETE FROM admins WHERE user = ?1 AND kind = ?2", (call.user, kind))?,
            None => transaction.execute("DELETE FROM admins WHERE user = ?1", [call.user])?,
        };
        let Some(before) = before.filter(|_| gone > 0) else { return Ok(RemoveReply { removed: None }) };
        if self.one(transaction, call.user)?.is_none() {
            // What is untold was for somebody who might know it.
            notices::forget(transaction, call.user)?;
        }
        let changed = Changed {
            action: "remove",
            user: call.user,
            about: format!("{} ({})", before.name, call.user),
            kind: call.kind.as_deref(),
            role: None,
            by: &call.by,
            request_id: &call.request_id,
        };
        changed.told(transaction, now_ms)?;
        if was_owner {
            invitations::revoke(transaction, call.user)?;
        }
        Ok(RemoveReply { removed: Some(before) })
    }

    /// Writes a role down, whoever may have said so. An owner owns all kinds: a role for one adds nothing.
    pub(super) fn grant(
        &self,
        transaction: &Transaction<'_>,
        grant: &Grant<'_>,
        now_ms: i64,
    ) -> Result<Admin, Refused> {
        let Grant { user, role, kind, .. } = *grant;
        let name = named(grant.name, user);
        let owns = self.one(transaction, user)?.is_some_and(|admin| admin.is_owner());
        if !(owns && kind.is_some()) {
            let sql = "INSERT INTO admins (user, kind, role, name, since_ms) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT (user, kind) DO UPDATE SET since_ms = iif(role = excluded.role, since_ms, excluded.since_ms),
                role = excluded.role";
            transaction.execute(sql, (user, kind.unwrap_or_default(), name_of(role), &name, now_ms))?;
        }
        if role == Role::Owner {
            transaction.execute("DELETE FROM admins WHERE user = ?1 AND kind <> ''", [user])?;
            invitations::forget_first(transaction)?;
        }
        transaction.execute("UPDATE admins SET name = ?2 WHERE user = ?1", (user, name))?;
        Ok(self.one(transaction, user)?.ok_or(StoreError::Unreadable("an admin"))?)
    }

    fn may_change(&self, user: i64) -> Result<(), Refused> {
        if user < 1 {
            return Err(Refused::Senseless("user"));
        }
        if self.is_fixed(user) { Err(Refused::Fixed(user)) } else { Ok(()) }
    }

    /// Somebody must be left who can let others in.
    fn may_go(&self, view: &Snapshot<'_>, owner: i64) -> Result<(), Refused> {
        if self.has_owner(view, Some(owner))? { Ok(()) } else { Err(Refused::LastOwner(owner)) }
    }
}

/// Roles for one kind are for kinds that there are, and nobody owns just one.
pub(super) fn makes_sense(role: Role, kind: Option<&String>, declared: &[String]) -> Result<(), Refused> {
    match kind {
        Some(kind) if !declared.contains(kind) => Err(Refused::NoSuchKind(kind.clone())),
        Some(_) if role == Role::Owner => Err(Refused::Senseless("role")),
        _ => Ok(()),
    }
}

/// What somebody may do, without how they are called and since when.
fn roles(admin: Option<&Admin>) -> Option<(Option<Role>, &[interfaces::admins::KindRole])> {
    admin.map(|admin| (admin.role, admin.kinds.as_slice()))
}

/// Characters of a name at most: what Telegram allows for both names, and the space between.
const NAME: usize = 129;

/// A name to show. Nobody is refused for theirs.
pub(super) fn named(name: &str, user: i64) -> String {
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(NAME).collect();
    let name = name.trim();
    if name.is_empty() { user.to_string() } else { name.to_owned() }
}

/// A change of somebody's roles, for the trail and for them.
struct Changed<'a> {
    action: &'static str,
    user: i64,
    about: String,
    kind: Option<&'a str>,
    /// Absent: taken.
    role: Option<Role>,
    by: &'a Author,
    request_id: &'a str,
}

impl Changed<'_> {
    fn told(self, transaction: &Transaction<'_>, now_ms: i64) -> Result<(), StoreError> {
        let line = Line {
            actor: self.by,
            action: self.action,
            kind: self.kind,
            version: None,
            about: Some(&self.about),
            outcome: Ok(()),
            request_id: Some(self.request_id),
        };
        audit::record(transaction, &line, now_ms)?;
        // Who did it himself is told by the reply.
        if self.by.origin == Origin::Telegram && self.by.id == self.user {
            return Ok(());
        }
        let kind = self.kind.map(str::to_owned);
        notices::tell(
            transaction,
            self.user,
            &Event::RoleChanged { by: self.by.clone(), kind, role: self.role },
            now_ms,
        )
    }
}
