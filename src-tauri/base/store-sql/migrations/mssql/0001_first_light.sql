-- The first schema.
--
-- Conventions as in the one for SQLite. Besides: everything lies in dbo, whatever the default schema of a login is. Texts
-- are compared by their code units, like everywhere else by their bytes. There are no references to `subscriber`, `template`
-- and `authority`: their rows are written by many, and each certificate would wait for them. A line GO divides batches.
-- Bytes that differ in zeros at their end only are equal to this server; ids, thumbprints and digests have one length.

-- People and shared mailboxes as last observed.

CREATE TABLE dbo.subscriber (
  id              VARBINARY(16) NOT NULL CONSTRAINT subscriber_id_ck CHECK (DATALENGTH(id) = 16) CONSTRAINT subscriber_pk PRIMARY KEY,
  kind            SMALLINT NOT NULL,
  upn             NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
  mail            NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NULL,
  aliases         NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL, -- JSON array of addresses
  display_name    NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NULL,
  given_name      NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NULL,
  surname         NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NULL,
  enabled         SMALLINT NOT NULL,
  sid             NVARCHAR(191) COLLATE Latin1_General_100_BIN2 NULL,
  seen_at         BIGINT NOT NULL,
  gone_at         BIGINT NULL,
  sort_lc         NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL, -- display name or sign-in name
  due             SMALLINT NOT NULL -- 1: the plan has to look at it
);
CREATE INDEX subscriber_due ON dbo.subscriber (id) WHERE due = 1;
CREATE INDEX subscriber_here ON dbo.subscriber (kind, id) WHERE gone_at IS NULL;
CREATE INDEX subscriber_sort ON dbo.subscriber (sort_lc, id);

-- Every name by which a subscriber can be found: sign-in name, primary address, further addresses.
CREATE TABLE dbo.subscriber_name (
  name_lc         NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
  subscriber      VARBINARY(16) NOT NULL,
  CONSTRAINT subscriber_name_pk PRIMARY KEY (name_lc, subscriber)
);
CREATE INDEX subscriber_name_owner ON dbo.subscriber_name (subscriber, name_lc);

CREATE TABLE dbo.membership (
  subscriber      VARBINARY(16) NOT NULL,
  group_id        VARBINARY(16) NOT NULL CONSTRAINT membership_group_id_ck CHECK (DATALENGTH(group_id) = 16),
  CONSTRAINT membership_pk PRIMARY KEY (subscriber, group_id)
);
CREATE INDEX membership_group ON dbo.membership (group_id, subscriber);

CREATE TABLE dbo.mailbox_holder (
  mailbox         VARBINARY(16) NOT NULL,
  person          VARBINARY(16) NOT NULL CONSTRAINT mailbox_holder_person_ck CHECK (DATALENGTH(person) = 16), -- need not be an enrolled subscriber itself
  upn             NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
  CONSTRAINT mailbox_holder_pk PRIMARY KEY (mailbox, person)
);

CREATE TABLE dbo.skip (
  subscriber      VARBINARY(16) NOT NULL,
  template        NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL, -- its name, as shown
  who             NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
  why             NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
  CONSTRAINT skip_pk PRIMARY KEY (subscriber, template)
);
CREATE INDEX skip_who ON dbo.skip (who, subscriber, template);

CREATE TABLE dbo.sync_cursor (
  resource        NVARCHAR(191) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT sync_cursor_pk PRIMARY KEY,
  delta_link      NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
  full_at         BIGINT NOT NULL,
  read_at         BIGINT NOT NULL
);

-- Recipes, authorities, recovery agents.

CREATE TABLE dbo.template (
  id              VARBINARY(16) NOT NULL CONSTRAINT template_id_ck CHECK (DATALENGTH(id) = 16) CONSTRAINT template_pk PRIMARY KEY,
  name            NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
  name_lc         NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT template_name_lc_uq UNIQUE,
  version         BIGINT NOT NULL,
  changed_at      BIGINT NOT NULL,
  changed_by      NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL
);

CREATE TABLE dbo.template_body (
  template        VARBINARY(16) NOT NULL CONSTRAINT template_body_pk PRIMARY KEY,
  body            NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL, -- JSON of model::Template
  CONSTRAINT template_body_template_fk FOREIGN KEY (template) REFERENCES dbo.template (id)
);

CREATE TABLE dbo.authority (
  id              VARBINARY(16) NOT NULL CONSTRAINT authority_id_ck CHECK (DATALENGTH(id) = 16) CONSTRAINT authority_pk PRIMARY KEY,
  name            NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
  name_lc         NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT authority_name_lc_uq UNIQUE,
  connector       NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  settings        NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL, -- JSON without secrets
  added_at        BIGINT NOT NULL
);

