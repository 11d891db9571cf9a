-- Certificates that are suspended: why, what they were before, and how far the authority was told.

CREATE TABLE dbo.certificate_hold (
  certificate     VARBINARY(16) NOT NULL CONSTRAINT certificate_hold_certificate_ck CHECK (DATALENGTH(certificate) = 16) CONSTRAINT certificate_hold_pk PRIMARY KEY,
  subscriber      VARBINARY(16) NOT NULL CONSTRAINT certificate_hold_subscriber_ck CHECK (DATALENGTH(subscriber) = 16),
  cause           SMALLINT NOT NULL,
  was             SMALLINT NOT NULL, -- the state that the certificate has again when the hold is lifted
  state           SMALLINT NOT NULL,
  since           BIGINT NOT NULL,
  CONSTRAINT certificate_hold_certificate_fk FOREIGN KEY (certificate) REFERENCES dbo.certificate (id),
  CONSTRAINT certificate_hold_subscriber_fk FOREIGN KEY (subscriber) REFERENCES dbo.subscriber (id)
);
CREATE INDEX certificate_hold_owner ON dbo.certificate_hold (subscriber, certificate);
