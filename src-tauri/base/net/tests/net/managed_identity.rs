//! Managed identities: what each place is asked, how its answers differ, and when it is asked again.

use std::path::PathBuf;
use std::sync::Arc;

use net::entra::{Application, Credential, IdentityPlace, ManagedIdentity, TokenSource, WhichIdentity};
use net::{NetError, Settings, SetupError};
use serde_json::json;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::scripted::{Say, Scripted, Seen, client, client_with, clock};

const SCOPE: &str = "https://graph.microsoft.com/.default";
const NOW: i64 = 1_767_924_132;

fn identity(place: IdentityPlace, which: WhichIdentity) -> Result<ManagedIdentity, SetupError> {
    ManagedIdentity::new(&client(clock()), "Sealwright-Test/1", place, which)
}

fn source(place: IdentityPlace, which: WhichIdentity) -> TokenSource {
    let credential = Credential::ManagedIdentity(Arc::new(identity(place, which).unwrap()));
    let application = Application { tenant: Uuid::nil(), client_id: Uuid::nil(), credential };
    // Nobody is at this address: a managed identity asks nobody but its place.
    let authority = Url::parse("http://127.0.0.1:9/").unwrap();
    TokenSource::new(client(clock()), &authority, application).unwrap()
}

fn imds(server: &Scripted) -> IdentityPlace {
    IdentityPlace::Imds { base: server.base.clone() }
}

/// What a place gives: its numbers are text.
fn given() -> Say {
    let on = (NOW + 86_400).to_string();
    Say::json(
        200,
        &json!({
            "access_token": "t-1", "refresh_token": "", "expires_in": "86399", "expires_on": on, "not_before": "1",
            "resource": "https://graph.microsoft.com", "token_type": "Bearer",
        }),
    )
}

