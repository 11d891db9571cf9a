-- Requests to recover archived keys, and what recovery agents gave for them.

CREATE TABLE IF NOT EXISTS recovery_request (
  id              BINARY(16)     NOT NULL PRIMARY KEY,
  body            MEDIUMTEXT     NOT NULL, -- JSON, as it was signed
  signature       BLOB           NOT NULL,
  state           SMALLINT       NOT NULL,
  created_at      BIGINT         NOT NULL,
  expires_at      BIGINT         NOT NULL,
  sealed_key      BLOB           NOT NULL, -- CMS to the installation of whoever asks; empty when the request is closed
  INDEX recovery_request_created (created_at, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS recovery_grant (
  request         BINARY(16)     NOT NULL,
  certificate     BINARY(16)     NOT NULL,
  officer         BINARY(32)     NOT NULL, -- SHA-256 of the certificate
  digest          BINARY(32)     NOT NULL, -- over what is sealed: several may lie under one officer's name
  sealed          BLOB           NOT NULL, -- CMS to the request's one-time key
  granted_at      BIGINT         NOT NULL,
  PRIMARY KEY (request, certificate, officer, digest),
  FOREIGN KEY (request) REFERENCES recovery_request (id),
  FOREIGN KEY (certificate) REFERENCES certificate (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TRIGGER IF NOT EXISTS recovery_grant_no_update BEFORE UPDATE ON recovery_grant
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'recovery grants are append only';

CREATE TRIGGER IF NOT EXISTS recovery_grant_no_delete BEFORE DELETE ON recovery_grant
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'recovery grants are append only';
