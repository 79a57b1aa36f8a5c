//! Every sentence that the page can say, as a function of what varies in it.
//!
//! The texts themselves are in `locales/`. Nothing else may name a key, so a key that is missing or takes other arguments is
//! found by the tests here and not by an admin.

use super::Text;

texts::sentences! { Text, ALL:
    /// The way to the first page.
    home() = "home";
    /// Ends the session.
    sign_out() = "sign-out";
    /// Above the way in.
    sign_in_title() = "sign-in-title";
    /// What the button below does.
    sign_in_asks() = "sign-in-asks";
    /// Redeems the code.
    sign_in_button() = "sign-in-button";
    /// The code is used, expired or none.
    sign_in_refused() = "sign-in-refused";
    /// Above what those are told who are not signed in.
    signed_out_title() = "signed-out-title";
    /// Nobody is signed in, or not any more.
    signed_out() = "signed-out";
    /// After the button.
    signed_out_now() = "signed-out-now";
    /// To somebody who may look at nothing.
    configs_none() = "configs-none";
    /// Above kinds that there are no more.
    configs_retired() = "configs-retired";
    /// In place of the current version.
    no_version() = "no-version";
    /// “Version `version`”
    version(version) = "version";
    /// Below it.
    saved_by(author, time) = "saved-by";
    /// The published file is not the current version.
    marked_by_hand() = "marked-by-hand";
    /// Versions need a second admin.
    marked_approval() = "marked-approval";
    /// To a kind's versions.
    history() = "history";
    /// Above them.
    history_title(file) = "history-title";
    /// There are none.
    history_none(file) = "history-none";
    /// There are none of that age.
    history_end(file) = "history-end";
    /// The version that is published.
    current() = "version-current";
    /// A version that a rollback made.
    restores(version) = "restores";
    /// A version that had been proposed.
    approved(author) = "approved";
    /// To a file itself.
    get() = "get";
    /// To what a version changed.
    diff() = "diff";
    /// To going back to it.
    rollback() = "rollback";
    /// To older versions.
    older() = "older";
    /// To newer versions.
    newer() = "newer";
    /// Above a difference.
    diff_title(file, old, new) = "diff-title";
    /// In place of one.
    diff_same(old, new, file) = "diff-same";
    /// Below one that was cut.
    diff_cut() = "diff-cut";
    /// To the same from new to old.
    diff_reversed() = "diff-reversed";
    /// Above the question.
    rollback_title(file, to) = "rollback-title";
    /// The question.
    rollback_asks(base, author, time) = "rollback-asks";
    /// Does it.
    rollback_button(to) = "rollback-button";
    /// Proposes it.
    rollback_propose(to) = "rollback-propose";
    /// What proposing means.
    rollback_approval(file) = "rollback-approval";
    /// There is nothing to go back to.
    rollback_is_current(to, file) = "rollback-is-current";
    /// It would change nothing.
    rollback_same(to, base, file) = "rollback-same";
    /// It is done.
    rollback_done(file, version, to) = "rollback-done";
    /// It is done, but the old file stands.
    rollback_unpublished(file, version) = "rollback-unpublished";
    /// It is proposed.
    rollback_proposed(file, to, id) = "rollback-proposed";
    /// Somebody was faster.
    rollback_conflict(author, version, file, time) = "rollback-conflict";
    /// Somebody changed the file by hand.
    rollback_by_hand_now(file) = "rollback-by-hand-now";
    /// Above what somebody changed by hand, and would be replaced.
    rollback_over(file, time, then, base) = "rollback-over";
    /// The same where it is no text.
    rollback_over_unseen(file, time, then) = "rollback-over-unseen";
    /// After either of the two that say that nothing would change.
    rollback_elsewhere() = "rollback-elsewhere";
    /// What becomes of it.
    rollback_replaces() = "rollback-replaces";
    /// What becomes of it where a second admin is needed.
    rollback_leaves() = "rollback-leaves";
    /// No answer is known.
    rollback_unknown(file) = "rollback-unknown";
    /// Asks again.
    rollback_again() = "rollback-again";
    /// There is no such kind any more.
    rollback_retired(file) = "rollback-retired";
    /// The writer could not save.
    not_saved(reason) = "not-saved";
    /// What was valid when it was saved is not now.
    problems(version, file, count) = "problems";
    /// One of them.
    problem_at_path(line, column, path, reason) = "problem-at-path";
    /// One of them.
    problem_at(line, column, reason) = "problem-at";
    /// One of them.
    problem_of_path(path, reason) = "problem-of-path";
    /// The role does not allow it.
    forbidden(needed, file, role) = "forbidden";
    /// Above most refusals.
    refused_title() = "refused-title";
    /// Of an address that means nothing.
    nothing_here() = "nothing-here";
    /// The settings declare no such kind, and never did.
    no_such_kind(kind) = "no-such-kind";
    /// A kind has no such version.
    no_such_version(file, version) = "no-such-version";
    /// An address is looked at where it is to be sent to, or the other way round.
    wrong_method() = "wrong-method";
    /// Sent by a page of somebody else's.
    from_elsewhere() = "from-elsewhere";
    /// What was sent is none of our forms.
    unreadable() = "unreadable";
    /// The writer does not answer.
    silent() = "silent";
    /// Somebody asks faster than people do.
    too_many() = "too-many";
    /// Our own mistake.
    failed() = "failed";
}
