-- Sets of recovery agents, version by version, and what their officers signed. Nobody vouches for these rows; each
-- installation goes by the signatures and by what it has pinned in its home.

CREATE TABLE IF NOT EXISTS kra_set (
  digest          BINARY(32)     NOT NULL PRIMARY KEY, -- over the body
  version         BIGINT         NOT NULL,
  body            MEDIUMTEXT     NOT NULL, -- JSON, as it is signed
  added_at        BIGINT         NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TRIGGER IF NOT EXISTS kra_set_no_update BEFORE UPDATE ON kra_set
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'sets of recovery agents are append only';

CREATE TRIGGER IF NOT EXISTS kra_set_no_delete BEFORE DELETE ON kra_set
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'sets of recovery agents are append only';

CREATE TABLE IF NOT EXISTS kra_set_signature (
  set_digest      BINARY(32)     NOT NULL,
  digest          BINARY(32)     NOT NULL, -- over officer, algorithm and signature
  officer         BINARY(32)     NOT NULL, -- SHA-256 of the certificate
  algorithm       VARCHAR(16)    NOT NULL,
  signature       BLOB           NOT NULL,
  added_at        BIGINT         NOT NULL,
  PRIMARY KEY (set_digest, digest)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TRIGGER IF NOT EXISTS kra_set_signature_no_update BEFORE UPDATE ON kra_set_signature
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'signatures under sets of recovery agents are append only';

CREATE TRIGGER IF NOT EXISTS kra_set_signature_no_delete BEFORE DELETE ON kra_set_signature
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'signatures under sets of recovery agents are append only';
