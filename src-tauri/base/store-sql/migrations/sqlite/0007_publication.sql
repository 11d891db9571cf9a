-- What address books show of our certificates. The row stays when a certificate was taken out.

CREATE TABLE publication (
  book        TEXT    NOT NULL,
  certificate BLOB    NOT NULL REFERENCES certificate (id),
  subscriber  BLOB    NOT NULL REFERENCES subscriber (id),
  state       INTEGER NOT NULL,
  detail      TEXT,
  at          INTEGER NOT NULL,
  PRIMARY KEY (book, certificate)
) STRICT, WITHOUT ROWID;
CREATE INDEX publication_owner ON publication (subscriber, book);
CREATE INDEX publication_state ON publication (book, state, subscriber);

-- How an address book takes values, found out by writing and reading back: all daemons share it.

CREATE TABLE address_book (
  book       TEXT    NOT NULL PRIMARY KEY,
  habit      TEXT    NOT NULL,
  learned_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
