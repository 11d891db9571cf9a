//! A Galera cluster of MariaDB servers, each on a machine of its own as far as the network goes: a network namespace with
//! one cable, which can be pulled.
//!
//! ```text
//!   tests ── bridge 10.213.N.254 ──┬── cable ── namespace: mariadbd 10.213.N.1
//!                                  ├── cable ── namespace: mariadbd 10.213.N.2
//!                                  └── cable ── namespace: mariadbd 10.213.N.3
//! ```
//!
//! Making networks is root's privilege; [`Galera::obstacle`] says beforehand what is in the way.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::blocking;
use super::database::{Administrator, Database, Reached};
use super::place::{Place, done, make_folder};
use super::process::{self, Launch};

const LIBRARY: &str = "/usr/lib/galera/libgalera_smm.so";
const PORT: u16 = 3306;

/// Servers in a cluster.
const SERVERS: u8 = 3;

/// The cluster; it goes, and its network too, when the value does.
#[derive(Debug)]
pub struct Galera {
    // Before the network, which cannot go while they are in it.
    servers: Vec<Server>,
    network: Network,
}

#[derive(Debug)]
struct Server {
    child: Child,
    place: Place,
    /// While this is held, the keeper leaves the server alone.
    _user: fs::File,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(self.place.folder());
    }
}

impl Galera {
    /// Why there can be no cluster here, for a test that has to leave it at that.
    pub fn obstacle() -> Option<String> {
        if !rustix::process::geteuid().is_root() {
            return Some("only root can make the networks of its servers".to_owned());
        }
        if !Path::new(LIBRARY).exists() {
            return Some(format!("{LIBRARY} is missing (Debian: galera-4)"));
        }
        let tried = Network::make();
        tried.err().map(|error| format!("no network can be made: {error}"))
    }

