-- Certificates that are suspended: why, what they were before, and how far the authority was told.

CREATE TABLE IF NOT EXISTS certificate_hold (
  certificate     BINARY(16)     NOT NULL PRIMARY KEY,
  subscriber      BINARY(16)     NOT NULL,
  cause           SMALLINT       NOT NULL,
  was             SMALLINT       NOT NULL, -- the state that the certificate has again when the hold is lifted
  state           SMALLINT       NOT NULL,
  since           BIGINT         NOT NULL,
  INDEX certificate_hold_owner (subscriber, certificate),
  FOREIGN KEY (certificate) REFERENCES certificate (id),
  FOREIGN KEY (subscriber) REFERENCES subscriber (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
