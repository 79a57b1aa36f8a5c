//! What is said about versions: looking back, comparing, going back, deciding together.

use crate::texts::Text;

texts::sentences! { Text, VERSIONS:
    /// “/history `kind` – all versions: who saved them, and when”
    help_history(kind) = "help-history";
    /// “/diff `kind` 3 7 – what differs between two versions; without numbers, what the newest …”
    help_diff(kind) = "help-diff";
    /// “/rollback `kind` 3 – bring an older version back”
    help_rollback(kind) = "help-rollback";
    /// “/proposals – what waits for approval”
    help_proposals() = "help-proposals";
    /// “All versions of a config”
    menu_history() = "menu-history";
    /// “What differs between two versions”
    menu_diff() = "menu-diff";
    /// “Bring an older version back”
    menu_rollback() = "menu-rollback";
    /// “What waits for approval”
    menu_proposals() = "menu-proposals";
    /// “Which one? `examples`”
    which_kind(examples) = "which-kind";
    /// “There is no config called `kind`. /help shows which there are.”
    no_kind_named(kind) = "no-kind-named";
    /// “I don't understand that. Write it like this: `example`”
    usage(example) = "usage";
    /// “`file` has no version `version`. /history `kind` shows which there are.”
    no_such_version(file, version, kind) = "no-such-version";
    /// “Versions of `file`, the newest first:”
    history_head(file) = "history-head";
    /// “`file` has no version yet.”
    history_none(file) = "history-none";
    /// “`file` has no older versions than these.”
    history_end(file) = "history-end";
    /// “Version `version` – `author`, `time`, `size`”
    history_line(version, author, time, size) = "history-line";
    /// “brings back version `version`”
    history_restores(version) = "history-restores";
    /// “approved by `author`”
    history_approved(author) = "history-approved";
    /// “◀ older”
    button_older() = "button-older";
    /// “newer ▶”
    button_newer() = "button-newer";
    /// “`file`: from version `from` to version `to`”
    diff_head(file, from, to) = "diff-head";
    /// “Versions `from` and `to` of `file` have the same content.”
    diff_same(from, to, file) = "diff-same";
    /// “`file` has one version only, so there is nothing to compare.”
    diff_only_one(file) = "diff-only-one";
    /// “The differences are in `name`, above: they are too long for a message.”
    diff_as_file(name) = "diff-as-file";
    /// “• `name` runs version `version`, it says since `time`”
    get_consumer(name, version, time) = "get-consumer";
    /// “Who runs it:”
    get_consumers() = "get-consumers";
    /// “⚠️ The file on the disk was changed by hand and differs from this.”
    get_by_hand() = "get-by-hand";
    /// “Roll `file` back to version `to`? This is what would change in version `base`, the …”
    rollback_asks(file, to, base) = "rollback-asks";
    /// “Roll back”
    rollback_button() = "rollback-button";
    /// “Version `version` is the current `file` already.”
    rollback_is_current(version, file) = "rollback-is-current";
    /// “Version `to` has the same content as version `base`, the current one: rolling `file` …”
    rollback_same(to, base, file) = "rollback-same";
    /// “✅ `file` is rolled back: version `version` has the content of version `to` again.”
    rollback_done(file, version, to) = "rollback-done";
    /// “⚠️ Nothing was rolled back: `author` saved version `current` of `file` in the meantime, …”
    rollback_conflict(author, current, file, time, to) = "rollback-conflict";
    /// “⏳ Changes of `file` need a second admin. Going back to version `to` is proposal `id` …”
    rollback_proposed(file, to, id) = "rollback-proposed";
    /// “`author` proposes a new `file`: proposal `id`, on top of version `base`. It is …”
    proposal_asks(author, file, id, base) = "proposal-asks";
    /// “`author` proposes to roll `file` back to version `to`: proposal `id`, on top of version …”
    proposal_asks_back(author, file, to, id, base) = "proposal-asks-back";
    /// “(nothing)”
    proposal_nothing() = "proposal-nothing";
    /// “✅ Approve”
    approve_button() = "approve-button";
    /// “❌ Decline”
    decline_button() = "decline-button";
    /// “Withdraw”
    withdraw_button() = "withdraw-button";
    /// “Nothing waits for approval.”
    proposals_none() = "proposals-none";
    /// “`count` older ones wait, too.”
    proposals_more(count) = "proposals-more";
    /// “You have proposed this yourself: proposal `id` for `file`, `time`. Somebody else has to …”
    proposal_own(id, file, time) = "proposal-own";
    /// “You have proposed this yourself. Somebody else has to approve it.”
    proposal_own_refused() = "proposal-own-refused";
    /// “✅ `by` approved proposal `id` of `author`: `file` is at version `version` now.”
    proposal_approved(by, id, author, file, version) = "proposal-approved";
    /// “❌ `by` declined proposal `id` of `author`. `file` stays as it is.”
    proposal_declined(by, id, author, file) = "proposal-declined";
    /// “`author` withdrew proposal `id`. `file` stays as it is.”
    proposal_withdrawn(author, id, file) = "proposal-withdrawn";
    /// “⚠️ Proposal `id` was not published: it was made on top of version `base`, but `author` …”
    proposal_outdated(id, base, author, current, file, time) = "proposal-outdated";
    /// “proposal `id`”
    proposal_label(id) = "proposal-label";
    /// “There is no proposal `id`.”
    no_such_proposal(id) = "no-such-proposal";
    /// “⚠️ `file` was changed by hand on the disk, noticed `time`. It is not the current version, and …”
    by_hand_asks(file, time, version) = "by-hand-asks";
    /// “⚠️ `file` was put on the disk by hand, noticed `time`. It is nobody's version, and …”
    by_hand_asks_first(file, time) = "by-hand-asks-first";
    /// “`file` on the disk”
    by_hand_label(file) = "by-hand-label";
    /// “It cannot become a version as it is: there are mistakes in it.”
    by_hand_invalid() = "by-hand-invalid";
    /// “It cannot become a version: it is no text, too large, or no file at all.”
    by_hand_unreadable() = "by-hand-unreadable";
    /// “⚠️ Nothing was changed: the file has other content by now.”
    by_hand_other() = "by-hand-other";
    /// “⚠️ Nothing was changed: `file` on the disk was changed by hand. Decide about that first.”
    by_hand_in_the_way(file) = "by-hand-in-the-way";
    /// “`file` on the disk is what it should be. There is nothing to decide any more.”
    by_hand_settled(file) = "by-hand-settled";
    /// “Adopt”
    adopt_button() = "adopt-button";
    /// “Propose”
    propose_button() = "propose-button";
    /// “⏳ Changes of `file` need a second admin. What was changed by hand is proposal `id` now; …”
    by_hand_proposed(file, id) = "by-hand-proposed";
    /// “Restore”
    restore_button() = "restore-button";
    /// “✅ `author` made a version of what was changed by hand: `file` is at version `version` …”
    adopted(author, file, version) = "adopted";
    /// “✅ `author` restored version `version` of `file`. What stood there was kept beside the …”
    restored(author, version, file) = "restored";
    /// “⚠️ `author` restored version `version` of `file`, but the file could not be replaced …”
    restore_unpublished(author, version, file) = "restore-unpublished";
    /// “❌ `file` cannot become a version: `reason`. Correct it on the disk, or restore the …”
    not_adoptable(file, reason) = "not-adoptable";
    /// “⚠️ `file` was removed from the disk by hand. Version `version` was put there again.”
    removed_by_hand(file, version) = "removed-by-hand";
    /// Changed by hand.
    hook_failed(version, file, end, reason) = "hook-failed";
    /// “❌ This could not be saved: `reason`. Nothing has changed. Try again when this is mended.”
    not_done(reason) = "not-done";
    /// “This was cancelled before it had an effect.”
    cancelled_before() = "cancelled-before";
    /// “/page – a link to the page: history, differences and rolling back in a browser”
    help_page() = "help-page";
    /// “The page in a browser”
    menu_page() = "menu-page";
    /// “The page, for you alone: `url` … The link signs you in once, until `time`. Do not hand it on.”
    page_link(url, time) = "page-link";
    /// “There is no page here: neither the settings nor systemd give it an address.”
    page_none() = "page-none";
    /// “The page does not answer: it is switched off in the settings, or is being started again. …”
    page_away() = "page-away";
}