CREATE TABLE dbo.authority_secret (
  authority       VARBINARY(16) NOT NULL CONSTRAINT authority_secret_pk PRIMARY KEY,
  sealed          VARBINARY(MAX) NOT NULL, -- CMS to the installations
  CONSTRAINT authority_secret_authority_fk FOREIGN KEY (authority) REFERENCES dbo.authority (id)
);

CREATE TABLE dbo.kra (
  thumbprint      VARBINARY(20) NOT NULL CONSTRAINT kra_thumbprint_ck CHECK (DATALENGTH(thumbprint) = 20) CONSTRAINT kra_pk PRIMARY KEY,
  name            NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
  certificate_der VARBINARY(MAX) NOT NULL,
  not_after       BIGINT NOT NULL,
  added_at        BIGINT NOT NULL
);

-- Sagas.

CREATE TABLE dbo.enrollment (
  id              VARBINARY(16) NOT NULL CONSTRAINT enrollment_id_ck CHECK (DATALENGTH(id) = 16) CONSTRAINT enrollment_pk PRIMARY KEY,
  subscriber      VARBINARY(16) NOT NULL,
  upn             NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
  template        VARBINARY(16) NOT NULL,
  authority       VARBINARY(16) NOT NULL,
  names           NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL, -- JSON of model::CertificateNames
  profile         SMALLINT NOT NULL,
  key_algorithm   SMALLINT NOT NULL,
  archive         SMALLINT NOT NULL,
  validity_days   INT NOT NULL,
  replaces        VARBINARY(16) NULL,
  reason          NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
  station         SMALLINT NOT NULL,
  state           SMALLINT NOT NULL,
  ticket          NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
  certificate     VARBINARY(16) NULL, -- the certificate points back, so this one needs no reference of its own
  attempts        INT NOT NULL,
  last_error      NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  -- subscriber and template while the saga is open, NULL afterwards: the database itself refuses a second open one
  open_key        VARBINARY(32) NULL
);
CREATE UNIQUE INDEX enrollment_open_key_uq ON dbo.enrollment (open_key) WHERE open_key IS NOT NULL;
CREATE INDEX enrollment_moved ON dbo.enrollment (updated_at, id);
CREATE INDEX enrollment_state ON dbo.enrollment (state, updated_at, id);
CREATE INDEX enrollment_place ON dbo.enrollment (state, station);
CREATE INDEX enrollment_open ON dbo.enrollment (subscriber, template) WHERE open_key IS NOT NULL;
CREATE INDEX enrollment_owner ON dbo.enrollment (subscriber, id);

CREATE TABLE dbo.journal (
  enrollment      VARBINARY(16) NOT NULL,
  line            BIGINT NOT NULL,
  station         SMALLINT NOT NULL,
  event           SMALLINT NOT NULL,
  detail          NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
  at              BIGINT NOT NULL,
  CONSTRAINT journal_pk PRIMARY KEY (enrollment, line),
  CONSTRAINT journal_enrollment_fk FOREIGN KEY (enrollment) REFERENCES dbo.enrollment (id)
);

CREATE TABLE dbo.certification_request (
  enrollment      VARBINARY(16) NOT NULL CONSTRAINT certification_request_pk PRIMARY KEY,
  der             VARBINARY(MAX) NOT NULL,
  spki_sha256     VARBINARY(32) NOT NULL CONSTRAINT certification_request_spki_sha256_ck CHECK (DATALENGTH(spki_sha256) = 32),
  CONSTRAINT certification_request_enrollment_fk FOREIGN KEY (enrollment) REFERENCES dbo.enrollment (id)
);

-- Sealed private keys.

CREATE TABLE dbo.archived_key (
  enrollment      VARBINARY(16) NOT NULL CONSTRAINT archived_key_pk PRIMARY KEY,
  certificate     VARBINARY(16) NULL,
  spki_sha256     VARBINARY(32) NOT NULL CONSTRAINT archived_key_spki_sha256_ck CHECK (DATALENGTH(spki_sha256) = 32),
  envelope        VARBINARY(MAX) NOT NULL, -- CMS to the KRA set
  kra_thumbprints VARBINARY(MAX) NOT NULL, -- 20 bytes each
  sealed_at       BIGINT NOT NULL,
  CONSTRAINT archived_key_enrollment_fk FOREIGN KEY (enrollment) REFERENCES dbo.enrollment (id)
);
CREATE UNIQUE INDEX archived_key_certificate_uq ON dbo.archived_key (certificate) WHERE certificate IS NOT NULL;

CREATE TABLE dbo.inflight_key (
  enrollment      VARBINARY(16) NOT NULL CONSTRAINT inflight_key_pk PRIMARY KEY,
  envelope        VARBINARY(MAX) NOT NULL, -- CMS to the installations; overwritten and deleted after delivery
  CONSTRAINT inflight_key_enrollment_fk FOREIGN KEY (enrollment) REFERENCES dbo.enrollment (id)
);

