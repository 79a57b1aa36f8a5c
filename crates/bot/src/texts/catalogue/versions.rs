//! What is said about versions: looking back, comparing, going back, deciding together.

use super::texts;
use crate::texts::{Text, Value};

texts! { VERSIONS:
    /// Help and menu.
    help_history(kind) = "help-history";
    /// Help and menu.
    help_diff(kind) = "help-diff";
    /// Help and menu.
    help_rollback(kind) = "help-rollback";
    /// Help and menu.
    help_proposals() = "help-proposals";
    /// Help and menu.
    menu_history() = "menu-history";
    /// Help and menu.
    menu_diff() = "menu-diff";
    /// Help and menu.
    menu_rollback() = "menu-rollback";
    /// Help and menu.
    menu_proposals() = "menu-proposals";
    /// Arguments.
    which_kind(examples) = "which-kind";
    /// Arguments.
    no_kind_named(kind) = "no-kind-named";
    /// Arguments.
    usage(example) = "usage";
    /// Arguments.
    no_such_version(file, version, kind) = "no-such-version";
    /// History.
    history_head(file) = "history-head";
    /// History.
    history_none(file) = "history-none";
    /// History.
    history_end(file) = "history-end";
    /// History.
    history_line(version, author, time, size) = "history-line";
    /// History.
    history_restores(version) = "history-restores";
    /// History.
    history_approved(author) = "history-approved";
    /// History.
    button_older() = "button-older";
    /// History.
    button_newer() = "button-newer";
    /// Differences.
    diff_head(file, from, to) = "diff-head";
    /// Differences.
    diff_same(from, to, file) = "diff-same";
    /// Differences.
    diff_only_one(file) = "diff-only-one";
    /// Differences.
    diff_as_file(name) = "diff-as-file";
    /// The current file.
    get_consumer(name, version, time) = "get-consumer";
    /// The current file.
    get_consumers() = "get-consumers";
    /// The current file.
    get_by_hand() = "get-by-hand";
    /// Going back.
    rollback_asks(file, to, base) = "rollback-asks";
    /// Going back.
    rollback_button() = "rollback-button";
    /// Going back.
    rollback_is_current(version, file) = "rollback-is-current";
    /// Going back.
    rollback_same(to, base, file) = "rollback-same";
    /// Going back.
    rollback_done(file, version, to) = "rollback-done";
    /// Going back.
    rollback_conflict(author, current, file, time, to) = "rollback-conflict";
    /// Going back.
    rollback_proposed(file, to, id) = "rollback-proposed";
    /// Deciding together.
    proposal_asks(author, file, id, base) = "proposal-asks";
    /// Deciding together.
    proposal_asks_back(author, file, to, id, base) = "proposal-asks-back";
    /// Deciding together.
    proposal_nothing() = "proposal-nothing";
    /// Deciding together.
    approve_button() = "approve-button";
    /// Deciding together.
    decline_button() = "decline-button";
    /// Deciding together.
    withdraw_button() = "withdraw-button";
    /// Deciding together.
    proposals_none() = "proposals-none";
    /// Deciding together.
    proposal_own(id, file, time) = "proposal-own";
    /// Deciding together.
    proposal_own_refused() = "proposal-own-refused";
    /// Deciding together.
    proposal_approved(by, id, author, file, version) = "proposal-approved";
    /// Deciding together.
    proposal_declined(by, id, author, file) = "proposal-declined";
    /// Deciding together.
    proposal_withdrawn(author, id, file) = "proposal-withdrawn";
    /// Deciding together.
    proposal_outdated(id, base, author, current, file, time) = "proposal-outdated";
    /// Deciding together.
    no_such_proposal(id) = "no-such-proposal";
    /// Changed by hand.
    by_hand_asks(file, time, version) = "by-hand-asks";
    /// Changed by hand.
    by_hand_asks_first(file, time) = "by-hand-asks-first";
    /// Changed by hand.
    by_hand_invalid() = "by-hand-invalid";
    /// Changed by hand.
    by_hand_unreadable() = "by-hand-unreadable";
    /// Changed by hand.
    by_hand_other() = "by-hand-other";
    /// Changed by hand.
    by_hand_in_the_way(file) = "by-hand-in-the-way";
    /// Changed by hand.
    by_hand_settled(file) = "by-hand-settled";
    /// Changed by hand.
    adopt_button() = "adopt-button";
    /// Changed by hand.
    restore_button() = "restore-button";
    /// Changed by hand.
    adopted(author, file, version) = "adopted";
    /// Changed by hand.
    restored(author, version, file) = "restored";
    /// Changed by hand.
    restore_unpublished(author, version, file) = "restore-unpublished";
    /// Changed by hand.
    not_adoptable(file, reason) = "not-adoptable";
    /// Changed by hand.
    removed_by_hand(file, version) = "removed-by-hand";
    /// Changed by hand.
    hook_failed(version, file, end, reason) = "hook-failed";
    /// What could not be done.
    not_done(reason) = "not-done";
    /// What could not be done.
    cancelled_before() = "cancelled-before";
}
