//! Sign-in, TLS, redirection, broken connections and units of work, against Microsoft's mock of the protocol.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mssql_mock_tds::{ColumnValue, QueryResponse, RPC_DELAY_KEY, TerminalError};
use store::StoreError;
use support::Proxy;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::holder::HOLDERS;
use super::mock_server::{Authority, FreshTokens, Mock, address, late, row};
use super::pool::Pool;
use super::unit::STANDS;
use crate::fault::FaultKind;
use crate::schema::STEPS;
use crate::server::{Authentication, Password, ServerAddress, Tls};
use crate::value::Value;

const LIMIT: Duration = Duration::from_secs(10);

async fn open(address: &ServerAddress) -> Result<Pool, StoreError> {
    match address.authentication {
        Authentication::Entra => Pool::open(address, Arc::new(FreshTokens::default()), 2, LIMIT).await,
        Authentication::Password | Authentication::Windows => {
            Pool::open(address, Arc::new(Password::new("s3cr3t")), 2, LIMIT).await
        }
    }
}

/// A server without TLS and a pool on it, whose statements may take `limit`.
async fn on_plain(limit: Duration) -> (Mock, Pool) {
    let server = Mock::plain().await;
    let address = address("127.0.0.1", server.at.port(), Tls::Off, Authentication::Password);
    let pool = Pool::open(&address, Arc::new(Password::new("s3cr3t")), 2, limit).await.unwrap();
    (server, pool)
}

fn told(error: &StoreError) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    format!("{error}: {cause}")
}

async fn refused(address: &ServerAddress) -> String {
    match open(address).await {
        Ok(_) => panic!("the connection was made"),
        Err(error) => told(&error),
    }
}

#[tokio::test]
async fn a_token_signs_in_over_tls_that_a_private_authority_vouches_for() {
    let authority = Authority::new();
    let server = Mock::strict(&authority, "localhost").await;
    let tls = Tls::VerifiedBy(authority.file());
    let pool = open(&address("localhost", server.at.port(), tls, Authentication::Entra)).await.unwrap();
    let mut unit = pool.begin(false).await.unwrap();
    unit.execute("DELETE FROM job WHERE id = @P1", &[Value::Bytes(vec![7; 16])]).await.unwrap();
    unit.commit().await.unwrap();
    let connections = server.signed_in().await;
    assert_eq!(connections.len(), 1);
    assert_eq!(connections[0].received_token_as_string().as_deref(), Some("token-1"));
    assert_eq!(connections[0].received_database.as_deref(), Some("sealwright"));
    let (transaction, _) = connections[0].transaction_descriptor_headers.last().copied().unwrap();
    assert_ne!(transaction, 0, "the statement belongs to the transaction");
    pool.close().await;
}

#[tokio::test]
async fn each_new_connection_asks_for_a_fresh_token() {
    let authority = Authority::new();
    let server = Mock::strict(&authority, "localhost").await;
    let tls = Tls::VerifiedBy(authority.file());
    let pool = open(&address("localhost", server.at.port(), tls, Authentication::Entra)).await.unwrap();
    let first = pool.begin(false).await.unwrap();
    let second = pool.begin(true).await.unwrap();
    first.commit().await.unwrap();
    second.end().await.unwrap();
    let third = pool.begin(false).await.unwrap();
    third.commit().await.unwrap();
    assert_eq!(
        server.tokens().await,
        ["token-1", "token-2"],
        "the third unit has the first one's connection"
    );
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_sees_no_token() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let known = Tls::VerifiedBy(authority.file());
    for (host, vouched_by, tls) in [
        ("localhost", &stranger, known.clone()),
        ("localhost", &authority, Tls::Verified),
        ("db.example.com", &authority, known),
    ] {
        let server = Mock::strict(vouched_by, host).await;
        let address = address("localhost", server.at.port(), tls, Authentication::Entra);
        let said = refused(&address).await;
        assert!(said.contains("could not prove") && said.contains("ca-file"), "{said}");
        assert!(!said.contains("token-"), "{said}");
        assert_eq!((server.signed_in().await.len(), server.tokens().await), (0, Vec::new()));
    }
}

/// Answers that it wants TLS, hears the first words of it, and hangs up; answers how often it was dialled.
async fn hanging_up() -> (u16, Arc<AtomicUsize>, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, dialled) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&dialled);
    let mut running = JoinSet::new();
    running.spawn(async move {
        let header = [4, 1, 0, 26, 0, 0, 1, 0];
        let options = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 15, 0, 0, 0, 0, 0, 1];
        while let Ok((mut client, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut heard = [0; 4_096];
            let length = client.read(&mut heard).await.unwrap();
            // Whoever begins with TLS itself is cut off at once.
            if length > 0 && heard[0] == 0x12 {
                client.write_all(&[header.as_slice(), options.as_slice()].concat()).await.unwrap();
                let _ = client.read(&mut heard).await;
            }
        }
    });
    (port, dialled, running)
}

