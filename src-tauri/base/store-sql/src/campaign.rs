//! Campaigns: what was decided as JSON behind a version, and a row for each certificate.
//!
//! Everything that a turn of a running campaign asks walks along an index to the rows that it will act upon
//! (`query_plans.rs` asks the planner); only figures for people count all of them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{
    Campaign, CampaignId, CertificateId, CertificateState, EnrollmentState, Member, MemberStage, Span,
    Station, Timestamp,
};
use store::{CampaignHour, CampaignRepository, MovedMember, StoreError};

use crate::codes::Coded as _;
use crate::columns::{Columns, Row, json};
use crate::session::Session;
use crate::value::{Value, args};

/// The columns that [`read_member`] expects, of a table called `m`.
macro_rules! members {
    ($rest:literal) => {
        concat!(
            "SELECT m.campaign, m.certificate, m.subscriber, m.wave, m.stage, m.enrollment, m.why, m.look_at, m.ordered_at, \
             m.present_at, m.revoking_at, m.revoked_at",
            $rest
        )
    };
}

/// Members that are waiting, of the waves that were opened.
pub(crate) const WAITING: &str = members!(
    " FROM campaign_member m WHERE m.campaign = ? AND m.stage = ? AND m.look_at <= ? AND m.wave <= ? \
     ORDER BY m.look_at LIMIT ?"
);
/// Members whose enrollment came further. The order is that of the index that the planner is to take.
pub(crate) const MOVED: &str = members!(
    ", e.state, e.station, e.last_error FROM campaign_member m JOIN enrollment e ON e.id = m.enrollment \
     WHERE m.campaign = ? AND m.stage = ? AND ({+}e.state = ? OR ? = 1 AND ({+}e.state IN (?, ?) OR e.station > ?)) ORDER BY m.look_at LIMIT ?"
);
/// Members whose successor was read back.
pub(crate) const PRESENT: &str = members!(
    " FROM campaign_member m WHERE m.campaign = ? AND m.stage = ? AND m.present_at <= ? AND {+}m.look_at <= ? \
     ORDER BY m.present_at LIMIT ?"
);
/// Members whose certificate the authority has revoked.
pub(crate) const CONFIRMED: &str = members!(
    " FROM campaign_member m JOIN certificate c ON c.id = m.certificate \
     WHERE m.campaign = ? AND m.stage = ? AND {+}c.state = ? ORDER BY m.look_at LIMIT ?"
);
/// How many revocations were ordered lately.
pub(crate) const REVOKING: &str =
    "SELECT COUNT(*) FROM campaign_member WHERE campaign = ? AND revoking_at >= ?";
/// How a wave stands.
pub(crate) const WAVE: &str = "SELECT stage, COUNT(*) FROM campaign_member WHERE campaign = ? AND wave = ? GROUP BY stage ORDER BY stage";
/// How many stand at a stage, as far as it matters.
pub(crate) const AT: &str = "SELECT COUNT(*) FROM (SELECT stage FROM campaign_member WHERE campaign = ? AND stage = ? LIMIT ?) AS standing";

const HOUR: Span = Span::hours(1);

fn read_campaign(row: &Row) -> Result<Campaign, StoreError> {
    let mut columns = Columns::new("campaign", row);
    let read: Campaign = columns.json()?;
    // The columns say what counts; the rest is as it was written down.
    Ok(Campaign { id: columns.id()?, state: columns.coded()?, version: columns.int()?, ..read })
}

fn read_member(columns: &mut Columns<'_>) -> Result<Member, StoreError> {
    Ok(Member {
        campaign: columns.id()?,
        certificate: columns.id()?,
        subscriber: columns.id()?,
        wave: columns.number()?,
        stage: columns.coded()?,
        enrollment: columns.opt_id()?,
        why: columns.opt_text()?,
        look_at: columns.time()?,
        ordered_at: columns.opt_time()?,
        present_at: columns.opt_time()?,
        revoking_at: columns.opt_time()?,
        revoked_at: columns.opt_time()?,
    })
}

fn members(rows: &[Row]) -> Result<Vec<Member>, StoreError> {
    rows.iter().map(|row| read_member(&mut Columns::new("member of a campaign", row))).collect()
}

