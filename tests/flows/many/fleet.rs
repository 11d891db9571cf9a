//! Several services on one database, each with a home and a clock of its own.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use model::{Enrollment, EnrollmentState};
use store::{ActivityCounts, PageRequest, Store as _, StoreError};
use support::Database;

use crate::home;
use crate::program::{Daemon, Ran, until};
use crate::world::World;

/// How long nothing at all may be finished, on a busy machine.
const STANDSTILL: Duration = Duration::from_mins(2);

/// One service.
struct Member {
    home: PathBuf,
    /// Seconds by which its clock is wrong.
    skew: i32,
    daemon: Option<Daemon>,
    asleep: bool,
    /// Its earlier lives, for their logs.
    former: Vec<Daemon>,
}

impl Member {
    /// The service, while it runs.
    fn living(&mut self) -> Option<&mut Daemon> {
        if self.daemon.as_mut()?.is_running() { self.daemon.as_mut() } else { None }
    }
}

/// A death, and how long the work that it left lay idle.
pub(crate) struct Death {
    owner: String,
    at: Instant,
    /// How much work the dead one had claimed.
    pub(crate) left: usize,
    /// When others had taken all of that up.
    pub(crate) continued: Option<Duration>,
}

/// All of them.
pub(crate) struct Fleet<'a> {
    world: &'a World,
    database: &'a Database,
    members: Vec<Member>,
    pub(crate) deaths: Vec<Death>,
    /// How often one gave up at its start, because it could not reach the database, and was started again.
    pub(crate) restarts: u32,
    /// How much was done at last, and since when.
    seen: (u64, Instant),
    /// When the claims were looked at last.
    looked: Instant,
}

/// A look at the claims costs a process; no finer than this.
const LOOK: Duration = Duration::from_millis(250);

