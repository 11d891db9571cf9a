-- What installations sign about the audit log as it stands: heads of a Merkle tree over its entries (RFC 6962).

CREATE TABLE IF NOT EXISTS audit_tree_head (
  chain           BIGINT         NOT NULL,
  size            BIGINT         NOT NULL,
  digest          BINARY(32)     NOT NULL, -- over body and signature
  body            MEDIUMTEXT     NOT NULL, -- JSON, as it was signed
  signature       BLOB           NOT NULL,
  PRIMARY KEY (chain, size, digest)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TRIGGER IF NOT EXISTS audit_tree_head_no_update BEFORE UPDATE ON audit_tree_head
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'tree heads are append only';

CREATE TRIGGER IF NOT EXISTS audit_tree_head_no_delete BEFORE DELETE ON audit_tree_head
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'tree heads are append only';
