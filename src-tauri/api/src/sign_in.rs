//! Who is signed in at this console with an account of the tenant; signing in, and out.
//!
//! What keeps a session going stays with the program, in the keyring of the account: the page is told who somebody is, and the
//! address that a browser is to open.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ErrorCode, Host, WireError};

/// Asks for [`SignInStanding`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInStandingRequest {}

/// Begins a sign-in.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BeginSignIn {
    /// `browser` on the machine of the program, or `code` for one anywhere.
    pub by: String,
}

/// Ends a sign-in that waits, or forgets how the last one ended.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CancelSignIn {}

/// Signs out whoever is signed in.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignOut {}

/// Who is signed in, and how far a sign-in is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each asked for by its name")]
pub struct SignInStanding {
    /// Whether the settings name the application that people sign in to.
    pub known: bool,
    /// Whether nothing is changed by anybody who is not signed in.
    pub required: bool,
    /// Who is signed in.
    pub person: Option<SignedInPerson>,
    /// Somebody was, and the tenant does not confirm it any more, or they signed out: nothing but looking is possible.
    pub ended: bool,
    /// Whether this console still acts as whoever was signed in when it was opened, so that nothing but looking is possible until
    /// it is opened anew.
    pub outdated: bool,
    /// As whom the audit log names what is done here.
    pub actor: String,
    /// The sign-in that waits for its person.
    pub waiting: Option<WaitingSignIn>,
    /// Why the last one ended with nobody signed in.
    pub failure: Option<WireError>,
    /// Why a sign-in was not kept: `noKeyring`, or `noRefreshToken`.
    pub unkept: Option<String>,
}

/// Somebody of the tenant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignedInPerson {
    /// The name to sign in with.
    pub account: String,
    /// The name for people.
    pub name: Option<String>,
    /// `administrator`, `certificate-manager`, `kra-officer`, `auditor`, `help-desk`.
    pub roles: Vec<String>,
    /// When the tenant last said so, RFC 3339.
    pub confirmed_at: String,
}

/// A sign-in that waits for its person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WaitingSignIn {
    /// `browser` or `code`.
    pub by: String,
    /// What is to be opened: good once and on the machine of the program; or where the code is entered, anywhere.
    pub address: String,
    /// The code.
    pub code: Option<String>,
    /// Whether a browser was opened with the address.
    pub opened: bool,
    /// Until when it waits, RFC 3339.
    pub until: String,
}

/// The host's side of it.
#[async_trait]
pub trait SignInHost: Send + Sync {
    /// Who is signed in.
    async fn standing(&self) -> Result<SignInStanding, WireError>;
    /// Begins a sign-in, and waits for its person in the background. One that waits already is ended.
    async fn begin(&self, with_browser: bool) -> Result<(), WireError>;
    /// Ends the one that waits, or forgets how the last one ended.
    fn cancel(&self);
    /// Signs out.
    async fn sign_out(&self) -> Result<(), WireError>;
}

fn of(host: &dyn Host) -> Result<&dyn SignInHost, WireError> {
    host.sign_in().ok_or_else(|| {
        WireError::new(
            ErrorCode::NotPossible,
            "nobody signs in at this console",
            "`sealwright sign-in` signs in on the command line",
        )
    })
}

pub(crate) async fn sign_in_standing(
    host: &dyn Host,
    _: SignInStandingRequest,
) -> Result<SignInStanding, WireError> {
    match host.sign_in() {
        Some(desk) => desk.standing().await,
        None => Ok(SignInStanding { actor: host.actor(), ..SignInStanding::default() }),
    }
}

pub(crate) async fn begin_sign_in(
    host: &dyn Host,
    request: BeginSignIn,
) -> Result<SignInStanding, WireError> {
    let with_browser = match request.by.as_str() {
        "browser" => true,
        "code" => false,
        other => {
            return Err(WireError::new(
                ErrorCode::Invalid,
                format!("`{other}` is no way to sign in"),
                "sign in with the browser or by a code",
            ));
        }
    };
    let desk = of(host)?;
    desk.begin(with_browser).await?;
    desk.standing().await
}

pub(crate) async fn cancel_sign_in(host: &dyn Host, _: CancelSignIn) -> Result<SignInStanding, WireError> {
    let desk = of(host)?;
    desk.cancel();
    desk.standing().await
}

pub(crate) async fn sign_out(host: &dyn Host, _: SignOut) -> Result<SignInStanding, WireError> {
    let desk = of(host)?;
    desk.sign_out().await?;
    desk.standing().await
}
