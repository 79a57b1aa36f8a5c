//! Every sentence that the bot can say, as a function of what varies in it.
//!
//! The texts themselves are in `locales/`. Nothing else may name a key, so a key that is missing or takes other arguments is
//! found by the tests here and not by an admin.

mod people;
mod versions;

use super::Text;

/// All keys with their arguments.
#[cfg(test)]
pub(super) fn all() -> Vec<texts::Listed> {
    [UPLOADS, versions::VERSIONS, people::PEOPLE].concat()
}

texts::sentences! { Text, UPLOADS:
    /// Greets an admin.
    start(name, instance) = "start";
    /// Above the list of commands.
    help_commands() = "help-commands";
    /// A line of that list.
    help_set(kind, file) = "help-set";
    /// A line of that list.
    help_get(kind, file) = "help-get";
    /// A line of that list.
    help_cancel() = "help-cancel";
    /// A line of that list.
    help_help() = "help-help";
    /// To somebody who is no admin.
    stranger(id) = "stranger";
    /// In a group.
    private_only() = "private-only";
    /// The menu's line for `/start`.
    menu_start() = "menu-start";
    /// The menu's line for `/help`.
    menu_help() = "menu-help";
    /// The menu's line for `/set_<kind>`.
    menu_set(file) = "menu-set";
    /// The menu's line for `/get_<kind>`.
    menu_get(file) = "menu-get";
    /// The menu's line for `/cancel`.
    menu_cancel() = "menu-cancel";
    /// No such command.
    unknown_command(command) = "unknown-command";
    /// The settings declare the kind no more.
    no_such_kind(kind) = "no-such-kind";
    /// Words outside a dialogue.
    nothing_expected() = "nothing-expected";
    /// A document outside a dialogue.
    document_unexpected(kind) = "document-unexpected";
    /// `/set_<kind>` has begun, on top of a version.
    set_asked(file, version, author, time) = "set-asked";
    /// `/set_<kind>` has begun, and there is no version yet.
    set_asked_first(file) = "set-asked-first";
    /// Words instead of the document.
    awaiting_document(file) = "awaiting-document";
    /// Under a sent file.
    get_caption(file, version, author, time) = "get-caption";
    /// There is no file to send.
    get_none(file, kind) = "get-none";
    /// `/cancel` ended a dialogue.
    cancelled(file) = "cancelled";
    /// `/cancel` found nothing.
    cancel_nothing() = "cancel-nothing";
    /// A button that does nothing any more.
    press_unknown() = "press-unknown";
    /// First progress text.
    progress_validating() = "progress-validating";
    /// Second progress text.
    progress_saving() = "progress-saving";
    /// Another change of the kind has the lock.
    progress_waiting(file) = "progress-waiting";
    /// The lock is won.
    progress_locked(file) = "progress-locked";
    /// The writer is silent; nothing is known.
    progress_saving_silent(file) = "progress-saving-silent";
    /// A new version stands and is published.
    saved(file) = "saved";
    /// A new version stands, its file does not yet.
    saved_unpublished(file, version) = "saved-unpublished";
    /// The content equalled the current version.
    unchanged(file, version) = "unchanged";
    /// The same, but another file stands in its place.
    unchanged_unpublished(file, version) = "unchanged-unpublished";
    /// Something else than a document; `sent` is one of photo, voice, sticker, video, audio, other.
    not_a_document(sent, file) = "not-a-document";
    /// Over the size limit.
    document_too_large(name, size, limit) = "document-too-large";
    /// No bytes.
    document_empty(name) = "document-empty";
    /// The name does not end like YAML.
    document_extension(name, suggested) = "document-extension";
    /// There is no name.
    document_unnamed(suggested) = "document-unnamed";
    /// The download failed for good.
    document_not_delivered(reason) = "document-not-delivered";
    /// Above a list of problems.
    problems(file, count) = "problems";
    /// One problem with place and path.
    problem_at_path(line, column, path, reason) = "problem-at-path";
    /// One problem with a place.
    problem_at(line, column, reason) = "problem-at";
    /// One problem with a path.
    problem_of_path(path, reason) = "problem-of-path";
    /// One problem.
    problem(reason) = "problem";
    /// The list was cut.
    problems_more(count) = "problems-more";
    /// Below the list.
    problems_next() = "problems-next";
    /// Above the same list about what was saved or proposed before.
    problems_now(file, count) = "problems-now";
    /// Below that list.
    problems_now_next() = "problems-now-next";
    /// Another document was sent in answer to the question.
    conflict_replaced() = "conflict-replaced";
    /// Somebody was faster.
    conflict(file, base, version, author, time) = "conflict";
    /// Somebody was faster with the first version.
    conflict_first(file, version, author, time) = "conflict-first";
    /// The published file was changed by hand.
    conflict_by_hand(file, time) = "conflict-by-hand";
    /// Something else stands there, and what it is cannot be shown.
    conflict_unseen(file, version) = "conflict-unseen";
    /// Beside lines of the other version.
    conflict_theirs(author, version) = "conflict-theirs";
    /// Beside lines of the file changed by hand.
    conflict_theirs_by_hand() = "conflict-theirs-by-hand";
    /// Beside lines of the admin's document.
    conflict_mine() = "conflict-mine";
    /// Instead of what differs: the document does not come any more.
    conflict_without_document(file) = "conflict-without-document";
    /// Instead of what differs, or of the other side: it is no text.
    theirs_unreadable(file) = "theirs-unreadable";
    /// Below what differs.
    conflict_question() = "conflict-question";
    /// In place of a question that was left.
    conflict_left(file) = "conflict-left";
    /// Words instead of a decision.
    conflict_awaiting(file) = "conflict-awaiting";
    /// Under a file that was changed by hand.
    by_hand_caption(file, time) = "by-hand-caption";
    /// Saves in spite of a conflict.
    button_overwrite() = "button-overwrite";
    /// Sends the other side of a conflict.
    button_theirs() = "button-theirs";
    /// Cancels.
    button_cancel() = "button-cancel";
    /// Withdraws a proposal.
    button_withdraw() = "button-withdraw";
    /// A press about something that has ended.
    press_over() = "press-over";
    /// Being cancelled while it may be being saved.
    progress_cancelling(file) = "progress-cancelling";
    /// An upload was cancelled.
    upload_cancelled() = "upload-cancelled";
    /// Found out afterwards that it stands.
    saved_before(file, version) = "saved-before";
    /// It was saved before it was cancelled.
    cancel_too_late(file, version) = "cancel-too-late";
    /// It was found to be the current version before it was cancelled.
    cancel_unchanged(file, version) = "cancel-unchanged";
    /// It was proposed before it was cancelled.
    cancel_proposed(file, proposal) = "cancel-proposed";
    /// It waits for a second admin.
    upload_proposed(file, proposal) = "upload-proposed";
    /// The role does not allow it.
    upload_forbidden(file) = "upload-forbidden";
    /// The writer could not save.
    not_saved(file, reason) = "not-saved";
    /// Our own mistake, and certainly nothing was saved.
    failed(request) = "failed";
    /// Our own mistake during an upload, and what stands must be looked up.
    failed_unknown(request, kind) = "failed-unknown";
    /// Our own mistake during a command.
    failed_command(request) = "failed-command";
}
