-- Campaigns: many certificates replaced in a short time. What was decided is JSON; a change of it needs its present version.

CREATE TABLE dbo.campaign (
  id              VARBINARY(16) NOT NULL CONSTRAINT campaign_id_ck CHECK (DATALENGTH(id) = 16) CONSTRAINT campaign_pk PRIMARY KEY,
  name            NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
  name_lc         NVARCHAR(300) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT campaign_name_uq UNIQUE,
  state           SMALLINT NOT NULL,
  body            NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2 NOT NULL,
  version         BIGINT NOT NULL,
  created_at      BIGINT NOT NULL
);

-- One row for each certificate in a campaign.
CREATE TABLE dbo.campaign_member (
  campaign        VARBINARY(16) NOT NULL CONSTRAINT campaign_member_campaign_ck CHECK (DATALENGTH(campaign) = 16),
  certificate     VARBINARY(16) NOT NULL CONSTRAINT campaign_member_certificate_ck CHECK (DATALENGTH(certificate) = 16),
  subscriber      VARBINARY(16) NOT NULL CONSTRAINT campaign_member_subscriber_ck CHECK (DATALENGTH(subscriber) = 16),
  wave            INT NOT NULL,
  stage           SMALLINT NOT NULL,
  enrollment      VARBINARY(16) CONSTRAINT campaign_member_enrollment_ck CHECK (DATALENGTH(enrollment) = 16),
  why             NVARCHAR(MAX) COLLATE Latin1_General_100_BIN2,
  look_at         BIGINT NOT NULL,
  ordered_at      BIGINT,
  present_at      BIGINT,
  revoking_at     BIGINT,
  revoked_at      BIGINT,
  CONSTRAINT campaign_member_pk PRIMARY KEY (campaign, certificate),
  CONSTRAINT campaign_member_campaign_fk FOREIGN KEY (campaign) REFERENCES dbo.campaign (id),
  CONSTRAINT campaign_member_certificate_fk FOREIGN KEY (certificate) REFERENCES dbo.certificate (id),
  CONSTRAINT campaign_member_subscriber_fk FOREIGN KEY (subscriber) REFERENCES dbo.subscriber (id),
  CONSTRAINT campaign_member_enrollment_fk FOREIGN KEY (enrollment) REFERENCES dbo.enrollment (id)
);
CREATE INDEX campaign_member_wave ON dbo.campaign_member (campaign, wave, stage);
CREATE INDEX campaign_member_due ON dbo.campaign_member (campaign, stage, look_at);
CREATE INDEX campaign_member_present ON dbo.campaign_member (campaign, stage, present_at);
CREATE INDEX campaign_member_ended ON dbo.campaign_member (campaign, revoking_at);
