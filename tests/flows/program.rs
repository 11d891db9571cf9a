//! The program as a process: one command with what it said, or the service with its log.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::{Child, Command};

/// The longest that any single thing may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Looks again and again until there is something to see.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) async fn of(command: Command) -> Self {
        Self::within(command, PATIENCE).await
    }

    /// A command that may take longer.
    pub(crate) async fn within(mut command: Command, patience: Duration) -> Self {
        let running = command.stdin(Stdio::null()).kill_on_drop(true).output();
        let output = tokio::time::timeout(patience, running).await.expect("the command ends").unwrap();
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The one JSON value on standard output; anything before or after it is a mistake.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("standard output is not one JSON value: {error}\n{self:?}"))
    }

    /// The JSON value of a command that succeeded.
    pub(crate) fn done(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.json()
    }

    /// What a command says that failed: code 1, the same sentence for people and for scripts.
    pub(crate) fn failure(&self) -> String {
        self.failure_with(1)
    }

    /// The same with another code.
    pub(crate) fn failure_with(&self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        let told = self.json();
        let message = told["error"].as_str().unwrap().to_owned();
        assert!(self.stderr.contains(&message), "people read it too: {self:?}");
        match told["hint"].as_str() {
            Some(hint) => format!("{message}\n{hint}"),
            None => message,
        }
    }
}

/// The service as a running process.
pub(crate) struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts it; what it says goes into `log` (standard error) and beside it (standard output).
    pub(crate) fn start(mut command: Command, log: PathBuf) -> Self {
        command.stdin(Stdio::null()).kill_on_drop(true);
        command.stderr(File::create(&log).unwrap());
        command.stdout(File::create(log.with_extension("out")).unwrap());
        Self { child: command.spawn().unwrap(), log }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Everything it logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Its last lines.
    pub(crate) fn end_of_log(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// The log's lines as JSON; the last one may still be in the making.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = self.log();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }

    /// Waits until it serves; returns where.
    pub(crate) async fn ready(&mut self) -> SocketAddr {
        let begun = Instant::now();
        loop {
            let ready =
                self.lines().into_iter().find(|line| line["fields"]["message"] == "the daemon is ready");
            if let Some(line) = ready {
                return line["fields"]["address"].as_str().unwrap().parse().unwrap();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && begun.elapsed() < PATIENCE,
                "{ended:?}, never ready:\n{}",
                self.end_of_log()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Whether it has not ended.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Whether it has ended by a signal.
    pub(crate) fn was_killed(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some_and(|status| status.signal().is_some())
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("the service does not end:\n{}", self.end_of_log())).unwrap()
    }

    /// Waits until its probe has killed it.
    pub(crate) async fn killed(&mut self) {
        let status = self.ended().await;
        assert_eq!(status.signal(), Some(9), "{status}:\n{}", self.end_of_log());
    }

    /// As when the machine is put to sleep.
    pub(crate) fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// As when it wakes up.
    pub(crate) fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// As when the power fails.
    pub(crate) async fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.killed().await;
    }

    /// As the service manager does; demands an orderly end, and tells how long it took.
    pub(crate) async fn stop(&mut self) -> Duration {
        self.signal(Signal::TERM);
        let begun = Instant::now();
        let status = self.ended().await;
        assert_eq!(status.code(), Some(0), "{status}:\n{}", self.end_of_log());
        begun.elapsed()
    }
}
