//! Codes that give a role to whoever sends them first: those that owners make, and the one for the first owner, which the
//! service makes itself as long as there is none.

use std::io;

use interfaces::admins::{Invite, InviteReply, Pair, PairReply, Role};
use interfaces::configs::{Author, Origin};

use super::code::Code;
use super::roles::{self, Grant};
use super::{Admins, Refused, name_of, role_of};
use crate::audit::{self, Line};
use crate::store::{Snapshot, StoreError, Transaction};

/// How long an invitation is good.
pub(crate) const GOOD_MS: i64 = 24 * 60 * 60 * 1000;
/// How long invitations are kept after they were used or were good no more.
pub(crate) const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Where codes come from.
pub(super) type Fresh = fn() -> io::Result<Code>;

impl Admins {
    /// Makes a code.
    pub(super) fn invite(
        &self,
        transaction: &Transaction<'_>,
        call: &Invite,
        declared: &[String],
        fresh: Fresh,
        now_ms: i64,
    ) -> Result<InviteReply, Refused> {
        self.may_govern(transaction, &call.by)?;
        roles::makes_sense(call.role, call.kind.as_ref(), declared)?;
        let kind = call.kind.as_deref();
        let expires_ms = now_ms + GOOD_MS;
        let made_by = serde_json::to_string(&call.by).map_err(|_| StoreError::Unreadable("an author"))?;
        let invitation = Invitation { role: call.role, kind, made_by: Some(&made_by), expires_ms: Some(expires_ms) };
        let code = invitation.add(transaction, fresh, now_ms)?;
        let line = Line {
            actor: &call.by,
            action: "invite",
            kind,
            version: None,
            about: Some(name_of(call.role)),
            outcome: Ok(()),
            request_id: Some(&call.request_id),
        };
        audit::record(transaction, &line, now_ms)?;
        Ok(InviteReply { code: code.shown(), expires_ms })
    }

    /// Takes a code. Nobody loses by it: to who may as much already it gives nothing, and it stays good for somebody else.
    pub(super) fn pair(
        &self,
        transaction: &Transaction<'_>,
        call: &Pair,
        code: Option<&Code>,
        now_ms: i64,
    ) -> Result<PairReply, Refused> {
        let code = code.ok_or(Refused::WrongCode)?;
        let sql = "SELECT role, kind FROM invitations
            WHERE code = ?1 AND used_ms IS NULL AND (expires_ms IS NULL OR expires_ms > ?2)";
        let found = transaction.first(sql, (code.compared(), now_ms), |row| {
            Ok((role_of(&row.get::<_, String>(0)?), row.get::<_, String>(1)?))
        })?;
        let (role, kind) = found.ok_or(Refused::WrongCode)?;
        let kind = Some(kind.as_str()).filter(|kind| !kind.is_empty());
        if self.is_fixed(call.user) {
            return Err(Refused::Fixed(call.user));
        }
        if let Some(admin) = self.one(transaction, call.user)?
            && kind.map_or(admin.role, |kind| admin.role_for(kind)) >= Some(role)
        {
            return Ok(PairReply { admin });
        }
        let sql = "UPDATE invitations SET used_by = ?2, used_ms = ?3 WHERE code = ?1";
        transaction.execute(sql, (code.compared(), call.user, now_ms))?;
        let admin = self.grant(transaction, &Grant { user: call.user, name: &call.name, role, kind }, now_ms)?;
        let actor = who_pairs(call);
        let line = Line {
            actor: &actor,
            action: "pair",
            kind,
            version: None,
            about: Some(name_of(role)),
            outcome: Ok(()),
            request_id: Some(&call.request_id),
        };
        audit::record(transaction, &line, now_ms)?;
        Ok(PairReply { admin })
    }

