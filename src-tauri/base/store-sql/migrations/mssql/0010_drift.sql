-- What differs between the database and the world outside. A row stays when it is closed.

CREATE TABLE dbo.drift_finding (
  id              VARBINARY(16) NOT NULL CONSTRAINT drift_finding_id_ck CHECK (DATALENGTH(id) = 16) CONSTRAINT drift_finding_pk PRIMARY KEY, -- made of kind and object
  side            NVARCHAR(191) COLLATE Latin1_General_100_BIN2 NOT NULL,
  kind            SMALLINT NOT NULL,
  object          NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL, -- JSON
  certificate     VARBINARY(16),
  sentence        NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
  first_seen      BIGINT NOT NULL,
  last_seen       BIGINT NOT NULL,
  state           SMALLINT NOT NULL,
  decided_at      BIGINT,
  decided_by      NVARCHAR(512) COLLATE Latin1_General_100_BIN2 NULL,
  reason          NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
  ordered_at      BIGINT,
  CONSTRAINT drift_finding_certificate_fk FOREIGN KEY (certificate) REFERENCES dbo.certificate (id)
);
CREATE INDEX drift_finding_state ON dbo.drift_finding (state, id);
CREATE INDEX drift_finding_side ON dbo.drift_finding (side, state, last_seen);
CREATE INDEX drift_finding_ordered ON dbo.drift_finding (ordered_at);
CREATE INDEX drift_finding_certificate ON dbo.drift_finding (certificate, state);

-- What became of the last reading of each side.
CREATE TABLE dbo.drift_reading (
  side            NVARCHAR(191) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT drift_reading_pk PRIMARY KEY,
  read_at         BIGINT,
  tried_at        BIGINT NOT NULL,
  compared        BIGINT NOT NULL,
  not_compared    NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL
);
