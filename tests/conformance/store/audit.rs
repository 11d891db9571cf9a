//! The audit log and those who would like to change it.

use model::{AuditEvent, AuditKind, AuditOutcome, Entropy, Span};
use store::{AuditFilter, ChainEnd, PageRequest, Store, StoredTreeHead};
use support::SeededEntropy;

use super::Database;
use super::sample::NOW;

fn event(number: i64) -> AuditEvent {
    AuditEvent {
        kind: if number % 2 == 0 { AuditKind::CertificateIssued } else { AuditKind::KeyRecoveryRequest },
        outcome: if number % 3 == 0 { AuditOutcome::Failure } else { AuditOutcome::Success },
        actor: "daemon".to_owned(),
        object: format!("enrollment {number}"),
        detail: "Müster".to_owned(),
    }
}

async fn write(store: &dyn Store, entries: i64) {
    let mut work = store.begin().await.unwrap();
    for number in 1..=entries {
        let at = NOW + Span::seconds(number);
        assert_eq!(work.audit().append(&event(number), at).await.unwrap(), number);
    }
    work.commit().await.unwrap();
}

async fn verify(store: &dyn Store) -> Result<i64, i64> {
    let told = store.read().await.unwrap().audit().verify().await.unwrap();
    told.map_err(|(seq, why)| {
        assert!(why.contains(&seq.to_string()), "the sentence names the row: {why}");
        seq
    })
}

pub async fn entries_are_listed_newest_first_and_verify(database: &impl Database) {
    let store = database.open().await;
    assert_eq!(verify(store.as_ref()).await, Ok(0));
    write(store.as_ref(), 23).await;
    let mut work = store.read().await.unwrap();
    let mut request = PageRequest::first(5);
    let mut seen = Vec::new();
    loop {
        let page = work.audit().list(&request).await.unwrap();
        for record in page.rows {
            assert_eq!((record.event, record.at), (event(record.seq), NOW + Span::seconds(record.seq)));
            assert_eq!(record.hash.len(), 64);
            seen.push(record.seq);
        }
        request.after = page.next;
        if request.after.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..=23).rev().collect::<Vec<_>>());
    drop(work);
    assert_eq!(verify(store.as_ref()).await, Ok(23));
}

/// All positions that a filter finds, read in pages of `limit`.
async fn found(store: &dyn Store, filter: &AuditFilter, limit: u32) -> Vec<i64> {
    let mut work = store.read().await.unwrap();
    let mut request = PageRequest::first(limit);
    let mut seen = Vec::new();
    loop {
        let found = work.audit().search(filter, &request).await.unwrap();
        assert!(found.page.rows.len() <= limit as usize);
        seen.extend(found.page.rows.iter().map(|record| record.seq));
        let Some(next) = found.page.next else { return seen };
        assert_ne!(request.after.as_ref(), Some(&next), "a page that goes nowhere");
        request.after = Some(next);
    }
}

/// Whether an entry at this position is wanted.
type Fits = fn(&i64) -> bool;

