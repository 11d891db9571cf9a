-- Requests to recover archived keys, and what recovery agents gave for them.

CREATE TABLE recovery_request (
  id         BLOB    NOT NULL PRIMARY KEY,
  body       TEXT    NOT NULL, -- JSON, as it was signed
  signature  BLOB    NOT NULL,
  state      INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  sealed_key BLOB    NOT NULL -- CMS to the installation of whoever asks; empty when the request is closed
) STRICT;

CREATE INDEX recovery_request_created ON recovery_request (created_at, id);

CREATE TABLE recovery_grant (
  request     BLOB    NOT NULL REFERENCES recovery_request (id),
  certificate BLOB    NOT NULL REFERENCES certificate (id),
  officer     BLOB    NOT NULL CHECK (length(officer) = 32), -- SHA-256 of the certificate
  digest      BLOB    NOT NULL CHECK (length(digest) = 32), -- over what is sealed: several may lie under one officer's name
  sealed      BLOB    NOT NULL, -- CMS to the request's one-time key
  granted_at  INTEGER NOT NULL,
  PRIMARY KEY (request, certificate, officer, digest)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER recovery_grant_no_update BEFORE UPDATE ON recovery_grant
BEGIN
  SELECT RAISE(ABORT, 'recovery grants are append only');
END;
CREATE TRIGGER recovery_grant_no_delete BEFORE DELETE ON recovery_grant
BEGIN
  SELECT RAISE(ABORT, 'recovery grants are append only');
END;
