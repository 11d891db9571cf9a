//! Asks SQLite's planner about every list: none may sort, none may read a whole table without an index.

use model::{CertificateState, EnrollmentState};
use sqlx::{AssertSqlSafe, Row as _};
use store::{
    CertificateFilter, CertificateOrder, PageRequest, Store as _, SubscriberFilter, SubscriberStanding,
};

use crate::dialect::Dialect;
use crate::keyset::{Bounds, KeyKind, Place, Prefix};
use crate::value::Value;
use crate::{Location, Options, SqlStore, enrollment, listing, people, planning};

async fn store(folder: &tempfile::TempDir) -> SqlStore {
    let location = Location::Sqlite(folder.path().join("sealwright.db"));
    SqlStore::open(&location, &Options::default()).await.unwrap()
}

async fn plan(store: &SqlStore, sql: &str, args: &[Value]) -> String {
    let sql = Dialect::Sqlite.text(sql.to_owned().into());
    let mut query = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
    for value in args {
        query = match value.clone() {
            Value::Null => query.bind(None::<i64>),
            Value::Int(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
        };
    }
    let rows = query.fetch_all(store.file().readers()).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
}

fn filters() -> Vec<CertificateFilter> {
    let now = model::Timestamp::from_seconds(1_772_438_400);
    let mut filters = Vec::new();
    // Every subset of the conditions.
    for bits in 0..256_u32 {
        let on = |bit: u32| bits & (1 << bit) != 0;
        filters.push(CertificateFilter {
            search: on(0).then(|| "0abc".to_owned()),
            states: [CertificateState::Valid, CertificateState::Revoked][..usize::from(on(1)) * 2].to_vec(),
            template: on(2).then(|| uuid::Uuid::nil().into()),
            authority: on(3).then(|| uuid::Uuid::nil().into()),
            subscriber: on(4).then(|| uuid::Uuid::nil().into()),
            expires_from: on(5).then_some(now),
            expires_until: on(6).then_some(now),
            archived: on(7).then_some(true),
        });
    }
    filters
}

fn bounds(key: Option<Value>) -> Bounds {
    let kind = match key {
        Some(Value::Text(_)) => KeyKind::Text,
        Some(Value::Int(_)) => KeyKind::Int,
        _ => KeyKind::None,
    };
    let after = key.map(|key| Place { key, id: [7; 16] }.to_cursor());
    Bounds::read(&PageRequest { after, limit: 50 }, kind).unwrap()
}

#[tokio::test]
async fn a_turn_of_a_campaign_walks_along_indexes_to_what_there_is_to_do() {
    use crate::campaign::{AT, CONFIRMED, MOVED, PRESENT, REVOKING, WAITING, WAVE};
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let [ten, id] = [Value::Int(10), Value::Bytes(vec![0; 16])];
    for (sql, index, numbers) in [
        (WAITING, "campaign_member_due (campaign=? AND stage=? AND look_at<?", 4),
        (MOVED, "(campaign=? AND stage=?", 7),
        (PRESENT, "campaign_member_present (campaign=? AND stage=? AND present_at<?", 4),
        (CONFIRMED, "(campaign=? AND stage=?", 3),
        (REVOKING, "campaign_member_ended (campaign=? AND revoking_at>?", 1),
        (WAVE, "campaign_member_wave (campaign=? AND wave=?", 1),
        (AT, "(campaign=? AND stage=?", 2),
    ] {
        let args: Vec<Value> =
            std::iter::once(id.clone()).chain(std::iter::repeat_n(ten.clone(), numbers)).collect();
        let plan = plan(&store, sql, &args).await;
        assert!(
            plan.contains(index) && !plan.contains("SCAN m") && !plan.contains("SCAN e\n"),
            "{sql}\n{plan}"
        );
    }
}

#[tokio::test]
async fn notices_that_are_not_done_are_found_along_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let now = model::Timestamp::from_seconds(1_772_438_400);
    let due = crate::ending::due_args(store::EndingsDue { now, confirmed_at: now });
    let [ten, id] = [Value::Int(10), Value::Bytes(vec![0; 16])];
    for (sql, args) in [
        (crate::ending::DUE, [due, vec![id.clone(), ten.clone()]].concat()),
        (crate::ending::OWNERS, vec![id, ten.clone()]),
        (crate::ending::LIST, vec![ten.clone(), ten.clone(), ten.clone(), ten]),
    ] {
        let plan = plan(&store, sql, &args).await;
        assert!(
            plan.contains("USING") && !plan.contains("SCAN e") && !plan.contains("SCAN c\n"),
            "{sql}\n{plan}"
        );
    }
}