pub async fn entries_are_found_by_what_is_asked(database: &impl Database) {
    let store = database.open().await;
    write(store.as_ref(), 60).await;
    let at = |seconds: i64| Some(NOW + Span::seconds(seconds));
    let words = |text: &str| AuditFilter { search: Some(text.to_owned()), ..AuditFilter::default() };
    let hash = store.read().await.unwrap().audit().find(7).await.unwrap().unwrap().0.hash;
    let issued = AuditFilter { kinds: vec!["CERTIFICATE_ISSUED".to_owned()], ..AuditFilter::default() };
    let both = ["CERTIFICATE_ISSUED", "KEY_RECOVERY_REQUEST"].map(str::to_owned).to_vec();
    let failed = AuditFilter { outcome: Some(AuditOutcome::Failure), ..issued.clone() };
    let cases: [(AuditFilter, Fits); 15] = [
        (AuditFilter::default(), |_| true),
        (issued.clone(), |seq| seq % 2 == 0),
        (AuditFilter { kinds: both, ..AuditFilter::default() }, |_| true),
        (failed.clone(), |seq| seq % 6 == 0),
        (AuditFilter { search: Some("ENROLLMENT 4".to_owned()), ..failed }, |seq| {
            [24, 42, 48, 54].contains(seq)
        }),
        (words("müster DAEMON"), |_| true),
        (words("MÜSTER key recovery"), |seq| seq % 2 == 1),
        (words("enrollment 17"), |seq| *seq == 17),
        (words("#31"), |seq| *seq == 31),
        (words(&hash.to_uppercase()), |seq| *seq == 7),
        (AuditFilter { up_to: Some(44), ..AuditFilter::default() }, |seq| *seq <= 44),
        (AuditFilter { up_to: Some(44), ..issued.clone() }, |seq| *seq <= 44 && seq % 2 == 0),
        (words("100%"), |_| false),
        (words("nobody"), |_| false),
        (AuditFilter { from: at(20), until: at(30), ..AuditFilter::default() }, |seq| (20..30).contains(seq)),
    ];
    for (filter, fits) in cases {
        let expected: Vec<i64> = (1..=60).rev().filter(fits).collect();
        for limit in [1, 7, 60, 500] {
            assert_eq!(found(store.as_ref(), &filter, limit).await, expected, "{filter:?} by {limit}");
        }
    }
    let mut work = store.read().await.unwrap();
    let none = work.audit().search(&words("nobody"), &PageRequest::first(5)).await.unwrap();
    assert_eq!((none.page.next, none.looked_back_to), (None, Some(1)), "the whole log was looked through");
}

/// A search goes through so many entries at once and no more, and says where to go on.
pub async fn a_search_without_end_is_cut_into_pages(database: &impl Database) {
    let store = database.open().await;
    let entries = 20_050;
    write(store.as_ref(), 1).await;
    // As many as are not read at once, without waiting for each: what is searched is not verified.
    let digits = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 \
                  UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
    let number = "a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d";
    let fill = format!(
        "INSERT INTO audit_log (chain, seq, at, kind, outcome, actor, object, detail, hash) \
         SELECT l.chain, {number}, l.at, l.kind, l.outcome, l.actor, 'filled', l.detail, l.hash FROM audit_log l \
         CROSS JOIN {digits} a CROSS JOIN {digits} b CROSS JOIN {digits} c CROSS JOIN {digits} e CROSS JOIN {digits} f \
         WHERE l.seq = 1 AND {number} BETWEEN 2 AND {entries}"
    );
    database.execute(&fill, true).await.unwrap();
    let mut work = store.read().await.unwrap();
    let filter = AuditFilter { search: Some("enrollment 1".to_owned()), ..AuditFilter::default() };
    let first = work.audit().search(&filter, &PageRequest::first(10)).await.unwrap();
    assert_eq!((first.page.rows.len(), first.looked_back_to), (0, Some(51)));
    let request = PageRequest { after: first.page.next, limit: 10 };
    let second = work.audit().search(&filter, &request).await.unwrap();
    assert_eq!(second.page.rows.iter().map(|record| record.seq).collect::<Vec<_>>(), [1]);
    assert_eq!((second.page.next, second.looked_back_to), (None, Some(1)));
}

