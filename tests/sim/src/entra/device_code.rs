//! Sign-ins of people by device code (RFC 8628): a code is shown, a person enters it elsewhere, the application asks until
//! they have done so.
//!
//! Asking faster than allowed is answered with `slow_down`, as the standard says.

use axum::http::StatusCode;
use jiff::Timestamp;
use openssl::error::ErrorStack;
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::Refusal;
use super::person::{self, OPEN_ID, SignedIn, random};
use super::token::{self, Form};
use crate::http::{Incoming, Reply};
use crate::world::World;

/// The grant type of the token endpoint.
pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A code is good for so many seconds.
const DEVICE_CODE_LIFETIME: i64 = 900;

/// What the person did.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Waiting,
    Approved(Uuid),
    Declined,
    /// A code is good for one token.
    Used,
}

/// One sign-in.
pub(crate) struct DeviceSignIn {
    device_code: String,
    /// What the person enters.
    pub(crate) user_code: String,
    client_id: String,
    audience: &'static str,
    scopes: Vec<String>,
    /// Seconds on the world's clock.
    pub(crate) expires: i64,
    asked_at: Option<Timestamp>,
    pub(crate) verdict: Verdict,
}

/// All sign-ins since the start.
#[derive(Default)]
pub(crate) struct DeviceSignIns(pub(crate) Vec<DeviceSignIn>);

impl World {
    /// The application through which people sign in: a public client, without a secret.
    pub(crate) fn officer_client_id(&self) -> Uuid {
        Uuid::from_u128(self.registration.read().app.client_id.as_u128().rotate_left(64))
    }
}

/// `POST /{tenant}/oauth2/v2.0/devicecode`
pub(super) fn answer(world: &World, incoming: &Incoming, tenant: &str) -> Reply {
    begin(world, incoming, tenant).map_or_else(|refusal| refusal.into_reply(incoming), Reply::ok)
}

fn begin(world: &World, incoming: &Incoming, tenant: &str) -> Result<Value, Refusal> {
    let form = Form::read(world, incoming, tenant)?;
    let client_id = form.field("client_id")?;
    let known = [world.officer_client_id(), world.registration.read().app.client_id];
    if !client_id.parse().is_ok_and(|id: Uuid| known.contains(&id)) {
        return Err(token::unknown_application(world, client_id));
    }
    let (audience, scopes) = scopes(form.field("scope")?)?;
    let failed = |error: ErrorStack| {
        Refusal::request("server_error", 90_033, format!("A transient error has occurred: {error}."))
    };
    let device_code = random::<32>().map_err(failed)?;
    let user_code = random::<5>().map_err(failed)?.to_uppercase()[..9].to_owned();
    let interval = world.options.device_code_interval.as_secs();
    let told = json!({
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": DEVICE_CODE_LIFETIME,
        "interval": interval,
        "message": format!(
            "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code {user_code} \
             to authenticate."
        ),
    });
    world.sign_ins.write().0.push(DeviceSignIn {
        device_code,
        user_code,
        client_id: client_id.to_owned(),
        audience,
        scopes,
        expires: incoming.at.as_second() + DEVICE_CODE_LIFETIME,
        asked_at: None,
        verdict: Verdict::Waiting,
    });
    Ok(told)
}

/// The one resource of the scopes, and what is asked of it.
pub(super) fn scopes(given: &str) -> Result<(&'static str, Vec<String>), Refusal> {
    let mut audience = None;
    let mut scopes = Vec::new();
    for scope in given.split(' ').filter(|scope| !scope.is_empty()) {
        if OPEN_ID.contains(&scope) {
            scopes.push(scope.to_owned());
            continue;
        }
        let (resource, name) = scope.rsplit_once('/').unwrap_or(("https://graph.microsoft.com", scope));
        let resource = token::known_resource(resource)?;
        if audience.is_some_and(|other| other != resource) {
            let text =
                format!("The provided value for the input parameter scope '{given}' names two resources.");
            return Err(Refusal::request("invalid_scope", 28000, text));
        }
        audience = Some(resource);
        // The one delegated permission of vaults; `.default` stands for all that were consented to.
        scopes.push(if name == ".default" { "user_impersonation".to_owned() } else { name.to_owned() });
    }
    Ok((audience.unwrap_or(token::GRAPH), scopes))
}

/// The token endpoint's half.
pub(super) fn redeem(world: &World, incoming: &Incoming, form: &Form) -> Result<Value, Refusal> {
    let client_id = form.field("client_id")?;
    let device_code = form.field("device_code")?;
    let refused = |error: &'static str, code: u32, text: &str| {
        Err(Refusal { status: StatusCode::BAD_REQUEST, error, code, text: text.to_owned() })
    };
    super::browser::public_client(world, form, client_id)?;
    let mut sign_ins = world.sign_ins.write();
    let found =
        sign_ins.0.iter_mut().find(|one| one.device_code == device_code && one.client_id == client_id);
    let Some(sign_in) = found else {
        return refused("bad_verification_code", 70018, "The device code is not known.");
    };
    if incoming.at.as_second() >= sign_in.expires {
        return refused("expired_token", 70020, "The device code has expired.");
    }
    // A little less than told: the clock of whoever asks may run a trifle faster than ours.
    let soonest = world.options.device_code_interval.mul_f64(0.9);
    let too_soon =
        sign_in.asked_at.is_some_and(|last| incoming.at.duration_since(last).unsigned_abs() < soonest);
    sign_in.asked_at = Some(incoming.at);
    if too_soon {
        return refused("slow_down", 70016, "The requests come too fast.");
    }
    let user = match sign_in.verdict {
        Verdict::Waiting => {
            return refused(
                "authorization_pending",
                70016,
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
            );
        }
        Verdict::Declined => {
            return refused("authorization_declined", 65004, "The person declined the sign-in.");
        }
        Verdict::Used => return refused("invalid_grant", 54005, "The device code was used already."),
        Verdict::Approved(id) => id,
    };
    person::admitted(world, false)?;
    sign_in.verdict = Verdict::Used;
    let (audience, scopes) = (sign_in.audience, sign_in.scopes.clone());
    drop(sign_ins);
    let who = SignedIn { client_id, person: user, audience, scopes: &scopes, nonce: None };
    person::tokens(world, incoming, &who)
}
