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

-- Orders that replaced a certificate because of a new name or address: what is allowed in a day counts them.
CREATE TABLE dbo.replacement (
  enrollment      VARBINARY(16) NOT NULL CONSTRAINT replacement_enrollment_ck CHECK (DATALENGTH(enrollment) = 16) CONSTRAINT replacement_pk PRIMARY KEY,
  ordered_at      BIGINT NOT NULL,
  CONSTRAINT replacement_enrollment_fk FOREIGN KEY (enrollment) REFERENCES dbo.enrollment (id)
);
CREATE INDEX replacement_ordered ON dbo.replacement (ordered_at);
