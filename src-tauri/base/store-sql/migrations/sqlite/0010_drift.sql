-- What differs between the database and the world outside. A row stays when it is closed.

CREATE TABLE drift_finding (
  id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- made of kind and object
  side        TEXT    NOT NULL,
  kind        INTEGER NOT NULL,
  object      TEXT    NOT NULL, -- JSON
  certificate BLOB    REFERENCES certificate (id),
  sentence    TEXT    NOT NULL,
  first_seen  INTEGER NOT NULL,
  last_seen   INTEGER NOT NULL,
  state       INTEGER NOT NULL,
  decided_at  INTEGER,
  decided_by  TEXT,
  reason      TEXT,
  ordered_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX drift_finding_state   ON drift_finding (state, id);
CREATE INDEX drift_finding_side    ON drift_finding (side, state, last_seen);
CREATE INDEX drift_finding_ordered ON drift_finding (ordered_at);
CREATE INDEX drift_finding_certificate ON drift_finding (certificate, state);

-- What became of the last reading of each side.
CREATE TABLE drift_reading (
  side         TEXT    NOT NULL PRIMARY KEY,
  read_at      INTEGER,
  tried_at     INTEGER NOT NULL,
  compared     INTEGER NOT NULL,
  not_compared TEXT
) STRICT, WITHOUT ROWID;