    /// The code for the first owner, as people read it: made where there is neither it nor an owner, and ended where there is
    /// one.
    pub(super) fn pairing(
        &self,
        transaction: &Transaction<'_>,
        fresh: Fresh,
        now_ms: i64,
    ) -> Result<Option<String>, StoreError> {
        self.revoke_of_strangers(transaction)?;
        if self.has_owner(transaction, None)? {
            forget_first(transaction)?;
            return Ok(None);
        }
        if let Some(code) = first_code(transaction)? {
            return Ok(Some(code.shown()));
        }
        let invitation = Invitation { role: Role::Owner, kind: None, made_by: None, expires_ms: None };
        let code = invitation.add(transaction, fresh, now_ms)?;
        let line = Line {
            actor: &audit::itself(),
            action: "invite",
            kind: None,
            version: None,
            about: Some(name_of(Role::Owner)),
            outcome: Ok(()),
            request_id: None,
        };
        audit::record(transaction, &line, now_ms)?;
        Ok(Some(code.shown()))
    }

    /// What is left of those who own nothing any more: the settings may have named them until now.
    fn revoke_of_strangers(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let sql = "SELECT DISTINCT json_extract(made_by, '$.id') FROM invitations
            WHERE used_ms IS NULL AND json_extract(made_by, '$.origin') = 'telegram'";
        let makers: Vec<i64> = transaction.all(sql, [], |row| row.get(0))?;
        for maker in makers {
            if !self.one(transaction, maker)?.is_some_and(|admin| admin.is_owner()) {
                revoke(transaction, maker)?;
            }
        }
        Ok(())
    }
}

/// Who sends a code, whatever may become of it.
pub(crate) fn who_pairs(call: &Pair) -> Author {
    Author { origin: Origin::Telegram, id: call.user, name: roles::named(&call.name, call.user) }
}

struct Invitation<'a> {
    role: Role,
    kind: Option<&'a str>,
    made_by: Option<&'a str>,
    expires_ms: Option<i64>,
}

impl Invitation<'_> {
    fn add(&self, transaction: &Transaction<'_>, fresh: Fresh, now_ms: i64) -> Result<Code, StoreError> {
        let sql = "INSERT INTO invitations (code, role, kind, made_by, made_ms, expires_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
        let (role, kind) = (name_of(self.role), self.kind.unwrap_or_default());
        loop {
            let code = fresh().map_err(|_| StoreError::Unreadable("the kernel's randomness"))?;
            let values = (code.compared(), role, kind, self.made_by, now_ms, self.expires_ms);
            // A code that was there before is another's.
            if transaction.execute(sql, values)? == 1 {
                return Ok(code);
            }
        }
    }
}

/// The code for the first owner, where there is one.
fn first_code(view: &Snapshot<'_>) -> Result<Option<Code>, StoreError> {
    let sql = "SELECT code FROM invitations WHERE made_by IS NULL AND used_ms IS NULL";
    let code = view.first(sql, [], |row| row.get::<_, String>(0))?;
    code.map(|code| Code::typed(&code).ok_or(StoreError::Unreadable("a code"))).transpose()
}

/// There is an owner: nobody becomes the first any more.
pub(super) fn forget_first(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM invitations WHERE made_by IS NULL AND used_ms IS NULL", []).map(drop)
}

/// Ends what an owner has made who is none any more: he could come back by it.
pub(super) fn revoke(transaction: &Transaction<'_>, maker: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM invitations WHERE used_ms IS NULL AND json_extract(made_by, '$.origin') = 'telegram'
        AND json_extract(made_by, '$.id') = ?1";
    transaction.execute(sql, [maker]).map(drop)
}

/// Forgets at most `limit` invitations used, or good no more, before `before_ms`, and tells how many.
pub(crate) fn prune(transaction: &Transaction<'_>, before_ms: i64, limit: i64) -> Result<usize, StoreError> {
    let sql = "DELETE FROM invitations WHERE code IN (
        SELECT code FROM invitations WHERE coalesce(used_ms, expires_ms) < ?1 LIMIT ?2)";
    transaction.execute(sql, (before_ms, limit))
}
