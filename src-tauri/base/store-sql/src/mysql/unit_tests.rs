//! A unit of work that its server undid in silence.

use std::sync::Arc;
use std::time::Duration;

use store::StoreError;
use support::MariaDb;

use super::Pool;
use crate::fault::FaultKind;
use crate::server::{Authentication, Password, ServerAddress, ServerKind, Tls};
use crate::value::Value;

#[tokio::test]
async fn what_is_left_of_a_unit_that_was_undone_without_a_word_is_not_kept() {
    let database = MariaDb::shared().await.database().await;
    database.execute("CREATE TABLE kept (number BIGINT PRIMARY KEY) ENGINE = InnoDB");
    let reached = database.address();
    let address = ServerAddress {
        kind: ServerKind::MySql,
        host: reached.host,
        port: reached.port,
        database: reached.database,
        user: reached.user,
        tls: database.ca_file().cloned().map_or(Tls::Verified, Tls::VerifiedBy),
        authentication: Authentication::Password,
    };
    let login = Arc::new(Password::new(&database.password()));
    let pool = Pool::open(&address, login, 1, Duration::from_secs(10)).await.unwrap();
    let insert = "INSERT INTO kept VALUES (?)";

    // A cluster's server does this by itself, in favour of what another one has committed.
    for undoing in ["ROLLBACK", "ROLLBACK AND CHAIN", "COMMIT"] {
        let mut unit = pool.begin(false).await.unwrap();
        unit.execute(insert, &[Value::Int(1)]).await.unwrap();
        unit.execute("DELETE FROM kept", &[]).await.unwrap();
        unit.execute(undoing, &[]).await.unwrap();
        unit.execute(insert, &[Value::Int(2)]).await.unwrap();
        let fault = unit.commit().await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Busy, "{undoing}: {fault:?}");
        assert!(matches!(fault.told("writing"), StoreError::Busy { .. }));
        assert_eq!(database.execute("SELECT COUNT(*) FROM kept").trim(), "0", "{undoing}");
    }

    // The next one has a clean connection and is kept.
    let mut unit = pool.begin(false).await.unwrap();
    unit.execute(insert, &[Value::Int(3)]).await.unwrap();
    // A row that stands in the way undoes its statement alone.
    assert_eq!(unit.execute(insert, &[Value::Int(3)]).await.unwrap_err().kind, FaultKind::Unique);
    unit.execute(insert, &[Value::Int(4)]).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(
        database.execute("SELECT number FROM kept ORDER BY number").lines().collect::<Vec<_>>(),
        ["3", "4"]
    );
    pool.close().await;
}
