# What somebody may do.
role-viewer = viewer
role-admin = admin
role-owner = owner
role-none = none

# Authors who are nobody of Telegram's.
author-operator = the operator { $name }
author-file = the file found at start
actor-file = the file { $name }