pub async fn concurrent_writers_leave_no_gaps(database: &impl Database) {
    let stores = [database.open().await, database.open().await];
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..6_usize {
        let store = stores[writer % 2].clone();
        tasks.spawn(async move {
            for number in 0..40_i64 {
                let mut work = store.begin().await.unwrap();
                work.audit().append(&event(number), NOW).await.unwrap();
                if number % 8 != 7 {
                    work.commit().await.unwrap();
                }
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(verify(stores[0].as_ref()).await, Ok(6 * 35));
}

pub async fn the_database_refuses_to_change_or_delete_entries(database: &impl Database) {
    let store = database.open().await;
    write(store.as_ref(), 3).await;
    for sql in ["UPDATE audit_log SET actor = 'nobody' WHERE seq = 2", "DELETE FROM audit_log WHERE seq = 3"]
    {
        assert!(database.execute(sql, false).await.is_err(), "{sql}");
    }
    assert_eq!(verify(store.as_ref()).await, Ok(3));
}

/// What an intruder does to row `a` (and `b` behind it), how it is undone, and which row is named.
fn tamper(kind: u8, a: i64, b: i64, head: i64) -> (Vec<String>, Vec<String>, i64) {
    let set = |what: &str, seq: i64| format!("UPDATE audit_log SET {what} WHERE seq = {seq}");
    let one = |what: &str, back: &str, named: i64| (vec![set(what, a)], vec![set(back, a)], named);
    let swap = vec![
        set("seq = -5", a),
        set(&format!("seq = {a}"), b),
        format!("UPDATE audit_log SET seq = {b} WHERE seq = -5"),
    ];
    match kind {
        0 => one("actor = 'nobody'", "actor = 'daemon'", a),
        1 => one("detail = ''", "detail = 'Müster'", a),
        2 => one("object = 'x'", &format!("object = 'enrollment {a}'"), a),
        3 => one("at = at + 1", "at = at - 1", a),
        4 => one(
            "outcome = 'none'",
            &format!("outcome = '{}'", if a % 3 == 0 { "failure" } else { "success" }),
            a,
        ),
        // Moved away: its place is empty.
        5 => (
            vec![set("seq = seq + 1000", a)],
            vec![format!("UPDATE audit_log SET seq = seq - 1000 WHERE seq = {}", a + 1_000)],
            a,
        ),
        6 => (swap.clone(), swap, a),
        7 => {
            let copy = |seq: i64| {
                format!(
                    "INSERT INTO audit_log (chain, seq, at, kind, outcome, actor, object, detail, hash) \
                     SELECT chain, {seq}, at, kind, outcome, actor, object, detail, hash FROM audit_log WHERE seq = {a}"
                )
            };
            (vec![copy(head + 1)], vec![format!("DELETE FROM audit_log WHERE seq = {}", head + 1)], head + 1)
        }
        // Between two fields nothing can be shifted: the lengths are hashed.
        _ => (
            vec![set(&format!("actor = 'daemone', object = 'nrollment {a}'"), a)],
            vec![set(&format!("actor = 'daemon', object = 'enrollment {a}'"), a)],
            a,
        ),
    }
}

pub async fn random_tampering_is_noticed_and_the_row_is_named(database: &impl Database) {
    let store = database.open().await;
    let head = 40;
    write(store.as_ref(), head).await;
    let entropy = SeededEntropy::new(23);
    for turn in 0..90_u8 {
        let mut dice = [0_u8; 2];
        entropy.fill(&mut dice);
        let a = 1 + i64::from(dice[0]) % (head - 1);
        let b = a + 1 + i64::from(dice[1]) % (head - a);
        let (does, undoes, named) = tamper(turn % 9, a, b, head);
        for sql in &does {
            database.execute(sql, true).await.unwrap();
        }
        assert_eq!(verify(store.as_ref()).await, Err(named), "{does:?}");
        for sql in &undoes {
            database.execute(sql, true).await.unwrap();
        }
        assert_eq!(verify(store.as_ref()).await, Ok(head), "{undoes:?}");
    }
}

pub async fn entries_cut_off_the_end_are_missed(database: &impl Database) {
    let store = database.open().await;
    write(store.as_ref(), 10).await;
    database.execute("DELETE FROM audit_log WHERE seq > 7", true).await.unwrap();
    assert_eq!(verify(store.as_ref()).await, Err(8));
    database.execute("UPDATE audit_head SET seq = 7", true).await.unwrap();
    assert_eq!(verify(store.as_ref()).await, Err(7), "the head stands for another entry");
    database.execute("DELETE FROM audit_log WHERE seq = 1", true).await.unwrap();
    assert_eq!(verify(store.as_ref()).await, Err(1));
}

pub async fn a_forged_hash_does_not_help(database: &impl Database) {
    let store = database.open().await;
    write(store.as_ref(), 10).await;
    let copy = "INSERT INTO audit_log (chain, seq, at, kind, outcome, actor, object, detail, hash) \
                SELECT chain, 0, at, kind, outcome, actor, object, detail, hash FROM audit_log WHERE seq = 4";
    database.execute(copy, true).await.unwrap();
    assert_eq!(verify(store.as_ref()).await, Err(0), "in front of the first");
    database.execute("DELETE FROM audit_log WHERE seq = 0", true).await.unwrap();
    database.execute("DELETE FROM audit_log WHERE seq = 5", true).await.unwrap();
    database.execute("UPDATE audit_log SET seq = seq - 1 WHERE seq = 6", true).await.unwrap();
    assert_eq!(verify(store.as_ref()).await, Err(5), "another entry in its place");
}

pub async fn the_chain_is_verified_behind_what_is_known(database: &impl Database) {
    let store = database.open().await;
    write(store.as_ref(), 9).await;
    let mut work = store.read().await.unwrap();
    let hashes = work.audit().hashes(0, 100).await.unwrap();
    assert_eq!(hashes.len(), 9);
    assert_eq!(work.audit().hashes(4, 3).await.unwrap(), hashes[4..7]);
    let (found, previous) = work.audit().find(5).await.unwrap().unwrap();
    assert_eq!((found.seq, found.event, previous), (5, event(5), hashes[3]));
    assert_eq!(work.audit().find(1).await.unwrap().unwrap().1, [0; 32]);
    assert!(work.audit().find(10).await.unwrap().is_none());

    let at = |seq: i64| ChainEnd { seq, hash: hashes[usize::try_from(seq - 1).unwrap()] };
    for known in [1, 5, 9] {
        assert_eq!(work.audit().verify_behind(at(known)).await.unwrap(), Ok(at(9)));
    }
    let another = ChainEnd { seq: 5, hash: [7; 32] };
    assert_eq!(work.audit().verify_behind(another).await.unwrap().unwrap_err().0, 6);
    let beyond = ChainEnd { seq: 12, hash: hashes[8] };
    assert_eq!(work.audit().verify_behind(beyond).await.unwrap().unwrap_err().0, 10);
}

pub async fn tree_heads_are_kept_once_and_read_by_size(database: &impl Database) {
    let store = database.open().await;
    let head = |size: i64, digest: u8| StoredTreeHead {
        size,
        digest: [digest; 32],
        body: format!("{{\"size\":{size},\"by\":\"Müster {digest}\"}}"),
        signature: vec![1, 2, 3],
    };
    assert_eq!(store.read().await.unwrap().audit().largest_tree_heads(3).await.unwrap(), []);
    let all = [head(3, 200), head(7, 1), head(7, 150), head(12, 1)];
    for _ in 0..2 {
        let mut work = store.begin().await.unwrap();
        for one in all.iter().rev() {
            work.audit().add_tree_head(one).await.unwrap();
        }
        work.commit().await.unwrap();
    }
    let mut work = store.read().await.unwrap();
    assert_eq!(work.audit().tree_heads(None, 100).await.unwrap(), all);
    assert_eq!(work.audit().tree_heads(Some(&all[1]), 1).await.unwrap(), all[2..3]);
    assert_eq!(work.audit().tree_heads(Some(&all[3]), 9).await.unwrap(), []);
    let largest = work.audit().largest_tree_heads(2).await.unwrap();
    assert_eq!(largest, [all[3].clone(), all[1].clone()]);
}

pub async fn an_entry_in_another_programs_words_is_shown_as_it_stands(database: &impl Database) {
    let store = database.open().await;
    write(store.as_ref(), 3).await;
    let words = "UPDATE audit_log SET kind = 'KEY_TELEPORTED', outcome = 'perhaps' WHERE seq = 2";
    database.execute(words, true).await.unwrap();
    let listed = store.read().await.unwrap().audit().list(&PageRequest::first(9)).await.unwrap().rows;
    assert_eq!(listed.len(), 3, "it hides nothing");
    let foreign = listed[1].foreign.as_ref().unwrap();
    assert_eq!((foreign.kind.as_str(), foreign.outcome.as_str()), ("KEY_TELEPORTED", "perhaps"));
    assert_eq!(listed[1].event.actor, "daemon");
    assert!(listed[0].foreign.is_none() && listed[2].foreign.is_none());
}
