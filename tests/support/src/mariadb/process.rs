//! A server as a process: started, killed, stopped for a while, and ended in any case when the tests are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::place::{Place, account_argument, missing};

/// The longest that a server may take to answer on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// How a server is run, where it is not run as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Launch {
    /// A command that runs the server, such as `ip netns exec NAME`.
    pub(crate) before: Vec<String>,
    /// A folder of programs that the server calls.
    pub(crate) programs: Option<PathBuf>,
}

impl Launch {
    /// The command that runs the server of `place` in the foreground.
    fn server(&self, place: &Place, arguments: &[&str]) -> Command {
        let program =
            if Path::new("/usr/sbin/mariadbd").exists() { "/usr/sbin/mariadbd" } else { "mariadbd" };
        let mut words = self.before.iter().map(String::as_str).chain([program]);
        let mut command = Command::new(words.next().unwrap_or(program));
        command.args(words).arg(format!("--defaults-file={}", place.settings().display()));
        command.args(account_argument()).args(arguments);
        if let Some(programs) = &self.programs {
            let path = std::env::var("PATH").unwrap_or_default();
            command.env("PATH", format!("{}:{path}", programs.display()));
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Starts a server that belongs to this process, and its keeper: should the process be killed, the keeper ends the
    /// server.
    pub(crate) fn start(&self, place: &Place, arguments: &[&str]) -> Result<Child, String> {
        start_keeper(place, 2)?;
        let mut child = self.spawn(place, arguments)?;
        wait_until_ready(place, || matches!(child.try_wait(), Ok(None)))?;
        Ok(child)
    }

    /// Starts it once more on the same data.
    pub(crate) fn start_again(&self, place: &Place) -> Result<Child, String> {
        let _ = fs::remove_file(place.pid_file());
        let mut child = self.spawn(place, &[])?;
        wait_until_ready(place, || matches!(child.try_wait(), Ok(None)))?;
        Ok(child)
    }

    fn spawn(&self, place: &Place, arguments: &[&str]) -> Result<Child, String> {
        use std::os::unix::process::CommandExt as _;
        let mut server = self.server(place, arguments);
        server.process_group(0).spawn().map_err(|error| missing("mariadbd", &error))
    }
}

/// Starts a server that outlives this process; its keeper ends it when nobody has used it for so many seconds.
pub(crate) fn start_shared(place: &Place, patience_seconds: u32) -> Result<(), String> {
    // A session of its own: a runner that ends one test's processes must not end the others' server.
    let launch = Launch { before: vec!["setsid".to_owned(), "--fork".to_owned()], programs: None };
    let started = launch.server(place, &[]).status();
    started.map_err(|error| missing("setsid", &error))?;
    start_keeper(place, patience_seconds)?;
    wait_until_ready(place, || true)
}

/// Ends a server in order.
pub(crate) fn stop(mut child: Child) -> Result<(), String> {
    signal(&child, Signal::TERM)?;
    child.wait().map(drop).map_err(|error| format!("the server does not end: {error}"))
}

fn start_keeper(place: &Place, patience_seconds: u32) -> Result<(), String> {
    let script = place.run().join("keeper.sh");
    fs::write(&script, include_str!("keeper.sh")).map_err(|error| format!("the keeper: {error}"))?;
    let mut keeper = Command::new("setsid");
    keeper.args(["--fork", "sh"]).arg(script).arg(place.folder()).arg(patience_seconds.to_string());
    keeper.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    keeper.status().map(drop).map_err(|error| missing("setsid", &error))
}

/// Waits until the server answers a question.
fn wait_until_ready(place: &Place, mut is_alive: impl FnMut() -> bool) -> Result<(), String> {
    let begun = Instant::now();
    loop {
        let mut ask = Command::new("mariadb");
        ask.arg("--no-defaults")
            .arg("--socket")
            .arg(place.socket())
            .args(["--user=root", "--execute=SELECT 1"]);
        let asked = ask.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if asked.map_err(|error| missing("mariadb", &error))?.success() {
            return Ok(());
        }
        if !is_alive() || begun.elapsed() > PATIENCE {
            return Err(format!("the server does not start:\n{}", end_of_log(place)));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The last lines of what the server says about itself.
pub(crate) fn end_of_log(place: &Place) -> String {
    let log = fs::read_to_string(place.run().join("error.log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines.get(lines.len().saturating_sub(30)..).unwrap_or_default().join("\n")
}

/// Sends a signal to a child that has not been waited for.
pub(crate) fn signal(child: &Child, signal: Signal) -> Result<(), String> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or("the server has no process id")?;
    kill_process(pid, signal).map_err(|error| format!("the server cannot be reached by a signal: {error}"))
}
