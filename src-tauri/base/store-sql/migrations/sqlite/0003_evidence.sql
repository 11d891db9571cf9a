-- What installations sign about the audit log as it stands: heads of a Merkle tree over its entries (RFC 6962).

CREATE TABLE audit_tree_head (
  chain        INTEGER NOT NULL,
  size         INTEGER NOT NULL,
  installation BLOB    NOT NULL CHECK (length(installation) = 16),
  at           INTEGER NOT NULL,
  body         TEXT    NOT NULL, -- JSON, as it was signed
  signature    BLOB    NOT NULL,
  frontier     BLOB    NOT NULL,
  PRIMARY KEY (chain, size, installation)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_tree_head_by_installation ON audit_tree_head (installation, size);

CREATE TRIGGER audit_tree_head_no_update BEFORE UPDATE ON audit_tree_head
BEGIN
  SELECT RAISE(ABORT, 'tree heads are append only');
END;
CREATE TRIGGER audit_tree_head_no_delete BEFORE DELETE ON audit_tree_head
BEGIN
  SELECT RAISE(ABORT, 'tree heads are append only');
END;
