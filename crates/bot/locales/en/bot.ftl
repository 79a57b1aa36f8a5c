# What admins read, in English. No markup: everything is sent as plain text.
# File names, kinds and people's names arrive as they are; sizes and times arrive in the reader's own form.

## Greeting and help

start = Hello, { $name }! I look after the config files of { $instance }: I check what you send me, keep every version, and publish the newest one.
help-commands = What I understand:
help-set = /set_{ $kind } – replace { $file }
help-get = /get_{ $kind } – get the current { $file }
help-cancel = /cancel – end what is under way
help-help = /help – show this list
stranger = Sorry, this bot works for its administrators only. If you should be one of them, give them your Telegram id: { $id }.
private-only = I talk about config files in private only. Please write to me directly.

## The command menu; at most 256 characters each

menu-start = Say hello
menu-help = What this bot understands
menu-set = Replace { $file }
menu-get = Get the current { $file }
menu-cancel = End what is under way

## Commands

unknown-command = I don't know the command { $command }. /help shows what I understand.
no-such-kind = There is no config called { $kind } any more. /help shows which there are.
nothing-expected = I only understand commands. /help shows which.
document-unexpected = I don't know which config this is. Send /set_{ $kind } first, then the file.
set-asked = Send me the new { $file } as a document, or /cancel. You will replace version { $version } of { $author }, saved { $time }.
set-asked-first = Send me { $file } as a document, or /cancel. There is no version of it yet.
awaiting-document = I am waiting for { $file } as a document. Send it, or end this with /cancel.
get-caption = { $file }, version { $version } of { $author }, saved { $time }
get-none = There is no { $file } yet. Send /set_{ $kind } to upload the first one.
cancelled = Ended. Nothing was saved: { $file } stays as it is.
cancel-nothing = Nothing is under way.

## Buttons

press-unknown = This button does nothing any more. /help shows what I understand.

## Progress of an upload: one message, edited

progress-validating = ⏳ Downloading and validating…
progress-saving = 🔒 Acquiring lock and saving…
progress-waiting = 🔒 Waiting for the lock: another change of { $file } is being saved first…
progress-locked = 🔒 Lock acquired, saving { $file }…
progress-saving-silent = 🔒 Acquiring lock and saving… The storage has not answered yet, so it is not known whether { $file } is saved. I keep asking and will tell you here.
saved = ✅ { $file } updated successfully!
saved-unpublished = ⚠️ { $file } is saved as version { $version }, but the published file could not be replaced yet. This is tried again by itself; until then the old file stands.
unchanged = ℹ️ This is exactly the current { $file } (version { $version }). No new version was made.
unchanged-unpublished = ⚠️ This is exactly the current { $file } (version { $version }). No new version was made. But another file stands in its place just now: it was changed by hand, or this version could not be put there yet.

## An upload that was refused

not-a-document = { $sent ->
    [photo] That is a photo. Send { $file } as a document instead: 📎, then File.
    [voice] That is a voice message. I am waiting for { $file } as a document.
    [sticker] Nice sticker, but I am waiting for { $file } as a document.
    [video] That is a video. I am waiting for { $file } as a document.
    [audio] That is an audio file. I am waiting for { $file } as a document.
   *[other] That is not a document. I am waiting for { $file } as a document.
}
document-too-large = ❌ { $name } is too large: { $size }. A config may have at most { $limit }. Nothing was saved.
document-empty = ❌ { $name } is empty. Nothing was saved.
document-extension = ❌ { $name } is not a YAML file by its name. Rename it to end in .yml or .yaml, such as { $suggested }, and send it again. Nothing was saved.
document-unnamed = ❌ The document has no name. Send it with a name that ends in .yml or .yaml, such as { $suggested }. Nothing was saved.
document-not-delivered = ❌ Telegram did not hand the document over ({ $reason }). Nothing was saved. Please send it again.
problems = { $count ->
    [one] ❌ { $file } was not saved, there is a problem in it:
   *[other] ❌ { $file } was not saved, there are { $count } problems in it:
}
problem-at-path = • line { $line }, column { $column }, { $path }: { $reason }
problem-at = • line { $line }, column { $column }: { $reason }
problem-of-path = • { $path }: { $reason }
problem = • { $reason }
problems-more = { $count ->
    [one] … and one more.
   *[other] … and { $count } more.
}
problems-next = The current version stands. Correct the file and send it again, or /cancel.
problems-now = { $count ->
    [one] ❌ Nothing was changed: by the rules of now there is a problem in this { $file }:
   *[other] ❌ Nothing was changed: by the rules of now there are { $count } problems in this { $file }:
}
problems-now-next = The current version stands.
conflict = ⚠️ { $file } was not saved. You had version { $base } before you, but { $author } saved version { $version } in the meantime, { $time }. What differs:
conflict-first = ⚠️ { $file } was not saved. There was none when you began, but { $author } saved version { $version } in the meantime, { $time }. What differs:
not-saved = ❌ { $file } could not be saved: { $reason }. Nothing has changed, the current version stands. Send it again when this is mended, or /cancel.
failed = ❌ Something went wrong in the bot itself, and nothing was saved. The log says more, request { $request }. Please try again.
failed-unknown = ❌ Something went wrong in the bot itself. The log says more, request { $request }. /get_{ $kind } shows what stands now.
failed-command = ❌ Something went wrong in the bot itself. The log says more, request { $request }. Please try again.

## An upload that met something else, and cancelling

conflict-by-hand = ⚠️ { $file } was not saved. The published file was changed by hand, which was noticed { $time }. What differs:
conflict-unseen = ⚠️ { $file } was not saved. Something else stands there in the meantime; the version is { $version }.
conflict-theirs = { $author } (version { $version })
conflict-theirs-by-hand = changed by hand
conflict-mine = your file
conflict-without-document = Telegram does not hand over your document any more, so what differs cannot be shown. Send { $file } again, or look at theirs.
theirs-unreadable = What stands in { $file } cannot be shown: it is not there any more, or it is no text.
conflict-question = Overwrite puts your file in its place. You may also put both together and send me the result.
conflict-left = ✖ Your { $file } was not saved. What stood there in the meantime stays as it is.
conflict-replaced = ✖ This file was not saved: you sent another one instead. What became of that one stands below.
conflict-awaiting = It is not decided yet what becomes of your { $file }. Press one of the buttons above, send me a document that has both, or end this with /cancel.
by-hand-caption = { $file } as it was changed by hand, noticed { $time }
button-overwrite = Overwrite
button-theirs = Show theirs
button-cancel = ✖ Cancel
button-withdraw = Withdraw
press-over = This is over already. Its message says how it ended.
progress-cancelling = ✖ Cancelling… It is not known yet whether { $file } was saved before.
upload-cancelled = ✖ Cancelled. Nothing was saved.
saved-before = ✅ { $file } had been saved, as version { $version }.
cancel-too-late = Too late to cancel: { $file } had been saved as version { $version } before. To undo that, go back to an older version.
cancel-unchanged = Nothing to cancel: it was exactly the current { $file } (version { $version }), and no new version was made.
cancel-proposed = Too late to cancel: { $file } had been proposed as number { $proposal } before. It waits for approval, and you can withdraw it.
upload-proposed = 🕓 { $file } is not published yet: it waits for approval by another admin (proposal { $proposal }).
upload-forbidden = ❌ You may not change { $file }: that takes the role admin. Nothing was saved.
