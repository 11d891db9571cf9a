-- What several installations share: who they are, settings, secrets, budgets.

-- What an installation says about itself; nobody vouches for it but the log below.
CREATE TABLE IF NOT EXISTS installation (
  id              BINARY(16)     NOT NULL PRIMARY KEY,
  name            VARCHAR(255)   NOT NULL,
  certificate_der MEDIUMBLOB     NOT NULL,
  asked_at        BIGINT         NOT NULL,
  seen_at         BIGINT         NOT NULL,
  version         VARCHAR(64)    NOT NULL,
  role            VARCHAR(64)    NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Who was admitted and who was removed, each entry signed by one who was in.
CREATE TABLE IF NOT EXISTS admission (
  seq             BIGINT         NOT NULL PRIMARY KEY,
  body            MEDIUMTEXT     NOT NULL, -- JSON, as it was signed
  signature       BLOB           NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TRIGGER IF NOT EXISTS admission_no_update BEFORE UPDATE ON admission
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the admission log is append only';

CREATE TRIGGER IF NOT EXISTS admission_no_delete BEFORE DELETE ON admission
FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the admission log is append only';

CREATE TABLE IF NOT EXISTS setting (
  name            VARCHAR(191)   NOT NULL PRIMARY KEY,
  body            MEDIUMTEXT     NOT NULL, -- JSON without secrets
  version         BIGINT         NOT NULL,
  changed_at      BIGINT         NOT NULL,
  changed_by      VARCHAR(320)   NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS secret (
  name            VARCHAR(191)   NOT NULL PRIMARY KEY,
  sealed          MEDIUMBLOB     NOT NULL, -- CMS to the admitted installations
  sealed_at       BIGINT         NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How often others may be called, for all installations together; times by the database's clock.
CREATE TABLE IF NOT EXISTS budget (
  name            VARCHAR(191)   NOT NULL PRIMARY KEY,
  free_at         BIGINT         NOT NULL, -- when the last drawn call is paid for
  rest_until      BIGINT         NOT NULL  -- nobody draws before
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
