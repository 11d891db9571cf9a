//! The headless service: worker, duties, health, and an orderly end.

use std::sync::Arc;

use jobs::{Duty, Waker, Worker, WorkerOptions};
use tokio_util::sync::CancellationToken;

use crate::compose::{ComposeError, Program};
use crate::health::Health;
use crate::works::{Crl, Works};

/// A worker that serves one program: enrollments and other jobs, and the duties when `with_duties`.
pub(crate) fn worker(program: &Program, with_duties: bool) -> Worker {
    let bench = program.bench();
    let duties: Vec<Arc<dyn Duty>> = if with_duties {
        vec![Arc::new(program.sync(&bench)), Arc::new(Crl { authorities: program.authority_ports() })]
    } else {
        Vec::new()
    };
    let options = WorkerOptions {
        name: format!("{} {}", crate::installation::host_name(), std::process::id()),
        concurrency: program.settings.daemon.parallel(),
        grace: model::Span::seconds(i64::from(program.settings.daemon.grace_seconds)),
        lease: program.settings.daemon.lease(),
        // What another process queues or wakes is seen within seconds; a look costs two indexed reads.
        nap: model::Span::seconds(5),
        ..WorkerOptions::default()
    };
    Worker::new(
        program.store_port(),
        Arc::clone(&program.clock),
        Arc::clone(&program.entropy),
        Arc::new(Works { bench }),
        duties,
        options,
    )
}

/// A worker running in the background of a window or bridge.
pub(crate) struct Background {
    /// Starts it at once when work was queued.
    pub waker: Waker,
    stop: CancellationToken,
    running: tokio::task::JoinHandle<()>,
}

impl Background {
    /// Starts it on the present runtime.
    #[expect(clippy::disallowed_methods, reason = "the handle is awaited in `stop`")]
    pub(crate) fn start(worker: Worker) -> Self {
        let stop = CancellationToken::new();
        let waker = worker.waker();
        let token = stop.clone();
        let running = tokio::spawn(async move { worker.run(token).await });
        Self { waker, stop, running }
    }

    /// Stops claiming, lets running work finish within the grace time.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.running.await {
            tracing::error!(%error, "the worker ended badly");
        }
    }
}

/// Runs the service until the process is asked to stop.
pub(crate) async fn run(program: Program) -> Result<(), ComposeError> {
    let health = Health::new(program.store_port(), program.authorities.values().cloned());
    let listener = Health::bind(program.settings.daemon.listen).await.map_err(ComposeError::Unusable)?;
    let address = listener.local_addr().map(|address| address.to_string()).unwrap_or_default();
    let background = Background::start(worker(&program, true));
    let stop = CancellationToken::new();
    let served = health.serve(listener, stop.clone());
    tracing::info!(version = env!("CARGO_PKG_VERSION"), home = %program.home.path().display(), %address, "the daemon is ready");
    notify(&[Notice::Ready]);

    let serving = async {
        tokio::select! {
            () = served => {}
            () = asked_to_stop() => {}
        }
    };
    serving.await;
    tracing::info!("stopping: running work is finished or parked");
    notify(&[Notice::Stopping]);
    stop.cancel();
    background.stop().await;
    // Overwritten in-flight keys leave the write-ahead log too.
    if let Err(error) = program.store.scrub().await {
        tracing::warn!(%error, "the write-ahead log could not be emptied");
    }
    program.store.close().await;
    tracing::info!("stopped");
    Ok(())
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

/// SIGTERM or SIGINT; Ctrl-C on Windows.
#[cfg(unix)]
pub(crate) async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = signal(SignalKind::terminate());
    let interrupt = signal(SignalKind::interrupt());
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

/// SIGTERM or SIGINT; Ctrl-C on Windows.
#[cfg(not(unix))]
pub async fn asked_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
