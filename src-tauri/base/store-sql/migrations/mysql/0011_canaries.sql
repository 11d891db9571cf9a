-- Canary mails: the digest of the code in the last one of a delivery, and who told a code that was read.

CREATE TABLE IF NOT EXISTS canary (
  delivery        BINARY(16)     NOT NULL PRIMARY KEY,
  code            BINARY(32)     NOT NULL, -- SHA-256 of the code, which is in the mail alone
  made_at         BIGINT         NOT NULL,
  expires_at      BIGINT         NOT NULL,
  confirmed_at    BIGINT,
  confirmed_by    VARCHAR(512),
  device          VARCHAR(200),
  INDEX canary_code (code),
  FOREIGN KEY (delivery) REFERENCES delivery (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
