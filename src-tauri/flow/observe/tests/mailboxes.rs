//! Who may use mailboxes: what is believed, what is in doubt, and that nobody loses anything by a doubt.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use model::{Clock as _, GroupId, Span, Subscriber, SubscriberId, SubscriberKind};
use observe::{MailboxReading, Observed, Observer, Watch};
use ports::{
    Called, Changes, Directory, DirectoryError, GroupChanges, MailboxDirectory, MailboxError, MailboxGrant,
    MailboxRight, ObservedUser, SharedMailbox, UserPage,
};
use store::{Store as _, SyncCursor};
use support::{FreshStore, ManualClock, fresh_store};
use uuid::Uuid;

const BOX: u128 = 500;

fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

fn user(number: u128) -> ObservedUser {
    ObservedUser {
        id: id(number),
        user_principal_name: format!("person{number}@nordwind.example"),
        mail: None,
        aliases: Vec::new(),
        display_name: None,
        given_name: None,
        surname: None,
        enabled: Some(number != 9),
        on_premises_sid: None,
    }
}

/// Knows `person1` to `person9`, of whom the last is blocked, and the group `Team` with 1 and 2. `S-1-…` are gone.
struct People;

#[async_trait]
impl Directory for People {
    async fn check(&self) -> Result<String, DirectoryError> {
        Ok(String::new())
    }
    async fn members(&self, group: GroupId, next: Option<&str>) -> Result<UserPage, DirectoryError> {
        // One a page; the enrollment group holds the mailbox.
        let (first, second) = if group == id(77) { (1, Some(2)) } else { (BOX, None) };
        Ok(match (next, second) {
            (None, Some(_)) => UserPage { users: vec![user(first)], next: Some("more".to_owned()) },
            (None, None) => {
                UserPage { users: vec![ObservedUser { enabled: Some(false), ..user(first) }], next: None }
            }
            (Some(_), _) => UserPage { users: second.map(user).into_iter().collect(), next: None },
        })
    }
    async fn nested_groups(&self, _: GroupId) -> Result<Vec<GroupId>, DirectoryError> {
        Ok(Vec::new())
    }
    async fn user(&self, id: SubscriberId) -> Result<Option<ObservedUser>, DirectoryError> {
        Ok(Some(user(id.uuid().as_u128())))
    }
    async fn called(&self, name: &str) -> Result<Called, DirectoryError> {
        if name == "Team" {
            return Ok(Called::Group(id(77)));
        }
        if name.starts_with("S-1-") {
            return Ok(Called::Gone);
        }
        Ok(match name.strip_prefix("person").and_then(|number| number.parse().ok()) {
            Some(number) => Called::User(Box::new(user(number))),
            None => Called::Unclear("nobody is called so".to_owned()),
        })
    }
    async fn kind(&self, _: SubscriberId) -> Result<SubscriberKind, DirectoryError> {
        Ok(SubscriberKind::SharedMailbox)
    }
    async fn user_changes(&self, _: Option<&str>) -> Result<Changes, DirectoryError> {
        Ok(Changes { delta_link: Some("users".to_owned()), ..Changes::default() })
    }
    async fn group_changes(&self, _: &[GroupId], _: Option<&str>) -> Result<GroupChanges, DirectoryError> {
        Ok(GroupChanges { delta_link: Some("groups".to_owned()), ..GroupChanges::default() })
    }
}

/// What Exchange says at the moment.
#[derive(Default)]
struct Exchange {
    grants: Mutex<Vec<MailboxGrant>>,
    away: Mutex<bool>,
    lists: Mutex<BTreeMap<&'static str, u32>>,
    is_empty: Mutex<bool>,
}

