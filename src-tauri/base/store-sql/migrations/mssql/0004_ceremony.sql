-- Requests to recover archived keys, and what recovery agents gave for them.

CREATE TABLE dbo.recovery_request (
  id              VARBINARY(16) NOT NULL CONSTRAINT recovery_request_id_ck CHECK (DATALENGTH(id) = 16) CONSTRAINT recovery_request_pk PRIMARY KEY,
  body            NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL, -- JSON, as it was signed
  signature       VARBINARY(MAX) NOT NULL,
  state           SMALLINT NOT NULL,
  created_at      BIGINT NOT NULL,
  expires_at      BIGINT NOT NULL,
  sealed_key      VARBINARY(MAX) NOT NULL -- CMS to the installation of whoever asks; empty when the request is closed
);
CREATE INDEX recovery_request_created ON dbo.recovery_request (created_at, id);

CREATE TABLE dbo.recovery_grant (
  request         VARBINARY(16) NOT NULL,
  certificate     VARBINARY(16) NOT NULL,
  officer         VARBINARY(32) NOT NULL CONSTRAINT recovery_grant_officer_ck CHECK (DATALENGTH(officer) = 32), -- SHA-256 of the certificate
  digest          VARBINARY(32) NOT NULL CONSTRAINT recovery_grant_digest_ck CHECK (DATALENGTH(digest) = 32), -- over what is sealed: several may lie under one officer's name
  sealed          VARBINARY(MAX) NOT NULL, -- CMS to the request's one-time key
  granted_at      BIGINT NOT NULL,
  CONSTRAINT recovery_grant_pk PRIMARY KEY (request, certificate, officer, digest),
  CONSTRAINT recovery_grant_request_fk FOREIGN KEY (request) REFERENCES dbo.recovery_request (id),
  CONSTRAINT recovery_grant_certificate_fk FOREIGN KEY (certificate) REFERENCES dbo.certificate (id)
);
GO
CREATE TRIGGER dbo.recovery_grant_no_update ON dbo.recovery_grant AFTER UPDATE AS
BEGIN
  SET NOCOUNT ON;
  IF EXISTS (SELECT 1 FROM deleted)
  BEGIN
    THROW 50001, N'recovery grants are append only', 1;
  END;
END;
GO
CREATE TRIGGER dbo.recovery_grant_no_delete ON dbo.recovery_grant AFTER DELETE AS
BEGIN
  SET NOCOUNT ON;
  IF EXISTS (SELECT 1 FROM deleted)
  BEGIN
    THROW 50001, N'recovery grants are append only', 1;
  END;
END;
GO
