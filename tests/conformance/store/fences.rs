//! The roles as a server enforces them: each login may do exactly what the one table of rights says, right by right, and
//! does its work through the store as the program does it, while everything else is refused.
//!
//! A server registers itself in a test target: it implements [`Fenced`] and has a test for each function here. Whoever
//! includes this has `sample` and `deeds` beside it.

use async_trait::async_trait;
use model::{RevocationReason, Span};
use store::{Store as _, StoreError};
use store_sql::SqlStore;
use store_sql::roles::{Privilege, Standing, Table};

use super::Role;
use super::deeds::{self, DEEDS};
use super::sample::{NOW, id};

/// A migrated database of one test whose roles have their grants.
#[async_trait]
pub(crate) trait Fenced {
    /// As the owner of the tables.
    async fn owner(&self) -> SqlStore;

    /// As an account that has just this role, as docs/database.md says how to make one.
    async fn signed_in(&self, role: Role) -> SqlStore;

    /// What the account of the role may do, as the program finds out.
    async fn standing(&self, role: Role) -> Standing;
}

pub(crate) async fn each_role_may_do_exactly_what_the_table_says(server: &impl Fenced) {
    for role in Role::ALL {
        let standing = server.standing(role).await;
        let mut asked = 0;
        for table in Table::all() {
            for column in table.columns {
                for privilege in Privilege::ALL {
                    asked += 1;
                    let expected = role.may(privilege, table, column.name);
                    let actual = standing.may(privilege, table.name, column.name);
                    assert_eq!(actual, expected, "{role:?} {privilege:?} {}.{}", table.name, column.name);
                }
            }
        }
        assert!(asked > 700, "{asked}");
        assert_eq!((&standing.roles, &standing.missing, &standing.excess), (&vec![role], &vec![], &vec![]));
    }
}

pub(crate) async fn each_role_does_its_work_through_the_store_and_nothing_else(server: &impl Fenced) {
    furnished(server).await;
    for role in Role::ALL {
        let store = server.signed_in(role).await;
        let mut wrong = Vec::new();
        for deed in DEEDS {
            let mut work = store.begin().await.unwrap();
            let done = (deed.act)(work.as_mut()).await;
            let is_its_own = deed.who.contains(&role);
            let is_so = match &done {
                Ok(_) => is_its_own,
                Err(StoreError::Denied { .. }) => !is_its_own,
                Err(_) => false,
            };
            if !is_so {
                wrong.push(format!("{role:?} {}: {done:?}", deed.name));
            }
            drop(work);
        }
        store.close().await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

pub(crate) async fn what_a_role_does_is_kept(server: &impl Fenced) {
    furnished(server).await;
    let manager = server.signed_in(Role::CertificateManager).await;
    let mut work = manager.begin().await.unwrap();
    work.certificates().mark_revoking(id(1), RevocationReason::KeyCompromise, NOW).await.unwrap();
    work.jobs().add(&deeds::job(600), "revocation 600").await.unwrap();
    work.audit().append(&deeds::event(), NOW).await.unwrap();
    work.commit().await.unwrap();

    let daemon = server.signed_in(Role::Daemon).await;
    let mut work = daemon.begin().await.unwrap();
    let now = work.jobs().now().await.unwrap();
    let leases = work.jobs().claim("me", now + Span::days(1), Span::minutes(1), 10).await.unwrap();
    assert_eq!(leases.len(), 2);
    work.certificates().mark_revoked(id(1), RevocationReason::KeyCompromise, NOW).await.unwrap();
    assert!(work.jobs().finish(&leases[0]).await.unwrap());
    work.audit().append(&deeds::event(), NOW).await.unwrap();
    work.commit().await.unwrap();

    let auditor = server.signed_in(Role::Auditor).await;
    let mut work = auditor.read().await.unwrap();
    assert_eq!(work.audit().verify().await.unwrap(), Ok(3));
    let row = work.certificates().lookup(id(1)).await.unwrap().unwrap();
    assert_eq!(row.certificate.state, model::CertificateState::Revoked);
    drop(work);
    // A unit that is open yet would keep the database from being dropped.
    for store in [manager, daemon, auditor] {
        store.close().await;
    }
}

async fn furnished(server: &impl Fenced) {
    let store = server.owner().await;
    deeds::furnish(&store).await;
    store.close().await;
}