#[async_trait]
impl MailboxDirectory for Exchange {
    async fn check(&self) -> Result<String, MailboxError> {
        Ok(String::new())
    }
    async fn shared_mailboxes(&self) -> Result<Vec<SharedMailbox>, MailboxError> {
        *self.lists.lock().unwrap().entry("lists").or_default() += 1;
        if *self.away.lock().unwrap() {
            return Err(MailboxError::Unavailable { retry_after: None, source: "no route".into() });
        }
        if *self.is_empty.lock().unwrap() {
            return Ok(Vec::new());
        }
        let address = "info@nordwind.example".to_owned();
        Ok(vec![SharedMailbox { id: id(BOX), names: vec![address.clone()], address }])
    }
    async fn grants(
        &self,
        _: &SharedMailbox,
        rights: &[MailboxRight],
    ) -> Result<Vec<MailboxGrant>, MailboxError> {
        let grants = self.grants.lock().unwrap().clone();
        Ok(grants.into_iter().filter(|grant| rights.contains(&grant.right)).collect())
    }
}

fn grant(trustee: &str) -> MailboxGrant {
    MailboxGrant { trustee: trustee.to_owned(), right: MailboxRight::FullAccess, is_denied: false }
}

struct World {
    exchange: Arc<Exchange>,
    rights: Vec<MailboxRight>,
    clock: Arc<ManualClock>,
    store: FreshStore,
}

impl World {
    async fn new() -> Self {
        Self {
            exchange: Arc::default(),
            rights: vec![MailboxRight::FullAccess],
            clock: Arc::default(),
            store: fresh_store().await,
        }
    }

    /// Reads when Exchange tells these grants.
    async fn read(&self, grants: &[MailboxGrant]) -> Observed {
        *self.exchange.grants.lock().unwrap() = grants.to_vec();
        self.observe(Span::minutes(0)).await
    }

    async fn observe(&self, every: Span) -> Observed {
        self.clock.advance(Span::minutes(5));
        let observer = Observer {
            directory: Arc::new(People),
            store: self.store.shared(),
            clock: Arc::clone(&self.clock) as Arc<dyn model::Clock>,
            mailboxes: Some(MailboxReading {
                door: Arc::clone(&self.exchange) as Arc<dyn MailboxDirectory>,
                rights: self.rights.clone(),
                named: Vec::new(),
                every,
            }),
            claim: None,
        };
        observer.observe(&Watch { groups: vec![id(100)], holders: Vec::new() }).await.unwrap()
    }

