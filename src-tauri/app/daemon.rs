//! The headless service: worker, duties, health, and an orderly end.

use std::sync::Arc;

use jobs::{DueBy, Duty, Worker, WorkerOptions};
use tokio_util::sync::CancellationToken;

use crate::compose::{ComposeError, Program};
use crate::health::Health;
use crate::publishing::Publishing;
use crate::works::{Campaigns, Crl, Drills, Works};

/// A worker that serves one program: enrollments and other jobs, and the duties when `with_duties`.
pub(crate) fn worker(program: &Program, with_duties: bool) -> Worker {
    let bench = program.bench();
    let drift = program.drift(&bench);
    let status = drift.status.clone();
    let mut duties: Vec<Arc<dyn Duty>> = if with_duties {
        vec![
            Arc::new(program.sync(&bench)),
            Arc::new(Crl { authorities: program.authority_ports() }),
            Arc::new(Drills {
                bench: Arc::clone(&bench),
                schedule: program.settings.recovery.drill_schedule(),
            }),
            Arc::new(Campaigns::new(Arc::clone(&bench))),
            Arc::new(drift),
        ]
    } else {
        Vec::new()
    };
    if let (true, Some(book)) = (with_duties, &bench.address_book) {
        duties.push(Arc::new(Publishing::new(Arc::clone(&bench), Arc::clone(book))));
    }
    let options = WorkerOptions {
        name: worker_name(program),
        concurrency: program.settings.daemon.parallel(),
        grace: model::Span::seconds(i64::from(program.settings.daemon.grace_seconds)),
        lease: program.settings.daemon.lease(),
        // What another process queues or wakes is seen within seconds; a look costs two indexed reads.
        nap: model::Span::seconds(5),
        due_by: DueBy::Database,
    };
    Worker::new(
        program.store_port(),
        Arc::clone(&program.clock),
        Arc::clone(&program.entropy),
        Arc::new(Works { bench, status }),
        duties,
        options,
    )
}

/// Names a worker for ever: host and process id come again, in containers at every start.
fn worker_name(program: &Program) -> String {
    let mut random = [0_u8; 8];
    program.entropy.fill(&mut random);
    let (host, process) = (crate::installation::host_name(), std::process::id());
    format!("{host} {process} {:016x}", u64::from_be_bytes(random))
}

/// A worker running in the background of a window or bridge.
pub(crate) struct Background {
    stop: CancellationToken,
    running: tokio::task::JoinHandle<()>,
}

impl Background {
    /// Starts it on the present runtime.
    #[expect(clippy::disallowed_methods, reason = "the handle is awaited in `stop`")]
    pub(crate) fn start(worker: Worker) -> Self {
        let stop = CancellationToken::new();
        let token = stop.clone();
        let running = tokio::spawn(async move { worker.run(token).await });
        Self { stop, running }
    }

    /// Ends when the worker has ended, which it does by itself only when something is broken.
    pub(crate) async fn ended(&mut self) {
        if let Err(error) = (&mut self.running).await {
            tracing::error!(%error, "the worker ended badly");
        }
    }

    /// Stops claiming, lets running work finish within the grace time.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        if !self.running.is_finished() {
            self.ended().await;
        }
    }
}

