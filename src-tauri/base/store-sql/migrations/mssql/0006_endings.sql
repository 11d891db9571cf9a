-- Notices that certificates are to be revoked when a grace has passed. The row stays when the revocation was ordered.

CREATE TABLE dbo.ending (
  certificate     VARBINARY(16) NOT NULL CONSTRAINT ending_certificate_ck CHECK (DATALENGTH(certificate) = 16) CONSTRAINT ending_pk PRIMARY KEY,
  subscriber      VARBINARY(16) NOT NULL CONSTRAINT ending_subscriber_ck CHECK (DATALENGTH(subscriber) = 16),
  cause           SMALLINT NOT NULL,
  since           BIGINT NOT NULL,
  due_at          BIGINT NOT NULL,
  done_at         BIGINT,
  CONSTRAINT ending_certificate_fk FOREIGN KEY (certificate) REFERENCES dbo.certificate (id),
  CONSTRAINT ending_subscriber_fk FOREIGN KEY (subscriber) REFERENCES dbo.subscriber (id)
);
CREATE INDEX ending_open ON dbo.ending (done_at, due_at, since, subscriber);
CREATE INDEX ending_owner ON dbo.ending (subscriber, done_at);
CREATE INDEX ending_given ON dbo.ending (cause, since);
