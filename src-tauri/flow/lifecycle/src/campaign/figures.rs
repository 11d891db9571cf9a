//! How a campaign stands: counts, the burn-down, and when it will be through.

use std::collections::BTreeMap;

use model::MemberStage::{Excluded, Failed, Issued, Ordered, ReadBack, Replaced, Revoked, Revoking, Waiting};
use model::{Campaign, MemberStage, Span, Timestamp};
use store::{CampaignHour, Store, StoreError};

/// How a campaign stands.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CampaignFigures {
    /// How many members stand where.
    pub stages: BTreeMap<MemberStage, u64>,
    /// All members.
    pub total: u64,
    /// Members that need nothing more, or only the revocation of the old certificate.
    pub served: u64,
    /// What was done hour by hour.
    pub hours: Vec<CampaignHour>,
    /// Members that were served in an hour, by the last hours in which any was.
    pub per_hour: u64,
    /// When the last one will be served at that pace; `None` without a pace, or when none is left.
    pub forecast: Option<Timestamp>,
    /// Whether that is before the deadline.
    pub in_time: Option<bool>,
    /// Members that keep their old certificate at present, for want of a successor.
    pub keeping: u64,
}

/// Hours by which the pace is judged.
const RECENT: usize = 3;

/// Counts a campaign.
///
/// # Errors
/// When the database cannot be read.
pub async fn figures(
    store: &dyn Store,
    campaign: &Campaign,
    now: Timestamp,
) -> Result<CampaignFigures, StoreError> {
    let mut work = store.read().await?;
    let counts = work.campaigns().counts(campaign.id).await?;
    let hours = work.campaigns().hours(campaign.id).await?;
    drop(work);
    let mut told = CampaignFigures { hours, ..CampaignFigures::default() };
    for (_, stage, count) in counts {
        *told.stages.entry(stage).or_default() += count;
        told.total += count;
    }
    let of =
        |stages: &[MemberStage]| -> u64 { stages.iter().filter_map(|stage| told.stages.get(stage)).sum() };
    let served = of(&[ReadBack, Revoking, Revoked, Replaced, Excluded]);
    let left = of(&[Waiting, Ordered, Issued]);
    let keeping = of(&[Waiting, Ordered, Issued, Failed]);
    told.served = served;
    told.keeping = keeping;
    told.per_hour = pace(&told.hours, campaign.started_at, now);
    told.forecast = (told.per_hour > 0 && left > 0).then(|| {
        let millis = u128::from(left) * 3_600_000 / u128::from(told.per_hour);
        now + Span::millis(i64::try_from(millis).unwrap_or(i64::MAX / 4))
    });
    told.in_time = told.forecast.map(|at| at <= campaign.terms.deadline);
    Ok(told)
}

/// How many are served in an hour: those of the last hours, by the time that really passed in them.
fn pace(hours: &[CampaignHour], started_at: Option<Timestamp>, now: Timestamp) -> u64 {
    let recent: Vec<&CampaignHour> = hours.iter().rev().take(RECENT).collect();
    let Some(first) = recent.last() else { return 0 };
    let from = started_at.map_or(first.from, |at| at.max(first.from));
    let passed = now.since(from).as_millis().max(60_000);
    let served: u64 = recent.iter().map(|hour| hour.present).sum();
    u64::try_from(u128::from(served) * 3_600_000 / u128::from(passed.unsigned_abs())).unwrap_or(u64::MAX)
}

/// How long a campaign takes by what is known beforehand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Estimate {
    /// Time that the authority's orders take at their limit, with the rests between waves; `None` where no limit is known.
    pub ordering: Option<Span>,
    /// Time that revocations take at the campaign's limit.
    pub revoking: Span,
    /// When all old certificates would be revoked; as far as it is known.
    pub until: Timestamp,
    /// Whether that is before the deadline.
    pub in_time: bool,
}

/// Estimates a campaign of so many orders at an authority that takes so many in a minute.
pub fn estimate(
    terms: &model::CampaignTerms,
    orders: u64,
    orders_per_minute: Option<f64>,
    now: Timestamp,
) -> Estimate {
    let waves = orders.div_ceil(u64::from(terms.wave_size.max(1)));
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX / 100_000_000);
    let rests = Span::minutes(i64::from(terms.pause_minutes).saturating_mul(count(waves.saturating_sub(1))));
    let ordering = orders_per_minute.filter(|rate| *rate > 0.0).map(|rate| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "an estimate in milliseconds"
        )]
        let millis = (orders as f64 * 60_000.0 / rate) as i64;
        Span::millis(millis)
    });
    let revoking = match (terms.revoke, terms.revocations_per_hour) {
        (Some(_), per_hour) if per_hour > 0 => Span::millis(count(orders * 3_600_000 / u64::from(per_hour))),
        _ => Span::millis(0),
    };
    // Revoking goes on beside ordering; the slower of the two decides, and what was read back last has to settle.
    let ordered = ordering.unwrap_or(Span::millis(0)).as_millis() + rests.as_millis();
    let until = now + Span::millis(ordered.max(revoking.as_millis()) + terms.settle().as_millis());
    Estimate {
        ordering: ordering.map(|_| Span::millis(ordered)),
        revoking,
        until,
        in_time: until <= terms.deadline,
    }
}

#[cfg(test)]
mod tests {
    use model::CampaignTerms;

    use super::*;

    fn terms() -> CampaignTerms {
        CampaignTerms {
            deadline: Timestamp::from_seconds(120 * 3_600),
            wave_size: 1_000,
            pause_minutes: 10,
            failures_percent: 5,
            to_template: None,
            revoke: Some(model::RevocationReason::Superseded),
            revocations_per_hour: 2_000,
            settle_minutes: 480,
            revoke_at_deadline: false,
        }
    }

    #[test]
    fn the_slower_of_ordering_and_revoking_decides() {
        let now = Timestamp::from_seconds(0);
        let told = estimate(&terms(), 50_000, Some(10.0), now);
        // 5,000 minutes, and 49 rests of ten.
        assert_eq!(told.ordering, Some(Span::minutes(5_490)));
        assert_eq!(told.revoking, Span::hours(25));
        assert_eq!(told.until, now + Span::minutes(5_490 + 480));
        assert!(told.in_time);
        assert!(!estimate(&terms(), 50_000, Some(6.0), now).in_time, "six in a minute take six days");
        let unknown = estimate(&terms(), 50_000, None, now);
        assert_eq!((unknown.ordering, unknown.until), (None, now + Span::hours(25 + 8)));
    }

    #[test]
    fn the_pace_is_that_of_the_last_hours_by_the_time_that_passed() {
        let hour = |number: i64, present: u64| CampaignHour {
            from: Timestamp::from_seconds(number * 3_600),
            present,
            ..CampaignHour::default()
        };
        let hours = [hour(0, 9_000), hour(1, 100), hour(2, 100), hour(3, 100)];
        let started = Some(Timestamp::from_seconds(0));
        assert_eq!(pace(&hours, started, Timestamp::from_seconds(4 * 3_600)), 100);
        assert_eq!(pace(&hours[..1], started, Timestamp::from_seconds(1_800)), 18_000);
        assert_eq!(pace(&[], started, Timestamp::from_seconds(1_800)), 0);
    }
}