#[tokio::test]
async fn walks_along_certificates_never_sort() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let orders = [
        (CertificateOrder::CommonName, Value::Text("m".to_owned()), "cn_lc>?"),
        (CertificateOrder::Mail, Value::Text("m".to_owned()), "mail_lc>?"),
        (CertificateOrder::NotAfter, Value::Int(5), "not_after>?"),
        (CertificateOrder::Newest, Value::Null, "id<?"),
    ];
    for filter in filters() {
        for (order, key, seeks) in &orders {
            for after in [None, Some(key.clone())] {
                for query in listing::walks(&filter, *order, &bounds(after.clone())) {
                    let plan = plan(&store, &query.sql, &query.args).await;
                    assert!(!plan.contains("TEMP B-TREE"), "{}\n{plan}", query.sql);
                    // By age alone the table itself has the order.
                    let by_age = plan == "SCAN certificate" && *order == CertificateOrder::Newest;
                    assert!(plan.contains("USING") || by_age, "{}\n{plan}", query.sql);
                    assert!(
                        after.is_none() || plan.contains(seeks),
                        "seeks its place: {}\n{plan}",
                        query.sql
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn what_a_filter_decides_is_decided_inside_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    for filter in
        filters().into_iter().filter(|filter| filter.subscriber.is_none() && filter.search.is_none())
    {
        for order in [
            CertificateOrder::CommonName,
            CertificateOrder::Mail,
            CertificateOrder::NotAfter,
            CertificateOrder::Newest,
        ] {
            if order == CertificateOrder::Newest && filter == CertificateFilter::default() {
                continue;
            }
            for query in listing::walks(&filter, order, &bounds(None)) {
                let plan = plan(&store, &query.sql, &query.args).await;
                assert!(plan.contains("COVERING INDEX"), "{}\n{plan}", query.sql);
            }
        }
    }
}

#[tokio::test]
async fn searches_pick_their_matches_through_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    for filter in filters().into_iter().filter(listing::is_picked) {
        for query in listing::picks(&filter, CertificateOrder::Mail, 100) {
            let plan = plan(&store, &query.sql, &query.args).await;
            assert!(plan.starts_with("SEARCH") && !plan.contains("SCAN"), "{}\n{plan}", query.sql);
        }
    }
}

#[tokio::test]
async fn other_lists_never_sort() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let mut queries = Vec::new();
    for state in [None, Some(EnrollmentState::Stuck)] {
        for after in [None, Some(Value::Int(9))] {
            queries.push(enrollment::walk(state, &bounds(after)));
        }
    }
    for filter in subscriber_filters() {
        for after in [None, Some(Value::Text("m".to_owned()))] {
            queries.push(people::walk(&filter, &bounds(after)));
        }
    }
    for (sql, args) in queries {
        let plan = plan(&store, &sql, &args).await;
        assert!(!plan.contains("TEMP B-TREE") && plan.contains("USING"), "{sql}\n{plan}");
    }
    drop(store.begin().await.unwrap());
}

fn subscriber_filters() -> Vec<SubscriberFilter> {
    let now = model::Timestamp::from_seconds(1_772_438_400);
    let standings = [
        SubscriberStanding::Covered,
        SubscriberStanding::Partly,
        SubscriberStanding::Lacking,
        SubscriberStanding::Hindered,
        SubscriberStanding::Leaving,
    ];
    let mut filters = Vec::new();
    for search in [None, Some("anna".to_owned())] {
        for kind in [None, Some(model::SubscriberKind::Person)] {
            for standing in std::iter::once(None).chain(standings.map(|one| Some((one, now)))) {
                let id = uuid::Uuid::from_u128;
                let entitlements = vec![store::Entitlement {
                    template: id(1).into(),
                    include: vec![id(2).into(), id(3).into()],
                    exclude: vec![id(4).into()],
                    mailboxes: false,
                }];
                filters.push(SubscriberFilter { search: search.clone(), kind, standing, entitlements });
            }
        }
    }
    filters
}

#[tokio::test]
async fn searches_for_people_pick_their_matches_through_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let prefix = Prefix::of("anna").unwrap();
    for filter in subscriber_filters() {
        for (sql, args) in people::picks(&filter, &prefix, 100) {
            let plan = plan(&store, &sql, &args).await;
            assert!(plan.starts_with("SEARCH") && !plan.contains("SCAN"), "{sql}\n{plan}");
        }
    }
}

#[tokio::test]
async fn an_idle_tick_reads_single_entries_of_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    for sql in crate::job::TICK {
        let plan = plan(&store, sql, &[]).await;
        assert!(
            !plan.contains("TEMP B-TREE") && plan.contains("COVERING INDEX") || plan.contains("USING INDEX"),
            "{sql}\n{plan}"
        );
    }
    let due = plan(&store, planning::DUE, &[Value::Bytes(Vec::new()), Value::Int(1)]).await;
    assert!(due.contains("subscriber_due"), "{due}");
    for (sql, index) in [
        (planning::refusals_sql("(?, ?)"), "enrollment_owner (subscriber=?)"),
        (planning::open_sql("(?, ?)"), "enrollment_open (subscriber=?)"),
    ] {
        let plan = plan(&store, &sql, &[Value::Int(4), Value::Null, Value::Null]).await;
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
    }
    let args = [Value::Int(1), Value::Int(5), Value::Bytes(Vec::new()), Value::Int(1), Value::Int(5)];
    let ending = plan(&store, planning::EXPIRING, &args).await;
    assert!(ending.contains("certificate_state_end (state=? AND not_after<?)"), "{ending}");
    assert!(ending.contains("certificate_subscriber (subscriber=?)"), "{ending}");
}
