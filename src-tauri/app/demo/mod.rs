//! The whole story on embedded parts: a simulated tenant, a built-in authority, recovery agents made on the spot,
//! virtual devices that open what they are given.
//!
//! Everything the product does here is what it does in earnest; only the tenant is simulated.

mod report;
mod stage;
mod time;
mod week;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jobs::Worker;
use store::Store;

pub(crate) use report::Report;
use stage::Stage;

use crate::compose::{ComposeError, Program};
use crate::daemon;
use crate::works::chain;

/// What is said of a home that a demo left behind.
pub(crate) const TENANT_ENDED: &str = "this home goes by the simulated tenant of a demo (`sealwright demo --keep`), which ended with it: whatever asks it fails";

/// What is to be shown.
#[derive(Clone, Debug)]
pub(crate) struct DemoOptions {
    /// Invented people.
    pub people: usize,
    /// Shared mailboxes.
    pub mailboxes: usize,
    /// A Graph `/users` export in place of invented people.
    pub tenant: Option<PathBuf>,
    /// Folder to keep; a scratch folder otherwise.
    pub keep: Option<PathBuf>,
    /// Keys of the mail template: RSA 2048 unless a benchmark wants others.
    pub key: model::KeyAlgorithm,
    /// How many archived keys are recovered for the proof.
    pub recover: usize,
    /// Whether a week follows, in fast time.
    pub week: bool,
    /// Lines for people go here; `None` keeps quiet.
    pub tell: Option<fn(&str)>,
}

/// A demo that has run its story and goes on living.
pub(crate) struct Demo {
    /// The tenant and its devices live as long as this.
    _stage: Stage,
    /// The product.
    pub program: Program,
    /// What came of it.
    pub report: Report,
}

/// Runs the story to its end.
pub(crate) async fn run(options: &DemoOptions) -> Result<Demo, ComposeError> {
    let tell = |line: &str| {
        if let Some(tell) = options.tell {
            tell(line);
        }
    };
    let whole = Instant::now();
    let mut report = Report::default();

    tell("Setting the stage: a simulated tenant, a built-in authority, two key recovery agents …");
    let started = Instant::now();
    let stage = Box::pin(Stage::set(options)).await?;
    let program = stage.program().await?;
    report.spent("setup", started);
    tell(&format!(
        "  tenant {} at {}, home {}",
        stage.sim.tenant_id(),
        stage.sim.base_url(),
        program.home.path().display()
    ));

    let bench = program.bench();
    let sync = program.sync(&bench);
    let started = Instant::now();
    sync.observe().await.map_err(ComposeError::Unusable)?;
    report.spent("observe", started);
    let (people, mailboxes) = program.store.read().await?.subscribers().count().await?;
    (report.people, report.mailboxes) = (people, mailboxes);
    tell(&format!("Observed {people} people and {mailboxes} shared mailboxes."));

    let started = Instant::now();
    let plan = lifecycle::draft(program.store.as_ref(), program.clock.as_ref(), &program.settings.prices)
        .await
        .map_err(|error| ComposeError::Unusable(chain(&error)))?;
    lifecycle::cycle(program.store.as_ref(), program.clock.as_ref(), &program.ids, &program.terms(), None)
        .await
        .map_err(|error| ComposeError::Unusable(chain(&error)))?;
    report.spent("plan", started);
    tell(&format!("Planned {} enrollments, for example:", plan.intents.len()));
    for intent in plan.intents.iter().take(4) {
        tell(&format!("  {} {}: {}", intent.action.verb(), intent.who, intent.reason));
    }
    for skip in plan.skips.iter().take(12) {
        tell(&format!("  not {} ({}): {}", skip.who, skip.template, skip.why));
    }

    let started = Instant::now();
    let worker = daemon::worker(&program, false);
    work_off(&worker, program.store.as_ref(), plan.intents.len(), options.tell.is_some()).await?;
    report.spent("enroll", started);

    let started = Instant::now();
    let devices =
        stage.sim.devices_check_in().await.map_err(|error| ComposeError::Unusable(chain(&error)))?;
    report.spent("open", started);
    report.devices(&devices);

    let started = Instant::now();
    report.recovered = stage.recover(&program, options.recover).await?;
    report.spent("recover", started);

    report.count(&program, &stage).await?;
    report.spent("total", whole);
    if options.week {
        let started = Instant::now();
        report.week = week::tell(&stage, &program, &tell).await?;
        report.spent("week", started);
    }
    Ok(Demo { _stage: stage, program, report })
}

/// Runs queued work until none is due, with a live bar on a terminal.
async fn work_off(
    worker: &Worker,
    store: &dyn Store,
    expected: usize,
    visible: bool,
) -> Result<(), ComposeError> {
    let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(expected as u64), target);
    if let Ok(style) =
        ProgressStyle::with_template("  {bar:32} {pos}/{len} certificates  {msg}  {elapsed}, {eta} left")
    {
        bar.set_style(style);
    }
    let working = worker.run_until_idle();
    tokio::pin!(working);
    let mut look = tokio::time::interval(Duration::from_millis(250));
    loop {
        tokio::select! {
            idle = &mut working => {
                tracing::debug!(?idle, "the queue is worked off");
                break;
            }
            _ = look.tick() => {
                let counts = store.read().await?.enrollments().counts().await?;
                bar.set_position(counts.done);
                let [keygen, request, archive, deliver] = counts.open;
                bar.set_message(format!("keygen {keygen} · request {request} · archive {archive} · deliver {deliver}"));
            }
        }
    }
    bar.set_position(store.read().await?.enrollments().counts().await?.done);
    bar.finish();
    Ok(())
}
