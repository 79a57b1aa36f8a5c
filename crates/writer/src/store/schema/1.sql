-- Answers by request id: asking again returns the first one.
CREATE TABLE requests (
  request_id TEXT NOT NULL PRIMARY KEY,
  method TEXT NOT NULL,
  fingerprint BLOB NOT NULL,          -- SHA-256 of the parameters
  reply TEXT NOT NULL,                -- JSON
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_by_age ON requests (at_ms);

-- Contents by what they are, so that the same content is kept once, however many versions have it.
CREATE TABLE contents (
  sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
  content BLOB NOT NULL
) STRICT;

CREATE TABLE versions (
  kind TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  base INTEGER NOT NULL CHECK (base >= 0),
  bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL REFERENCES contents (sha256),
  author_origin TEXT NOT NULL CHECK (author_origin IN ('telegram', 'operator', 'file')),
  author_id INTEGER NOT NULL,
  author_name TEXT NOT NULL,
  saved_ms INTEGER NOT NULL,
  request_id TEXT,                    -- NULL: a file found at start
  PRIMARY KEY (kind, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX versions_by_content ON versions (sha256, kind, version);

CREATE TABLE updates (
  seq INTEGER PRIMARY KEY,            -- the order of arrival; Telegram's ids may start anew
  bot INTEGER NOT NULL,
  id INTEGER NOT NULL,
  payload TEXT NOT NULL,              -- JSON; empty once finished
  state TEXT NOT NULL CHECK (state IN ('received', 'applied', 'finished')),
  settled_by TEXT,                    -- the request whose reply is the outcome
  note TEXT,                          -- JSON
  finished_ms INTEGER,
  UNIQUE (bot, id)
) STRICT;
CREATE INDEX updates_unfinished ON updates (bot, seq) WHERE state <> 'finished';
CREATE INDEX updates_finished ON updates (finished_ms) WHERE state = 'finished';
CREATE INDEX updates_by_request ON updates (settled_by) WHERE settled_by IS NOT NULL;

CREATE TABLE dialogues (
  bot INTEGER NOT NULL,
  chat INTEGER NOT NULL,
  user INTEGER NOT NULL,
  state TEXT NOT NULL,                -- JSON
  version INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  PRIMARY KEY (bot, chat, user)
) STRICT, WITHOUT ROWID;

-- One row that is written after a failed commit, so that nothing of the failed one can come back after a crash.
CREATE TABLE scrubs (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  count INTEGER NOT NULL
) STRICT;
INSERT INTO scrubs (id, count) VALUES (1, 0);
