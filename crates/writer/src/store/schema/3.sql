-- A version may be an older one's content again, and may have needed a second admin.
ALTER TABLE versions ADD COLUMN restores INTEGER;
ALTER TABLE versions ADD COLUMN approved_by TEXT;   -- JSON, as the author of a proposal

-- Versions that wait, or waited, for a second admin. None is ever removed.
CREATE TABLE proposals (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  base INTEGER NOT NULL CHECK (base >= 0),
  bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL REFERENCES contents (sha256),
  author TEXT NOT NULL,               -- JSON
  proposed_ms INTEGER NOT NULL,
  restores INTEGER,
  state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'declined', 'withdrawn')),
  decided_by TEXT,                    -- JSON
  decided_ms INTEGER,
  version INTEGER,
  request_id TEXT NOT NULL
) STRICT;
CREATE INDEX proposals_open ON proposals (kind, id) WHERE state = 'open';

-- Published files that somebody changed on the disk, from when it is noticed until it is decided what becomes of them.
CREATE TABLE changed_by_hand (
  kind TEXT NOT NULL PRIMARY KEY,
  sha256 TEXT NOT NULL,               -- lower-case hexadecimal; empty: cannot be a version
  bytes INTEGER NOT NULL,
  valid INTEGER NOT NULL,
  noticed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Such a file that a version may replace, because somebody who had seen it said so: kept until it has been replaced.
CREATE TABLE replacements (
  kind TEXT NOT NULL PRIMARY KEY,
  sha256 TEXT NOT NULL,               -- as in changed_by_hand
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which version a program says it runs.
CREATE TABLE consumers (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  acknowledged_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

-- What is to be run after a kind was published: the newest version for which it is due, or was run.
CREATE TABLE hooks (
  kind TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('due', 'succeeded', 'failed')),
  reason TEXT,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Roles of people that the settings do not name. kind is empty for the general role.
CREATE TABLE admins (
  user INTEGER NOT NULL,
  kind TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'admin', 'owner')),
  name TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (user, kind),
  CHECK (role <> 'owner' OR kind = '')
) STRICT, WITHOUT ROWID;

-- Codes that give a role to whoever sends them first.
CREATE TABLE invitations (
  code TEXT NOT NULL PRIMARY KEY,     -- as it is compared: capitals and digits
  role TEXT NOT NULL CHECK (role IN ('viewer', 'admin', 'owner')),
  kind TEXT NOT NULL,                 -- empty: the general role
  made_by TEXT,                       -- JSON; NULL: the service itself, for the first owner
  made_ms INTEGER NOT NULL,
  expires_ms INTEGER,                 -- NULL: never
  used_by INTEGER,
  used_ms INTEGER
) STRICT, WITHOUT ROWID;

-- The audit trail. Rows are only added.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  actor_origin TEXT NOT NULL CHECK (actor_origin IN ('telegram', 'operator', 'file')),
  actor_id INTEGER NOT NULL,
  actor_name TEXT NOT NULL,
  action TEXT NOT NULL,
  kind TEXT,
  version INTEGER,
  about TEXT,
  outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
  reason TEXT,
  request_id TEXT
) STRICT;
CREATE UNIQUE INDEX audit_once ON audit (request_id, action, outcome, coalesce(reason, '')) WHERE request_id IS NOT NULL;
CREATE INDEX audit_by_kind ON audit (kind, seq);
CREATE INDEX audit_by_actor ON audit (actor_id, seq);
CREATE INDEX audit_refused ON audit (at_ms) WHERE outcome = 'refused';

-- What people are to be told though they did not ask, until they were.
CREATE TABLE notices (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  event TEXT NOT NULL,                -- JSON
  told_ms INTEGER
) STRICT;
CREATE INDEX notices_pending ON notices (id) WHERE told_ms IS NULL;
CREATE INDEX notices_told ON notices (told_ms) WHERE told_ms IS NOT NULL;