#[tokio::test]
async fn a_line_that_is_cut_while_tls_is_set_up_is_no_question_of_trust_and_may_be_tried_again() {
    let (port, dialled, _running) = hanging_up().await;
    let address = address("127.0.0.1", port, Tls::Verified, Authentication::Password);
    let error = open(&address).await.err().unwrap();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    let said = told(&error);
    assert!(said.contains("cut while TLS") && said.contains("firewall"), "{said}");
    assert!(!said.contains("could not prove"), "{said}");
    assert!(dialled.load(Ordering::SeqCst) > 0);
}

#[tokio::test]
async fn a_server_without_tls_sees_neither_token_nor_password() {
    let authority = Authority::new();
    let server = Mock::plain().await;
    let proxy = Proxy::before(server.at).await;
    for authentication in [Authentication::Entra, Authentication::Password] {
        let tls = Tls::VerifiedBy(authority.file());
        let said = refused(&address("127.0.0.1", proxy.port(), tls, authentication)).await;
        assert!(said.contains("could not prove") && said.contains("encryption"), "{said}");
        assert!(server.signed_in().await.is_empty() && server.tokens().await.is_empty());
    }
    let dialled = proxy.accepted();
    let said = refused(&address("127.0.0.1", proxy.port(), Tls::Off, Authentication::Entra)).await;
    assert!(said.contains("only sent over an encrypted connection"), "{said}");
    assert_eq!(proxy.accepted(), dialled, "it is not even dialled");
}

#[tokio::test]
async fn a_password_signs_in_to_a_server_on_this_machine() {
    let (server, pool) = on_plain(LIMIT).await;
    assert_eq!(server.signed_in().await.len(), 1);
    pool.begin(true).await.unwrap().end().await.unwrap();
}

#[cfg(not(windows))]
#[tokio::test]
async fn windows_accounts_are_refused_elsewhere() {
    let said = refused(&address("db.example.com", 1433, Tls::Verified, Authentication::Windows)).await;
    assert!(said.contains("works on Windows only"), "{said}");
}

#[tokio::test]
async fn a_redirection_is_followed() {
    let target = Mock::plain().await;
    let gateway = Mock::sending_to("127.0.0.1", target.at.port()).await;
    let pool =
        open(&address("localhost", gateway.at.port(), Tls::Off, Authentication::Password)).await.unwrap();
    pool.begin(false).await.unwrap().commit().await.unwrap();
    let there = target.signed_in().await;
    assert_eq!(there.len(), 1);
    assert_eq!(there[0].received_server_name.as_deref(), Some("127.0.0.1"), "it is told who it is");
}

#[tokio::test]
async fn a_redirection_in_a_circle_ends() {
    let elsewhere = Mock::plain().await;
    let proxy = Proxy::before(elsewhere.at).await;
    let gateway = Mock::sending_to("127.0.0.1", proxy.port()).await;
    proxy.lead_to(gateway.at);
    let said = refused(&address("127.0.0.1", gateway.at.port(), Tls::Off, Authentication::Password)).await;
    assert!(said.contains("more than 2 times"), "{said}");
    assert_eq!(proxy.accepted(), 2);
}

#[tokio::test]
async fn without_tls_no_redirection_leads_away_from_this_machine() {
    let gateway = Mock::sending_to("db.example.com", 1433).await;
    let said = refused(&address("127.0.0.1", gateway.at.port(), Tls::Off, Authentication::Password)).await;
    assert!(said.contains("unencrypted connection to db.example.com"), "{said}");
}

