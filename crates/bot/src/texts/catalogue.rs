//! Every sentence that the bot can say, as a function of what varies in it.
//!
//! The texts themselves are in `locales/`. Nothing else may name a key, so a key that is missing or takes other arguments is
//! found by the tests here and not by an admin.

mod people;
mod versions;

use super::{Text, Value};

macro_rules! texts {
    ($listing:ident: $($(#[$doc:meta])* $name:ident($($argument:ident),*) = $key:literal;)*) => {
        impl Text {
            $(
                $(#[$doc])*
                pub(crate) fn $name($($argument: impl Into<Value>),*) -> Self {
                    Self { key: $key, arguments: vec![$((stringify!($argument), $argument.into())),*] }
                }
            )*
        }

        /// All keys here with their arguments.
        #[cfg(test)]
        pub(super) const $listing: &[(&str, &[&str])] = &[$(($key, &[$(stringify!($argument)),*])),*];
    };
}

use texts;

/// All keys with their arguments.
#[cfg(test)]
pub(super) fn all() -> Vec<(&'static str, &'static [&'static str])> {
    [UPLOADS, versions::VERSIONS, people::PEOPLE].concat()
}

texts! { UPLOADS:
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
    /// The writer is silent; nothing is known.
    progress_saving_silent(file) = "progress-saving-silent";
    /// A new version stands and is published.
    saved(file) = "saved";
    /// A new version stands, its file does not yet.
    saved_unpublished(file, version) = "saved-unpublished";
    /// The content equalled the current version.
    unchanged(file, version) = "unchanged";
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
    /// Somebody was faster.
    conflict(file, kind, base, version, author, time) = "conflict";
    /// Somebody was faster with the first version.
    conflict_first(file, kind, version, author, time) = "conflict-first";
    /// The writer could not save.
    not_saved(file, reason) = "not-saved";
    /// Our own mistake, and certainly nothing was saved.
    failed(request) = "failed";
    /// Our own mistake during an upload, and what stands must be looked up.
    failed_unknown(request, kind) = "failed-unknown";
    /// Our own mistake during a command.
    failed_command(request) = "failed-command";
    /// An author who is an operator.
    author_operator(name) = "author-operator";
    /// An author who is a file.
    author_file() = "author-file";
}
