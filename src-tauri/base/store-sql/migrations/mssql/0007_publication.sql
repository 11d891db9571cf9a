-- What address books show of our certificates. The row stays when a certificate was taken out.

CREATE TABLE dbo.publication (
  book            NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  certificate     VARBINARY(16) NOT NULL CONSTRAINT publication_certificate_ck CHECK (DATALENGTH(certificate) = 16),
  subscriber      VARBINARY(16) NOT NULL CONSTRAINT publication_subscriber_ck CHECK (DATALENGTH(subscriber) = 16),
  state           SMALLINT NOT NULL,
  detail          NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NULL,
  at              BIGINT NOT NULL,
  CONSTRAINT publication_pk PRIMARY KEY (book, certificate),
  CONSTRAINT publication_certificate_fk FOREIGN KEY (certificate) REFERENCES dbo.certificate (id),
  CONSTRAINT publication_subscriber_fk FOREIGN KEY (subscriber) REFERENCES dbo.subscriber (id)
);
CREATE INDEX publication_owner ON dbo.publication (subscriber, book);
CREATE INDEX publication_state ON dbo.publication (book, state, subscriber);

-- How an address book takes values, found out by writing and reading back: all daemons share it.

CREATE TABLE dbo.address_book (
  book            NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT address_book_pk PRIMARY KEY,
  habit           NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  learned_at      BIGINT NOT NULL
);
