# Versions of a config: looking back, comparing, going back, deciding together. No markup.

## Help and menu

help-history = /history { $kind } – all versions: who saved them, and when
help-diff = /diff { $kind } 3 7 – what differs between two versions; without numbers, what the newest one changed
help-rollback = /rollback { $kind } 3 – bring an older version back
help-proposals = /proposals – what waits for approval
help-page = /page – a link to the page: history, differences and rolling back in a browser
menu-history = All versions of a config
menu-diff = What differs between two versions
menu-rollback = Bring an older version back
menu-proposals = What waits for approval
menu-page = The page in a browser

## Arguments

which-kind = Which one? { $examples }
no-kind-named = There is no config called { $kind }. /help shows which there are.
usage = I don't understand that. Write it like this: { $example }
no-such-version = { $file } has no version { $version }. /history { $kind } shows which there are.

## History

history-head = Versions of { $file }, the newest first:
history-none = { $file } has no version yet.
history-end = { $file } has no older versions than these.
history-line = Version { $version } – { $author }, { $time }, { $size }
history-restores = brings back version { $version }
history-approved = approved by { $author }
button-older = ◀ older
button-newer = newer ▶

## Differences

diff-head = { $file }: from version { $from } to version { $to }
diff-same = Versions { $from } and { $to } of { $file } have the same content.
diff-only-one = { $file } has one version only, so there is nothing to compare.
diff-as-file = The differences are in { $name }, above: they are too long for a message.

## The current file

get-consumer = • { $name } runs version { $version }, it says since { $time }
get-consumers = Who runs it:
get-by-hand = ⚠️ The file on the disk was changed by hand and differs from this.

## Going back

rollback-asks = Roll { $file } back to version { $to }? This is what would change in version { $base }, the current one:
rollback-button = Roll back
rollback-is-current = Version { $version } is the current { $file } already.
rollback-same = Version { $to } has the same content as version { $base }, the current one: rolling { $file } back would change nothing.
rollback-done = ✅ { $file } is rolled back: version { $version } has the content of version { $to } again.
rollback-conflict = ⚠️ Nothing was rolled back: { $author } saved version { $current } of { $file } in the meantime, { $time }. This is what going back to version { $to } would change now:
rollback-proposed = ⏳ Changes of { $file } need a second admin. Going back to version { $to } is proposal { $id } now; the others are asked.

## Deciding together

proposal-asks = { $author } proposes a new { $file }: proposal { $id }, on top of version { $base }. It is published when somebody else approves it. This is what would change:
proposal-asks-back = { $author } proposes to roll { $file } back to version { $to }: proposal { $id }, on top of version { $base }. It is published when somebody else approves it. This is what would change:
proposal-nothing = (nothing)
approve-button = ✅ Approve
decline-button = ❌ Decline
withdraw-button = Withdraw
proposals-none = Nothing waits for approval.
proposals-more = { $count ->
    [one] An older one waits, too.
   *[other] { $count } older ones wait, too.
}
proposal-own = You have proposed this yourself: proposal { $id } for { $file }, { $time }. Somebody else has to approve it.
proposal-own-refused = You have proposed this yourself. Somebody else has to approve it.
proposal-approved = ✅ { $by } approved proposal { $id } of { $author }: { $file } is at version { $version } now.
proposal-declined = ❌ { $by } declined proposal { $id } of { $author }. { $file } stays as it is.
proposal-withdrawn = { $author } withdrew proposal { $id }. { $file } stays as it is.
proposal-outdated = ⚠️ Proposal { $id } was not published: it was made on top of version { $base }, but { $author } saved version { $current } of { $file } in the meantime, { $time }. Decline it; whoever wants it has to propose it anew.
proposal-label = proposal { $id }
no-such-proposal = There is no proposal { $id }.

## Changed by hand

by-hand-asks = ⚠️ { $file } was changed by hand on the disk, noticed { $time }. It is not the current version, and stays as it is until somebody decides. This is what differs from version { $version }:
by-hand-asks-first = ⚠️ { $file } was put on the disk by hand, noticed { $time }. It is nobody's version, and stays as it is until somebody decides.
by-hand-label = { $file } on the disk
by-hand-invalid = It cannot become a version as it is: there are mistakes in it.
by-hand-unreadable = It cannot become a version: it is no text, too large, or no file at all.
by-hand-other = ⚠️ Nothing was changed: the file has other content by now.
by-hand-in-the-way = ⚠️ Nothing was changed: { $file } on the disk was changed by hand. Decide about that first.
by-hand-settled = { $file } on the disk is what it should be. There is nothing to decide any more.
adopt-button = Adopt
propose-button = Propose
by-hand-proposed = ⏳ Changes of { $file } need a second admin. What was changed by hand is proposal { $id } now; the others are asked. The file stays as it is until then.
restore-button = Restore
adopted = ✅ { $author } made a version of what was changed by hand: { $file } is at version { $version } now.
restored = ✅ { $author } restored version { $version } of { $file }. What stood there was kept beside the backups.
restore-unpublished = ⚠️ { $author } restored version { $version } of { $file }, but the file could not be replaced yet. This is tried again by itself; until then it stays as it is.
not-adoptable = ❌ { $file } cannot become a version: { $reason }. Correct it on the disk, or restore the stored version.
removed-by-hand = ⚠️ { $file } was removed from the disk by hand. Version { $version } was put there again.
hook-failed = ⚠️ Version { $version } of { $file } is published, but what is to run afterwards { $end ->
    [timed_out] took too long and was ended
    [not_started] could not be started
   *[failed] failed
}: { $reason }

## What could not be done

not-done = ❌ This could not be saved: { $reason }. Nothing has changed. Try again when this is mended.
cancelled-before = This was cancelled before it had an effect.

## The page

page-link = The page, for you alone:
    { $url }

    The link signs you in once, until { $time }. Do not hand it on.
page-none = There is no page here: neither the settings nor systemd give it an address.
page-away = The page does not answer: it is switched off in the settings, or is being started again. Try /page again in a moment.