-- Certificates.

CREATE TABLE dbo.certificate (
  id              VARBINARY(16) NOT NULL CONSTRAINT certificate_id_ck CHECK (DATALENGTH(id) = 16) CONSTRAINT certificate_pk PRIMARY KEY,
  enrollment      VARBINARY(16) NOT NULL CONSTRAINT certificate_enrollment_uq UNIQUE,
  subscriber      VARBINARY(16) NOT NULL,
  template        VARBINARY(16) NOT NULL,
  authority       VARBINARY(16) NOT NULL,
  purpose         SMALLINT NOT NULL,
  serial          VARBINARY(64) NOT NULL,
  thumbprint      VARBINARY(20) NOT NULL CONSTRAINT certificate_thumbprint_ck CHECK (DATALENGTH(thumbprint) = 20) CONSTRAINT certificate_thumbprint_uq UNIQUE,
  common_name     NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
  mail            NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
  cn_lc           NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
  mail_lc         NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
  not_before      BIGINT NOT NULL,
  not_after       BIGINT NOT NULL,
  state           SMALLINT NOT NULL,
  revoked_at      BIGINT NULL,
  revoked_reason  SMALLINT NULL,
  archived        SMALLINT NOT NULL,
  checked_at      BIGINT NOT NULL,
  CONSTRAINT certificate_enrollment_fk FOREIGN KEY (enrollment) REFERENCES dbo.enrollment (id)
);
-- One index for each order of the list, with and without a state in front. The included columns let a filter be decided
-- inside the index, without a look into the table.
CREATE INDEX certificate_cn ON dbo.certificate (cn_lc, id) INCLUDE (template, authority, archived, not_after);
CREATE INDEX certificate_mail ON dbo.certificate (mail_lc, id) INCLUDE (template, authority, archived, not_after);
CREATE INDEX certificate_end ON dbo.certificate (not_after, id) INCLUDE (template, authority, archived);
CREATE INDEX certificate_state_cn ON dbo.certificate (state, cn_lc, id) INCLUDE (template, authority, archived, not_after);
CREATE INDEX certificate_state_mail ON dbo.certificate (state, mail_lc, id) INCLUDE (template, authority, archived, not_after);
CREATE INDEX certificate_state_end ON dbo.certificate (state, not_after, id) INCLUDE (template, authority, archived, subscriber);
CREATE INDEX certificate_state ON dbo.certificate (state, id) INCLUDE (template, authority, archived, not_after);
CREATE INDEX certificate_subscriber ON dbo.certificate (subscriber, id);
CREATE INDEX certificate_serial ON dbo.certificate (serial);

CREATE TABLE dbo.certificate_der (
  certificate     VARBINARY(16) NOT NULL CONSTRAINT certificate_der_pk PRIMARY KEY,
  der             VARBINARY(MAX) NOT NULL,
  chain           VARBINARY(32) NOT NULL, -- which chain, see chain_link; empty for none
  CONSTRAINT certificate_der_certificate_fk FOREIGN KEY (certificate) REFERENCES dbo.certificate (id)
);

-- Authorities send the same chain with every certificate; it is kept once, under the SHA-256 of its contents.
CREATE TABLE dbo.chain_link (
  chain           VARBINARY(32) NOT NULL,
  position        INT NOT NULL, -- 0: the issuer
  der             VARBINARY(MAX) NOT NULL,
  CONSTRAINT chain_link_pk PRIMARY KEY (chain, position)
);

CREATE TABLE dbo.delivery (
  id              VARBINARY(16) NOT NULL CONSTRAINT delivery_id_ck CHECK (DATALENGTH(id) = 16) CONSTRAINT delivery_pk PRIMARY KEY,
  certificate     VARBINARY(16) NOT NULL,
  person          VARBINARY(16) NOT NULL CONSTRAINT delivery_person_ck CHECK (DATALENGTH(person) = 16),
  thumbprint      VARBINARY(20) NOT NULL CONSTRAINT delivery_thumbprint_ck CHECK (DATALENGTH(thumbprint) = 20),
  upn             NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
  state           SMALLINT NOT NULL,
  record          NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
  at              BIGINT NOT NULL,
  CONSTRAINT delivery_person_uq UNIQUE (certificate, person),
  CONSTRAINT delivery_certificate_fk FOREIGN KEY (certificate) REFERENCES dbo.certificate (id)
);
CREATE INDEX delivery_state ON dbo.delivery (state);

-- Work.