#[tokio::test]
async fn the_target_of_a_redirection_proves_its_own_name() {
    let authority = Authority::new();
    let mut target = Mock::plain().await;
    let right = target.behind_tls(&authority, "127.0.0.1").await;
    let wrong = target.behind_tls(&authority, "localhost").await;
    for (front, is_followed) in [(right, true), (wrong, false)] {
        let mut gateway = Mock::sending_to("127.0.0.1", front.port()).await;
        let first = gateway.behind_tls(&authority, "localhost").await;
        let tls = Tls::VerifiedBy(authority.file());
        let address = address("localhost", first.port(), tls, Authentication::Entra);
        let before = target.tokens().await.len();
        if is_followed {
            open(&address).await.unwrap().begin(false).await.unwrap().commit().await.unwrap();
            assert_eq!(target.tokens().await.len(), before + 1);
        } else {
            let said = refused(&address).await;
            assert!(said.contains("could not prove"), "{said}");
            assert_eq!(target.tokens().await.len(), before);
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_busy() {
    let server = Mock::plain().await;
    let proxy = Proxy::before(server.at).await;
    proxy.refuse(true);
    let address = address("127.0.0.1", proxy.port(), Tls::Off, Authentication::Password);
    assert!(matches!(open(&address).await.err(), Some(StoreError::Busy { .. })));
    proxy.refuse(false);
    assert!(open(&address).await.is_ok());
}

#[tokio::test]
async fn a_cut_connection_is_lost_and_the_next_unit_has_another() {
    let server = Mock::plain().await;
    let proxy = Proxy::before(server.at).await;
    let address = address("127.0.0.1", proxy.port(), Tls::Off, Authentication::Password);
    let pool = open(&address).await.unwrap();

    // In the middle of a unit.
    let mut unit = pool.begin(false).await.unwrap();
    proxy.cut_all();
    let fault = unit.execute("DELETE FROM job", &[]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Lost);
    assert!(matches!(unit.execute("DELETE FROM job", &[]).await.unwrap_err().kind, FaultKind::Busy));
    assert_eq!(unit.commit().await.unwrap_err().kind, FaultKind::Busy, "nothing was kept, and that is known");

    // At the commit nobody knows.
    let unit = pool.begin(false).await.unwrap();
    proxy.cut_all();
    let fault = unit.commit().await.unwrap_err();
    assert!(matches!(fault.committing(), StoreError::OutcomeUnknown { .. }));

    // While they lie in the pool.
    pool.begin(false).await.unwrap().commit().await.unwrap();
    proxy.cut_all();
    pool.begin(false).await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_given_up() {
    let (server, pool) = on_plain(Duration::from_secs(2)).await;
    server.answers(RPC_DELAY_KEY, late(Duration::from_mins(1))).await;
    let mut unit = pool.begin(false).await.unwrap();
    let started = Instant::now();
    let fault = unit.execute("DELETE FROM job WHERE id = @P1", &[Value::Int(1)]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Lost);
    assert!(started.elapsed() < Duration::from_secs(5), "the server was told to stop and did");
    drop(unit);
    pool.begin(false).await.unwrap().commit().await.unwrap();
    assert_eq!(server.signed_in().await.len(), 2, "the connection was not used again");
}

#[tokio::test]
async fn a_dropped_unit_gives_its_connection_back_and_an_abandoned_statement_does_not() {
    let (server, pool) = on_plain(LIMIT).await;
    for _ in 0..3 {
        drop(pool.begin(false).await.unwrap());
        // The rollback runs by itself.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(server.signed_in().await.len(), 1);

    server.answers(RPC_DELAY_KEY, late(Duration::from_mins(1))).await;
    let mut unit = pool.begin(false).await.unwrap();
    let abandoned = unit.execute("DELETE FROM job WHERE id = @P1", &[Value::Int(1)]);
    assert!(tokio::time::timeout(Duration::from_millis(200), abandoned).await.is_err());
    drop(unit);
    pool.begin(false).await.unwrap().commit().await.unwrap();
    assert_eq!(server.signed_in().await.len(), 2);
}

#[tokio::test]
async fn a_unique_value_that_exists_leaves_the_unit_usable_if_its_transaction_stands() {
    let (server, pool) = on_plain(LIMIT).await;
    let exists = TerminalError::new(2627, 14, "Violation of UNIQUE KEY constraint");
    server.answers("INSERT INTO JOB (ID) VALUES (@P1)", QueryResponse::error_only(exists)).await;
    let insert = "INSERT INTO JOB (ID) VALUES (@P1)";
    let other = "DELETE FROM job WHERE id = @P1";

    server.answers(STANDS, row(vec![ColumnValue::Int(1)])).await;
    let mut unit = pool.begin(false).await.unwrap();
    assert_eq!(unit.execute(insert, &[Value::Int(1)]).await.unwrap_err().kind, FaultKind::Unique);
    unit.execute(other, &[Value::Int(1)]).await.unwrap();
    unit.commit().await.unwrap();

    for gone in [-1, 0] {
        server.answers(STANDS, row(vec![ColumnValue::Int(gone)])).await;
        let mut unit = pool.begin(false).await.unwrap();
        assert_eq!(unit.execute(insert, &[Value::Int(1)]).await.unwrap_err().kind, FaultKind::Unique);
        assert_eq!(unit.execute(other, &[Value::Int(1)]).await.unwrap_err().kind, FaultKind::Busy);
        assert!(unit.commit().await.is_err());
    }
}

#[tokio::test]
async fn whoever_waited_in_vain_for_a_lock_is_told_who_holds_it() {
    let (server, pool) = on_plain(LIMIT).await;
    let waited = TerminalError::new(1222, 16, "Lock request time out period exceeded.");
    server.answers("UPDATE JOB SET A = @P1", QueryResponse::error_only(waited)).await;
    let text = |text: &str| ColumnValue::NVarChar(text.to_owned());
    let holder = vec![
        ColumnValue::BigInt(57),
        text("Sealwright"),
        text("LAPTOP-7"),
        text("seal_anna"),
        ColumnValue::BigInt(312),
    ];
    for (answer, expected) in [
        (None, "an administrator of the server sees who holds it"),
        (Some(row(holder)), "session 57 (Sealwright on LAPTOP-7, login seal_anna)"),
    ] {
        if let Some(answer) = answer {
            server.answers(HOLDERS, answer).await;
        }
        let mut unit = pool.begin(false).await.unwrap();
        let fault = unit.execute("UPDATE JOB SET A = @P1", &[Value::Int(1)]).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Busy);
        let said = fault.source.to_string();
        assert!(said.contains("for 15 seconds") && said.contains(expected), "{said}");
        assert!(unit.commit().await.is_err(), "nothing of the unit is kept");
    }
}

#[tokio::test]
async fn any_other_error_spoils_the_unit() {
    let (server, pool) = on_plain(LIMIT).await;
    server.answers(STANDS, row(vec![ColumnValue::Int(1)])).await;
    for (number, severity, kind) in [
        (1205, 13, FaultKind::Busy),
        (1222, 16, FaultKind::Busy),
        (2628, 16, FaultKind::TooLong),
        (1105, 17, FaultKind::Full),
        (547, 16, FaultKind::Other),
        (40613, 17, FaultKind::Lost),
        (824, 24, FaultKind::Lost),
    ] {
        let error = TerminalError::new(number, severity, "no");
        server.answers("UPDATE JOB SET A = @P1", QueryResponse::error_only(error)).await;
        let mut unit = pool.begin(false).await.unwrap();
        let fault = unit.execute("UPDATE JOB SET A = @P1", &[Value::Int(1)]).await.unwrap_err();
        assert_eq!(fault.kind, kind, "{number}");
        assert!(unit.fetch("SELECT 1", &[]).await.is_err(), "{number}");
        assert!(unit.commit().await.is_err(), "{number}");
    }
}

#[tokio::test]
async fn a_row_gives_numbers_of_every_width_texts_and_bytes() {
    let (server, pool) = on_plain(LIMIT).await;
    let values = vec![
        ColumnValue::TinyInt(7),
        ColumnValue::SmallInt(-7),
        ColumnValue::Int(70_000),
        ColumnValue::BigInt(i64::MIN),
        ColumnValue::NVarChar("Zoë 😀".to_owned()),
        ColumnValue::VarBinaryMax(vec![vec![1, 2], vec![3]]),
        ColumnValue::Null,
    ];
    server.answers("SELECT A FROM T WHERE B = @P1", row(values)).await;
    let mut unit = pool.begin(true).await.unwrap();
    let rows = unit.fetch("SELECT A FROM T WHERE B = @P1", &[Value::Text("b".to_owned())]).await.unwrap();
    let row = rows.first().unwrap();
    let numbers: Vec<_> = (0..4).map(|column| row.int(column).unwrap()).collect();
    assert_eq!(numbers, [Some(7), Some(-7), Some(70_000), Some(i64::MIN)]);
    assert_eq!((row.text(4), row.bytes(5)), (Ok(Some("Zoë 😀")), Ok(Some([1, 2, 3].as_slice()))));
    assert_eq!((row.int(6), row.text(6), row.bytes(6)), (Ok(None), Ok(None), Ok(None)));
    for said in [row.int(4).unwrap_err(), row.text(5).unwrap_err(), row.bytes(0).unwrap_err()] {
        assert!(said.starts_with("column ") && !said.contains("Zoë"), "{said}");
    }
    assert!(row.int(9).is_err());
}

#[tokio::test]
async fn a_database_of_another_program_is_recognised() {
    use super::migrate::{INFO, IS_OURS, SOME_TABLE};
    let (server, pool) = on_plain(LIMIT).await;
    assert_eq!(pool.schema(STEPS).await.unwrap().version, 0, "no table at all");
    server.answers(SOME_TABLE, row(vec![ColumnValue::NVarChar("customers".to_owned())])).await;
    let said = pool.schema(STEPS).await.unwrap_err().to_string();
    assert!(said.contains("another program") && said.contains("customers"), "{said}");
    server.answers(IS_OURS, row(vec![ColumnValue::Int(1)])).await;
    server.answers(INFO, row(vec![ColumnValue::BigInt(2), ColumnValue::BigInt(1)])).await;
    let info = pool.schema(STEPS).await.unwrap();
    assert_eq!((info.version, info.min_client), (2, 1));
}
