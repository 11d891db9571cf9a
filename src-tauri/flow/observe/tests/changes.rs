//! Reading changes instead of everything, from a directory that fits into a test.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use model::{Clock as _, GroupId, Service, Span, SubscriberId, SubscriberKind};
use observe::{ObserveError, Observed, Observer, Watch};
use ports::{Called, Changes, Directory, DirectoryError, GroupChanges, ObservedUser, UserPage};
use store::{DutyClaim, Store, StoreError};
use support::{Failing, Faulty, FreshStore, ManualClock, fresh_store};
use uuid::Uuid;

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(number).into()
}

/// Groups with people and groups in them. A link watches the groups that were named when it was taken, and no others.
#[derive(Default)]
struct Tenant {
    people: BTreeMap<GroupId, BTreeSet<u128>>,
    nested: BTreeMap<GroupId, BTreeSet<GroupId>>,
    /// Everything that ever changed: a group, or a person.
    groups_log: Vec<GroupId>,
    users_log: Vec<SubscriberId>,
    watched: Vec<GroupId>,
}

#[derive(Default)]
struct Small(Mutex<Tenant>);

impl Small {
    fn join(&self, group: u128, person: u128) {
        let mut tenant = self.0.lock().unwrap();
        tenant.people.entry(id(group)).or_default().insert(person);
        tenant.groups_log.push(id(group));
    }

    fn nest(&self, outer: u128, inner: u128) {
        let mut tenant = self.0.lock().unwrap();
        tenant.nested.entry(id(outer)).or_default().insert(id(inner));
        tenant.groups_log.push(id(outer));
    }

    fn touch(&self, people: impl IntoIterator<Item = u128>) {
        self.0.lock().unwrap().users_log.extend(people.into_iter().map(id::<SubscriberId>));
    }
}

fn within(tenant: &Tenant, group: GroupId) -> BTreeSet<GroupId> {
    let inner = tenant.nested.get(&group).cloned().unwrap_or_default();
    inner.iter().flat_map(|one| within(tenant, *one)).chain(inner.clone()).collect()
}

fn user(number: u128) -> ObservedUser {
    ObservedUser {
        id: id(number),
        user_principal_name: format!("person{number}@nordwind.example"),
        mail: Some(format!("person{number}@nordwind.example")),
        aliases: Vec::new(),
        display_name: None,
        given_name: None,
        surname: None,
        enabled: Some(true),
        on_premises_sid: None,
    }
}

fn told(link: Option<&str>, length: usize) -> (usize, Option<String>) {
    (link.map_or(length, |link| link.parse().unwrap()), Some(length.to_string()))
}

#[async_trait]
impl Directory for Small {
    async fn check(&self) -> Result<String, DirectoryError> {
        Ok("small".to_owned())
    }

    async fn members(&self, group: GroupId, _next: Option<&str>) -> Result<UserPage, DirectoryError> {
        let tenant = self.0.lock().unwrap();
        let groups = within(&tenant, group).into_iter().chain([group]);
        let people: BTreeSet<u128> =
            groups.filter_map(|one| tenant.people.get(&one)).flatten().copied().collect();
        Ok(UserPage { users: people.into_iter().map(user).collect(), next: None })
    }

    async fn nested_groups(&self, group: GroupId) -> Result<Vec<GroupId>, DirectoryError> {
        Ok(within(&self.0.lock().unwrap(), group).into_iter().collect())
    }

    async fn user(&self, id: SubscriberId) -> Result<Option<ObservedUser>, DirectoryError> {
        Ok(Some(user(id.uuid().as_u128())))
    }

    async fn called(&self, name: &str) -> Result<Called, DirectoryError> {
        Ok(Called::Unclear(format!("nobody asks for {name} here")))
    }

    async fn kind(&self, _id: SubscriberId) -> Result<SubscriberKind, DirectoryError> {
        Ok(SubscriberKind::Person)
    }

    async fn user_changes(&self, link: Option<&str>) -> Result<Changes, DirectoryError> {
        let tenant = self.0.lock().unwrap();
        let (from, delta_link) = told(link, tenant.users_log.len());
        Ok(Changes { changed: tenant.users_log[from..].to_vec(), delta_link, ..Changes::default() })
    }

    async fn group_changes(
        &self,
        watched: &[GroupId],
        link: Option<&str>,
    ) -> Result<GroupChanges, DirectoryError> {
        let mut tenant = self.0.lock().unwrap();
        if link.is_none() {
            tenant.watched = watched.to_vec();
        }
        let (from, delta_link) = told(link, tenant.groups_log.len());
        let mut changed = tenant.groups_log[from..].to_vec();
        changed.retain(|group| tenant.watched.contains(group));
        Ok(GroupChanges { changed, delta_link, ..GroupChanges::default() })
    }
}

