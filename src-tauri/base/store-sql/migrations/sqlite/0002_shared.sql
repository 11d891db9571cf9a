-- What several installations share: who they are, settings, secrets, budgets.

-- What an installation says about itself; nobody vouches for it but the log below.
CREATE TABLE installation (
  id              BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name            TEXT    NOT NULL,
  certificate_der BLOB    NOT NULL,
  asked_at        INTEGER NOT NULL,
  seen_at         INTEGER NOT NULL,
  version         TEXT    NOT NULL,
  role            TEXT    NOT NULL
) STRICT;

-- Who was admitted and who was removed, each entry signed by one who was in.
CREATE TABLE admission (
  seq       INTEGER NOT NULL PRIMARY KEY,
  body      TEXT    NOT NULL, -- JSON, as it was signed
  signature BLOB    NOT NULL
) STRICT;

CREATE TRIGGER admission_no_update BEFORE UPDATE ON admission
BEGIN
  SELECT RAISE(ABORT, 'the admission log is append only');
END;
CREATE TRIGGER admission_no_delete BEFORE DELETE ON admission
BEGIN
  SELECT RAISE(ABORT, 'the admission log is append only');
END;

CREATE TABLE setting (
  name       TEXT    NOT NULL PRIMARY KEY,
  body       TEXT    NOT NULL, -- JSON without secrets
  version    INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE secret (
  name      TEXT    NOT NULL PRIMARY KEY,
  sealed    BLOB    NOT NULL, -- CMS to the admitted installations
  sealed_at INTEGER NOT NULL
) STRICT;

-- How often others may be called, for all installations together; times by the database's clock.
CREATE TABLE budget (
  name       TEXT    NOT NULL PRIMARY KEY,
  free_at    INTEGER NOT NULL, -- when the last drawn call is paid for
  rest_until INTEGER NOT NULL  -- nobody draws before
) STRICT, WITHOUT ROWID;