fn query(seen: &Seen) -> Vec<(String, String)> {
    let line = seen.head.lines().next().unwrap();
    let query = line.split_once('?').unwrap().1.split(' ').next().unwrap();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_virtual_machine_is_asked_for_the_resource_by_its_header_and_once() {
    let server = Scripted::start(|_, _| given()).await;
    let source = source(imds(&server), WhichIdentity::System);
    let token = source.token(SCOPE).await.unwrap();
    assert_eq!(source.token(SCOPE).await.unwrap(), token);
    let seen = server.seen();
    assert_eq!(seen.len(), 1, "the token is kept");
    assert_eq!(seen[0].route(), "GET /metadata/identity/oauth2/token");
    assert_eq!(seen[0].header("metadata"), Some("true"));
    assert_eq!(
        query(&seen[0]),
        pairs(&[("api-version", "2018-02-01"), ("resource", "https://graph.microsoft.com")])
    );
}

#[tokio::test]
async fn one_of_several_identities_is_named_in_the_words_of_each_place() {
    for (which, at_machine, at_service) in [
        (WhichIdentity::ClientId("c".to_owned()), "client_id", "client_id"),
        (WhichIdentity::ObjectId("c".to_owned()), "object_id", "principal_id"),
        (WhichIdentity::ResourceId("c".to_owned()), "msi_res_id", "mi_res_id"),
    ] {
        let server = Scripted::start(|_, _| given()).await;
        source(imds(&server), which.clone()).token(SCOPE).await.unwrap();
        let place = IdentityPlace::AppService {
            endpoint: server.url("/msi/token"),
            header: Zeroizing::new("h3ader".to_owned()),
        };
        source(place, which).token(SCOPE).await.unwrap();
        let seen = server.seen();
        assert_eq!(query(&seen[0]).last().unwrap().0, at_machine);
        assert_eq!(query(&seen[1]).last().unwrap().0, at_service);
        assert_eq!(seen[1].route(), "GET /msi/token");
        assert_eq!(seen[1].header("x-identity-header"), Some("h3ader"));
        assert_eq!(seen[1].header("metadata"), None);
    }
}

#[tokio::test]
async fn app_service_says_when_a_token_ends_and_not_how_long_it_lives() {
    let server = Scripted::start(|_, number| {
        let on = (NOW + 3_600).to_string();
        Say::json(200, &json!({ "access_token": format!("t-{number}"), "expires_on": on, "client_id": "c" }))
    })
    .await;
    let place =
        IdentityPlace::AppService { endpoint: server.url("/msi/token"), header: Zeroizing::default() };
    let clock = clock();
    let identity =
        ManagedIdentity::new(&client(Arc::clone(&clock)), "x", place, WhichIdentity::System).unwrap();
    let credential = Credential::ManagedIdentity(Arc::new(identity));
    let application = Application { tenant: Uuid::nil(), client_id: Uuid::nil(), credential };
    let source = TokenSource::new(client(Arc::clone(&clock)), &server.base, application).unwrap();
    let first = source.token(SCOPE).await.unwrap();
    clock.advance(model::Span::seconds(2_399));
    assert_eq!(source.token(SCOPE).await.unwrap(), first);
    clock.advance(model::Span::seconds(2));
    assert_ne!(source.token(SCOPE).await.unwrap(), first, "two thirds of an hour are over");
}

#[tokio::test]
async fn a_place_that_is_not_ready_is_asked_again_and_a_refusal_is_not_repeated() {
    let server = Scripted::start(|_, number| match number {
        0 => Say::json(410, &json!({})),
        1 => Say::json(500, &json!({ "error": "unknown", "error_description": "Failed to retrieve token" })),
        _ => given(),
    })
    .await;
    source(imds(&server), WhichIdentity::System).token(SCOPE).await.unwrap();
    assert_eq!(server.seen().len(), 3);

    let server = Scripted::start(|_, _| {
        Say::json(400, &json!({ "error": "invalid_request", "error_description": "Identity not found" }))
    })
    .await;
    let error = source(imds(&server), WhichIdentity::System).token(SCOPE).await.unwrap_err();
    assert!(
        matches!(&error, NetError::LoginRefused(refusal) if refusal.hint.contains("Identity not found") && refusal.hint.contains("switched on")),
        "{error:?}"
    );
    assert_eq!(server.seen().len(), 1);

    // After three tries it is the scheduler's turn.
    let server = Scripted::start(|_, _| Say::json(404, &json!({}))).await;
    let error = source(imds(&server), WhichIdentity::System).token(SCOPE).await.unwrap_err();
    assert!(matches!(error, NetError::Server { status: 404, .. }), "{error:?}");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn where_nobody_answers_it_is_said_where_managed_identities_work() {
    let place = IdentityPlace::Imds { base: Url::parse("http://127.0.0.1:9/").unwrap() };
    let error = source(place, WhichIdentity::System).token(SCOPE).await.unwrap_err();
    assert!(matches!(error, NetError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("machines in Azure"), "{error}");
}

#[tokio::test]
async fn the_agent_of_azure_arc_gets_its_challenge_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("4711.key");
    std::fs::write(&file, "ch4llenge").unwrap();
    let realm = file.clone();
    let server = Scripted::start(move |seen, _| {
        if seen.header("authorization") == Some("Basic ch4llenge") {
            return given();
        }
        Say::html(401, "Missing Basic Authorization header")
            .with(&format!("www-authenticate: Basic realm={}", realm.display()))
    })
    .await;
    let arc = |challenges: PathBuf| IdentityPlace::Arc {
        endpoint: server.url("/metadata/identity/oauth2/token"),
        challenges,
    };
    source(arc(folder.path().to_owned()), WhichIdentity::System).token(SCOPE).await.unwrap();
    let seen = server.seen();
    assert_eq!((seen.len(), seen[0].header("metadata")), (2, Some("true")));

    let elsewhere = tempfile::tempdir().unwrap();
    let error =
        source(arc(elsewhere.path().to_owned()), WhichIdentity::System).token(SCOPE).await.unwrap_err();
    assert!(error.to_string().contains("another folder"), "{error}");
    assert_eq!(server.seen().len(), 3, "nothing is sent that the agent's folder does not hold");

    let error =
        identity(arc(elsewhere.path().to_owned()), WhichIdentity::ClientId("c".to_owned())).unwrap_err();
    assert!(matches!(error, SetupError::Credential { .. }), "{error:?}");
}

#[tokio::test]
async fn a_managed_identity_uses_no_proxy_and_no_address_far_away() {
    let server = Scripted::start(|_, _| given()).await;
    let mut settings = Settings::new("Sealwright-Test/1");
    settings.proxy = Some(Url::parse("http://127.0.0.1:9/").unwrap());
    let like = client_with(&settings, clock());
    let identity = ManagedIdentity::new(&like, "x", imds(&server), WhichIdentity::System).unwrap();
    let credential = Credential::ManagedIdentity(Arc::new(identity));
    let application = Application { tenant: Uuid::nil(), client_id: Uuid::nil(), credential };
    TokenSource::new(like, &server.base, application).unwrap().token(SCOPE).await.unwrap();

    let far = IdentityPlace::Imds { base: Url::parse("http://metadata.example.com/").unwrap() };
    assert!(matches!(identity_error(far), SetupError::Insecure { .. }));
}

fn identity_error(place: IdentityPlace) -> SetupError {
    identity(place, WhichIdentity::System).unwrap_err()
}