CREATE TABLE dbo.job (
  id              VARBINARY(16) NOT NULL CONSTRAINT job_id_ck CHECK (DATALENGTH(id) = 16) CONSTRAINT job_pk PRIMARY KEY,
  job_key         NVARCHAR(191) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT job_job_key_uq UNIQUE,
  kind            NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL, -- JSON of store::JobKind
  due_at          BIGINT NOT NULL,
  attempts        INT NOT NULL,
  woken_at        BIGINT NULL, -- somebody wants it at once although it is being worked on
  lease_owner     NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NULL,
  lease_until     BIGINT NOT NULL, -- by the database's clock; 0: nobody has it
  lease_token     BIGINT NOT NULL -- grows with every claim
);
CREATE INDEX job_due ON dbo.job (due_at, lease_until, id);
CREATE INDEX job_lease ON dbo.job (lease_until) INCLUDE (due_at) WHERE lease_until > 0;

CREATE TABLE dbo.service (
  name            NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT service_pk PRIMARY KEY,
  last_run        BIGINT NULL,
  last_result     NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
  failed          SMALLINT NOT NULL,
  next_run        BIGINT NOT NULL,
  woken_at        BIGINT NULL,
  claim_owner     NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NULL,
  claim_until     BIGINT NOT NULL -- by the database's clock; 0: nobody runs it
);

-- The audit log.

CREATE TABLE dbo.audit_log (
  chain           BIGINT NOT NULL,
  seq             BIGINT NOT NULL,
  at              BIGINT NOT NULL,
  kind            NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  outcome         NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  actor           NVARCHAR(320) COLLATE Latin1_General_100_BIN2 NOT NULL,
  object          NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
  detail          NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
  hash            VARBINARY(32) NOT NULL CONSTRAINT audit_log_hash_ck CHECK (DATALENGTH(hash) = 32),
  CONSTRAINT audit_log_pk PRIMARY KEY (chain, seq)
);

CREATE TABLE dbo.audit_head (
  chain           BIGINT NOT NULL CONSTRAINT audit_head_pk PRIMARY KEY,
  seq             BIGINT NOT NULL,
  hash            VARBINARY(32) NOT NULL CONSTRAINT audit_head_hash_ck CHECK (DATALENGTH(hash) = 32)
);

INSERT INTO dbo.audit_head (chain, seq, hash) VALUES (1, 0, 0x0000000000000000000000000000000000000000000000000000000000000000);
GO
CREATE TRIGGER dbo.audit_log_no_update ON dbo.audit_log AFTER UPDATE AS
BEGIN
  SET NOCOUNT ON;
  IF EXISTS (SELECT 1 FROM deleted)
  BEGIN
    THROW 50001, N'the audit log is append only', 1;
  END;
END;
GO
CREATE TRIGGER dbo.audit_log_no_delete ON dbo.audit_log AFTER DELETE AS
BEGIN
  SET NOCOUNT ON;
  IF EXISTS (SELECT 1 FROM deleted)
  BEGIN
    THROW 50001, N'the audit log is append only', 1;
  END;
END;
GO

-- The books of the built-in authority. They are the authority's own: no references to the tables above.

CREATE TABLE dbo.issued (
  authority       VARBINARY(16) NOT NULL,
  serial          VARBINARY(64) NOT NULL,
  reference       NVARCHAR(191) COLLATE Latin1_General_100_BIN2 NOT NULL,
  spki_sha256     VARBINARY(32) NOT NULL CONSTRAINT issued_spki_sha256_ck CHECK (DATALENGTH(spki_sha256) = 32),
  not_after       BIGINT NOT NULL,
  issued_at       BIGINT NOT NULL,
  CONSTRAINT issued_pk PRIMARY KEY (authority, serial),
  CONSTRAINT issued_reference_uq UNIQUE (authority, reference)
);

CREATE TABLE dbo.issued_der (
  authority       VARBINARY(16) NOT NULL,
  serial          VARBINARY(64) NOT NULL,
  der             VARBINARY(MAX) NOT NULL,
  CONSTRAINT issued_der_pk PRIMARY KEY (authority, serial),
  CONSTRAINT issued_der_issued_fk FOREIGN KEY (authority, serial) REFERENCES dbo.issued (authority, serial)
);

CREATE TABLE dbo.revocation (
  authority       VARBINARY(16) NOT NULL,
  serial          VARBINARY(64) NOT NULL,
  revoked_at      BIGINT NOT NULL,
  reason          SMALLINT NOT NULL,
  not_after       BIGINT NOT NULL, -- of the certificate; the list leaves it out afterwards
  CONSTRAINT revocation_pk PRIMARY KEY (authority, serial),
  CONSTRAINT revocation_issued_fk FOREIGN KEY (authority, serial) REFERENCES dbo.issued (authority, serial)
);
CREATE INDEX revocation_end ON dbo.revocation (authority, not_after, serial);

CREATE TABLE dbo.crl_number (
  authority       VARBINARY(16) NOT NULL CONSTRAINT crl_number_pk PRIMARY KEY,
  number          BIGINT NOT NULL
);
