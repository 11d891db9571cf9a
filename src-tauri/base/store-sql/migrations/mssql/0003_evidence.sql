-- What installations sign about the audit log as it stands: heads of a Merkle tree over its entries (RFC 6962).

CREATE TABLE dbo.audit_tree_head (
  chain           BIGINT NOT NULL,
  size            BIGINT NOT NULL,
  digest          VARBINARY(32) NOT NULL CONSTRAINT audit_tree_head_digest_ck CHECK (DATALENGTH(digest) = 32), -- over body and signature
  body            NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL, -- JSON, as it was signed
  signature       VARBINARY(MAX) NOT NULL,
  CONSTRAINT audit_tree_head_pk PRIMARY KEY (chain, size, digest)
);
GO
CREATE TRIGGER dbo.audit_tree_head_no_update ON dbo.audit_tree_head AFTER UPDATE AS
BEGIN
  SET NOCOUNT ON;
  IF EXISTS (SELECT 1 FROM deleted)
  BEGIN
    THROW 50001, N'tree heads are append only', 1;
  END;
END;
GO
CREATE TRIGGER dbo.audit_tree_head_no_delete ON dbo.audit_tree_head AFTER DELETE AS
BEGIN
  SET NOCOUNT ON;
  IF EXISTS (SELECT 1 FROM deleted)
  BEGIN
    THROW 50001, N'tree heads are append only', 1;
  END;
END;
GO
