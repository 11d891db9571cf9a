-- Notices that certificates are to be revoked when a grace has passed. The row stays when the revocation was ordered.

CREATE TABLE IF NOT EXISTS ending (
  certificate     BINARY(16)     NOT NULL PRIMARY KEY,
  subscriber      BINARY(16)     NOT NULL,
  cause           SMALLINT       NOT NULL,
  since           BIGINT         NOT NULL,
  due_at          BIGINT         NOT NULL,
  done_at         BIGINT,
  INDEX ending_open (done_at, due_at, since, subscriber),
  INDEX ending_owner (subscriber, done_at),
  FOREIGN KEY (certificate) REFERENCES certificate (id),
  FOREIGN KEY (subscriber) REFERENCES subscriber (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Orders that replaced a certificate because of a new name or address: what is allowed in a day counts them.
CREATE TABLE IF NOT EXISTS replacement (
  enrollment      BINARY(16)     NOT NULL PRIMARY KEY,
  ordered_at      BIGINT         NOT NULL,
  INDEX replacement_ordered (ordered_at),
  FOREIGN KEY (enrollment) REFERENCES enrollment (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
