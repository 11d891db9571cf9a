-- Sets of recovery agents, version by version, and what their officers signed. Nobody vouches for these rows; each
-- installation goes by the signatures and by what it has pinned in its home.

CREATE TABLE dbo.kra_set (
  digest          VARBINARY(32) NOT NULL CONSTRAINT kra_set_digest_ck CHECK (DATALENGTH(digest) = 32), -- over the body
  version         BIGINT NOT NULL,
  body            NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL, -- JSON, as it is signed
  added_at        BIGINT NOT NULL,
  CONSTRAINT kra_set_pk PRIMARY KEY (digest)
);
GO
CREATE TABLE dbo.kra_set_signature (
  set_digest      VARBINARY(32) NOT NULL CONSTRAINT kra_set_signature_set_ck CHECK (DATALENGTH(set_digest) = 32),
  digest          VARBINARY(32) NOT NULL CONSTRAINT kra_set_signature_digest_ck CHECK (DATALENGTH(digest) = 32), -- over officer, algorithm and signature
  officer         VARBINARY(32) NOT NULL CONSTRAINT kra_set_signature_officer_ck CHECK (DATALENGTH(officer) = 32), -- SHA-256 of the certificate
  algorithm       NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  signature       VARBINARY(MAX) NOT NULL,
  added_at        BIGINT NOT NULL,
  CONSTRAINT kra_set_signature_pk PRIMARY KEY (set_digest, digest)
);
GO
CREATE TRIGGER dbo.kra_set_no_update ON dbo.kra_set AFTER UPDATE AS
BEGIN
  SET NOCOUNT ON;
  IF EXISTS (SELECT 1 FROM deleted)
  BEGIN
    THROW 50001, N'sets of recovery agents are append only', 1;
  END;
END;
GO
CREATE TRIGGER dbo.kra_set_no_delete ON dbo.kra_set AFTER DELETE AS
BEGIN
  SET NOCOUNT ON;
  IF EXISTS (SELECT 1 FROM deleted)
  BEGIN
    THROW 50001, N'sets of recovery agents are append only', 1;
  END;
END;
GO
CREATE TRIGGER dbo.kra_set_signature_no_update ON dbo.kra_set_signature AFTER UPDATE AS
BEGIN
  SET NOCOUNT ON;
  IF EXISTS (SELECT 1 FROM deleted)
  BEGIN
    THROW 50001, N'signatures under sets of recovery agents are append only', 1;
  END;
END;
GO
CREATE TRIGGER dbo.kra_set_signature_no_delete ON dbo.kra_set_signature AFTER DELETE AS
BEGIN
  SET NOCOUNT ON;
  IF EXISTS (SELECT 1 FROM deleted)
  BEGIN
    THROW 50001, N'signatures under sets of recovery agents are append only', 1;
  END;
END;
GO
