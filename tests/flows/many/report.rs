//! What a story tells about itself: one line of JSON on standard output, and the same in a file of its own among the
//! artefacts (`SEALWRIGHT_ARTEFACTS`; without it below the target folder).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::fleet::{Death, Fleet};
use super::havoc::Blows;
use crate::proof::Proven;
use crate::world::{SMIME, World};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    story: &'static str,
    people: usize,
    daemons: usize,
    lease_seconds: u32,
    seconds: f64,
    blows: Blows,
    /// Services that could not reach the database when they began.
    restarts: u32,
    /// Deaths of services that had claimed work, and how long until others had taken all of it up.
    deaths_at_work: usize,
    seconds_until_work_continued: Spread,
    certificates: usize,
    duplicate_orders: u64,
    duplicate_records: usize,
    /// Records that were sent again after a pause, and refused.
    repeats_refused: usize,
    keys_recovered: usize,
    lost_keys: usize,
    warnings: BTreeMap<String, usize>,
}

#[derive(Serialize)]
pub(crate) struct Spread {
    median: f64,
    max: f64,
}

impl Spread {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let seconds = |time: Option<&Duration>| time.map_or(0.0, |time| rounded(*time));
        Self { median: seconds(times.get(times.len() / 2)), max: seconds(times.last()) }
    }
}

fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 100.0).round() / 100.0
}

/// That a story could not be told, and why.
pub(crate) fn skipped(story: &'static str, why: &str) {
    keep(story, &json!({ "story": story, "skipped": why }));
}

/// Prints it and keeps it.
#[expect(clippy::print_stdout, reason = "the report is what the story is run for")]
pub(crate) fn keep(story: &str, report: &Value) {
    if let Some(why) = report["skipped"].as_str() {
        println!("SKIPPED {story}: {why}");
    }
    println!("{report}");
    let folder = artefacts().join("reports");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{}.json", story.replace(' ', "-"))), format!("{report:#}\n")).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "where reports go is a test's environment's business")]
fn artefacts() -> PathBuf {
    let named = std::env::var_os("SEALWRIGHT_ARTEFACTS").map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("artefacts"))
}

/// Tells how it went.
pub(crate) fn tell(
    story: &'static str,
    world: &World,
    fleet: &Fleet<'_>,
    took: Duration,
    lease_seconds: u32,
    blows: Blows,
    proven: &Proven,
) {
    let expected = world.expected();
    let archived = expected.iter().filter(|(_, template, _)| *template == SMIME).count();
    let records: usize = expected.iter().map(|(_, _, receivers)| receivers.len()).sum();
    let at_work: Vec<&Death> = fleet.deaths.iter().filter(|death| death.left > 0).collect();
    let report = Report {
        story,
        people: world.sim.users().len(),
        daemons: fleet.len(),
        lease_seconds,
        seconds: rounded(took),
        blows,
        restarts: fleet.restarts,
        deaths_at_work: at_work.len(),
        seconds_until_work_continued: Spread::of(
            at_work.iter().filter_map(|death| death.continued).collect(),
        ),
        certificates: expected.len(),
        duplicate_orders: proven.orders - expected.len() as u64,
        duplicate_records: world.sim.pfx_created().len() - records,
        repeats_refused: world.sim.pfx_duplicates(),
        keys_recovered: proven.recovered,
        lost_keys: archived - proven.recovered,
        warnings: fleet.warnings(),
    };
    keep(story, &json!(report));
}
