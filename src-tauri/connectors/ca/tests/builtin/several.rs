//! Books that fail, and books that several daemons write at once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crypto::X509Certificate;
use crypto::issue::read_crl;
use model::names::Profile;
use model::{Entropy, RevocationReason};
use ports::{CertificateAuthority as _, CertificateRef, Order};
use store::Store;
use support::{Failing, Faulty, Peers};
use tokio::task::JoinSet;

use crate::world::{MONDAY, P256, World, issued, jorg, order};

fn order_for(number: usize) -> Order {
    order(&format!("enrolment {number}"), Profile::SmimeSponsor, jorg(), &P256)
}

fn named(der: &[u8], number: usize) -> CertificateRef {
    let serial = X509Certificate::from_der(der).unwrap().serial();
    CertificateRef { serial, reference: order_for(number).reference }
}

#[tokio::test]
async fn whatever_happens_to_the_books_an_order_gives_one_certificate_and_a_list_its_own_number() {
    for how in Failing::ALL {
        let world = World::new().await;
        let store: Arc<dyn Store> = world.store.clone();
        let faulty = Faulty::over(store);
        let authority = world.with_books(faulty.clone());
        faulty.fail(1, how);
        let first = issued(authority.submit(&order_for(1)).await.unwrap());
        let again = issued(authority.submit(&order_for(1)).await.unwrap());
        assert_eq!(first, again, "{how:?}");
        let issued_so_far = world.store.read().await.unwrap().ledger().count(world.id).await.unwrap();
        assert_eq!(issued_so_far, 1, "{how:?}");

        // The revocation, and then the list that tells it.
        for nth in [1, 2] {
            faulty.fail(nth, how);
            authority.revoke(&named(&first.der, 1), RevocationReason::Superseded).await.unwrap();
        }
        assert_eq!(faulty.outstanding(), 0);
        let issuing = X509Certificate::from_der(&world.founded.settings.issuing).unwrap();
        let list = read_crl(&issuing, &authority.current_crl().await.unwrap()).unwrap();
        assert_eq!(list.revoked.len(), 1, "{how:?}");
    }
}

/// Every daemon places the same orders, revokes the same certificates and publishes lists, all at once.
async fn keep_the_books_straight(peers: &Peers) {
    let world = World::new().await;
    let daemons: Vec<Arc<_>> =
        peers.stores().iter().map(|store| Arc::new(world.with_books(Arc::clone(store)))).collect();
    let mut tasks = JoinSet::new();
    for daemon in &daemons {
        let daemon = Arc::clone(daemon);
        tasks.spawn(async move {
            let mut told = Vec::new();
            for number in 0..6 {
                let certificate = issued(daemon.submit(&order_for(number)).await.unwrap());
                if number % 2 == 0 {
                    let reason = RevocationReason::CessationOfOperation;
                    daemon.revoke(&named(&certificate.der, number), reason).await.unwrap();
                }
                told.push((number, certificate.der, daemon.current_crl().await.unwrap()));
            }
            told
        });
    }
    let told: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    let certificates: BTreeSet<_> = told.iter().map(|(number, der, _)| (*number, der.clone())).collect();
    assert_eq!(certificates.len(), 6, "one for each order");
    let issuing = X509Certificate::from_der(&world.founded.settings.issuing).unwrap();
    let lists: BTreeSet<Vec<u8>> = told.into_iter().map(|(_, _, list)| list).collect();
    let read: Vec<_> = lists.iter().map(|list| read_crl(&issuing, list).unwrap()).collect();
    let numbers: BTreeSet<u64> = read.iter().map(|list| list.number).collect();
    assert_eq!(numbers.len(), lists.len(), "no two lists share a number");
    let mut by_number: Vec<_> = read.iter().map(|list| (list.number, list.revoked.len())).collect();
    by_number.sort_unstable();
    assert!(
        by_number.is_sorted_by_key(|(_, revoked)| *revoked),
        "a higher number never knows less: {by_number:?}"
    );
    let last = read_crl(&issuing, &daemons[0].current_crl().await.unwrap()).unwrap();
    assert_eq!(last.revoked.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_daemons_keep_one_set_of_books() {
    keep_the_books_straight(&Peers::on_sqlite(4).await).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn and_so_they_do_on_a_server() {
    keep_the_books_straight(&Peers::on_mariadb(4).await).await;
}

/// Randomness that keeps whoever asks for it first until the door is opened.
#[derive(Default)]
struct Door {
    is_open: Mutex<bool>,
    opened: Condvar,
    waiting: AtomicBool,
}

impl Door {
    fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

impl Entropy for Door {
    fn fill(&self, out: &mut [u8]) {
        out.fill(7);
        self.waiting.store(true, Ordering::SeqCst);
        drop(self.opened.wait_while(self.is_open.lock().unwrap(), |is_open| !*is_open).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_revokes_while_a_list_is_written_shares_the_next_one() {
    const MANY: usize = 12;
    let world = World::new().await;
    let mut certificates = Vec::new();
    for number in 0..MANY {
        certificates.push(named(&world.issue(&order_for(number)).await.der, number));
    }
    let door = Arc::new(Door::default());
    let authority = Arc::new(world.with_entropy(&door));
    let mut tasks = JoinSet::new();
    let mut revoke = |certificate: CertificateRef| {
        let authority = Arc::clone(&authority);
        tasks.spawn(async move { authority.revoke(&certificate, RevocationReason::Superseded).await });
    };
    let mut rest = certificates.into_iter();
    // The first stands in the middle of writing its list when the others come.
    revoke(rest.next().unwrap());
    while !door.waiting.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    rest.for_each(revoke);
    loop {
        let mut books = world.store.read().await.unwrap();
        if books.ledger().list_revoked(world.id, MONDAY).await.unwrap().len() == MANY {
            break;
        }
        drop(books);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    door.open();
    tasks.join_all().await.into_iter().collect::<Result<Vec<()>, _>>().unwrap();
    let issuing = X509Certificate::from_der(&world.founded.settings.issuing).unwrap();
    let list = read_crl(&issuing, &std::fs::read(world.crl_file()).unwrap()).unwrap();
    assert_eq!(list.revoked.len(), MANY, "whoever was told that it is revoked finds it in the file");
    // Two, and one more for each who wrote into the books and had not come to the queue yet: never one for each.
    assert!(list.number < 6, "{MANY} revocations made {} lists", list.number);
}