struct World {
    directory: Arc<Small>,
    clock: Arc<ManualClock>,
    store: FreshStore,
}

impl World {
    async fn new() -> Self {
        let world = Self {
            directory: Arc::new(Small::default()),
            clock: Arc::new(ManualClock::default()),
            store: fresh_store().await,
        };
        world.directory.join(100, 1);
        assert!(world.observe().await.full, "the first reading");
        world
    }

    async fn observe(&self) -> Observed {
        self.observe_on(self.store.shared(), None).await.unwrap()
    }

    async fn observe_on(
        &self,
        store: Arc<dyn Store>,
        claim: Option<DutyClaim>,
    ) -> Result<Observed, ObserveError> {
        self.clock.advance(Span::minutes(5));
        let observer = Observer {
            mailboxes: None,
            directory: Arc::clone(&self.directory) as Arc<dyn Directory>,
            store,
            clock: Arc::clone(&self.clock) as Arc<dyn model::Clock>,
            claim,
        };
        observer.observe(&Watch { groups: vec![id(100)], holders: Vec::new() }).await
    }

    async fn members(&self) -> Vec<SubscriberId> {
        self.store.read().await.unwrap().subscribers().members(id(100)).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_members_is_read_without_reading_everything() {
    let world = World::new().await;
    assert_eq!(world.observe().await, Observed::default());
    world.directory.join(100, 2);
    assert_eq!(world.observe().await, Observed { changed: 1, ..Observed::default() });
    assert_eq!(world.members().await, [id(1), id(2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_nested_later_is_watched_from_then_on() {
    let world = World::new().await;
    world.directory.join(200, 2);
    world.directory.nest(100, 200);
    assert!(world.observe().await.full, "the link does not cover the nested group");
    assert_eq!(world.members().await, [id(1), id(2)]);

    world.directory.join(200, 3);
    assert_eq!(world.observe().await, Observed { changed: 1, ..Observed::default() });
    assert_eq!(world.members().await, [id(1), id(2), id(3)]);

    // Two levels at once, by a change of the inner group alone.
    world.directory.join(300, 4);
    world.directory.nest(200, 300);
    assert!(world.observe().await.full);
    world.directory.join(300, 5);
    assert!(!world.observe().await.full);
    assert_eq!(world.members().await, [id(1), id(2), id(3), id(4), id(5)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_people_whom_nobody_enrolls_cost_nothing() {
    let world = World::new().await;
    world.directory.touch(1_000..9_000);
    assert_eq!(world.observe().await, Observed::default());
    world.directory.touch([1, 1, 7_777]);
    assert_eq!(world.observe().await, Observed::default(), "person 1 was read and says the same");
    assert_eq!(world.members().await, [id(1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_database_does_the_next_reading_leaves_the_snapshot_as_the_directory_is() {
    for how in Failing::ALL {
        for nth in 1..=4 {
            let world = World::new().await;
            let faulty = Faulty::over(world.store.shared());
            world.directory.join(100, 2);
            world.directory.join(200, 3);
            world.directory.nest(100, 200);
            faulty.fail(nth, how);
            let first = world.observe_on(faulty.clone(), None).await;
            let unknown = matches!(how, Failing::LostButKept | Failing::LostAndUndone);
            match first {
                Ok(_) => {}
                Err(ObserveError::Store(StoreError::OutcomeUnknown { .. })) if unknown => {}
                Err(error) => panic!("{how:?} at {nth}: {error}"),
            }
            world.observe_on(faulty.clone(), None).await.unwrap();
            assert_eq!(world.members().await, [id(1), id(2), id(3)], "{how:?} at {nth}");
            assert_eq!(world.observe().await, Observed::default(), "{how:?} at {nth}: and then it is quiet");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_lost_its_claim_stores_nothing() {
    let world = World::new().await;
    let now = world.clock.now();
    let claim =
        |owner: &str| DutyClaim { service: Service::Sync, owner: owner.to_owned(), lease: Span::minutes(1) };
    let (ours, late) = (claim("ours"), claim("late"));
    let mut work = world.store.begin().await.unwrap();
    work.services().ensure(Service::Sync, now).await.unwrap();
    assert!(work.services().claim(Service::Sync, &ours.owner, now, ours.lease).await.unwrap());
    work.commit().await.unwrap();
    world.directory.join(100, 2);
    let refused = world.observe_on(world.store.shared(), Some(late)).await;
    assert!(matches!(refused, Err(ObserveError::Store(StoreError::Stale { .. }))), "{refused:?}");
    assert_eq!(world.members().await, [id(1)]);
    world.observe_on(world.store.shared(), Some(ours)).await.unwrap();
    assert_eq!(world.members().await, [id(1), id(2)]);
}