/// Runs the service until the process is asked to stop.
pub(crate) async fn run(mut program: Arc<Program>) -> Result<(), ComposeError> {
    // Outside the fleet nothing can be sealed: the service would make keys that it cannot deliver.
    if let Some(outside) = Arc::get_mut(&mut program).and_then(|program| program.outside.take()) {
        return Err(outside.into());
    }
    let link = program.tenant.as_ref().map(|doors| Arc::clone(&doors.link));
    let health = Health::new(program.store_port(), program.authorities.values().cloned())
        .with_sign_in(link, &program.clock);
    let listener = Health::bind(program.settings.daemon.listen).await.map_err(ComposeError::Unusable)?;
    let address = listener.local_addr().map(|address| address.to_string()).unwrap_or_default();
    if crate::installation::lies_in_file(&program.home) {
        tracing::warn!(
            folder = %program.home.path().display(),
            "this installation's key lies in a file; whoever reads it can open keys in flight"
        );
    }
    crate::watch::reseal(&program).await;
    requeue(&program).await?;
    let mut background = Background::start(worker(&program, true));
    let stop = CancellationToken::new();
    let served = health.serve(listener, stop.clone());
    // Who asks as soon as it is ready is heard, and so is who asked before.
    let mut asked = std::pin::pin!(asked_to_stop());
    let early = tokio::select! {
        biased;
        () = &mut asked => true,
        () = std::future::ready(()) => false,
    };
    tracing::info!(version = env!("CARGO_PKG_VERSION"), home = %program.home.path().display(), %address, "the daemon is ready");
    notify(&[Notice::Ready]);

    let fault = |what: &str| Some(ComposeError::Unusable(format!("{what}; see the log above")));
    let broken = {
        let scrubbing = scrub_now_and_then(&program);
        tokio::select! {
            // The service manager starts it again.
            () = served => fault("the health port failed"),
            () = background.ended() => fault("the worker ended by itself"),
            () = scrubbing => None,
            reason = crate::watch::watch(&program, program.settings.daemon.watch()) => Some(reason),
            () = &mut asked, if !early => None,
            () = std::future::ready(()), if early => None,
        }
    };
    tracing::info!("stopping: running work is finished or parked");
    notify(&[Notice::Stopping]);
    stop.cancel();
    background.stop().await;
    // Overwritten in-flight keys leave the write-ahead log too.
    if let Err(error) = program.store.scrub().await {
        tracing::warn!(%error, "the write-ahead log could not be emptied");
    }
    program.store.close().await;
    if let Some(reason) = broken {
        return Err(reason);
    }
    tracing::info!("stopped");
    Ok(())
}

/// Whatever came between an enrollment and its job in an earlier life, the enrollment goes on.
async fn requeue(program: &Program) -> Result<(), ComposeError> {
    enroll::requeue(program.store.as_ref(), &program.ids, program.clock.now()).await?;
    Ok(())
}

/// How often the write-ahead log is emptied, at most.
const SCRUB_EVERY: std::time::Duration = std::time::Duration::from_secs(30);

/// Empties the write-ahead log while nothing is in flight, so that shredded keys are not readable in it. Costs one look
/// at a file's size when nothing was written.
pub(crate) async fn scrub_now_and_then(program: &Program) {
    loop {
        tokio::time::sleep(SCRUB_EVERY).await;
        scrub(program).await;
    }
}

/// Empties the write-ahead log once, unless it is empty.
pub(crate) async fn scrub(program: &Program) {
    let mut log = program.home.database().into_os_string();
    log.push("-wal");
    if std::fs::metadata(&log).map_or(0, |file| file.len()) == 0 {
        return;
    }
    match program.store.scrub().await {
        Ok(true) => {}
        Ok(false) => tracing::debug!("somebody reads the database; its write-ahead log is emptied later"),
        Err(error) => tracing::warn!(%error, "the write-ahead log could not be emptied"),
    }
}

/// What the service manager is told.
enum Notice {
    Ready,
    Stopping,
}

#[cfg(target_os = "linux")]
fn notify(notices: &[Notice]) {
    let states: Vec<sd_notify::NotifyState<'_>> = notices
        .iter()
        .map(|notice| match notice {
            Notice::Ready => sd_notify::NotifyState::Ready,
            Notice::Stopping => sd_notify::NotifyState::Stopping,
        })
        .collect();
    // Without a service manager there is nobody to tell; that is no failure.
    if let Err(error) = sd_notify::notify(false, &states) {
        tracing::debug!(%error, "the service manager was not told");
    }
}

#[cfg(not(target_os = "linux"))]
fn notify(_: &[Notice]) {}

/// SIGTERM or SIGINT; Ctrl-C on Windows. Heard from the call on, not only from the first look at the future.
#[cfg(unix)]
pub(crate) fn asked_to_stop() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = signal(SignalKind::terminate());
    let interrupt = signal(SignalKind::interrupt());
    async move {
        match (terminate, interrupt) {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            }
            _ => std::future::pending().await,
        }
    }
}

/// Ctrl-C, Ctrl-Break, the console's or the session's end. Heard from the call on, not only from the first look at the future.
#[cfg(windows)]
pub(crate) fn asked_to_stop() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
    let heard = (ctrl_c(), ctrl_break(), ctrl_close(), ctrl_shutdown());
    async move {
        match heard {
            (Ok(mut c), Ok(mut pause), Ok(mut close), Ok(mut shutdown)) => {
                tokio::select! {
                    _ = c.recv() => {}
                    _ = pause.recv() => {}
                    _ = close.recv() => {}
                    _ = shutdown.recv() => {}
                }
            }
            _ => std::future::pending().await,
        }
    }
}