#[async_trait]
impl CampaignRepository for Session {
    async fn add(&mut self, campaign: &Campaign) -> Result<(), StoreError> {
        self.insert(
            "a campaign with this name",
            "INSERT INTO campaign (id, name, name_lc, state, body, version, created_at) VALUES (?, ?, ?, ?, ?, 1, ?)",
            args![
                campaign.id,
                &campaign.name,
                campaign.name.to_lowercase(),
                campaign.state.code(),
                json("campaign", campaign)?,
                campaign.created_at
            ],
        )
        .await
    }

    async fn list(&mut self) -> Result<Vec<Campaign>, StoreError> {
        let sql = "SELECT body, id, state, version FROM campaign ORDER BY created_at DESC, id";
        self.select("reading campaigns", sql, args![]).await?.iter().map(read_campaign).collect()
    }

    async fn find(&mut self, name: &str) -> Result<Option<Campaign>, StoreError> {
        let sql = "SELECT body, id, state, version FROM campaign WHERE name_lc = ?";
        let row = self.select_one("reading a campaign", sql, args![name.trim().to_lowercase()]).await?;
        row.as_ref().map(read_campaign).transpose()
    }

    async fn set(&mut self, campaign: &Campaign) -> Result<(), StoreError> {
        let sql =
            "UPDATE campaign SET state = ?, body = ?, version = version + 1 WHERE id = ? AND version = ?";
        let body = json("campaign", campaign)?;
        let args = args![campaign.state.code(), body, campaign.id, campaign.version];
        match self.run("writing a campaign", sql, args).await? {
            0 => Err(StoreError::Stale { what: "the campaign" }),
            _ => Ok(()),
        }
    }

