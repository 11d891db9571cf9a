//! The daemon in a process of its own, and what it costs, as the kernel counts it (Linux).

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use store::Store as _;

use crate::world::World;

/// A running daemon.
pub(crate) struct Daemon {
    child: Child,
}

impl Daemon {
    pub(crate) fn start(world: &World) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_sealwright"))
            .arg("--home")
            .arg(world.home())
            .args(["--daemon", "--log", "warn"])
            .stdin(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self { child }
    }

    /// Waits until so many enrollments are done.
    pub(crate) async fn until_enrolled(&mut self, world: &World, wanted: u64) {
        loop {
            let counts = world.store.read().await.unwrap().enrollments().counts().await.unwrap();
            assert_eq!((counts.stuck, counts.rejected), (0, 0), "nothing may need a person here");
            if counts.done >= wanted {
                return;
            }
            assert!(self.child.try_wait().unwrap().is_none(), "the daemon must not end by itself");
            tokio::time::sleep(Duration::from_millis(if wanted > 1_000 { 500 } else { 20 })).await;
        }
    }

    /// Makes the sync duty due and waits for its end.
    pub(crate) async fn sync(&mut self, world: &World) {
        let last = last_sync(world).await;
        let asked = Command::new(env!("CARGO_BIN_EXE_sealwright"))
            .arg("--home")
            .arg(world.home())
            .args(["service", "run", "sync"])
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(asked.success());
        while last_sync(world).await == last {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// User and system time so far, in seconds, threads that have ended included.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        // The kernel counts in hundredths of a second on every Linux that Debian ships.
        ticks as f64 / 100.0
    }

    /// Time on a processor of the threads that live, in nanoseconds: fine enough for idle daemons.
    pub(crate) fn cpu_nanoseconds(&self) -> u64 {
        fs::read_dir(format!("/proc/{}/task", self.child.id()))
            .unwrap()
            .filter_map(|task| fs::read_to_string(task.unwrap().path().join("schedstat")).ok())
            .map(|text| text.split_whitespace().next().unwrap().parse::<u64>().unwrap())
            .sum()
    }

    pub(crate) fn resident_megabytes(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes / 1_024.0
    }

    pub(crate) fn stop(mut self) {
        let stopped = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(stopped.success());
        assert!(self.child.wait().unwrap().success(), "the daemon ends in good order");
    }
}

async fn last_sync(world: &World) -> Option<model::Timestamp> {
    let services = world.store.read().await.unwrap().services().list().await.unwrap();
    services
        .into_iter()
        .find(|status| status.service == model::Service::Sync)
        .and_then(|status| status.last_run)
}
