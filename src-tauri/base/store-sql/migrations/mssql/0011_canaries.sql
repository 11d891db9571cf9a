-- Canary mails: the digest of the code in the last one of a delivery, and who told a code that was read.

CREATE TABLE dbo.canary (
  delivery        VARBINARY(16) NOT NULL CONSTRAINT canary_delivery_ck CHECK (DATALENGTH(delivery) = 16) CONSTRAINT canary_pk PRIMARY KEY,
  code            VARBINARY(32) NOT NULL CONSTRAINT canary_code_ck CHECK (DATALENGTH(code) = 32), -- SHA-256 of the code, which is in the mail alone
  made_at         BIGINT NOT NULL,
  expires_at      BIGINT NOT NULL,
  confirmed_at    BIGINT,
  confirmed_by    NVARCHAR(512) COLLATE Latin1_General_100_BIN2 NULL,
  device          NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NULL,
  CONSTRAINT canary_delivery_fk FOREIGN KEY (delivery) REFERENCES dbo.delivery (id)
);
CREATE INDEX canary_code ON dbo.canary (code);
