//! Campaigns: every certificate of a template is replaced within hours, by daemons that are killed on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, Instant};

use model::{CertificateState, Entropy as _, MemberStage};
use serde_json::{Value, json};
use sim::{Fault, FaultEffect, SimOptions, Tenant};
use store::Store as _;
use support::SeededEntropy;

use crate::ceremony::run_as;
use crate::program::{Daemon, PATIENCE, until};
use crate::proof;
use crate::world::{Pace, SMIME, World};

/// Why every story's campaign is made.
const WHY: &str = "the authority revokes what it issued";

/// A world in which everybody has a certificate, and one person may begin a campaign.
async fn served(people: usize, mailboxes: usize) -> World {
    let tenant = Tenant::invent().people(people).mailboxes(mailboxes).build();
    served_with(SimOptions::new(tenant), &Pace::default()).await
}

async fn served_with(options: SimOptions, pace: &Pace) -> World {
    let world = World::bare(options, pace).await;
    world.import(SMIME, world.sim.smime_group(), &[]).await;
    unlimited(&world);
    let mut daemon = world.daemon();
    world.queue_all().await;
    until_enrolled(&world, &mut daemon, expected(&world)).await;
    daemon.stop().await;
    world
}

/// Whoever has a mail certificate.
fn expected(world: &World) -> u64 {
    world.expected().iter().filter(|(_, template, _)| *template == SMIME).count() as u64
}

fn unlimited(world: &World) {
    let file = world.home().join("sealwright.toml");
    let text = fs::read_to_string(&file).unwrap();
    let limits = "\n[limits]\nrevocations = 1000000\nrevocations-percent = 100\nreplacements = 1000000\nreplacements-percent = 100\n\
                  \n[prices.templates]\nmail = \"3.20 EUR\"\n";
    crate::home::write_private(&file, (text + limits).as_bytes());
}

/// So long a story waits for so many certificates; a quiet machine takes a tenth of it.
fn patience(certificates: u64) -> Duration {
    PATIENCE + Duration::from_millis(500) * u32::try_from(certificates).unwrap()
}

