-- Certificates that are suspended: why, what they were before, and how far the authority was told.

CREATE TABLE certificate_hold (
  certificate BLOB    NOT NULL PRIMARY KEY REFERENCES certificate (id),
  subscriber  BLOB    NOT NULL REFERENCES subscriber (id),
  cause       INTEGER NOT NULL,
  was         INTEGER NOT NULL, -- the state that the certificate has again when the hold is lifted
  state       INTEGER NOT NULL,
  since       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_hold_owner ON certificate_hold (subscriber, certificate);
