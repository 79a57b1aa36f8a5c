//! What is said about who may do what, and what was done.

use super::texts;
use crate::texts::{Text, Value};

texts! { PEOPLE:
    /// Help and menu.
    help_audit() = "help-audit";
    /// Help and menu.
    help_admins() = "help-admins";
    /// Help and menu.
    menu_audit() = "menu-audit";
    /// Help and menu.
    menu_admins() = "menu-admins";
    /// Roles.
    role_viewer() = "role-viewer";
    /// Roles.
    role_admin() = "role-admin";
    /// Roles.
    role_owner() = "role-owner";
    /// Roles.
    role_for_kind(role, kind) = "role-for-kind";
    /// Roles.
    role_none() = "role-none";
    /// Roles.
    forbidden(needed, role) = "forbidden";
    /// Roles.
    forbidden_kind(needed, file, role) = "forbidden-kind";
    /// Roles.
    role_given(by, role) = "role-given";
    /// Roles.
    role_given_kind(by, kind, role) = "role-given-kind";
    /// Roles.
    role_taken(by) = "role-taken";
    /// Roles.
    role_taken_kind(by, kind) = "role-taken-kind";
    /// Admins.
    admins_head() = "admins-head";
    /// Admins.
    admins_line(name, id, roles) = "admins-line";
    /// Admins.
    admins_fixed() = "admins-fixed";
    /// Admins.
    admins_more(count) = "admins-more";
    /// Admins.
    admins_how(example) = "admins-how";
    /// Admins.
    invite_admin_button() = "invite-admin-button";
    /// Admins.
    invite_viewer_button() = "invite-viewer-button";
    /// Admins.
    remove_button(name) = "remove-button";
    /// Admins.
    remove_asks(name, id) = "remove-asks";
    /// Admins.
    remove_confirm_button() = "remove-confirm-button";
    /// Admins.
    remove_keep_button() = "remove-keep-button";
    /// Admins.
    removed(name) = "removed";
    /// Admins.
    remove_nobody() = "remove-nobody";
    /// Admins.
    admins_set(name, id, roles) = "admins-set";
    /// Admins.
    invited(role, time, link, code) = "invited";
    /// Admins.
    last_owner(name) = "last-owner";
    /// Admins.
    fixed_admin(name) = "fixed-admin";
    /// Pairing.
    paired(name, roles) = "paired";
    /// Pairing.
    pair_usage() = "pair-usage";
    /// Pairing.
    wrong_code() = "wrong-code";
    /// Pairing.
    too_many_codes(count) = "too-many-codes";
    /// Audit trail.
    audit_head() = "audit-head";
    /// Audit trail.
    audit_head_kind(file) = "audit-head-kind";
    /// Audit trail.
    audit_none() = "audit-none";
    /// Audit trail.
    audit_end() = "audit-end";
    /// Audit trail.
    audit_refused(reason) = "audit-refused";
    /// Audit trail.
    audit_action(action) = "audit-action";
    /// Audit trail.
    audit_reason(reason, words) = "audit-reason";
    /// Audit trail.
    audit_version(version) = "audit-version";
}