    /// Three servers that agree.
    ///
    /// # Panics
    /// When they do not start; ask [`Galera::obstacle`] first.
    #[expect(clippy::panic, reason = "a test without its servers has failed")]
    pub async fn start() -> Self {
        blocking(start).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// How many servers it has.
    pub const fn size(&self) -> usize {
        self.servers.len()
    }

    /// Where a server is, counted from 0.
    pub fn address(&self, server: usize) -> SocketAddr {
        self.network.address(server)
    }

    /// Whether a server works on questions: it is one of the majority, and has everything that the others have.
    pub fn serves(&self, server: usize) -> bool {
        let sql = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'wsrep_ready';";
        self.servers
            .get(server)
            .is_some_and(|server| self.reached(server).run(None, None, sql).is_ok_and(|ready| ready == "ON"))
    }

    /// Pulls the cable of a server. It runs on, alone.
    ///
    /// # Panics
    /// When there is no such server.
    #[expect(clippy::panic, reason = "a mistake in a test, told to its author")]
    pub fn unplug(&self, server: usize) {
        self.network.cable(server, "down").unwrap_or_else(|error| panic!("{error}"));
    }

    /// Puts the cable back in.
    ///
    /// # Panics
    /// When there is no such server.
    #[expect(clippy::panic, reason = "a mistake in a test, told to its author")]
    pub fn plug_in(&self, server: usize) {
        self.network.cable(server, "up").unwrap_or_else(|error| panic!("{error}"));
    }

    /// A fresh, empty database with an owner, administered through the last server: leave that one plugged in.
    ///
    /// # Panics
    /// When the server refuses.
    #[expect(clippy::panic, reason = "a test without its database has failed")]
    pub async fn database(&self) -> Database {
        let Some(last) = self.servers.last() else { panic!("a cluster has servers") };
        let reached = self.reached(last);
        blocking(move || reached.database()).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Keeps a server from taking over what the others write, for some seconds, as a busy one lags behind. Returns when
    /// that has begun; the thread ends when it is over.
    ///
    /// # Panics
    /// When there is no such server, or it refuses.
    #[expect(clippy::panic, reason = "a test whose preparations fail has failed")]
    pub fn hold_up(&self, server: usize, seconds: u32) -> JoinHandle<Result<String, String>> {
        let Some(server) = self.servers.get(server) else { panic!("a cluster of {}", self.servers.len()) };
        let (reached, looking) = (self.reached(server), self.reached(server));
        let held = std::thread::spawn(move || {
            reached.run(None, None, &format!("FLUSH TABLES WITH READ LOCK; SELECT SLEEP({seconds});"))
        });
        let asleep = "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'User sleep';";
        until(|| looking.run(None, None, asleep).is_ok_and(|count| count != "0"));
        held
    }

    fn reached(&self, server: &Server) -> Reached {
        Reached {
            host: self.network.address(self.servers.len() - 1).ip().to_string(),
            port: PORT,
            ca_file: Some(server.place.ca_file()),
            administrator: Administrator::Socket(server.place.socket()),
        }
    }
}

fn start() -> Result<Galera, String> {
    let network = Network::make()?;
    let names: Vec<String> =
        (0..usize::from(SERVERS)).map(|server| network.address(server).ip().to_string()).collect();
    let settings = |server: usize| {
        format!(
            "bind-address = 0.0.0.0\nbinlog-format = ROW\ninnodb-autoinc-lock-mode = 2\ninnodb-buffer-pool-size = 64M\n\
             wsrep-on = ON\nwsrep-provider = {LIBRARY}\nwsrep-cluster-name = stories\nwsrep-node-name = server-{server}\n\
             wsrep-cluster-address = gcomm://{all}\nwsrep-node-address = {own}\nwsrep-sst-method = nearby\n\
             # A server that is gone is given up within seconds.\n\
             wsrep-provider-options = \"gcache.size=64M;evs.keepalive_period=PT0.3S;evs.inactive_check_period=PT0.3S;\
             evs.suspect_timeout=PT2S;evs.inactive_timeout=PT4S;gmcast.peer_timeout=PT1S\"\n",
            all = names.join(","),
            own = names.get(server).map_or("", String::as_str),
        )
    };
    let places = (0..usize::from(SERVERS)).map(|_| Place::new_own()).collect::<Result<Vec<_>, _>>()?;
    let [first, others @ ..] = places.as_slice() else { return Err("no servers".to_owned()) };
    first.prepare(PORT, &settings(0))?;
    let programs = first.folder().join("programs");
    write_program(&programs)?;
    let launch = |server: usize| Launch { before: network.inside(server), programs: Some(programs.clone()) };

    // The cluster gets its name and its first position; then the others begin with the same.
    let users = places.iter().map(Place::register_user).collect::<Result<Vec<_>, _>>()?;
    fs::write(first.run().join("end.sh"), network.removal()).map_err(|error| format!("end.sh: {error}"))?;
    process::stop(launch(0).start(first, &["--wsrep-new-cluster"])?)?;
    for (server, place) in (1..).zip(others) {
        place.prepare_like(first, PORT, &settings(server))?;
        let _ = fs::remove_file(place.run().join("data/gvwstate.dat"));
    }
    let mut servers = Vec::new();
    for (server, (place, user)) in places.into_iter().zip(users).enumerate() {
        let arguments: &[&str] = if server == 0 { &["--wsrep-new-cluster"] } else { &[] };
        let child = launch(server).start(&place, arguments)?;
        servers.push(Server { child, place, _user: user });
    }
    Ok(Galera { servers, network })
}

/// The program by which a server takes over the state of the cluster.
fn write_program(folder: &Path) -> Result<(), String> {
    make_folder(folder)?;
    let program = folder.join("wsrep_sst_nearby");
    let written = fs::write(&program, include_str!("wsrep_sst_nearby.sh"));
    let written = written.and_then(|()| fs::set_permissions(&program, fs::Permissions::from_mode(0o755)));
    written.map_err(|error| format!("{}: {error}", program.display()))
}

/// A bridge and a namespace behind a cable for each server.
#[derive(Debug)]
struct Network {
    number: u8,
}

impl Network {
    /// Takes the first number that nobody uses.
    fn make() -> Result<Self, String> {
        let mut refused = String::new();
        for number in 1..=250 {
            match ip(&format!("link add sw{number} type bridge")) {
                Ok(()) => {
                    // From here on, dropping the value takes everything away again.
                    let network = Self { number };
                    network.connect()?;
                    return Ok(network);
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    fn connect(&self) -> Result<(), String> {
        let number = self.number;
        ip(&format!("addr add 10.213.{number}.254/24 dev sw{number}"))?;
        ip(&format!("link set sw{number} up"))?;
        for server in 0..SERVERS {
            let (cable, space) = (format!("sw{number}c{server}"), format!("sw{number}s{server}"));
            ip(&format!("netns add {space}"))?;
            ip(&format!("link add {cable} type veth peer name eth0 netns {space}"))?;
            ip(&format!("link set {cable} master sw{number} up"))?;
            ip(&format!("-n {space} addr add 10.213.{number}.{}/24 dev eth0", server + 1))?;
            ip(&format!("-n {space} link set eth0 up"))?;
            ip(&format!("-n {space} link set lo up"))?;
        }
        Ok(())
    }

    fn address(&self, server: usize) -> SocketAddr {
        let host = u8::try_from(server + 1).unwrap_or(u8::MAX);
        SocketAddr::from(([10, 213, self.number, host], PORT))
    }

    fn inside(&self, server: usize) -> Vec<String> {
        let number = self.number;
        format!("ip netns exec sw{number}s{server}").split(' ').map(str::to_owned).collect()
    }

    fn cable(&self, server: usize, state: &str) -> Result<(), String> {
        ip(&format!("link set sw{}c{server} {state}", self.number))
    }

    /// As a shell says it.
    fn removal(&self) -> String {
        let number = self.number;
        let mut script = String::new();
        for server in 0..SERVERS {
            script.push_str(&format!(
                "ip link delete sw{number}c{server}\nip netns delete sw{number}s{server}\n"
            ));
        }
        script.push_str(&format!("ip link delete sw{number}\n"));
        script
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for line in self.removal().lines() {
            let _ = ip(line.trim_start_matches("ip "));
        }
    }
}

/// Looks again and again.
fn until(look: impl Fn() -> bool) {
    let begun = Instant::now();
    while !look() {
        assert!(begun.elapsed() < Duration::from_mins(1), "waited in vain");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn ip(arguments: &str) -> Result<(), String> {
    let mut command = Command::new("ip");
    command.args(arguments.split(' ')).stdin(Stdio::null());
    done(command, &format!("ip {arguments}"), Path::new("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_whose_cable_is_pulled_stops_serving_and_catches_up_later() {
        if let Some(obstacle) = Galera::obstacle() {
            eprintln!("SKIPPED, no cluster: {obstacle}");
            return;
        }
        let cluster = Galera::start().await;
        assert_eq!((0..cluster.size()).filter(|server| cluster.serves(*server)).count(), 3);
        let database = cluster.database().await;
        database.execute("CREATE TABLE a (x INT PRIMARY KEY);");
        cluster.unplug(0);
        until(|| !cluster.serves(0) && cluster.serves(1));
        database.execute("INSERT INTO a VALUES (1);");
        cluster.plug_in(0);
        until(|| cluster.serves(0));
        let first = cluster.reached(&cluster.servers[0]);
        until(|| first.run(None, Some(database.name()), "SELECT x FROM a;").is_ok_and(|rows| rows == "1"));
    }
}
