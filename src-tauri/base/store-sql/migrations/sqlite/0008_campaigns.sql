-- Campaigns: many certificates replaced in a short time. What was decided is JSON; a change of it needs its present version.

CREATE TABLE campaign (
  id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name       TEXT    NOT NULL,
  name_lc    TEXT    NOT NULL UNIQUE,
  state      INTEGER NOT NULL,
  body       TEXT    NOT NULL,
  version    INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row for each certificate in a campaign.
CREATE TABLE campaign_member (
  campaign    BLOB    NOT NULL REFERENCES campaign (id),
  certificate BLOB    NOT NULL REFERENCES certificate (id),
  subscriber  BLOB    NOT NULL REFERENCES subscriber (id),
  wave        INTEGER NOT NULL,
  stage       INTEGER NOT NULL,
  enrollment  BLOB    REFERENCES enrollment (id),
  why         TEXT,
  look_at     INTEGER NOT NULL,
  ordered_at  INTEGER,
  present_at  INTEGER,
  revoking_at INTEGER,
  revoked_at  INTEGER,
  PRIMARY KEY (campaign, certificate)
) STRICT, WITHOUT ROWID;
CREATE INDEX campaign_member_wave    ON campaign_member (campaign, wave, stage);
CREATE INDEX campaign_member_due     ON campaign_member (campaign, stage, look_at);
CREATE INDEX campaign_member_present ON campaign_member (campaign, stage, present_at);
CREATE INDEX campaign_member_ended   ON campaign_member (campaign, revoking_at);
