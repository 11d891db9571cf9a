//! A Galera cluster answers like one server, whichever of its servers is asked.
//!
//! Only root can give each server a network of its own; elsewhere these tests say that they were left out.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test target from end to end")]

use std::time::{Duration, Instant};

use model::{
    AuditEvent, AuditKind, AuditOutcome, MailboxHolder, Subscriber, SubscriberId, SubscriberKind, Timestamp,
};
use store::{Store, StoreError};
use store_sql::{Location, Options, ServerAddress, SqlStore};
use support::{Database, Galera, Proxy};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_seconds(1_772_438_400);

/// A cluster with a database, and a store on each server.
struct Cluster {
    stores: Vec<SqlStore>,
    _ways: Vec<Proxy>,
    _database: Database,
    servers: Galera,
}

impl Cluster {
    async fn start() -> Self {
        let servers = Galera::start().await;
        let database = servers.database().await;
        let mut ways = Vec::new();
        for server in 0..servers.size() {
            ways.push(Proxy::before(servers.address(server)).await);
        }
        // The servers' certificate names this machine.
        let by = |way: &Proxy| Location::Server {
            address: ServerAddress { host: "127.0.0.1".to_owned(), port: way.port(), ..database.address() },
            login: database.login(),
        };
        // Accounts and tables come to the other servers a moment later.
        SqlStore::migrate(&by(&ways[servers.size() - 1]), &Options::default()).await.unwrap();
        let mut stores = Vec::new();
        for way in &ways {
            stores.push(open(&by(way)).await);
        }
        Self { stores, _ways: ways, _database: database, servers }
    }
}

/// Asks until everything is there.
async fn open(location: &Location) -> SqlStore {
    let begun = Instant::now();
    loop {
        match SqlStore::open(location, &Options::default()).await {
            Ok(store) => return store,
            Err(error) => assert!(begun.elapsed() < Duration::from_mins(1), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_of_a_cluster_answer_like_one() {
    if let Some(obstacle) = Galera::obstacle() {
        println!("SKIPPED, there can be no cluster here: {obstacle}");
        return;
    }
    let cluster = Cluster::start().await;
    what_one_server_kept_another_one_tells(&cluster).await;
    of_two_that_decide_at_once_one_begins_anew(&cluster).await;
    a_plan_does_not_unmark_what_changed_on_another_server(&cluster).await;
}

/// Also one that lags behind.
async fn what_one_server_kept_another_one_tells(cluster: &Cluster) {
    let [first, second, _] = cluster.stores.as_slice() else { unreachable!("three servers") };
    // Connected before, as a daemon is.
    second.read().await.unwrap().commit().await.unwrap();
    second.begin().await.unwrap().commit().await.unwrap();
    let lagging = cluster.servers.hold_up(1, 2);
    let mut work = first.begin().await.unwrap();
    let seq = work.audit().append(&event("the first"), NOW).await.unwrap();
    work.commit().await.unwrap();
    let begun = Instant::now();
    let mut work = second.read().await.unwrap();
    assert_eq!(work.audit().verify().await.unwrap(), Ok(seq), "after {:?}", begun.elapsed());
    assert!(begun.elapsed() > Duration::from_millis(500), "the server was held up: {:?}", begun.elapsed());
    lagging.join().unwrap().unwrap();
}

/// The one that comes second is told so, and that nothing of it was kept: by its statement or by its commit.
async fn of_two_that_decide_at_once_one_begins_anew(cluster: &Cluster) {
    let before = last(&cluster.stores[0]).await;
    let mut tasks = tokio::task::JoinSet::new();
    let rounds = 40;
    for store in cluster.stores.clone() {
        tasks.spawn(async move {
            let (mut kept, mut refused) = (0, 0);
            while kept < rounds {
                let attempt = async {
                    let mut work = store.begin().await?;
                    work.audit().append(&event("everybody"), NOW).await?;
                    work.commit().await
                };
                match attempt.await {
                    Ok(()) => kept += 1,
                    Err(error @ StoreError::Busy { .. }) => {
                        refused += 1;
                        assert!(refused < 10_000, "{error}");
                        store.pause(1).await;
                    }
                    Err(error) => panic!("it is known what became of it: {error:?}"),
                }
            }
            refused
        });
    }
    let refused: u32 = tasks.join_all().await.into_iter().sum();
    assert!(refused > 0, "they met");
    for store in &cluster.stores {
        assert_eq!(
            last(store).await,
            before + 3 * rounds,
            "each entry is there once, {refused} were refused"
        );
    }
}

/// Where the intact audit log ends.
async fn last(store: &SqlStore) -> i64 {
    store.read().await.unwrap().audit().verify().await.unwrap().unwrap()
}

/// Who is due already when another change comes is due once more, unless the plan has seen that change.
async fn a_plan_does_not_unmark_what_changed_on_another_server(cluster: &Cluster) {
    let [first, second, _] = cluster.stores.as_slice() else { unreachable!("three servers") };
    let mut work = first.begin().await.unwrap();
    work.subscribers().set(&mailbox()).await.unwrap();
    work.commit().await.unwrap();

    let mut plan = first.begin().await.unwrap();
    let seen = plan.subscribers().list_due(None, NOW, None, 10).await.unwrap();
    assert_eq!(seen.iter().map(|row| row.holders.len()).collect::<Vec<_>>(), [0], "due, and nobody uses it");
    let mut change = second.begin().await.unwrap();
    change.subscribers().set_holders(mailbox().id, &[holder()]).await.unwrap();
    change.commit().await.unwrap();
    let planned = async {
        plan.subscribers().mark_planned(mailbox().id).await?;
        plan.commit().await
    };
    let planned = planned.await;
    assert!(matches!(&planned, Err(StoreError::Busy { .. })), "it plans anew: {planned:?}");
    let mut work = first.read().await.unwrap();
    let due = work.subscribers().list_due(None, NOW, None, 10).await.unwrap();
    assert_eq!(due.iter().map(|row| row.holders.len()).collect::<Vec<_>>(), [1], "with what changed");
}

fn event(actor: &str) -> AuditEvent {
    AuditEvent {
        kind: AuditKind::CertificateIssued,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: "a certificate".to_owned(),
        detail: String::new(),
    }
}

fn id(number: u128) -> SubscriberId {
    Uuid::from_u128(number).into()
}

fn mailbox() -> Subscriber {
    Subscriber {
        id: id(9),
        kind: SubscriberKind::SharedMailbox,
        user_principal_name: "info@example.com".to_owned(),
        mail: Some("info@example.com".to_owned()),
        aliases: Vec::new(),
        display_name: Some("Info".to_owned()),
        given_name: None,
        surname: None,
        enabled: true,
        on_premises_sid: None,
        groups: Vec::new(),
        seen_at: NOW,
        gone_at: None,
    }
}

fn holder() -> MailboxHolder {
    MailboxHolder { mailbox: id(9), person: id(1), user_principal_name: "a@example.com".to_owned() }
}
