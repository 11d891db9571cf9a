//! What came of the story: figures counted at both ends, in the product and in the simulated outside world.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use model::{EnrollmentState, JournalEvent, Station};
use serde::Serialize;
use store::{CertificateFilter, CertificateOrder, PageRequest, Store};

use super::Stage;
use super::week::Day;
use crate::compose::{ComposeError, Program};

/// Figures of a demo. `--json` prints this.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Report {
    /// People in enrollment groups.
    pub people: u64,
    /// Shared mailboxes in enrollment groups.
    pub mailboxes: u64,
    /// Certificates that the authority issued.
    pub certificates: u64,
    /// Certificates of which every record was read back from Intune.
    pub delivered: u64,
    /// Records at Intune: one for each certificate and each person who is to have it.
    pub deliveries: u64,
    /// Certificates that opened on every device of everybody who is to have them.
    pub opened_on_devices: u64,
    /// Times that a device opened a PKCS#12.
    pub openings: u64,
    /// Mail certificates with which every such device decrypted a canary mail.
    pub canaries_decrypted: u64,
    /// Certificates whose key is in the archive, bound to them.
    pub archived: u64,
    /// Certificates whose template wants the key archived.
    pub to_be_archived: u64,
    /// Archived keys that were opened by a recovery agent and fit their certificate.
    pub recovered: u64,
    /// Second certificates for one subscriber and template, and second records for one person and certificate.
    pub duplicates: u64,
    /// In-flight keys left over.
    pub in_flight: u64,
    /// Who gets nothing, and why.
    pub skipped: Vec<Skipped>,
    /// What devices could not open, and why.
    pub device_failures: Vec<Skipped>,
    /// What the week brought, where one was told. The figures above are those of the evening before.
    pub week: Vec<Day>,
    /// Seconds by step. `keygen`, `request`, `archive` and `deliver` are added up over all enrollments, which overlap;
    /// `enroll` is what their whole took.
    pub seconds: BTreeMap<&'static str, f64>,
}

/// Somebody, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Skipped {
    /// Name for people.
    pub who: String,
    /// Why, in one sentence.
    pub why: String,
}

impl Report {
    /// Notes how long a step took.
    pub(crate) fn spent(&mut self, step: &'static str, since: Instant) {
        self.seconds.insert(step, round(since.elapsed().as_secs_f64()));
    }

    /// Counts what the devices said.
    pub(crate) fn devices(&mut self, report: &sim::DeviceReport) {
        let mut opened: BTreeMap<&str, bool> = BTreeMap::new();
        let mut canaries: BTreeMap<&str, bool> = BTreeMap::new();
        for check in &report.checks {
            *opened.entry(&check.thumbprint).or_insert(true) &= check.opened;
            if let Some(decrypted) = check.canary {
                *canaries.entry(&check.thumbprint).or_insert(true) &= decrypted;
            }
        }
        self.openings = report.opened() as u64;
        self.opened_on_devices = opened.values().filter(|all| **all).count() as u64;
        self.canaries_decrypted = canaries.values().filter(|all| **all).count() as u64;
        self.device_failures = report
            .failures()
            .map(|check| Skipped {
                who: format!("{} on {}", check.user_principal_name, check.device),
                why: check.error.clone().unwrap_or_default(),
            })
            .collect();
    }

    /// Counts what the product and the simulated world remember.
    pub(crate) async fn count(&mut self, program: &Program, stage: &Stage) -> Result<(), ComposeError> {
        let mut work = program.store.read().await?;
        let mut after = None;
        let mut served = BTreeSet::new();
        let templates = work.templates().list().await?;
        loop {
            let page = PageRequest { after, limit: 500 };
            let listed = work
                .certificates()
                .list(&CertificateFilter::default(), CertificateOrder::CommonName, &page)
                .await?;
            for row in &listed.rows {
                let certificate = &row.certificate;
                let archives = templates
                    .iter()
                    .any(|found| found.template.id == certificate.template && found.template.archive);
                self.certificates += 1;
                self.archived += u64::from(certificate.archived);
                self.to_be_archived += u64::from(archives);
                self.deliveries += u64::from(row.delivered.0);
                self.delivered += u64::from(row.delivered.1 > 0 && row.delivered.0 == row.delivered.1);
                if !served.insert((certificate.subscriber, certificate.template)) {
                    self.duplicates += 1;
                }
            }
            after = listed.next;
            if after.is_none() {
                break;
            }
        }
        self.duplicates += stage.sim.pfx_duplicates() as u64;
        self.in_flight = work.archive().count_inflight().await?;
        for skip in work.subscribers().list_skips(10_000).await? {
            self.skipped.push(Skipped { who: format!("{}, {}", skip.who, skip.template), why: skip.why });
        }
        // The simulated tenant puts nobody into the enrollment groups who may not sign in.
        for user in stage.sim.users() {
            let known = work.subscribers().lookup(user.id.into()).await?.is_some();
            if !known && !user.account_enabled {
                let name = user.display_name.unwrap_or_default();
                self.skipped.push(Skipped {
                    who: format!("{name} ({})", user.user_principal_name).trim().to_owned(),
                    why: "may not sign in (`accountEnabled` is false), so the account is in no enrollment group"
                        .to_owned(),
                });
            }
        }
        for state in [
            EnrollmentState::Stuck,
            EnrollmentState::Rejected,
            EnrollmentState::Running,
            EnrollmentState::Waiting,
        ] {
            let page = work.enrollments().list(Some(state), &PageRequest::first(500)).await?;
            for enrollment in page.rows {
                self.skipped.push(Skipped {
                    who: enrollment.names.common_name,
                    why: enrollment
                        .last_error
                        .unwrap_or_else(|| format!("still at {}", enrollment.station.name())),
                });
            }
        }
        self.station_times(work.as_mut()).await
    }

    /// Adds up, from the journals, how long each station took.
    async fn station_times(&mut self, work: &mut dyn store::Work) -> Result<(), ComposeError> {
        let mut millis: BTreeMap<Station, i64> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = PageRequest { after, limit: 500 };
            let listed = work.enrollments().list(Some(EnrollmentState::Done), &page).await?;
            for enrollment in &listed.rows {
                let mut begun = None;
                for entry in work.enrollments().journal(enrollment.id).await? {
                    match entry.event {
                        JournalEvent::Started => begun = Some(entry.at),
                        JournalEvent::Succeeded => {
                            if let Some(start) = begun.take() {
                                *millis.entry(entry.station).or_default() +=
                                    entry.at.since(start).as_millis();
                            }
                        }
                        JournalEvent::Waiting
                        | JournalEvent::Failed
                        | JournalEvent::Stuck
                        | JournalEvent::Rejected => {}
                    }
                }
            }
            after = listed.next;
            if after.is_none() {
                break;
            }
        }
        for (station, spent) in millis {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of a demo are far below 2^52")]
            self.seconds.insert(station.name(), round(spent as f64 / 1_000.0));
        }
        Ok(())
    }

    /// Whether everything that could be done was done and proven.
    pub(crate) fn is_complete(&self) -> bool {
        self.duplicates == 0
            && self.in_flight == 0
            && self.device_failures.is_empty()
            && self.delivered == self.certificates
            && self.opened_on_devices == self.certificates
            && self.archived == self.to_be_archived
            && (self.archived == 0 || self.recovered > 0)
            && self.week.iter().all(|day| day.failed.is_empty())
    }
}

fn round(seconds: f64) -> f64 {
    (seconds * 1_000.0).round() / 1_000.0
}
