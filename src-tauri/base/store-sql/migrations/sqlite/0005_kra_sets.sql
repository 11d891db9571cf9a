-- Sets of recovery agents, version by version, and what their officers signed. Nobody vouches for these rows; each
-- installation goes by the signatures and by what it has pinned in its home.

CREATE TABLE kra_set (
  digest   BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32), -- over the body
  version  INTEGER NOT NULL,
  body     TEXT    NOT NULL, -- JSON, as it is signed
  added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER kra_set_no_update BEFORE UPDATE ON kra_set
BEGIN
  SELECT RAISE(ABORT, 'sets of recovery agents are append only');
END;
CREATE TRIGGER kra_set_no_delete BEFORE DELETE ON kra_set
BEGIN
  SELECT RAISE(ABORT, 'sets of recovery agents are append only');
END;

CREATE TABLE kra_set_signature (
  set_digest BLOB    NOT NULL CHECK (length(set_digest) = 32),
  digest     BLOB    NOT NULL CHECK (length(digest) = 32), -- over officer, algorithm and signature
  officer    BLOB    NOT NULL CHECK (length(officer) = 32), -- SHA-256 of the certificate
  algorithm  TEXT    NOT NULL,
  signature  BLOB    NOT NULL,
  added_at   INTEGER NOT NULL,
  PRIMARY KEY (set_digest, digest)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER kra_set_signature_no_update BEFORE UPDATE ON kra_set_signature
BEGIN
  SELECT RAISE(ABORT, 'signatures under sets of recovery agents are append only');
END;
CREATE TRIGGER kra_set_signature_no_delete BEFORE DELETE ON kra_set_signature
BEGIN
  SELECT RAISE(ABORT, 'signatures under sets of recovery agents are append only');
END;