impl<'a> Fleet<'a> {
    /// Services whose clocks are wrong by so many seconds and that reach the database by these ports; each an installation
    /// of its own, admitted by the first one.
    pub(crate) async fn of(world: &'a World, database: &'a Database, members: &[(i32, u16)]) -> Self {
        let homes = members.iter().enumerate().map(async |(number, (skew, port))| {
            let home = world.folder().join(format!("home-{number}"));
            join(world, &home, *port).await;
            Member { home, skew: *skew, daemon: None, asleep: false, former: Vec::new() }
        });
        let members = futures::future::join_all(homes).await;
        let listed = world.run_json(&["installation", "list"]).await.done();
        let admitted = listed["installations"].as_array().unwrap().iter();
        assert_eq!(admitted.filter(|one| one["state"] == "admitted").count(), 1 + members.len(), "{listed}");
        Self {
            world,
            database,
            members,
            deaths: Vec::new(),
            restarts: 0,
            seen: (0, Instant::now()),
            looked: Instant::now(),
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.members.len()
    }

    /// Starts those who do not run.
    pub(crate) fn start_all(&mut self) {
        for member in 0..self.len() {
            self.start(member);
        }
    }

    /// Starts one, unless it runs.
    pub(crate) fn start(&mut self, member: usize) {
        let member = &mut self.members[member];
        if member.living().is_some() {
            return;
        }
        member.former.extend(member.daemon.take());
        let (skew, authority) = (member.skew, self.database.ca_file());
        member.daemon = Some(self.world.daemon_on(&member.home, |command| {
            // Whoever is cut off all the time shall not spend it on reading all the authorities that the system trusts.
            if let Some(file) = authority {
                command.env("SSL_CERT_FILE", file).env("SSL_CERT_DIR", "/nonexistent");
            }
            if skew != 0 {
                command.env("LD_PRELOAD", false_clock()).env("FAKETIME", format!("{skew:+}"));
                // Pauses are as long as they say; only what the calendar says is wrong.
                command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            }
        }));
    }

    /// One dies; whether it was alive.
    pub(crate) async fn kill(&mut self, member: usize) -> bool {
        let member = &mut self.members[member];
        member.asleep = false;
        let Some(daemon) = member.living() else { return false };
        let pid = daemon.pid();
        daemon.kill().await;
        let at = Instant::now();
        let mut owners = claims(self.database);
        // A claim that was being committed when it died is there in a moment.
        if !owners.keys().any(|owner| is_of(owner, pid)) {
            owners = claims(self.database);
        }
        let found = owners.into_iter().find(|(owner, _)| is_of(owner, pid));
        let (owner, left) = found.unwrap_or_default();
        self.deaths.push(Death { owner, at, left, continued: None });
        true
    }

    /// Waits until one has claimed work, asks it to end in order, and demands that it leaves nothing claimed; how much it
    /// had.
    pub(crate) async fn retire(&mut self, member: usize) -> usize {
        let database = self.database;
        let had = self.at_work(member).await;
        let member = &mut self.members[member];
        let Some(mut daemon) = member.daemon.take() else { return 0 };
        let pid = daemon.pid();
        daemon.stop().await;
        let kept: BTreeMap<_, _> =
            claims(database).into_iter().filter(|(owner, _)| is_of(owner, pid)).collect();
        assert!(kept.is_empty(), "{kept:?}\n{}", daemon.end_of_log());
        member.former.push(daemon);
        had
    }

    /// Waits until one has claimed work; how much.
    pub(crate) async fn at_work(&mut self, member: usize) -> usize {
        let database = self.database;
        let pid = self.members[member].living().expect("it runs").pid();
        until("it has claimed work", async || {
            claims(database).into_iter().find(|(owner, _)| is_of(owner, pid)).map(|(_, count)| count)
        })
        .await
    }

    /// One falls asleep in the middle of what it does; whether it was awake.
    pub(crate) fn pause(&mut self, member: usize) -> bool {
        let member = &mut self.members[member];
        if member.asleep {
            return false;
        }
        let Some(daemon) = member.living() else { return false };
        daemon.pause();
        member.asleep = true;
        true
    }

    /// It wakes up, unless it died in its sleep.
    pub(crate) fn resume(&mut self, member: usize) {
        let member = &mut self.members[member];
        let slept = std::mem::take(&mut member.asleep);
        if let Some(daemon) = member.living().filter(|_| slept) {
            daemon.resume();
        }
    }

    /// Looks after the work of the dead, and demands that there is progress and that nothing is stuck. How many
    /// enrollments are done, and whether nothing is left to do.
    pub(crate) async fn look(&mut self) -> (u64, bool) {
        let idle = self.deaths.iter().any(|death| death.left > 0 && death.continued.is_none());
        if idle && self.looked.elapsed() > LOOK {
            self.looked = Instant::now();
            let owners = claims(self.database);
            for death in self.deaths.iter_mut().filter(|death| death.left > 0 && death.continued.is_none()) {
                if !owners.contains_key(&death.owner) {
                    death.continued = Some(death.at.elapsed());
                }
            }
        }
        let (ended, counts, jobs) = match self.counted().await {
            // While a server is taken away, whoever looks waits like everybody.
            Err(StoreError::Busy { .. }) if self.seen.1.elapsed() < STANDSTILL => {
                return (self.seen.0, false);
            }
            counted => counted.unwrap(),
        };
        assert!(ended.is_empty(), "{ended:?}\n{}", self.complaints());
        if counts.done > self.seen.0 {
            self.seen = (counts.done, Instant::now());
        }
        let wanted = self.world.expected().len() as u64;
        let over = counts.done >= wanted && counts.open == [0; 4] && jobs == 0;
        let standstill = self.seen.1.elapsed();
        assert!(
            over || standstill < STANDSTILL,
            "nothing was finished for {standstill:?}: {jobs} jobs, {counts:?}\n{}",
            self.complaints()
        );
        (counts.done, over)
    }

    /// Enrollments that need a person, how many there are of all states, and jobs.
    async fn counted(&self) -> Result<(Vec<Enrollment>, ActivityCounts, u64), StoreError> {
        let mut work = self.world.store.read().await?;
        let mut ended = Vec::new();
        for state in [EnrollmentState::Stuck, EnrollmentState::Rejected] {
            ended.extend(work.enrollments().list(Some(state), &PageRequest::first(1)).await?.rows);
        }
        Ok((ended, work.enrollments().counts().await?, work.jobs().count().await?))
    }

    /// Waits until nothing is left to do.
    pub(crate) async fn until_done(&mut self) {
        while !self.look().await.1 {
            self.supervise();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Starts again who could not reach the database when it began, as the service manager does. Who has worked once
    /// never gives up.
    pub(crate) fn supervise(&mut self) {
        for number in 0..self.len() {
            let member = &mut self.members[number];
            if member.living().is_some() {
                continue;
            }
            let Some(mut daemon) = member.daemon.take() else { continue };
            if daemon.was_killed() {
                member.daemon = Some(daemon);
                continue;
            }
            let log = daemon.log();
            assert!(!log.contains("the daemon is ready"), "a service gave up:\n{}", daemon.end_of_log());
            let was_cut_off =
                ["nobody answers at", "busy or unreachable"].iter().any(|words| log.contains(words));
            assert!(was_cut_off, "a service did not start:\n{log}");
            member.former.push(daemon);
            self.restarts += 1;
            self.start(number);
        }
    }

    /// All who run end in order.
    pub(crate) async fn stop_all(&mut self) {
        for member in &mut self.members {
            if let Some(daemon) = member.living() {
                daemon.stop().await;
            }
        }
    }

    /// How often each message stands in all logs at the level of warnings and above.
    pub(crate) fn warnings(&self) -> BTreeMap<String, usize> {
        let mut told = BTreeMap::new();
        for daemon in self.members.iter().flat_map(|member| member.former.iter().chain(&member.daemon)) {
            for line in daemon.log().lines() {
                // The last line of a life may be half a line.
                let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else { continue };
                if ["WARN", "ERROR"].contains(&line["level"].as_str().unwrap_or_default()) {
                    let message = line["fields"]["message"].as_str().unwrap_or_default();
                    *told.entry(message.to_owned()).or_default() += 1;
                }
            }
        }
        told
    }

    fn complaints(&self) -> String {
        let logs = self.members.iter().filter_map(|member| member.daemon.as_ref());
        logs.map(Daemon::end_of_log).collect::<Vec<_>>().join("\n---\n")
    }
}

/// A new machine asks to be admitted, and a person compares both fingerprints.
async fn join(world: &World, home: &Path, port: u16) {
    fs::create_dir(home).unwrap();
    fs::set_permissions(home, fs::Permissions::from_mode(0o700)).unwrap();
    for file in ["client-secret", "connector-key.bin", "database-password", "simulator-ca.pem"] {
        home::write_private(&home.join(file), &fs::read(world.home().join(file)).unwrap());
    }
    let settings = fs::read_to_string(world.home().join("sealwright.toml")).unwrap();
    home::write_private(&home.join("sealwright.toml"), with_port(&settings, port).as_bytes());
    let run = async |arguments: &[&str]| {
        let mut command = world.command_on(home);
        command.args(["--json", "installation"]).args(arguments);
        let ran = Ran::of(command).await;
        assert_eq!(ran.code, Some(3), "somebody has to compare: {ran:?}");
        ran.json()
    };
    let shown = run(&["join"]).await;
    let fleet = shown["fleet"].as_str().unwrap();
    let asked = run(&["join", fleet]).await;
    let (id, own) = (asked["id"].as_str().unwrap(), asked["own"].as_str().unwrap());
    world.json(&["installation", "admit", id, own]).await;
}

/// Who has claimed how many jobs, by the database's own words.
fn claims(database: &Database) -> BTreeMap<String, usize> {
    let sql = "SELECT lease_owner, COUNT(*) FROM job WHERE lease_owner IS NOT NULL GROUP BY lease_owner;";
    let told = database.execute(sql);
    let lines = told.lines().filter_map(|line| line.rsplit_once('\t'));
    lines.map(|(owner, count)| (owner.to_owned(), count.parse().unwrap())).collect()
}

/// Workers carry the number of their process in their name.
fn is_of(owner: &str, pid: u32) -> bool {
    let pid = pid.to_string();
    owner.split(' ').any(|word| word == pid)
}

/// The settings with another port of the database.
fn with_port(text: &str, port: u16) -> String {
    let lines = text.lines().map(|line| {
        let Some(url) = line.strip_prefix("url = ") else { return line.to_owned() };
        let mut address: store_sql::ServerAddress = url.trim_matches('"').parse().unwrap();
        address.port = port;
        format!("url = \"{address}\"")
    });
    lines.map(|line| line + "\n").collect()
}

/// The library that shows a process another time.
fn false_clock() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let libraries = folders.chain([PathBuf::from("/usr/lib")]).map(|folder| folder.join("faketime"));
    libraries
        .map(|folder| folder.join("libfaketimeMT.so.1"))
        .find(|file| Path::exists(file))
        .expect("libfaketime is installed (`./dev setup`; Debian: libfaketime)")
}
