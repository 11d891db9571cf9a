-- The first schema.
--
-- Conventions (all dialects): ids are 16 bytes made by the program; times are milliseconds since 1970 in UTC;
-- states are small numbers named in src/codes.rs; `*_lc` columns are lower-cased by the program, so that letter case follows the
-- same rule on every server. Large bytes lie in tables of their own. Small rows are clustered by their key
-- (WITHOUT ROWID); tables of large bytes are not, because their rows would fill the inner pages of the tree.

-- People and shared mailboxes as last observed.

CREATE TABLE subscriber (
  id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  kind         INTEGER NOT NULL,
  upn          TEXT    NOT NULL,
  mail         TEXT,
  aliases      TEXT    NOT NULL, -- JSON array of addresses
  display_name TEXT,
  given_name   TEXT,
  surname      TEXT,
  enabled      INTEGER NOT NULL,
  sid          TEXT,
  seen_at      INTEGER NOT NULL,
  gone_at      INTEGER,
  sort_lc      TEXT    NOT NULL, -- display name or sign-in name
  due          INTEGER NOT NULL  -- 1: the plan has to look at it
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriber_due  ON subscriber (id) WHERE due = 1;
CREATE INDEX subscriber_here ON subscriber (kind, id) WHERE gone_at IS NULL;
CREATE INDEX subscriber_sort ON subscriber (sort_lc, id);

-- Every name by which a subscriber can be found: sign-in name, primary address, further addresses.
CREATE TABLE subscriber_name (
  name_lc    TEXT NOT NULL,
  subscriber BLOB NOT NULL REFERENCES subscriber (id),
  PRIMARY KEY (name_lc, subscriber)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriber_name_owner ON subscriber_name (subscriber, name_lc);

CREATE TABLE membership (
  subscriber BLOB NOT NULL REFERENCES subscriber (id),
  group_id   BLOB NOT NULL CHECK (length(group_id) = 16),
  PRIMARY KEY (subscriber, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_group ON membership (group_id, subscriber);

CREATE TABLE mailbox_holder (
  mailbox BLOB NOT NULL REFERENCES subscriber (id),
  person  BLOB NOT NULL CHECK (length(person) = 16), -- need not be an enrolled subscriber itself
  upn     TEXT NOT NULL,
  PRIMARY KEY (mailbox, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE skip (
  subscriber BLOB NOT NULL REFERENCES subscriber (id),
  template   TEXT NOT NULL, -- its name, as shown
  who        TEXT NOT NULL,
  why        TEXT NOT NULL,
  PRIMARY KEY (subscriber, template)
) STRICT, WITHOUT ROWID;
CREATE INDEX skip_who ON skip (who, subscriber, template);

CREATE TABLE sync_cursor (
  resource   TEXT    NOT NULL PRIMARY KEY,
  delta_link TEXT    NOT NULL,
  full_at    INTEGER NOT NULL,
  read_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Recipes, authorities, recovery agents.

CREATE TABLE template (
  id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name       TEXT    NOT NULL,
  name_lc    TEXT    NOT NULL UNIQUE,
  version    INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE template_body (
  template BLOB NOT NULL PRIMARY KEY REFERENCES template (id),
  body     TEXT NOT NULL -- JSON of model::Template
) STRICT;

CREATE TABLE authority (
  id        BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name      TEXT    NOT NULL,
  name_lc   TEXT    NOT NULL UNIQUE,
  connector TEXT    NOT NULL,
  settings  TEXT    NOT NULL, -- JSON without secrets
  added_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE authority_secret (
  authority BLOB NOT NULL PRIMARY KEY REFERENCES authority (id),
  sealed    BLOB NOT NULL -- CMS to the installations
) STRICT;

CREATE TABLE kra (
  thumbprint      BLOB    NOT NULL PRIMARY KEY CHECK (length(thumbprint) = 20),
  name            TEXT    NOT NULL,
  certificate_der BLOB    NOT NULL,
  not_after       INTEGER NOT NULL,
  added_at        INTEGER NOT NULL
) STRICT;

-- Sagas.

CREATE TABLE enrollment (
  id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  subscriber    BLOB    NOT NULL REFERENCES subscriber (id),
  upn           TEXT    NOT NULL,
  template      BLOB    NOT NULL REFERENCES template (id),
  authority     BLOB    NOT NULL REFERENCES authority (id),
  names         TEXT    NOT NULL, -- JSON of model::CertificateNames
  profile       INTEGER NOT NULL,
  key_algorithm INTEGER NOT NULL,
  archive       INTEGER NOT NULL,
  validity_days INTEGER NOT NULL,
  replaces      BLOB    REFERENCES certificate (id),
  reason        TEXT    NOT NULL,
  station       INTEGER NOT NULL,
  state         INTEGER NOT NULL,
  ticket        TEXT,
  certificate   BLOB, -- the certificate points back, so this one needs no reference of its own
  attempts      INTEGER NOT NULL,
  last_error    TEXT,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  -- subscriber and template while the saga is open, NULL afterwards: the database itself refuses a second open one
  open_key      BLOB    UNIQUE
) STRICT, WITHOUT ROWID;
CREATE INDEX enrollment_moved ON enrollment (updated_at, id);
CREATE INDEX enrollment_state ON enrollment (state, updated_at, id);
CREATE INDEX enrollment_place ON enrollment (state, station);
CREATE INDEX enrollment_open  ON enrollment (subscriber, template) WHERE open_key IS NOT NULL;
CREATE INDEX enrollment_owner ON enrollment (subscriber, id);

CREATE TABLE journal (
  enrollment BLOB    NOT NULL REFERENCES enrollment (id),
  line       INTEGER NOT NULL,
  station    INTEGER NOT NULL,
  event      INTEGER NOT NULL,
  detail     TEXT,
  at         INTEGER NOT NULL,
  PRIMARY KEY (enrollment, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE certification_request (
  enrollment  BLOB NOT NULL PRIMARY KEY REFERENCES enrollment (id),
  der         BLOB NOT NULL,
  spki_sha256 BLOB NOT NULL CHECK (length(spki_sha256) = 32)
) STRICT;

-- Sealed private keys.

CREATE TABLE archived_key (
  enrollment      BLOB    NOT NULL PRIMARY KEY REFERENCES enrollment (id),
  certificate     BLOB    UNIQUE REFERENCES certificate (id),
  spki_sha256     BLOB    NOT NULL CHECK (length(spki_sha256) = 32),
  envelope        BLOB    NOT NULL, -- CMS to the KRA set
  kra_thumbprints BLOB    NOT NULL, -- 20 bytes each
  sealed_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE inflight_key (
  enrollment BLOB NOT NULL PRIMARY KEY REFERENCES enrollment (id),
  envelope   BLOB NOT NULL -- CMS to the installations; overwritten and deleted after delivery
) STRICT;

-- Certificates.

CREATE TABLE certificate (
  id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  enrollment     BLOB    NOT NULL UNIQUE REFERENCES enrollment (id),
  subscriber     BLOB    NOT NULL REFERENCES subscriber (id),
  template       BLOB    NOT NULL REFERENCES template (id),
  authority      BLOB    NOT NULL REFERENCES authority (id),
  purpose        INTEGER NOT NULL,
  serial         BLOB    NOT NULL,
  thumbprint     BLOB    NOT NULL UNIQUE CHECK (length(thumbprint) = 20),
  common_name    TEXT    NOT NULL,
  mail           TEXT    NOT NULL,
  cn_lc          TEXT    NOT NULL,
  mail_lc        TEXT    NOT NULL,
  not_before     INTEGER NOT NULL,
  not_after      INTEGER NOT NULL,
  state          INTEGER NOT NULL,
  revoked_at     INTEGER,
  revoked_reason INTEGER,
  archived       INTEGER NOT NULL,
  checked_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- One index for each order of the list, with and without a state in front. The columns behind `id` let a filter be
-- decided inside the index, without a look into the table.
CREATE INDEX certificate_cn         ON certificate (cn_lc, id, template, authority, archived, not_after);
CREATE INDEX certificate_mail       ON certificate (mail_lc, id, template, authority, archived, not_after);
CREATE INDEX certificate_end        ON certificate (not_after, id, template, authority, archived);
CREATE INDEX certificate_state_cn   ON certificate (state, cn_lc, id, template, authority, archived, not_after);
CREATE INDEX certificate_state_mail ON certificate (state, mail_lc, id, template, authority, archived, not_after);
CREATE INDEX certificate_state_end  ON certificate (state, not_after, id, template, authority, archived, subscriber);
CREATE INDEX certificate_state      ON certificate (state, id, template, authority, archived, not_after);
CREATE INDEX certificate_subscriber ON certificate (subscriber, id);
CREATE INDEX certificate_serial     ON certificate (serial);

CREATE TABLE certificate_der (
  certificate BLOB NOT NULL PRIMARY KEY REFERENCES certificate (id),
  der         BLOB NOT NULL,
  chain       BLOB NOT NULL -- which chain, see chain_link; empty for none
) STRICT;

-- Authorities send the same chain with every certificate; it is kept once, under the SHA-256 of its contents.
CREATE TABLE chain_link (
  chain    BLOB    NOT NULL,
  position INTEGER NOT NULL, -- 0: the issuer
  der      BLOB    NOT NULL,
  PRIMARY KEY (chain, position)
) STRICT;

CREATE TABLE delivery (
  id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  certificate BLOB    NOT NULL REFERENCES certificate (id),
  person      BLOB    NOT NULL CHECK (length(person) = 16),
  thumbprint  BLOB    NOT NULL CHECK (length(thumbprint) = 20),
  upn         TEXT    NOT NULL,
  state       INTEGER NOT NULL,
  record      TEXT,
  at          INTEGER NOT NULL,
  UNIQUE (certificate, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_state ON delivery (state);

-- Work.

CREATE TABLE job (
  id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  job_key     TEXT    NOT NULL UNIQUE,
  kind        TEXT    NOT NULL, -- JSON of store::JobKind
  due_at      INTEGER NOT NULL,
  attempts    INTEGER NOT NULL,
  woken_at    INTEGER,          -- somebody wants it at once although it is being worked on
  lease_owner TEXT,
  lease_until INTEGER NOT NULL, -- by the database's clock; 0: nobody has it
  lease_token INTEGER NOT NULL  -- grows with every claim
) STRICT, WITHOUT ROWID;
CREATE INDEX job_due   ON job (due_at, lease_until, id);
CREATE INDEX job_lease ON job (lease_until) WHERE lease_until > 0;

CREATE TABLE service (
  name        TEXT    NOT NULL PRIMARY KEY,
  last_run    INTEGER,
  last_result TEXT,
  failed      INTEGER NOT NULL,
  next_run    INTEGER NOT NULL,
  woken_at    INTEGER,
  claim_owner TEXT,
  claim_until INTEGER NOT NULL -- by the database's clock; 0: nobody runs it
) STRICT, WITHOUT ROWID;

-- The audit log.

CREATE TABLE audit_log (
  chain   INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  kind    TEXT    NOT NULL,
  outcome TEXT    NOT NULL,
  actor   TEXT    NOT NULL,
  object  TEXT    NOT NULL,
  detail  TEXT    NOT NULL,
  hash    BLOB    NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_head (
  chain INTEGER NOT NULL PRIMARY KEY,
  seq   INTEGER NOT NULL,
  hash  BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT, WITHOUT ROWID;
INSERT INTO audit_head (chain, seq, hash) VALUES (1, 0, zeroblob(32));

CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append only');
END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append only');
END;

-- The books of the built-in authority. They are the authority's own: no references to the tables above.

CREATE TABLE issued (
  authority   BLOB    NOT NULL CHECK (length(authority) = 16),
  serial      BLOB    NOT NULL,
  reference   TEXT    NOT NULL,
  spki_sha256 BLOB    NOT NULL CHECK (length(spki_sha256) = 32),
  not_after   INTEGER NOT NULL,
  issued_at   INTEGER NOT NULL,
  PRIMARY KEY (authority, serial),
  UNIQUE (authority, reference)
) STRICT, WITHOUT ROWID;

CREATE TABLE issued_der (
  authority BLOB NOT NULL,
  serial    BLOB NOT NULL,
  der       BLOB NOT NULL,
  PRIMARY KEY (authority, serial),
  FOREIGN KEY (authority, serial) REFERENCES issued (authority, serial)
) STRICT;

CREATE TABLE revocation (
  authority  BLOB    NOT NULL,
  serial     BLOB    NOT NULL,
  revoked_at INTEGER NOT NULL,
  reason     INTEGER NOT NULL,
  not_after  INTEGER NOT NULL, -- of the certificate; the list leaves it out afterwards
  PRIMARY KEY (authority, serial),
  FOREIGN KEY (authority, serial) REFERENCES issued (authority, serial)
) STRICT, WITHOUT ROWID;
CREATE INDEX revocation_end ON revocation (authority, not_after, serial);

CREATE TABLE crl_number (
  authority BLOB    NOT NULL PRIMARY KEY CHECK (length(authority) = 16),
  number    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
