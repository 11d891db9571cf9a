//! The disk is full in the middle of the work. It is said, nothing is lost, and it goes on when there is space again.

use std::path::Path;
use std::time::Duration;

use store_sql::{Location, Options, SqlStore};
use tokio::process::Command;

use crate::home::PROGRAM;
use crate::program::{Daemon, Ran, until};
use crate::proof;
use crate::world::World;

/// The program, unable to make any file longer than so many kilobytes (writes then fail instead of killing it).
fn limited(world: &World, kilobytes: u32) -> Command {
    let inner = world.command();
    let mut command = Command::new("bash");
    command.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$@\"")).arg("limited");
    command.arg(inner.as_std().get_program()).args(inner.as_std().get_args()).current_dir(world.folder());
    command.env_remove("SEALWRIGHT_HOME").env_remove("SEALWRIGHT_LOG").env_remove("SEALWRIGHT_PROBE");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_cannot_write_the_database_says_so() {
    let world = World::of(4, 1).await;
    let mut command = limited(&world, 60);
    command.args(["--json", "apply"]);
    let told = Ran::of(command).await.failure();
    assert!(told.contains("the database cannot be written"), "{told}");
    assert!(told.contains("disk"), "{told}");
    world.json(&["apply"]).await;
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_cannot_write_any_more_says_so_and_the_next_one_goes_on() {
    let world = World::of(6, 1).await;
    world.queue_all().await;
    world.store.scrub().await.unwrap();
    let mut command = limited(&world, 900);
    command.args(["--daemon", "--log-format", "json"]);
    let mut daemon = Daemon::start(command, world.folder().join("limited.log"));
    until("it meets the limit", async || daemon.log().contains("cannot be written").then_some(())).await;
    // It lives on and would go on by itself; it does not spin meanwhile.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(daemon.is_running(), "{}", daemon.log());
    assert!(daemon.log().len() < 200_000, "it floods its log");
    let done = world.done().await;
    assert!(done < world.expected().len() as u64, "there is something left to do");
    daemon.stop().await;
    assert!(world.store.check().await.is_ok());
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
}

/// In a mount of its own, which only root may make. Elsewhere the two stories above tell the same.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_disk_that_is_really_full_the_program_says_so_and_finishes_when_there_is_space() {
    let mut world = World::of(6, 1).await;
    let possible = std::process::Command::new("unshare").args(["-m", "true"]).status();
    if !possible.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: this account may not mount a small disk; run as root to tell this story");
        return;
    }
    world.store.close().await;
    let (disk, work) = (world.folder().join("disk"), world.folder().join("results"));
    for folder in [&disk, &work] {
        std::fs::create_dir(folder).unwrap();
    }
    let script = format!(
        "set -u; mount -t tmpfs -o size=16m tmpfs '{disk}' && cp -a '{home}/.' '{disk}/' || exit 90\n\
         used=$(du -sk '{disk}' | cut -f1); mount -o remount,size=$((used + 500))k '{disk}' || exit 91\n\
         '{PROGRAM}' --home '{disk}' --json apply >'{work}/full.json' 2>'{work}/full.err'; echo $? >'{work}/full.code'\n\
         mount -o remount,size=64m '{disk}' || exit 92\n\
         '{PROGRAM}' --home '{disk}' --json apply >'{work}/free.json' 2>'{work}/free.err'; echo $? >'{work}/free.code'\n\
         rm -rf '{home}' && mkdir '{home}' && cp -a '{disk}/.' '{home}/'\n",
        disk = disk.display(),
        home = world.home().display(),
        work = work.display(),
    );
    let mut command = Command::new("unshare");
    command.args(["-m", "bash", "-c", &script]).env_remove("SEALWRIGHT_HOME").env_remove("SEALWRIGHT_LOG");
    let ran = Ran::of(command).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let read = |name: &str| std::fs::read_to_string(work.join(name)).unwrap();
    assert_eq!(read("full.code").trim(), "1", "{}\n{}", read("full.json"), read("full.err"));
    let told = read("full.json");
    assert!(told.contains("the disk is full"), "{told}");
    assert_eq!(read("free.code").trim(), "0", "{}\n{}", read("free.json"), read("free.err"));
    world.store = open(&world.home()).await;
    proof::everything_is_done_once(&world).await;
}

async fn open(home: &Path) -> SqlStore {
    SqlStore::open(&Location::Sqlite(home.join("sealwright.db")), &Options::default()).await.unwrap()
}
