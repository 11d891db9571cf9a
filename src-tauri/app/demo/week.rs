//! A week in fast time: what happens in companies, day by day, and what the product made of it.
//!
//! Each day something happens at the simulated tenant, a day passes by the clock of tenant and product, the product reads,
//! plans and works as its service does, and what came of it is checked at both ends.

use jobs::Worker;
use lifecycle::Consent;
use model::{CertificateState, DriftKind, DriftState, Span};
use plan::Plan;
use serde::Serialize;
use sim::{Fault, FaultEffect, Member, User};
use store::{CertificateFilter, CertificateOrder, CertificateRow, DriftFilter, PageRequest, Store as _};
use uuid::Uuid;

use super::stage::Stage;
use crate::compose::{ComposeError, Program};
use crate::daemon;
use crate::works::chain;

/// The mail template of the demo.
pub(super) const MAIL: &str = "S/MIME";
/// Whoever begins on the first day.
const NEWCOMER: Uuid = Uuid::from_u128(0x5ea1_0000_0000_4000_8000_0000_0000_0001);

/// One day of the week.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Day {
    /// 1 to 7.
    pub number: u32,
    /// What happened in the company.
    pub happened: String,
    /// What came of it.
    pub came: Vec<String>,
    /// What should have come of it and did not.
    pub failed: Vec<String>,
}

impl Day {
    fn expect(&mut self, holds: bool, what: String) {
        if holds { self.came.push(what) } else { self.failed.push(what) }
    }
}

/// Tells the week. Days for which a tenant has nobody are left out.
pub(super) async fn tell(
    stage: &Stage,
    program: &Program,
    tell: &impl Fn(&str),
) -> Result<Vec<Day>, ComposeError> {
    tell("A week follows, in fast time:");
    let week = Week { stage, program, worker: daemon::worker(program, false) };
    let people = week.people();
    let mut days = Vec::new();
    let mut end = |day: Day| {
        tell(&format!("  Day {}: {}", day.number, day.happened));
        for came in &day.came {
            tell(&format!("         {came}"));
        }
        for failed in &day.failed {
            tell(&format!("         NOT: {failed}"));
        }
        days.push(day);
    };
    end(week.somebody_comes().await?);
    if let Some(bride) = people.first() {
        end(week.somebody_is_renamed(bride).await?);
    }
    if let Some(holder) = people.get(1)
        && let Some(day) = week.a_mailbox_gets_a_holder(holder).await?
    {
        end(day);
    }
    let leaver = people.get(2);
    if let Some(leaver) = leaver {
        end(week.somebody_leaves(leaver).await?);
    }
    end(week.graph_fails().await?);
    end(week.hands_meddle().await?);
    end(week.graces_pass(people.first(), leaver).await?);
    Ok(days)
}

fn unusable(error: impl std::error::Error) -> ComposeError {
    ComposeError::Unusable(chain(&error))
}

struct Week<'a> {
    stage: &'a Stage,
    program: &'a Program,
    worker: Worker,
}

