-- The oldest schema whose programs may work with this store: a release that is rolled back finds a store that its successor has
-- migrated. A step that does more than add raises it. One row.
CREATE TABLE compatibility (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  since INTEGER NOT NULL
) STRICT;
INSERT INTO compatibility (one, since) VALUES (1, 1);
