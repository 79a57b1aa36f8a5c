-- What the settings said when the service began last: what they say otherwise the next time is in the audit trail.
CREATE TABLE named (
  user INTEGER NOT NULL,
  kind TEXT NOT NULL,                 -- empty: the general role
  role TEXT NOT NULL CHECK (role IN ('viewer', 'admin', 'owner')),
  name TEXT NOT NULL,
  PRIMARY KEY (user, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE declared (
  kind TEXT NOT NULL PRIMARY KEY,
  file TEXT NOT NULL,
  approval INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The newest version of each kind whose file was seen to be in order, and where: the file's path, and which directory it is in. Who
-- finds an older file there, or none, knows that somebody did that, and not that the writer was ended before it published.
CREATE TABLE placed (
  kind TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  place TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Published files that somebody removed, until they are there again and that is told.
CREATE TABLE removed (
  kind TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
