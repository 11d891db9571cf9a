-- Campaigns: many certificates replaced in a short time. What was decided is JSON; a change of it needs its present version.

CREATE TABLE IF NOT EXISTS campaign (
  id              BINARY(16)     NOT NULL PRIMARY KEY,
  name            VARCHAR(100)   NOT NULL,
  name_lc         VARCHAR(300)   NOT NULL,
  state           SMALLINT       NOT NULL,
  body            LONGTEXT       NOT NULL,
  version         BIGINT         NOT NULL,
  created_at      BIGINT         NOT NULL,
  UNIQUE INDEX campaign_name (name_lc)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row for each certificate in a campaign.
CREATE TABLE IF NOT EXISTS campaign_member (
  campaign        BINARY(16)     NOT NULL,
  certificate     BINARY(16)     NOT NULL,
  subscriber      BINARY(16)     NOT NULL,
  wave            INT            NOT NULL,
  stage           SMALLINT       NOT NULL,
  enrollment      BINARY(16),
  why             TEXT,
  look_at         BIGINT         NOT NULL,
  ordered_at      BIGINT,
  present_at      BIGINT,
  revoking_at     BIGINT,
  revoked_at      BIGINT,
  PRIMARY KEY (campaign, certificate),
  INDEX campaign_member_wave (campaign, wave, stage),
  INDEX campaign_member_due (campaign, stage, look_at),
  INDEX campaign_member_present (campaign, stage, present_at),
  INDEX campaign_member_ended (campaign, revoking_at),
  FOREIGN KEY (campaign) REFERENCES campaign (id),
  FOREIGN KEY (certificate) REFERENCES certificate (id),
  FOREIGN KEY (subscriber) REFERENCES subscriber (id),
  FOREIGN KEY (enrollment) REFERENCES enrollment (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
