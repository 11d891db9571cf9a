-- What differs between the database and the world outside. A row stays when it is closed.

CREATE TABLE IF NOT EXISTS drift_finding (
  id              BINARY(16)     NOT NULL PRIMARY KEY, -- made of kind and object
  side            VARCHAR(191)   NOT NULL,
  kind            SMALLINT       NOT NULL,
  object          MEDIUMTEXT     NOT NULL, -- JSON
  certificate     BINARY(16),
  sentence        MEDIUMTEXT     NOT NULL,
  first_seen      BIGINT         NOT NULL,
  last_seen       BIGINT         NOT NULL,
  state           SMALLINT       NOT NULL,
  decided_at      BIGINT,
  decided_by      VARCHAR(512),
  reason          MEDIUMTEXT,
  ordered_at      BIGINT,
  INDEX drift_finding_state (state, id),
  INDEX drift_finding_side (side, state, last_seen),
  INDEX drift_finding_ordered (ordered_at),
  INDEX drift_finding_certificate (certificate, state),
  FOREIGN KEY (certificate) REFERENCES certificate (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What became of the last reading of each side.
CREATE TABLE IF NOT EXISTS drift_reading (
  side            VARCHAR(191)   NOT NULL PRIMARY KEY,
  read_at         BIGINT,
  tried_at        BIGINT         NOT NULL,
  compared        BIGINT         NOT NULL,
  not_compared    MEDIUMTEXT
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