async fn until_enrolled(world: &World, daemon: &mut Daemon, wanted: u64) {
    let begun = Instant::now();
    while world.done().await < wanted {
        let in_time = daemon.is_running() && begun.elapsed() < patience(wanted);
        assert!(in_time, "{wanted} wanted\n{}", daemon.end_of_log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Writes a campaign down that waits for nothing; its preview.
async fn write_down(world: &World, more: &[&str]) -> Value {
    let named = [
        "campaign",
        "create",
        "Incident",
        "--why",
        WHY,
        "--hours",
        "120",
        "--template",
        SMIME,
        "--settle-minutes",
        "0",
        "--revocations-per-hour",
        "1000000",
    ];
    let restless: &[&str] = if more.contains(&"--pause-minutes") { &[] } else { &["--pause-minutes", "0"] };
    world.run_json(&[named.as_slice(), restless, more].concat()).await.json()
}

async fn begin(world: &World) {
    world.json(&["campaign", "start", "incident", "--yes"]).await;
}

async fn status(world: &World) -> Value {
    world.run_json(&["campaign", "status", "Incident"]).await.json()
}

/// So many members stand there.
async fn count(world: &World, stages: &[MemberStage]) -> u64 {
    let mut work = world.store.read().await.unwrap();
    let campaign = work.campaigns().find("Incident").await.unwrap().unwrap();
    let counts = work.campaigns().counts(campaign.id).await.unwrap();
    counts.iter().filter(|(_, stage, _)| stages.contains(stage)).map(|(_, _, count)| count).sum()
}

async fn until_state(world: &World, daemon: &mut Daemon, wanted: &str) {
    let begun = Instant::now();
    loop {
        let state = {
            let mut work = world.store.read().await.unwrap();
            let campaign = work.campaigns().find("Incident").await.unwrap().unwrap();
            campaign.state.name()
        };
        if state == wanted {
            return;
        }
        let in_time = daemon.is_running() && begun.elapsed() < patience(expected(world));
        let told = if in_time { Value::Null } else { status(world).await };
        assert!(in_time, "it is {state} and not {wanted}: {told}\n{}", daemon.end_of_log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Everybody has one new certificate with another key, the old one is revoked, nothing was ordered or sent twice, and nothing
/// is left over.
async fn everything_was_replaced_once(world: &World, members: u64) {
    let rows = proof::certificates(world).await;
    let mut of: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in &rows {
        of.entry(row.certificate.subscriber).or_default().push(&row.certificate);
    }
    assert_eq!(of.len() as u64, members);
    for (who, mut certificates) in of {
        certificates.sort_by_key(|one| one.id);
        let states: Vec<_> = certificates.iter().map(|one| one.state).collect();
        assert_eq!(states, [CertificateState::Revoked, CertificateState::Valid], "{who}");
        assert!(certificates.iter().all(|one| one.archived), "both keys of {who} are in the archive");
    }
    let mut work = world.store.read().await.unwrap();
    let authority = work.authorities().list().await.unwrap().remove(0).id;
    assert_eq!(work.ledger().count(authority).await.unwrap(), 2 * members, "orders in the authority's books");
    let revoked = work.ledger().list_revoked(authority, model::Timestamp::from_seconds(0)).await.unwrap();
    assert_eq!(revoked.len() as u64, members, "revocations in the authority's books");
    assert_eq!(work.jobs().count().await.unwrap(), 0, "nothing is queued any more");
    assert_eq!(work.archive().count_inflight().await.unwrap(), 0, "no key is in flight any more");
    let campaign = work.campaigns().find("Incident").await.unwrap().unwrap();
    let mut after = None;
    let mut successors = BTreeSet::new();
    loop {
        let page = work.campaigns().members(campaign.id, None, after, 500).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.certificate);
        for member in page {
            assert_eq!(member.stage, MemberStage::Revoked, "{member:?}");
            let enrollment = work.enrollments().lookup(member.enrollment.unwrap()).await.unwrap().unwrap();
            assert_eq!(enrollment.replaces, Some(member.certificate));
            assert!(
                member.ordered_at <= member.present_at && member.present_at <= member.revoking_at,
                "{member:?}"
            );
            assert!(member.revoking_at <= member.revoked_at, "{member:?}");
            successors.insert(enrollment.certificate.unwrap());
            let keys = [member.enrollment.unwrap(), {
                let old = work.certificates().lookup(member.certificate).await.unwrap().unwrap();
                old.certificate.enrollment
            }];
            let (_, new) = work.enrollments().request(keys[0]).await.unwrap().unwrap();
            let (_, old) = work.enrollments().request(keys[1]).await.unwrap().unwrap();
            assert_ne!(new, old, "the key is a new one");
        }
    }
    assert_eq!(successors.len() as u64, members);
    let created = world.sim.pfx_created();
    let once: BTreeSet<_> = created.iter().map(|one| (one.user, one.thumbprint.clone())).collect();
    assert_eq!(once.len(), created.len(), "each record was created once");
    assert_eq!(world.sim.pfx_duplicates(), 0, "no record was sent a second time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_replaces_everything_once_and_its_evidence_proves_itself() {
    let world = served(6, 1).await;
    let told = write_down(&world, &["--wave", "3"]).await;
    let preview = &told["preview"];
    assert_eq!(
        (&preview["selected"], &preview["orders"], &preview["mailboxes"]),
        (&json!(7), &json!(7), &json!(1))
    );
    assert_eq!(preview["cost"], json!(["22.40 EUR"]), "{preview}");
    assert_eq!((&preview["fromTheSame"], &preview["inTime"]), (&json!(7), &json!(true)));
    assert_eq!(world.done().await, 7, "nothing changes before it begins");
    begin(&world).await;
    let mut daemon = world.daemon();
    until_state(&world, &mut daemon, "done").await;
    until("all is confirmed", async || {
        (world.store.read().await.unwrap().jobs().count().await.unwrap() == 0).then_some(())
    })
    .await;
    daemon.stop().await;
    everything_was_replaced_once(&world, 7).await;
    let told = status(&world).await;
    assert_eq!((&told["waves"], &told["stages"]), (&json!(3), &json!({ "revoked": 7 })), "{told}");
    let hours = told["hours"].as_array().unwrap();
    assert_eq!(hours.iter().map(|hour| hour["revoked"].as_u64().unwrap()).sum::<u64>(), 7);

    let file = world.folder().join("evidence.json");
    let path = file.to_str().unwrap();
    world.json(&["campaign", "evidence", "Incident", "--out", path]).await;
    let proven = world.json(&["audit", "check", path]).await;
    assert_eq!((&proven["proven"], &proven["members"]), (&json!(true), &json!(7)), "{proven}");
    let text = fs::read_to_string(&file).unwrap();
    let evidence: Value = serde_json::from_str(&text).unwrap();
    let report: Value = serde_json::from_str(evidence["report"].as_str().unwrap()).unwrap();
    for member in report["members"].as_array().unwrap() {
        for at in ["orderedAt", "issuedAt", "archivedAt", "deliveredAt", "revocationOrderedAt", "revokedAt"] {
            assert!(member[at].is_string(), "{at} of {member}");
        }
        // Issued and archived, delivered, revocation ordered and confirmed; and those of the old one's own beginning.
        assert!(member["entries"].as_array().unwrap().len() >= 5, "{member}");
    }
    let altered = text.replacen("\\\"stage\\\":\\\"revoked\\\"", "\\\"stage\\\":\\\"excluded\\\"", 1);
    assert_ne!(altered, text);
    fs::write(&file, altered).unwrap();
    let told = world.run_json(&["audit", "check", path]).await;
    assert_eq!((told.code, &told.json()["proven"]), (Some(3), &json!(false)), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_one_person_may_begin_takes_a_second_one() {
    let world = World::of(6, 1).await;
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    let anna = |arguments: &'static [&'static str]| run_as(&world, "anna@desk-1", arguments);
    let create = ["campaign", "create", "Incident", "--why", WHY, "--hours", "120", "--template", SMIME];
    let written = run_as(&world, "anna@desk-1", &create).await.json();
    assert_eq!(written["preview"]["selected"], 7, "{written}");
    let refused = anna(&["campaign", "start", "Incident", "--yes"]).await.failure_with(3);
    assert!(refused.contains("more than one person"), "{refused}");
    let own = anna(&["campaign", "approve", "Incident", "--yes"]).await.failure();
    assert!(own.contains("nobody approves their own"), "{own}");
    let approved = run_as(&world, "ben@desk-2", &["campaign", "approve", "Incident", "--yes"]).await.done();
    assert_eq!(approved["approved"], json!(["ben@desk-2"]));
    let begun = anna(&["campaign", "start", "Incident", "--yes"]).await.done();
    assert_eq!(begun["state"], "running");
    let log = world.json(&["audit", "list"]).await.to_string();
    assert!(log.contains("approved by ben@desk-2"), "{log}");
}

/// Kills at `point` when it is reached for the second time in the campaign, and the next service when it reaches it for the
/// third time.
async fn survives(point: &str) {
    let world = served(4, 1).await;
    write_down(&world, &["--wave", "2", "--failures-percent", "50"]).await;
    begin(&world).await;
    for nth in [2, 1] {
        let mut daemon = world.probed(&format!("kill:{point}:{nth}"));
        daemon.killed().await;
    }
    assert!(count(&world, &[MemberStage::Revoked]).await < 5, "it was killed in the middle of its work");
    let mut daemon = world.daemon();
    until_state(&world, &mut daemon, "done").await;
    daemon.stop().await;
    everything_was_replaced_once(&world, 5).await;
}

macro_rules! kills {
    ($($name:ident: $point:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            survives($point).await;
        }
    )*};
}

kills! {
    a_kill_before_the_new_key_loses_nothing_and_doubles_nothing: "keygen.before";
    a_kill_after_the_authority_issued_again_loses_nothing_and_doubles_nothing: "request.inside";
    a_kill_while_the_new_key_is_archived_loses_nothing_and_doubles_nothing: "archive.inside";
    a_kill_after_intune_took_the_successor_loses_nothing_and_doubles_nothing: "deliver.inside";
    a_kill_after_the_successor_was_read_back_loses_nothing_and_doubles_nothing: "deliver.after";
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_campaign_orders_and_revokes_nothing_and_goes_on_where_it_was() {
    let world = served(6, 0).await;
    write_down(&world, &["--wave", "2", "--pause-minutes", "600"]).await;
    begin(&world).await;
    let mut daemon = world.daemon();
    until("the first wave is through", async || {
        (count(&world, &[MemberStage::Revoked]).await == 2).then_some(())
    })
    .await;
    world.json(&["campaign", "pause", "Incident"]).await;
    let told = status(&world).await;
    assert_eq!((&told["state"], &told["stages"]["waiting"]), (&json!("paused"), &json!(4)), "{told}");
    let again = world.run_json(&["campaign", "pause", "Incident"]).await.failure();
    assert!(again.contains("does not run"), "{again}");
    let members = {
        let mut work = world.store.read().await.unwrap();
        let campaign = work.campaigns().find("Incident").await.unwrap().unwrap();
        work.campaigns().members(campaign.id, Some(MemberStage::Waiting), None, 10).await.unwrap()
    };
    let out = {
        let mut work = world.store.read().await.unwrap();
        work.certificates().lookup(members[0].certificate).await.unwrap().unwrap().certificate
    };
    let thumbprint = out.thumbprint.to_string();
    let excluded =
        world.json(&["campaign", "exclude", "Incident", &thumbprint, "--reason", "is on leave"]).await;
    assert_eq!(excluded["excluded"], 1);
    world.json(&["campaign", "resume", "Incident"]).await;
    assert_eq!(status(&world).await["state"], "running");
    world.json(&["campaign", "stop", "Incident", "--reason", "it was an exercise"]).await;
    let told = status(&world).await;
    assert_eq!(
        (&told["state"], &told["stages"]),
        (&json!("stopped"), &json!({ "waiting": 3, "excluded": 1, "revoked": 2 }))
    );
    let ended = world.run_json(&["campaign", "resume", "Incident"]).await.failure();
    assert!(ended.contains("cannot go on"), "{ended}");
    daemon.stop().await;
    assert_eq!(proof::certificates(&world).await.len(), 8, "two were replaced, and nothing else was ordered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wave_that_fails_pauses_the_campaign_and_old_certificates_stay_good() {
    let world = served(5, 0).await;
    write_down(&world, &["--wave", "2", "--failures-percent", "10"]).await;
    begin(&world).await;
    let route = "POST /beta/deviceManagement/userPfxCertificates";
    world.sim.add_fault(Fault::always(route, FaultEffect::Status { status: 400 }));
    let mut daemon = world.daemon();
    until_state(&world, &mut daemon, "paused").await;
    let told = status(&world).await;
    assert!(told["note"].as_str().unwrap().contains("failed, more than 10 percent"), "{told}");
    assert!(told["members"][0]["why"].as_str().unwrap().contains("the old certificate is kept"), "{told}");
    assert_eq!(count(&world, &[MemberStage::Revoking, MemberStage::Revoked]).await, 0);
    world.sim.clear_faults();
    world.json(&["campaign", "resume", "Incident"]).await;
    until_state(&world, &mut daemon, "done").await;
    daemon.stop().await;
    everything_was_replaced_once(&world, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pasted_serial_numbers_select_and_unknown_ones_are_told() {
    let world = served(4, 0).await;
    let rows = proof::certificates(&world).await;
    let hex = rows[0].certificate.serial.to_string();
    let colons: Vec<String> =
        hex.as_bytes().chunks(2).map(|two| String::from_utf8_lossy(two).to_uppercase()).collect();
    let file = world.folder().join("serials.txt");
    let text = format!("{}\n0x{}\n  dec:4711 \n{hex}", colons.join(":"), rows[1].certificate.serial);
    fs::write(&file, text).unwrap();
    let create = |file: &str| {
        let arguments = [
            "campaign",
            "create",
            "Incident",
            "--why",
            WHY,
            "--hours",
            "120",
            "--settle-minutes",
            "0",
            "--serials",
        ];
        let mut all: Vec<String> = arguments.map(str::to_owned).to_vec();
        all.push(file.to_owned());
        all
    };
    let arguments = create(file.to_str().unwrap());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let written = world.run_json(&arguments).await;
    assert_eq!(written.code, Some(3), "somebody has to look at the unknown one: {written:?}");
    let preview = &written.json()["preview"];
    assert_eq!(preview["selected"], 2, "{preview}");
    assert_eq!(
        preview["leftOut"],
        json!([{ "serial": "1267", "why": "no certificate here has this serial number" }])
    );
    fs::write(&file, "12 34\nthis is none").unwrap();
    let wrong = world.run_json(&arguments).await.failure();
    assert!(wrong.contains("this is none"), "{wrong}");
    let all =
        world.run_json(&["campaign", "create", "All", "--why", WHY, "--hours", "1"]).await.failure_with(2);
    assert!(all.contains("every certificate"), "{all}");
    begin(&world).await;
    let mut daemon = world.daemon();
    until_state(&world, &mut daemon, "done").await;
    daemon.stop().await;
    let revoked: BTreeSet<String> = proof::certificates(&world)
        .await
        .iter()
        .filter(|row| row.certificate.state == CertificateState::Revoked)
        .map(|row| row.certificate.serial.to_string())
        .collect();
    assert_eq!(revoked, BTreeSet::from([hex, rows[1].certificate.serial.to_string()]), "these and no others");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_is_under_way_is_the_successor() {
    let world = served(3, 0).await;
    let row = proof::certificates(&world).await.remove(0);
    write_down(&world, &[]).await;
    begin(&world).await;
    world.json(&["certificate", "renew", &row.certificate.thumbprint.to_string()]).await;
    let mut daemon = world.daemon();
    until_state(&world, &mut daemon, "done").await;
    daemon.stop().await;
    everything_was_replaced_once(&world, 3).await;
}

/// How many people the long story serves: so many as are asked for by the environment, or few.
#[expect(clippy::disallowed_methods, reason = "how long a test runs is its environment's business")]
fn people(few: usize) -> usize {
    match std::env::var("SEALWRIGHT_CAMPAIGN_PEOPLE") {
        Ok(asked) => asked.parse().expect("SEALWRIGHT_CAMPAIGN_PEOPLE is a number"),
        Err(_) => few,
    }
}

/// Where the report of the long story goes, if anywhere.
#[expect(clippy::disallowed_methods, reason = "where artefacts go is the environment's business")]
fn report_file() -> Option<std::path::PathBuf> {
    std::env::var_os("SEALWRIGHT_CAMPAIGN_REPORT").map(std::path::PathBuf::from)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_campaign_survives_a_service_that_is_killed_again_and_again() {
    let wanted = people(120);
    let tenant = Tenant::invent().people(wanted).mailboxes(0).build();
    let pace = Pace { watch_seconds: 3_600, concurrency: 8, ..Pace::default() };
    let begun = Instant::now();
    let world = served_with(SimOptions::new(tenant), &pace).await;
    let members = expected(&world);
    let enrolled = begun.elapsed();
    let begun = Instant::now();
    let wave = (members / 10).clamp(10, 2_000).to_string();
    write_down(&world, &["--wave", &wave, "--failures-percent", "20"]).await;
    let previewed = begun.elapsed();
    let begun = Instant::now();
    let mut command = world.command();
    command.args(["--json", "campaign", "start", "Incident", "--yes"]);
    crate::program::Ran::within(command, patience(members)).await.done();
    let started = begun.elapsed();

    let begun = Instant::now();
    let dice = SeededEntropy::new(members);
    let kills = (members / 20).clamp(8, 40);
    let mut in_the_middle = 0_u64;
    for kill in 0..kills {
        let mut random = [0; 2];
        dice.fill(&mut random);
        let step = members / (kills + 2);
        let enough = members + kill * step + u64::from(random[0]) * step / 256;
        let mut daemon = world.daemon();
        daemon.ready().await;
        until_enrolled(&world, &mut daemon, enough).await;
        tokio::time::sleep(Duration::from_micros(u64::from(random[1]) * 2_000)).await;
        daemon.kill().await;
        in_the_middle += u64::from(count(&world, &[MemberStage::Revoked]).await < members);
    }
    assert!(in_the_middle * 2 >= kills, "only {in_the_middle} of {kills} kills met it at work");
    let mut daemon = world.daemon();
    until_state(&world, &mut daemon, "done").await;
    daemon.stop().await;
    let ran = begun.elapsed();
    let begun = Instant::now();
    everything_was_replaced_once(&world, members).await;
    let report = json!({
        "members": members, "kills": kills, "killsAtWork": in_the_middle, "wave": wave,
        "secondsToEnrol": enrolled.as_secs_f64(), "secondsToPreview": previewed.as_secs_f64(),
        "secondsToStart": started.as_secs_f64(), "secondsToReplaceAndRevoke": ran.as_secs_f64(),
        "perHour": f64::from(u32::try_from(members).unwrap()) * 3_600.0 / ran.as_secs_f64(), "secondsToProve": begun.elapsed().as_secs_f64(),
        "duplicates": 0, "lost": 0,
    });
    if let Some(file) = report_file() {
        fs::write(file, serde_json::to_string_pretty(&report).unwrap()).unwrap();
    }
    println!("{report}");
}
