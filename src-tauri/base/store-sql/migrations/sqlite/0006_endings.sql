-- Notices that certificates are to be revoked when a grace has passed. The row stays when the revocation was ordered.

CREATE TABLE ending (
  certificate BLOB    NOT NULL PRIMARY KEY REFERENCES certificate (id),
  subscriber  BLOB    NOT NULL REFERENCES subscriber (id),
  cause       INTEGER NOT NULL,
  since       INTEGER NOT NULL,
  due_at      INTEGER NOT NULL,
  done_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX ending_open  ON ending (done_at, due_at, since, subscriber);
CREATE INDEX ending_owner ON ending (subscriber, done_at);

-- Orders that replaced a certificate because of a new name or address: what is allowed in a day counts them.
CREATE TABLE replacement (
  enrollment BLOB    NOT NULL PRIMARY KEY REFERENCES enrollment (id),
  ordered_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX replacement_ordered ON replacement (ordered_at);
