-- Canary mails: the digest of the code in the last one of a delivery, and who told a code that was read.

CREATE TABLE canary (
  delivery     BLOB    NOT NULL PRIMARY KEY REFERENCES delivery (id),
  code         BLOB    NOT NULL, -- SHA-256 of the code, which is in the mail alone
  made_at      INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  confirmed_at INTEGER,
  confirmed_by TEXT,
  device       TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX canary_code ON canary (code);