    /// The numbers of those who may use the mailbox, as stored.
    async fn holders(&self) -> Vec<u128> {
        let holders = self.store.read().await.unwrap().subscribers().holders(id(BOX)).await.unwrap();
        let mut numbers: Vec<u128> = holders.iter().map(|holder| holder.person.uuid().as_u128()).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Whether the last reading was without a doubt.
    async fn is_confirmed(&self) -> bool {
        let name = SyncCursor::people_of(id(BOX));
        let read = self.store.read().await.unwrap().subscribers().cursor(&name).await.unwrap();
        read.is_some_and(|read| read.full_at == self.clock.now())
    }

    /// Whether a new key may go to those who are stored.
    async fn is_sure(&self) -> bool {
        let name = SyncCursor::sure_of(id(BOX));
        self.store.read().await.unwrap().subscribers().fully_read_at(&name).await.unwrap()
            == Some(self.clock.now())
    }

    async fn mailbox(&self) -> Subscriber {
        self.store.read().await.unwrap().subscribers().lookup(id(BOX)).await.unwrap().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_name_and_through_groups_and_what_is_denied_stays_denied() {
    let world = World::new().await;
    let denied = |trustee: &str| MailboxGrant { is_denied: true, ..grant(trustee) };
    // The blocked one, and an account that is gone, get nothing and are no doubt.
    let grants = [grant("Team"), grant("person3"), grant("person9"), grant("S-1-5-21-1"), denied("person2")];
    let observed = world.read(&grants).await;
    assert_eq!(world.mailbox().await.kind, SubscriberKind::SharedMailbox);
    assert_eq!((world.holders().await, observed.mailboxes), (vec![1, 3], Vec::new()));
    assert!(world.is_confirmed().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_open_the_mailbox_gets_no_key_by_another_right() {
    let mut world = World::new().await;
    let send_as =
        |trustee: &str, is_denied| MailboxGrant { right: MailboxRight::SendAs, is_denied, ..grant(trustee) };
    let grants = [grant("person1"), send_as("person1", true), send_as("person4", false)];
    world.read(&grants).await;
    assert_eq!(world.holders().await, [1], "who only sends gets no key unless it is wanted");
    world.rights.push(MailboxRight::SendAs);
    world.read(&grants).await;
    assert_eq!(world.holders().await, [1, 4]);
    let denied = MailboxGrant { is_denied: true, ..grant("person4") };
    world.rights = vec![MailboxRight::SendAs];
    world.read(&[grant("person1"), send_as("person3", false), send_as("person4", false), denied]).await;
    assert_eq!(world.holders().await, [3], "denials of opening it are read whatever gives the key");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_name_is_unclear_new_keys_go_to_the_sure_ones_and_nobody_has_lost_access() {
    let world = World::new().await;
    world.read(&[grant("person1"), grant("person2")]).await;
    let observed = world.read(&[grant("person3"), grant("Sales\u{202e} Team")]).await;
    assert_eq!(world.holders().await, [3], "the unclear one may be any of those who were there, or none");
    assert!(world.is_sure().await);
    let [told] = observed.mailboxes.as_slice() else { panic!("{observed:?}") };
    assert!(told.starts_with("whom `Sales\u{fffd} Team` (nobody is called so) means"), "{told}");
    assert!(
        told.contains("info@nordwind.example") && told.contains("nobody is taken to have lost access"),
        "{told}"
    );
    assert!(!world.is_confirmed().await);
    // It is told as long as it is so, also when it is not read again.
    assert_eq!(world.observe(Span::hours(1)).await.mailboxes, observed.mailboxes);
    let lists = world.exchange.lists.lock().unwrap()["lists"];
    world.read(&[grant("person3")]).await;
    assert_eq!(world.holders().await, [3]);
    assert!(world.is_confirmed().await);
    assert_eq!(world.exchange.lists.lock().unwrap()["lists"], lists + 1, "a fresh reading is not repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_an_unclear_denial_means_might_be_anybody() {
    let world = World::new().await;
    world.read(&[grant("person1")]).await;
    let denied = MailboxGrant { is_denied: true, ..grant("Somebody") };
    let observed = world.read(&[grant("person2"), denied]).await;
    assert_eq!(world.holders().await, [1], "nobody comes and nobody goes");
    assert!(observed.mailboxes[0].contains("nobody gets a new key, and nobody"), "{observed:?}");
    assert!(!world.is_sure().await && !world.is_confirmed().await);
    // Who is denied for sure is none of them any more.
    let surely = |trustee: &str| MailboxGrant { is_denied: true, ..grant(trustee) };
    world.read(&[grant("person1"), surely("person1"), surely("Somebody")]).await;
    assert_eq!(world.holders().await, Vec::<u128>::new());
    world.read(&[grant("person2")]).await;
    assert_eq!(world.holders().await, [2]);
    assert!(world.is_sure().await && world.is_confirmed().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_that_fail_or_name_nobody_remove_nobody() {
    let world = World::new().await;
    world.read(&[grant("person1"), grant("person2")]).await;
    let observed = world.read(&[]).await;
    assert!(observed.mailboxes[0].contains("names nobody who may use info@nordwind.example"), "{observed:?}");
    assert_eq!(world.holders().await, [1, 2]);
    assert!(!world.is_confirmed().await && !world.is_sure().await);
    *world.exchange.away.lock().unwrap() = true;
    let observed = world.read(&[grant("person1")]).await;
    assert!(
        observed.mailboxes[0].contains("Exchange is unreachable")
            && observed.mailboxes[0].contains("no route")
    );
    assert_eq!(world.holders().await, [1, 2]);
    *world.exchange.away.lock().unwrap() = false;
    *world.exchange.is_empty.lock().unwrap() = true;
    let observed = world.read(&[grant("person1")]).await;
    assert!(observed.mailboxes[0].contains("lists 0 of the 1 shared mailboxes"), "{observed:?}");
    assert_eq!(world.holders().await, [1, 2]);
}
