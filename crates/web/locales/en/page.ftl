# What the page says. No markup: it is escaped like everything else.

## On every page

home = Configs
sign-out = Sign out

## Signing in and out

sign-in-title = Sign in
sign-in-asks = The bot gave this address to one person, for one time. If you asked the bot for it, go on.
sign-in-button = Sign in
sign-in-refused = This address signs nobody in (any more): it is good once, for five minutes. Send /page to the bot for a new one.
signed-out-title = Signed out
signed-out = You are not signed in (any more). Send /page to the bot: it answers with an address that signs you in.
signed-out-now = You are signed out. To come back, send /page to the bot.

## Configs

configs-none = There is no config here that you may look at. An owner can give you a role: in the bot, by /admins.
configs-retired = No longer in the settings
no-version = No version yet
version = Version { $version }
saved-by = { $author }, { $time }
marked-by-hand = changed by hand
marked-approval = takes a second admin

## Versions

history = History
history-title = { $file }: versions
history-none = { $file } has no version yet.
history-end = { $file } has no older versions than these.
version-current = current
restores = brings back version { $version }
approved = approved by { $author }
get = Get
diff = Difference
rollback = Roll back
older = Older
newer = Newer

## Differences

diff-title = { $file }: from version { $old } to version { $new }
diff-same = Versions { $old } and { $new } of { $file } have the same content.
diff-cut = More differs than is shown here. Get both versions to see all of it.
diff-reversed = The other way round

## Going back

rollback-title = Roll { $file } back to version { $to }
rollback-asks = This is what would change in version { $base }, the current one, saved by { $author }, { $time }:
rollback-button = Roll back to version { $to }
rollback-propose = Propose to roll back to version { $to }
rollback-approval = Changes of { $file } take a second admin: this makes a proposal, and nothing changes before somebody else approves it in the bot.
rollback-is-current = Version { $to } is the current { $file } already.
rollback-same = Version { $to } has the same content as version { $base }, the current one: rolling { $file } back would change nothing.
rollback-elsewhere = But another file stands in its place just now: it was changed by hand, or the current version could not be put there yet.
rollback-done = { $file } is rolled back: version { $version } has the content of version { $to } again.
rollback-unpublished = { $file } is rolled back, as version { $version }, but the published file could not be replaced yet. This is tried again by itself; until then the old file stands.
rollback-proposed = Changes of { $file } take a second admin. Going back to version { $to } is proposal { $id } now: the others are asked, and one of them has to approve it in the bot.
rollback-conflict = Nothing was rolled back: { $author } saved version { $version } of { $file } in the meantime, { $time }. Look again at what would change, and decide anew.
rollback-by-hand-now = Nothing was rolled back: { $file } on the disk was changed by hand and is not what you were shown. Look again, and decide anew.
rollback-over = { $file } was changed by hand on the disk, noticed { $time }. It is not the current version. { $then } This is how it differs from version { $base }:
rollback-over-unseen = { $file } was changed by hand on the disk, noticed { $time }. It is not the current version, and cannot be shown: it is no text, too large, or no file at all. { $then }
rollback-replaces = Rolling back replaces it; what stands there is kept beside the backups.
rollback-leaves = Proposing leaves it as it is; whoever approves decides what becomes of it.
rollback-unknown = There is no answer just now, so it is not known whether anything was done with { $file }. Press again: however often you press, it is done once at most, and you are told what became of it.
rollback-again = Press again
rollback-retired = { $file } is no longer in the settings. Its versions can be looked at, but not brought back.

## What is refused

not-saved = Nothing was changed: it could not be saved ({ $reason }). Try again when this is mended.
problems = { $count ->
    [one] Nothing was changed: by the rules of now there is a problem in version { $version } of { $file }.
   *[other] Nothing was changed: by the rules of now there are { $count } problems in version { $version } of { $file }.
}
problem-at-path = line { $line }, column { $column }, { $path }: { $reason }
problem-at = line { $line }, column { $column }: { $reason }
problem-of-path = { $path }: { $reason }
forbidden = You may not do that. It takes the role { $needed } for { $file }; yours is { $role }.
refused-title = This cannot be done
nothing-here = There is nothing here.
no-such-kind = There is no config called { $kind }.
no-such-version = { $file } has no version { $version }.
wrong-method = This address cannot be used like that.
from-elsewhere = Refused: this was sent by another page than this one, or by a browser that does not say by which. Nothing was done.
unreadable = What was sent cannot be understood. Nothing was done.
too-many = These are too many requests at once. Try again in a moment.
silent = There is no answer just now. Try again in a moment.
failed = Something went wrong here, and the log says more. Try again; if it stays so, tell whoever runs the service.
