-- The first schema.
--
-- Conventions as in the one for SQLite. Besides: each statement may be repeated, because MySQL commits after each of them
-- and an upgrade that was cut off goes on behind the last one that is known to be done. There are no references to
-- `subscriber`, `template` and `authority`: their rows are written by many, and a reference would lock them for each
-- certificate.

-- People and shared mailboxes as last observed.

CREATE TABLE IF NOT EXISTS subscriber (
  id              BINARY(16)     NOT NULL PRIMARY KEY,
  kind            SMALLINT       NOT NULL,
  upn             VARCHAR(320)   NOT NULL,
  mail            VARCHAR(320),
  aliases         MEDIUMTEXT     NOT NULL, -- JSON array of addresses
  display_name    VARCHAR(320),
  given_name      VARCHAR(320),
  surname         VARCHAR(320),
  enabled         SMALLINT       NOT NULL,
  sid             VARCHAR(191),
  seen_at         BIGINT         NOT NULL,
  gone_at         BIGINT,
  sort_lc         VARCHAR(320)   NOT NULL, -- display name or sign-in name
  due             SMALLINT       NOT NULL,  -- 1: the plan has to look at it
  INDEX subscriber_due (due, id),
  INDEX subscriber_here (kind, id),
  INDEX subscriber_sort (sort_lc, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Every name by which a subscriber can be found: sign-in name, primary address, further addresses.
CREATE TABLE IF NOT EXISTS subscriber_name (
  name_lc         VARCHAR(320)   NOT NULL,
  subscriber      BINARY(16)     NOT NULL,
  PRIMARY KEY (name_lc, subscriber),
  INDEX subscriber_name_owner (subscriber, name_lc)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS membership (
  subscriber      BINARY(16)     NOT NULL,
  group_id        BINARY(16)     NOT NULL,
  PRIMARY KEY (subscriber, group_id),
  INDEX membership_group (group_id, subscriber)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS mailbox_holder (
  mailbox         BINARY(16)     NOT NULL,
  person          BINARY(16)     NOT NULL, -- need not be an enrolled subscriber itself
  upn             VARCHAR(320)   NOT NULL,
  PRIMARY KEY (mailbox, person)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS skip (
  subscriber      BINARY(16)     NOT NULL,
  template        VARCHAR(255)   NOT NULL, -- its name, as shown
  who             VARCHAR(320)   NOT NULL,
  why             TEXT           NOT NULL,
  PRIMARY KEY (subscriber, template),
  INDEX skip_who (who, subscriber, template)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS sync_cursor (
  resource        VARCHAR(191)   NOT NULL PRIMARY KEY,
  delta_link      MEDIUMTEXT     NOT NULL,
  full_at         BIGINT         NOT NULL,
  read_at         BIGINT         NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Recipes, authorities, recovery agents.

CREATE TABLE IF NOT EXISTS template (
  id              BINARY(16)     NOT NULL PRIMARY KEY,
  name            VARCHAR(255)   NOT NULL,
  name_lc         VARCHAR(320)   NOT NULL UNIQUE,
  version         BIGINT         NOT NULL,
  changed_at      BIGINT         NOT NULL,
  changed_by      VARCHAR(320)   NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS template_body (
  template        BINARY(16)     NOT NULL PRIMARY KEY,
  body            MEDIUMTEXT     NOT NULL, -- JSON of model::Template
  FOREIGN KEY (template) REFERENCES template (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS authority (
  id              BINARY(16)     NOT NULL PRIMARY KEY,
  name            VARCHAR(255)   NOT NULL,
  name_lc         VARCHAR(320)   NOT NULL UNIQUE,
  connector       VARCHAR(64)    NOT NULL,
  settings        MEDIUMTEXT     NOT NULL, -- JSON without secrets
  added_at        BIGINT         NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS authority_secret (
  authority       BINARY(16)     NOT NULL PRIMARY KEY,
  sealed          MEDIUMBLOB     NOT NULL, -- CMS to the installations
  FOREIGN KEY (authority) REFERENCES authority (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS kra (
  thumbprint      BINARY(20)     NOT NULL PRIMARY KEY,
  name            VARCHAR(255)   NOT NULL,
  certificate_der MEDIUMBLOB     NOT NULL,
  not_after       BIGINT         NOT NULL,
  added_at        BIGINT         NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Sagas.

CREATE TABLE IF NOT EXISTS enrollment (
  id              BINARY(16)     NOT NULL PRIMARY KEY,
  subscriber      BINARY(16)     NOT NULL,
  upn             VARCHAR(320)   NOT NULL,
  template        BINARY(16)     NOT NULL,
  authority       BINARY(16)     NOT NULL,
  names           MEDIUMTEXT     NOT NULL, -- JSON of model::CertificateNames
  profile         SMALLINT       NOT NULL,
  key_algorithm   SMALLINT       NOT NULL,
  archive         SMALLINT       NOT NULL,
  validity_days   INT            NOT NULL,
  replaces        BINARY(16),
  reason          TEXT           NOT NULL,
  station         SMALLINT       NOT NULL,
  state           SMALLINT       NOT NULL,
  ticket          TEXT,
  certificate     BINARY(16), -- the certificate points back, so this one needs no reference of its own
  attempts        INT            NOT NULL,
  last_error      TEXT,
  created_at      BIGINT         NOT NULL,
  updated_at      BIGINT         NOT NULL,
  -- subscriber and template while the saga is open, NULL afterwards: the database itself refuses a second open one
  open_key        BINARY(32)     UNIQUE,
  INDEX enrollment_moved (updated_at, id),
  INDEX enrollment_state (state, updated_at, id),
  INDEX enrollment_place (state, station),
  INDEX enrollment_open (subscriber, template),
  INDEX enrollment_owner (subscriber, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS journal (
  enrollment      BINARY(16)     NOT NULL,
  line            BIGINT         NOT NULL,
  station         SMALLINT       NOT NULL,
  event           SMALLINT       NOT NULL,
  detail          TEXT,
  at              BIGINT         NOT NULL,
  PRIMARY KEY (enrollment, line),
  FOREIGN KEY (enrollment) REFERENCES enrollment (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS certification_request (
  enrollment      BINARY(16)     NOT NULL PRIMARY KEY,
  der             MEDIUMBLOB     NOT NULL,
  spki_sha256     BINARY(32)     NOT NULL,
  FOREIGN KEY (enrollment) REFERENCES enrollment (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Sealed private keys.

CREATE TABLE IF NOT EXISTS archived_key (
  enrollment      BINARY(16)     NOT NULL PRIMARY KEY,
  certificate     BINARY(16)     UNIQUE,
  spki_sha256     BINARY(32)     NOT NULL,
  envelope        MEDIUMBLOB     NOT NULL, -- CMS to the KRA set
  kra_thumbprints BLOB           NOT NULL, -- 20 bytes each
  sealed_at       BIGINT         NOT NULL,
  FOREIGN KEY (enrollment) REFERENCES enrollment (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS inflight_key (
  enrollment      BINARY(16)     NOT NULL PRIMARY KEY,
  envelope        MEDIUMBLOB     NOT NULL, -- CMS to the installations; overwritten and deleted after delivery
  FOREIGN KEY (enrollment) REFERENCES enrollment (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Certificates.

-- One index for each order of the list, with and without a state in front. The columns behind `id` let a filter be
-- decided inside the index, without a look into the table.
CREATE TABLE IF NOT EXISTS certificate (
  id              BINARY(16)     NOT NULL PRIMARY KEY,
  enrollment      BINARY(16)     NOT NULL UNIQUE,
  subscriber      BINARY(16)     NOT NULL,
  template        BINARY(16)     NOT NULL,
  authority       BINARY(16)     NOT NULL,
  purpose         SMALLINT       NOT NULL,
  serial          VARBINARY(64)  NOT NULL,
  thumbprint      BINARY(20)     NOT NULL UNIQUE,
  common_name     VARCHAR(320)   NOT NULL,
  mail            VARCHAR(320)   NOT NULL,
  cn_lc           VARCHAR(320)   NOT NULL,
  mail_lc         VARCHAR(320)   NOT NULL,
  not_before      BIGINT         NOT NULL,
  not_after       BIGINT         NOT NULL,
  state           SMALLINT       NOT NULL,
  revoked_at      BIGINT,
  revoked_reason  SMALLINT,
  archived        SMALLINT       NOT NULL,
  checked_at      BIGINT         NOT NULL,
  FOREIGN KEY (enrollment) REFERENCES enrollment (id),
  INDEX certificate_cn (cn_lc, id, template, authority, archived, not_after),
  INDEX certificate_mail (mail_lc, id, template, authority, archived, not_after),
  INDEX certificate_end (not_after, id, template, authority, archived),
  INDEX certificate_state_cn (state, cn_lc, id, template, authority, archived, not_after),
  INDEX certificate_state_mail (state, mail_lc, id, template, authority, archived, not_after),
  INDEX certificate_state_end (state, not_after, id, template, authority, archived, subscriber),
  INDEX certificate_state (state, id, template, authority, archived, not_after),
  INDEX certificate_subscriber (subscriber, id),
  INDEX certificate_serial (serial)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS certificate_der (
  certificate     BINARY(16)     NOT NULL PRIMARY KEY,
  der             MEDIUMBLOB     NOT NULL,
  chain           VARBINARY(32)  NOT NULL, -- which chain, see chain_link; empty for none
  FOREIGN KEY (certificate) REFERENCES certificate (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Authorities send the same chain with every certificate; it is kept once, under the SHA-256 of its contents.
CREATE TABLE IF NOT EXISTS chain_link (
  chain           VARBINARY(32)  NOT NULL,
  position        INT            NOT NULL, -- 0: the issuer
  der             MEDIUMBLOB     NOT NULL,
  PRIMARY KEY (chain, position)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS delivery (
  id              BINARY(16)     NOT NULL PRIMARY KEY,
  certificate     BINARY(16)     NOT NULL,
  person          BINARY(16)     NOT NULL,
  thumbprint      BINARY(20)     NOT NULL,
  upn             VARCHAR(320)   NOT NULL,
  state           SMALLINT       NOT NULL,
  record          TEXT,
  at              BIGINT         NOT NULL,
  UNIQUE (certificate, person),
  FOREIGN KEY (certificate) REFERENCES certificate (id),
  INDEX delivery_state (state)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Work.

CREATE TABLE IF NOT EXISTS job (
  id              BINARY(16)     NOT NULL PRIMARY KEY,
  job_key         VARCHAR(191)   NOT NULL UNIQUE,
  kind            MEDIUMTEXT     NOT NULL, -- JSON of store::JobKind
  due_at          BIGINT         NOT NULL,
  attempts        INT            NOT NULL,
  woken_at        BIGINT,          -- somebody wants it at once although it is being worked on
  lease_owner     VARCHAR(320),
  lease_until     BIGINT         NOT NULL, -- by the database's clock; 0: nobody has it
  lease_token     BIGINT         NOT NULL,  -- grows with every claim
  INDEX job_due (due_at, lease_until, id),
  INDEX job_lease (lease_until)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS service (
  name            VARCHAR(64)    NOT NULL PRIMARY KEY,
  last_run        BIGINT,
  last_result     TEXT,
  failed          SMALLINT       NOT NULL,
  next_run        BIGINT         NOT NULL,
  woken_at        BIGINT,
  claim_owner     VARCHAR(320),
  claim_until     BIGINT         NOT NULL -- by the database's clock; 0: nobody runs it
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The audit log.

CREATE TABLE IF NOT EXISTS audit_log (
  chain           BIGINT         NOT NULL,
  seq             BIGINT         NOT NULL,
  at              BIGINT         NOT NULL,
  kind            VARCHAR(64)    NOT NULL,
  outcome         VARCHAR(16)    NOT NULL,
  actor           VARCHAR(320)   NOT NULL,
  object          TEXT           NOT NULL,
  detail          TEXT           NOT NULL,
  hash            BINARY(32)     NOT NULL,
  PRIMARY KEY (chain, seq)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS audit_head (
  chain           BIGINT         NOT NULL PRIMARY KEY,
  seq             BIGINT         NOT NULL,
  hash            BINARY(32)     NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT IGNORE INTO audit_head (chain, seq, hash) VALUES (1, 0, REPEAT(CHAR(0), 32));

CREATE TRIGGER IF NOT EXISTS audit_log_no_update BEFORE UPDATE ON audit_log
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append only';

CREATE TRIGGER IF NOT EXISTS audit_log_no_delete BEFORE DELETE ON audit_log
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append only';

-- The books of the built-in authority. They are the authority's own: no references to the tables above.

CREATE TABLE IF NOT EXISTS issued (
  authority       BINARY(16)     NOT NULL,
  serial          VARBINARY(64)  NOT NULL,
  reference       VARCHAR(191)   NOT NULL,
  spki_sha256     BINARY(32)     NOT NULL,
  not_after       BIGINT         NOT NULL,
  issued_at       BIGINT         NOT NULL,
  PRIMARY KEY (authority, serial),
  UNIQUE (authority, reference)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS issued_der (
  authority       BINARY(16)     NOT NULL,
  serial          VARBINARY(64)  NOT NULL,
  der             MEDIUMBLOB     NOT NULL,
  PRIMARY KEY (authority, serial),
  FOREIGN KEY (authority, serial) REFERENCES issued (authority, serial)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS revocation (
  authority       BINARY(16)     NOT NULL,
  serial          VARBINARY(64)  NOT NULL,
  revoked_at      BIGINT         NOT NULL,
  reason          SMALLINT       NOT NULL,
  not_after       BIGINT         NOT NULL, -- of the certificate; the list leaves it out afterwards
  PRIMARY KEY (authority, serial),
  FOREIGN KEY (authority, serial) REFERENCES issued (authority, serial),
  INDEX revocation_end (authority, not_after, serial)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS crl_number (
  authority       BINARY(16)     NOT NULL PRIMARY KEY,
  number          BIGINT         NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