    async fn add_members(&mut self, members: &[Member]) -> Result<(), StoreError> {
        let sql = "INSERT INTO campaign_member (campaign, certificate, subscriber, wave, stage, enrollment, why, look_at, \
                   ordered_at, present_at, revoking_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        for member in members {
            let args = args![
                member.campaign,
                member.certificate,
                member.subscriber,
                member.wave,
                member.stage.code(),
                member.enrollment,
                member.why.as_deref(),
                member.look_at,
                member.ordered_at,
                member.present_at,
                member.revoking_at,
                member.revoked_at,
            ];
            self.insert_missing("this member of a campaign", sql, args).await?;
        }
        Ok(())
    }

    async fn member(
        &mut self,
        campaign: CampaignId,
        certificate: CertificateId,
    ) -> Result<Option<Member>, StoreError> {
        let sql = members!(" FROM campaign_member m WHERE m.campaign = ? AND m.certificate = ?");
        let rows = self.select("reading a campaign", sql, args![campaign, certificate]).await?;
        Ok(members(&rows)?.pop())
    }

    async fn members(
        &mut self,
        campaign: CampaignId,
        stage: Option<MemberStage>,
        after: Option<CertificateId>,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError> {
        let mut sql =
            members!(" FROM campaign_member m WHERE m.campaign = ? AND m.certificate > ?").to_owned();
        let mut args = args![campaign, after.map_or_else(|| Value::Bytes(Vec::new()), Value::from)];
        if let Some(stage) = stage {
            sql.push_str(" AND m.stage = ?");
            args.push(stage.value());
        }
        sql.push_str(" ORDER BY m.certificate LIMIT ?");
        args.push(limit.into());
        members(&self.select("reading a campaign", sql, args).await?)
    }

    async fn waiting(
        &mut self,
        campaign: CampaignId,
        wave: u32,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError> {
        let args = args![campaign, MemberStage::Waiting.code(), now, wave, limit];
        members(&self.select("reading a campaign", WAITING, args).await?)
    }

    async fn moved(
        &mut self,
        campaign: CampaignId,
        stage: MemberStage,
        limit: u32,
    ) -> Result<Vec<MovedMember>, StoreError> {
        // A member that failed comes back only with a successor that is there.
        let all = stage != MemberStage::Failed;
        // What was issued is known at that stage.
        let beyond = if stage == MemberStage::Ordered { Station::Request } else { Station::Deliver };
        let args = args![
            campaign,
            stage.code(),
            EnrollmentState::Done.code(),
            all,
            EnrollmentState::Rejected.code(),
            EnrollmentState::Stuck.code(),
            beyond.code(),
            limit
        ];
        let rows = self.select("reading a campaign", MOVED, args).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("member of a campaign", row);
            Ok(MovedMember {
                member: read_member(&mut columns)?,
                state: columns.coded()?,
                station: columns.coded()?,
                last_error: columns.opt_text()?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn present(
        &mut self,
        campaign: CampaignId,
        until: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError> {
        let args = args![campaign, MemberStage::ReadBack.code(), until, now, limit];
        members(&self.select("reading a campaign", PRESENT, args).await?)
    }

    async fn confirmed(&mut self, campaign: CampaignId, limit: u32) -> Result<Vec<Member>, StoreError> {
        let (stage, revoked) = (MemberStage::Revoking.code(), CertificateState::Revoked.code());
        members(&self.select("reading a campaign", CONFIRMED, args![campaign, stage, revoked, limit]).await?)
    }

    async fn set_member(&mut self, member: &Member, from: MemberStage) -> Result<bool, StoreError> {
        let sql = "UPDATE campaign_member SET wave = ?, stage = ?, enrollment = ?, why = ?, look_at = ?, ordered_at = ?, \
                   present_at = ?, revoking_at = ?, revoked_at = ? WHERE campaign = ? AND certificate = ? AND stage = ?";
        let args = args![
            member.wave,
            member.stage.code(),
            member.enrollment,
            member.why.as_deref(),
            member.look_at,
            member.ordered_at,
            member.present_at,
            member.revoking_at,
            member.revoked_at,
            member.campaign,
            member.certificate,
            from.code(),
        ];
        Ok(self.run("writing a campaign", sql, args).await? == 1)
    }

    async fn counts(&mut self, campaign: CampaignId) -> Result<Vec<(u32, MemberStage, u64)>, StoreError> {
        let sql = "SELECT wave, stage, COUNT(*) FROM campaign_member WHERE campaign = ? GROUP BY wave, stage \
                   ORDER BY wave, stage";
        let rows = self.select("counting a campaign", sql, args![campaign]).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("campaign", row);
            Ok((columns.number()?, columns.coded()?, columns.number()?))
        };
        rows.iter().map(read).collect()
    }

    async fn wave_counts(
        &mut self,
        campaign: CampaignId,
        wave: u32,
    ) -> Result<Vec<(MemberStage, u64)>, StoreError> {
        let rows = self.select("counting a campaign", WAVE, args![campaign, wave]).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("campaign", row);
            Ok((columns.coded()?, columns.number()?))
        };
        rows.iter().map(read).collect()
    }

    async fn count_at(
        &mut self,
        campaign: CampaignId,
        stage: MemberStage,
        limit: u32,
    ) -> Result<u64, StoreError> {
        self.number("counting a campaign", AT, args![campaign, stage.code(), limit]).await
    }

    async fn count_revoking_since(
        &mut self,
        campaign: CampaignId,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        self.number("counting a campaign", REVOKING, args![campaign, since]).await
    }

    async fn hours(&mut self, campaign: CampaignId) -> Result<Vec<CampaignHour>, StoreError> {
        let mut hours: BTreeMap<Timestamp, CampaignHour> = BTreeMap::new();
        let kinds: [(&str, fn(&mut CampaignHour) -> &mut u64); 3] = [
            ("ordered_at", |hour| &mut hour.ordered),
            ("present_at", |hour| &mut hour.present),
            ("revoked_at", |hour| &mut hour.revoked),
        ];
        for (column, count) in kinds {
            let sql = format!(
                "SELECT h.hour, COUNT(*) FROM (SELECT {column} - {column} % {} AS hour FROM campaign_member \
                 WHERE campaign = ? AND {column} IS NOT NULL) AS h GROUP BY h.hour ORDER BY h.hour",
                HOUR.as_millis()
            );
            for row in &self.select("counting a campaign", sql, args![campaign]).await? {
                let mut columns = Columns::new("campaign", row);
                let from = columns.time()?;
                let hour = hours.entry(from).or_default();
                hour.from = from;
                *count(hour) = columns.number()?;
            }
        }
        Ok(hours.into_values().collect())
    }
}
