-- What address books show of our certificates. The row stays when a certificate was taken out.

CREATE TABLE IF NOT EXISTS publication (
  book            VARCHAR(64)    NOT NULL,
  certificate     BINARY(16)     NOT NULL,
  subscriber      BINARY(16)     NOT NULL,
  state           SMALLINT       NOT NULL,
  detail          TEXT,
  at              BIGINT         NOT NULL,
  PRIMARY KEY (book, certificate),
  INDEX publication_owner (subscriber, book),
  INDEX publication_state (book, state, subscriber),
  FOREIGN KEY (certificate) REFERENCES certificate (id),
  FOREIGN KEY (subscriber) REFERENCES subscriber (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How an address book takes values, found out by writing and reading back: all daemons share it.

CREATE TABLE IF NOT EXISTS address_book (
  book            VARCHAR(64)    NOT NULL PRIMARY KEY,
  habit           VARCHAR(64)    NOT NULL,
  learned_at      BIGINT         NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
