-- What installations sign about the audit log as it stands: heads of a Merkle tree over its entries (RFC 6962).

CREATE TABLE audit_tree_head (
  chain     INTEGER NOT NULL,
  size      INTEGER NOT NULL,
  digest    BLOB    NOT NULL CHECK (length(digest) = 32), -- over body and signature
  body      TEXT    NOT NULL, -- JSON, as it was signed
  signature BLOB    NOT NULL,
  PRIMARY KEY (chain, size, digest)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_tree_head_no_update BEFORE UPDATE ON audit_tree_head
BEGIN
  SELECT RAISE(ABORT, 'tree heads are append only');
END;
CREATE TRIGGER audit_tree_head_no_delete BEFORE DELETE ON audit_tree_head
BEGIN
  SELECT RAISE(ABORT, 'tree heads are append only');
END;
