# Who may do what, how one becomes somebody who may, and what was done. No markup.

## Help and menu

help-audit = /audit – who changed what, and what was refused
help-admins = /admins – who may do what, and inviting others
menu-audit = Who changed what, and what was refused
menu-admins = Who may do what, and inviting others

## Roles

role-for-kind = { $role } for { $kind }
forbidden = You may not do that. It takes the role { $needed }; yours is { $role }.
forbidden-kind = You may not do that. It takes the role { $needed } for { $file }; yours is { $role }.
role-given = { $by } gave you a role: { $role }. /help shows what you may do now.
role-given-kind = { $by } gave you a role for { $kind }: { $role }. /help shows what you may do now.
role-taken = { $by } took your role. This bot does not work for you any more.
role-taken-kind = { $by } took your role for { $kind }. /help shows what you may do now.

## Admins

admins-head = Who may do what:
admins-line = • { $name }, id { $id }: { $roles }
admins-fixed = fixed by the settings
admins-more = { $count ->
    [one] … and one more.
   *[other] … and { $count } more.
}
admins-how = To give a role: /admins ID viewer, admin, owner or none, and a config's name if it is for that one only. For example: { $example }
invite-admin-button = Invite an admin
invite-viewer-button = Invite a viewer
remove-button = Remove { $name }
remove-asks = Take all roles from { $name }, id { $id }? Whoever is removed can do nothing here from that moment on.
remove-confirm-button = Yes, remove
remove-keep-button = No
removed = ✅ { $name } has no role any more.
remove-nobody = There was no role to take.
admins-set = ✅ { $name }, id { $id }: { $roles }
invited = An invitation; it makes whoever uses it first: { $role }. It can be used once, until { $time }.

  { $link }

  Or, in the chat with this bot: /pair { $code }
last-owner = { $name } is the last owner, and stays one: somebody has to be able to add others.
fixed-admin = { $name } is named by the settings, and only they change that.

## Pairing

paired = Welcome, { $name }! What you are here: { $roles }.
pair-usage = Send the code that you were given like this: /pair K7QF-9M2X
wrong-code = This code is not valid, or not any more. Ask whoever gave it to you for a new one.
too-many-codes = Too many wrong codes were sent lately. Try again in { $count ->
    [one] a minute.
   *[other] { $count } minutes.
}

## Audit trail

audit-head = What was done and refused, the newest first:
audit-head-kind = What was done and refused with { $file }, the newest first:
audit-none = Nothing was done or refused yet.
audit-end = There are no older entries than these.
audit-refused = refused: { $reason }
audit-action = { $action ->
    [put] new version
    [rollback] rollback
    [propose] proposal
    [approve] approval
    [decline] declined proposal
    [withdraw] withdrawn proposal
    [adopt] adopted change by hand
    [restore] restored after a change by hand
    [cancel] cancelled upload
    [set] role given
    [remove] role taken
    [declare] a config in the settings
    [retire] a config taken out of the settings
    [invite] invitation
    [pair] code used
    [run_hook] run after publishing
    [restore_store] the store restored from a backup
    [changed_by_hand] changed by hand
    [removed_by_hand] removed by hand
    [change_file] the file on the disk
    [proposals] proposals
    [press] button
    [start] greeting
    [get] reading
    [history] history
    [diff] comparison
    [audit] audit trail
    [sign_in] signing in
    [sign_out] signing out
    [page] page
    [list] list
    [record] entries
    [message] message
   *[other] action { $action }
}
audit-reason = { $reason ->
    [invalid] mistakes in the file
    [conflict] somebody was faster
    [changed_by_hand] the file was changed by hand
    [forbidden] not allowed
    [approval_required] it needs a second admin
    [own_proposal] proposed by the same person
    [decided] decided already
    [too_late] too late
    [cancelled] cancelled
    [not_saved] it could not be saved
    [no_room] there was no room for each
    [no_such_kind] no such config
    [no_such_version] no such version
    [no_such_proposal] no such proposal
    [wrong_code] wrong code
    [too_many_codes] too many wrong codes
    [last_owner] the last owner
    [fixed] fixed by the settings
    [stranger] stranger
    [private_only] asked for in a group
    [document] not a suitable document
    [request_reused] a request id that was used for something else
    [from_elsewhere] sent from another site
   *[other] reason: { $words }
}
audit-version = version { $version }
audit-times = { $count } times since { $since }
