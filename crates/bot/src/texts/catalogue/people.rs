//! What is said about who may do what, and what was done.

use crate::texts::Text;

texts::sentences! { Text, PEOPLE:
    /// “/audit – who changed what, and what was refused”
    help_audit() = "help-audit";
    /// “/admins – who may do what, and inviting others”
    help_admins() = "help-admins";
    /// “Who changed what, and what was refused”
    menu_audit() = "menu-audit";
    /// “Who may do what, and inviting others”
    menu_admins() = "menu-admins";
    /// “`role` for `kind`”
    role_for_kind(role, kind) = "role-for-kind";
    /// “You may not do that. It takes the role `needed`; yours is `role`.”
    forbidden(needed, role) = "forbidden";
    /// “You may not do that. It takes the role `needed` for `file`; yours is `role`.”
    forbidden_kind(needed, file, role) = "forbidden-kind";
    /// “`by` gave you a role: `role`. /help shows what you may do now.”
    role_given(by, role) = "role-given";
    /// “`by` gave you a role for `kind`: `role`. /help shows what you may do now.”
    role_given_kind(by, kind, role) = "role-given-kind";
    /// “`by` took your role. This bot does not work for you any more.”
    role_taken(by) = "role-taken";
    /// “`by` took your role for `kind`. /help shows what you may do now.”
    role_taken_kind(by, kind) = "role-taken-kind";
    /// “Who may do what:”
    admins_head() = "admins-head";
    /// “• `name`, id `id`: `roles`”
    admins_line(name, id, roles) = "admins-line";
    /// “fixed by the settings”
    admins_fixed() = "admins-fixed";
    /// Admins.
    admins_more(count) = "admins-more";
    /// “To give a role: /admins ID viewer, admin, owner or none, and a config's name if it is …”
    admins_how(example) = "admins-how";
    /// “Invite an admin”
    invite_admin_button() = "invite-admin-button";
    /// “Invite a viewer”
    invite_viewer_button() = "invite-viewer-button";
    /// “Remove `name`”
    remove_button(name) = "remove-button";
    /// “Take all roles from `name`, id `id`? Whoever is removed can do nothing here from that …”
    remove_asks(name, id) = "remove-asks";
    /// “Yes, remove”
    remove_confirm_button() = "remove-confirm-button";
    /// “No”
    remove_keep_button() = "remove-keep-button";
    /// “✅ `name` has no role any more.”
    removed(name) = "removed";
    /// “There was no role to take.”
    remove_nobody() = "remove-nobody";
    /// “✅ `name`, id `id`: `roles`”
    admins_set(name, id, roles) = "admins-set";
    /// “An invitation; it makes whoever uses it first: `role`. It can be used once, until …”
    invited(role, time, link, code) = "invited";
    /// “`name` is the last owner, and stays one: somebody has to be able to add others.”
    last_owner(name) = "last-owner";
    /// “`name` is named by the settings, and only they change that.”
    fixed_admin(name) = "fixed-admin";
    /// “Welcome, `name`! What you are here: `roles`.”
    paired(name, roles) = "paired";
    /// “Send the code that you were given like this: /pair K7QF-9M2X”
    pair_usage() = "pair-usage";
    /// “This code is not valid, or not any more. Ask whoever gave it to you for a new one.”
    wrong_code() = "wrong-code";
    /// Pairing.
    too_many_codes(count) = "too-many-codes";
    /// “What was done and refused, the newest first:”
    audit_head() = "audit-head";
    /// “What was done and refused with `file`, the newest first:”
    audit_head_kind(file) = "audit-head-kind";
    /// “Nothing was done or refused yet.”
    audit_none() = "audit-none";
    /// “There are no older entries than these.”
    audit_end() = "audit-end";
    /// “refused: `reason`”
    audit_refused(reason) = "audit-refused";
    /// Audit trail.
    audit_action(action) = "audit-action";
    /// Audit trail.
    audit_reason(reason, words) = "audit-reason";
    /// “version `version`”
    audit_version(version) = "audit-version";
    /// “`count` times since `since`”
    audit_times(count, since) = "audit-times";
}
