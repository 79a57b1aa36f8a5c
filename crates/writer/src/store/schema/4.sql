-- Refusals that are alike become one row in time: for how many it stands, and when the first of them was (NULL: at at_ms).
ALTER TABLE audit ADD COLUMN times INTEGER NOT NULL DEFAULT 1 CHECK (times >= 1);
ALTER TABLE audit ADD COLUMN first_ms INTEGER;
-- One line for a request of somebody about a kind: whoever uses another's request id has lines of his own.
DROP INDEX audit_once;
CREATE UNIQUE INDEX audit_once ON audit (
  request_id, actor_origin, actor_id, action, coalesce(kind, ''), outcome, coalesce(reason, '')
) WHERE request_id IS NOT NULL;
CREATE INDEX audit_alike ON audit (actor_origin, actor_id, action, reason, kind, version, about, at_ms)
  WHERE outcome = 'refused';
