-- What several installations share: who they are, settings, secrets, budgets.

-- What an installation says about itself; nobody vouches for it but the log below.
CREATE TABLE dbo.installation (
  id              VARBINARY(16) NOT NULL CONSTRAINT installation_id_ck CHECK (DATALENGTH(id) = 16) CONSTRAINT installation_pk PRIMARY KEY,
  name            NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
  certificate_der VARBINARY(MAX) NOT NULL,
  asked_at        BIGINT NOT NULL,
  seen_at         BIGINT NOT NULL,
  version         NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  role            NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL
);

-- Who was admitted and who was removed, each entry signed by one who was in.
CREATE TABLE dbo.admission (
  seq             BIGINT NOT NULL CONSTRAINT admission_pk PRIMARY KEY,
  body            NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL, -- JSON, as it was signed
  signature       VARBINARY(MAX) NOT NULL
);
GO
CREATE TRIGGER dbo.admission_no_update ON dbo.admission AFTER UPDATE AS
BEGIN
  SET NOCOUNT ON;
  IF EXISTS (SELECT 1 FROM deleted)
  BEGIN
    THROW 50001, N'the admission log is append only', 1;
  END;
END;
GO
CREATE TRIGGER dbo.admission_no_delete ON dbo.admission AFTER DELETE AS
BEGIN
  SET NOCOUNT ON;
  IF EXISTS (SELECT 1 FROM deleted)
  BEGIN
    THROW 50001, N'the admission log is append only', 1;
  END;
END;
GO

CREATE TABLE dbo.setting (
  name            NVARCHAR(191) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT setting_pk PRIMARY KEY,
  body            NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL, -- JSON without secrets
  version         BIGINT NOT NULL,
  changed_at      BIGINT NOT NULL,
  changed_by      NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL
);

CREATE TABLE dbo.secret (
  name            NVARCHAR(191) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT secret_pk PRIMARY KEY,
  sealed          VARBINARY(MAX) NOT NULL, -- CMS to the admitted installations
  sealed_at       BIGINT NOT NULL
);

-- How often others may be called, for all installations together; times by the database's clock.
CREATE TABLE dbo.budget (
  name            NVARCHAR(191) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT budget_pk PRIMARY KEY,
  free_at         BIGINT NOT NULL, -- when the last drawn call is paid for
  rest_until      BIGINT NOT NULL -- nobody draws before
);