impl Week<'_> {
    /// A day passes, with everything that the service does in it. Answers what reading the directory met with.
    async fn pass(&self) -> Result<Result<observe::Observed, String>, ComposeError> {
        self.stage.pass(Span::hours(24));
        let program = self.program;
        let bench = program.bench();
        let observed = program.sync(&bench).observe().await;
        lifecycle::cycle(
            program.store.as_ref(),
            program.clock.as_ref(),
            &program.ids,
            &program.terms(),
            None,
        )
        .await
        .map_err(|error| ComposeError::Unusable(chain(&error)))?;
        self.worker.run_until_idle().await;
        Ok(observed)
    }

    /// Those who have a mail certificate and hold no mailbox, the same in every run.
    fn people(&self) -> Vec<User> {
        let sim = &self.stage.sim;
        let of_mailboxes: Vec<Uuid> = sim
            .mailboxes()
            .iter()
            .flat_map(|mailbox| mailbox.holders.iter().copied().chain([mailbox.user_id]))
            .collect();
        let mut people: Vec<User> = sim.users();
        people.retain(|user| {
            user.account_enabled
                && user.mail.is_some()
                && !of_mailboxes.contains(&user.id)
                && user.id != NEWCOMER
        });
        people
    }

    async fn mail_certificates(&self, whose: Uuid) -> Result<Vec<CertificateRow>, ComposeError> {
        let filter = CertificateFilter { subscriber: Some(whose.into()), ..CertificateFilter::default() };
        let mut work = self.program.store.read().await?;
        let page =
            work.certificates().list(&filter, CertificateOrder::Newest, &PageRequest::first(50)).await?;
        Ok(page.rows.into_iter().filter(|row| row.template_name == MAIL).collect())
    }

    async fn valid(&self) -> Result<u64, ComposeError> {
        Ok(self.program.store.read().await?.certificates().counts(self.program.clock.now()).await?.valid)
    }

    /// How many certificates the devices of these people opened, and whether any failed.
    async fn opened(&self, people: &[Uuid]) -> Result<(usize, bool), ComposeError> {
        let checked = self.stage.sim.devices_of(people).await;
        let checked = checked.map_err(|error| ComposeError::Unusable(chain(&error)))?;
        Ok((checked.opened(), checked.failures().next().is_some()))
    }

    async fn somebody_comes(&self) -> Result<Day, ComposeError> {
        let sim = &self.stage.sim;
        let name = "Jördis Vånäs";
        let mut user = User::new(NEWCOMER, &format!("jordis.vanas@{}", sim.domain()));
        user.display_name = Some(name.to_owned());
        user.given_name = Some("Jördis".to_owned());
        user.surname = Some("Vånäs".to_owned());
        let added = sim.add_user(user, &[sim.smime_group()]);
        added.map_err(|error| ComposeError::Unusable(chain(&error)))?;
        let mut day = Day { number: 1, happened: format!("{name} begins to work here"), ..Day::default() };
        self.read(&mut day).await?;
        let rows = self.mail_certificates(NEWCOMER).await?;
        let delivered = rows.iter().filter(|row| row.delivered.0 > 0).count();
        day.expect(
            delivered == 1,
            "a certificate was ordered, its key archived, and Intune has it".to_owned(),
        );
        let (opened, failed) = self.opened(&[NEWCOMER]).await?;
        day.expect(opened > 0 && !failed, "it opens on the laptop".to_owned());
        Ok(day)
    }

    async fn somebody_is_renamed(&self, user: &User) -> Result<Day, ComposeError> {
        let sim = &self.stage.sim;
        let former = user.display_name.clone().unwrap_or_default();
        let given = user.given_name.clone().unwrap_or_else(|| "Alex".to_owned());
        let mail = format!("new.name.{}@{}", &user.id.simple().to_string()[..8], sim.domain());
        sim.rename_user(user.id, &given, "Weiß-Łukasik")
            .and_then(|()| sim.change_mail(user.id, &mail))
            .map_err(|error| ComposeError::Unusable(chain(&error)))?;
        let happened = format!("{former} marries and is {given} Weiß-Łukasik now, with a new address");
        let mut day = Day { number: 2, happened, ..Day::default() };
        self.read(&mut day).await?;
        let rows = self.mail_certificates(user.id).await?;
        let is_new = rows.first().is_some_and(|row| row.certificate.mail == mail && row.delivered.0 > 0);
        day.expect(
            is_new,
            "a certificate with the new name and address is on its way to every device".to_owned(),
        );
        let stays = rows.len() == 2 && rows[1].certificate.revoked.is_none() && rows[1].delivered.0 > 0;
        day.expect(
            stays,
            "the former one is not revoked before its grace, and stays on devices for old mail".to_owned(),
        );
        let (opened, failed) = self.opened(&[user.id]).await?;
        day.expect(opened > 1 && !failed, "both open on the devices".to_owned());
        Ok(day)
    }

    async fn a_mailbox_gets_a_holder(&self, user: &User) -> Result<Option<Day>, ComposeError> {
        let sim = &self.stage.sim;
        let Some(mailbox) = sim.mailboxes().first().cloned() else { return Ok(None) };
        let before = self.mail_certificates(mailbox.user_id).await?.len();
        sim.add_to_group(mailbox.holder_group, Member::User(user.id))
            .map_err(|error| ComposeError::Unusable(chain(&error)))?;
        let who = user.display_name.clone().unwrap_or_default();
        let happened = format!("{who} is to read the mailbox {} as well", mailbox.address);
        let mut day = Day { number: 3, happened, ..Day::default() };
        self.read(&mut day).await?;
        let rows = self.mail_certificates(mailbox.user_id).await?;
        let holders = u32::try_from(mailbox.holders.len()).unwrap_or(u32::MAX).saturating_add(1);
        let is_shared =
            rows.len() > before && rows.first().is_some_and(|row| row.delivered == (holders, holders));
        day.expect(
            is_shared,
            format!("the mailbox has a new key, delivered to all {holders} who may use it"),
        );
        let everybody: Vec<Uuid> = mailbox.holders.iter().copied().chain([user.id]).collect();
        let (_, failed) = self.opened(&everybody).await?;
        day.expect(!failed, "it opens on each of their devices".to_owned());
        Ok(Some(day))
    }

    async fn somebody_leaves(&self, user: &User) -> Result<Day, ComposeError> {
        let gone = self.stage.sim.remove_user(user.id, sim::Removal::Soft);
        gone.map_err(|error| ComposeError::Unusable(chain(&error)))?;
        let who = user.display_name.clone().unwrap_or_default();
        let mut day = Day { number: 4, happened: format!("{who} leaves the company"), ..Day::default() };
        self.read(&mut day).await?;
        let notices =
            self.program.store.read().await?.endings().list(self.program.clock.now(), 1_000).await?;
        let noticed = notices.iter().any(|notice| notice.ending.subscriber == user.id.into());
        day.expect(
            noticed,
            "the end of the certificates is noted; nothing is revoked on one reading".to_owned(),
        );
        Ok(day)
    }

    async fn graph_fails(&self) -> Result<Day, ComposeError> {
        let sim = &self.stage.sim;
        let before = self.valid().await?;
        sim.invalidate_delta_tokens();
        sim.add_fault(Fault::once("/v1.0/groups/*", FaultEffect::CutBefore));
        let happened = "Graph forgets its delta links and cuts connections".to_owned();
        let mut day = Day { number: 5, happened, ..Day::default() };
        let met = self.pass().await?;
        day.expect(
            met.is_err(),
            "the reading was given up: what was read in part says nothing about anybody".to_owned(),
        );
        sim.clear_faults();
        let again = self.program.sync(&self.program.bench()).observe().await;
        day.expect(again.is_ok_and(|observed| observed.full), "the next one read everything anew".to_owned());
        let after = self.valid().await?;
        day.expect(after == before, "nobody lost anything by it".to_owned());
        Ok(day)
    }

    async fn hands_meddle(&self) -> Result<Day, ComposeError> {
        let (sim, program) = (&self.stage.sim, self.program);
        let happened = "somebody tidies up by hand: deletes a record in Intune's console, puts a strange one there, and empties an \
                        entry of the address list";
        let mut day = Day { number: 6, happened: happened.to_owned(), ..Day::default() };
        let Some(row) = self.mail_certificates(NEWCOMER).await?.into_iter().next() else { return Ok(day) };
        let record = format!("{}-{}", NEWCOMER.simple(), row.certificate.thumbprint);
        let known = sim.pfx_records().into_iter().find(|one| one.id == record);
        day.expect(sim.delete_pfx(&record), "the record is gone at Intune".to_owned());
        let stranger = "0".repeat(40);
        if let Some(mut strange) = known {
            strange.id = format!("{}-{stranger}", NEWCOMER.simple());
            strange.thumbprint.clone_from(&stranger);
            sim.put_pfx(strange);
        }
        let shown = sim.published(NEWCOMER);
        day.expect(shown.certificates.len() == 1, "senders found one certificate until then".to_owned());
        sim.publish(NEWCOMER, sim::PublishedCertificates::default());

        let mut work = program.store.begin().await?;
        let (id, now) = (row.certificate.id, program.clock.now());
        lifecycle::order_readback(work.as_mut(), &program.ids, id, now).await.map_err(unusable)?;
        work.commit().await?;
        self.read(&mut day).await?;
        let found = self.mail_certificates(NEWCOMER).await?.into_iter().find(|row| row.certificate.id == id);
        let noticed = found.is_some_and(|row| row.delivered == (0, 1));
        day.expect(
            noticed,
            "reading back notices it: not delivered, until an officer delivers it again".to_owned(),
        );

        self.compare().await?;
        let once = lifecycle::repairs(program.store.as_ref()).await?;
        day.expect(once.is_empty(), "one comparison proves nothing".to_owned());
        self.compare().await?;
        let found = self.differences().await?;
        let has_all = [DriftKind::Orphan, DriftKind::Unknown, DriftKind::NotShown]
            .iter()
            .all(|kind| found.contains(kind));
        day.expect(has_all, "two in a row find all three, at Intune and in the address list".to_owned());
        let repairs = lifecycle::repairs(program.store.as_ref()).await?;
        let plan = Plan { repairs, ..Plan::empty(program.clock.now()) };
        let (store, clock) = (program.store.as_ref(), program.clock.as_ref());
        let limits = program.settings.limits.limits();
        let consent = Consent::Within(&limits);
        let applied = lifecycle::apply(store, clock, &program.ids, &plan, &program.actor, consent).await;
        let applied = applied.map_err(unusable)?;
        self.worker.run_until_idle().await;
        let strange = sim.pfx_records().iter().any(|one| one.thumbprint == stranger);
        day.expect(
            !strange && sim.published(NEWCOMER) == shown,
            format!(
                "a plan of {} repairs was carried out: the strange record is gone, and senders find the certificate again",
                applied.repairs.len()
            ),
        );
        self.compare().await?;
        let left = self.differences().await?;
        day.expect(
            left.contains(&DriftKind::Orphan) && left.iter().all(|kind| kind.repair().is_none()),
            "what only an officer can mend is told until then, and nothing else is".to_owned(),
        );
        Ok(day)
    }

    /// Reads the world outside as the service's duty does.
    async fn compare(&self) -> Result<(), ComposeError> {
        let sides = self.program.drift(&self.program.bench()).compare().await?;
        match sides.into_iter().find_map(|side| side.compared.err().map(|not| (side.name, not))) {
            Some((name, not)) => Err(ComposeError::Unusable(format!("{name} was not compared: {}", not.why))),
            None => Ok(()),
        }
    }

    /// The kinds of what is found to differ.
    async fn differences(&self) -> Result<Vec<DriftKind>, ComposeError> {
        let filter = DriftFilter { states: vec![DriftState::Open], ..DriftFilter::default() };
        let found = self.program.store.read().await?.drift().list(&filter, None, 1_000).await?;
        Ok(found.into_iter().map(|one| one.seen.kind).collect())
    }

    async fn graces_pass(&self, renamed: Option<&User>, leaver: Option<&User>) -> Result<Day, ComposeError> {
        let mut day = Day { number: 7, happened: "the graces have passed".to_owned(), ..Day::default() };
        self.read(&mut day).await?;
        for (user, kept) in [(renamed, 1), (leaver, 0)] {
            let Some(user) = user else { continue };
            let rows = self.mail_certificates(user.id).await?;
            let valid = rows.iter().filter(|row| row.certificate.state == CertificateState::Valid).count();
            let archived = rows.iter().all(|row| row.certificate.archived);
            let who = user.display_name.clone().unwrap_or_default();
            let what = if kept == 0 {
                "has no valid certificate any more"
            } else {
                "has only the one with the new name"
            };
            day.expect(valid == kept && archived, format!("{who} {what}; every key stays in the archive"));
        }
        let recovered = self.stage.recover(self.program, 1).await?;
        day.expect(recovered == 1, "an officer recovers an archived key".to_owned());
        let plan = lifecycle::draft(
            self.program.store.as_ref(),
            self.program.clock.as_ref(),
            &self.program.settings.prices,
        )
        .await;
        let plan = plan.map_err(|error| ComposeError::Unusable(chain(&error)))?;
        day.expect(
            plan.intents.is_empty(),
            "the plan is empty: everything is as the directory wants it".to_owned(),
        );
        Ok(day)
    }

    /// A day with a reading that must succeed.
    async fn read(&self, day: &mut Day) -> Result<(), ComposeError> {
        if let Err(error) = self.pass().await? {
            day.failed.push(format!("the directory was not read: {error}"));
        }
        Ok(())
    }
}
