//! Sign-ins by device code: what is asked, how patiently, and what is not shown to a person.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use net::NetError;
use net::entra::{DeviceSignIn, PublicApplication};
use serde_json::{Value, json};

use crate::scripted::{Say, Scripted, client, clock};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const CLIENT: &str = "66666666-7777-8888-9999-aaaaaaaaaaaa";
const SCOPE: &str = "https://vault.azure.net/user_impersonation";

fn begun() -> Value {
    json!({
        "device_code": "d3vice", "user_code": "ABCD-1234", "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": 900, "interval": 1, "message": "ignored",
    })
}

fn refused(error: &str) -> Say {
    Say::json(
        400,
        &json!({ "error": error, "error_description": "AADSTS70016: No.", "error_codes": [70016] }),
    )
}

fn token(account: &str) -> Say {
    let claims = URL_SAFE_NO_PAD.encode(json!({ "preferred_username": account }).to_string());
    Say::json(
        200,
        &json!({ "access_token": "t0ken", "expires_in": "3599", "id_token": format!("e30.{claims}.x") }),
    )
}

/// An authority that begins like `begun` says and answers questions by `script`.
async fn authority(begun: Value, script: impl Fn(usize) -> Say + Send + Sync + 'static) -> Scripted {
    let asked = AtomicUsize::new(0);
    Scripted::start(move |seen, _| {
        let host = seen.header("host").unwrap();
        let base = format!("http://{host}/{TENANT}/oauth2/v2.0");
        match seen.route().rsplit('/').next().unwrap() {
            "openid-configuration" => Say::json(
                200,
                &json!({
                    "token_endpoint": format!("{base}/token"),
                    "device_authorization_endpoint": format!("{base}/devicecode"),
                }),
            ),
            "devicecode" => Say::json(200, &begun),
            _ => script(asked.fetch_add(1, Ordering::SeqCst)),
        }
    })
    .await
}

async fn begin(server: &Scripted) -> Result<DeviceSignIn, NetError> {
    let application =
        PublicApplication { tenant: TENANT.parse().unwrap(), client_id: CLIENT.parse().unwrap() };
    DeviceSignIn::begin(&client(clock()), &server.base, application, SCOPE).await
}

#[tokio::test]
async fn a_person_is_waited_for_slower_when_that_is_asked_and_in_spite_of_lost_answers() {
    let server = authority(begun(), |number| match number {
        0 => refused("authorization_pending"),
        1 => refused("slow_down"),
        _ => token("anna@nordwind.example"),
    })
    .await;
    let sign_in = begin(&server).await.unwrap();
    assert_eq!(sign_in.user_code(), "ABCD-1234");
    assert_eq!(sign_in.address().as_str(), "https://microsoft.com/devicelogin");
    assert_eq!(format!("{sign_in:?}").find("d3vice"), None);
    let started = Instant::now();
    let signed_in = sign_in.wait().await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(8), "1 s, 1 s, and 6 s: {:?}", started.elapsed());
    assert_eq!(signed_in.account.as_deref(), Some("anna@nordwind.example"));
    assert_eq!(signed_in.token.expose(), "t0ken");
    assert_eq!(format!("{signed_in:?}"), "SignedIn(anna@nordwind.example)");

    let seen = server.seen();
    let forms: Vec<_> = seen.iter().map(|seen| seen.body.as_str()).filter(|body| !body.is_empty()).collect();
    assert_eq!(
        forms[0],
        format!("client_id={CLIENT}&scope=https%3A%2F%2Fvault.azure.net%2Fuser_impersonation+openid+profile"),
        "no refresh token is asked for, and there is no secret"
    );
    let question = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id={CLIENT}&device_code=d3vice"
    );
    assert_eq!(forms[1..], [question.as_str(); 3]);
}

#[tokio::test]
async fn a_person_who_declines_ends_the_waiting_at_once() {
    for (error, hint) in [
        ("authorization_declined", "was declined"),
        ("expired_token", "in time"),
        ("bad_verification_code", "run the command again"),
    ] {
        let server = authority(begun(), move |_| refused(error)).await;
        let ended = begin(&server).await.unwrap().wait().await.unwrap_err();
        assert!(matches!(ended, NetError::LoginRefused(_)) && ended.to_string().contains(hint), "{ended}");
    }
}

#[tokio::test]
async fn a_code_that_runs_out_while_nobody_answers_ends_the_waiting() {
    let mut short = begun();
    short["expires_in"] = json!(2);
    let server = authority(short, |_| Say::Cut).await;
    let started = Instant::now();
    let ended = begin(&server).await.unwrap().wait().await.unwrap_err();
    assert!(matches!(ended, NetError::Unreachable { .. }), "{ended:?}");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test]
async fn what_a_person_could_be_deceived_with_is_not_shown() {
    for (field, value) in [
        ("user_code", "\u{1b}[2JABC"),
        ("user_code", ""),
        ("user_code", "go to https evil.test now and type everything"),
        ("verification_uri", "http://microsoft.com/devicelogin"),
        ("verification_uri", "javascript:alert(1)"),
        ("verification_uri", "not an address"),
    ] {
        let mut told = begun();
        told[field] = json!(value);
        let server = authority(told, |_| token("x")).await;
        let refused = begin(&server).await.unwrap_err();
        assert!(matches!(refused, NetError::Garbled { .. }), "{value}: {refused:?}");
    }
    // Control characters in a name do not reach the terminal either, nor what turns the direction of text.
    let server = authority(begun(), |_| token("anna\u{1b}[2J\n@nordwind\u{202e}.example")).await;
    let signed_in = begin(&server).await.unwrap().wait().await.unwrap();
    assert_eq!(signed_in.account.as_deref(), Some("anna\u{fffd}[2J\u{fffd}@nordwind\u{fffd}.example"));
}
