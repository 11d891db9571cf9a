//! People who sign in: what they get, which roles they have, and what the tenant demands of them.

use std::collections::HashMap;

use openssl::error::ErrorStack;
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::Refusal;
use super::token;
use crate::User;
use crate::http::Incoming;
use crate::world::World;

/// Scopes that ask who signs in; they belong to no resource.
pub(super) const OPEN_ID: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// A refresh token lives for ninety days.
const REFRESH_LIFETIME: i64 = 90 * 24 * 3_600;

/// What one refresh token stands for.
#[derive(Clone)]
struct Refresh {
    client_id: String,
    person: Uuid,
    expires: i64,
}

/// What a sign-in does not say as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdTokenLie {
    /// It answers another sign-in.
    OtherNonce,
    /// It is made for another application.
    OtherAudience,
    /// It comes from another tenant.
    OtherTenant,
    /// It is over.
    Expired,
    /// Somebody else signed it.
    OtherSignature,
}

/// Everything about the sign-ins of people.
#[derive(Default)]
pub(crate) struct People {
    pub(super) codes: Vec<super::browser::Code>,
    refresh: HashMap<String, Refresh>,
    /// Application roles by person.
    pub(crate) roles: HashMap<Uuid, Vec<String>>,
    /// Whether a second factor is demanded, which a device code cannot give.
    pub(crate) second_factor: bool,
    /// Whether nobody has consented to the application yet.
    pub(crate) no_consent: bool,
    /// What the next id tokens are to be.
    pub(crate) lie: Option<IdTokenLie>,
}

impl People {
    /// Ends all refresh tokens, as a new password does.
    pub(crate) fn end_sessions(&mut self) {
        self.refresh.clear();
    }

    /// How many refresh tokens may still be used.
    pub(crate) fn sessions(&self) -> usize {
        self.refresh.len()
    }
}

/// Who signed in, for what.
pub(super) struct SignedIn<'a> {
    pub(super) client_id: &'a str,
    pub(super) person: Uuid,
    pub(super) audience: &'static str,
    pub(super) scopes: &'a [String],
    pub(super) nonce: Option<&'a str>,
}

/// 400 `invalid_grant`.
pub(super) fn invalid_grant(code: u32, text: impl Into<String>) -> Refusal {
    Refusal::request("invalid_grant", code, text)
}

/// Refuses what the tenant's policies refuse.
pub(super) fn admitted(world: &World, can_prove_more: bool) -> Result<(), Refusal> {
    let people = world.people.read();
    if people.no_consent {
        let text = "The user or administrator has not consented to use the application. Send an interactive authorization \
                    request for this user and resource.";
        return Err(invalid_grant(65_001, text));
    }
    if people.second_factor && !can_prove_more {
        let text = "Due to a configuration change made by your administrator, or because you moved to a new location, you must \
                    use multi-factor authentication to access the resource.";
        return Err(invalid_grant(50_076, text));
    }
    Ok(())
}

/// The tokens of somebody who has signed in.
pub(super) fn tokens(world: &World, incoming: &Incoming, who: &SignedIn<'_>) -> Result<Value, Refusal> {
    let user = world.directory.read().user_called(&who.person.to_string()).map(|user| User::clone(user));
    let Some(user) = user.filter(|user| user.account_enabled) else {
        return Err(invalid_grant(50_057, "The user account is disabled."));
    };
    let granted: Vec<&str> =
        who.scopes.iter().map(String::as_str).filter(|scope| !OPEN_ID.contains(scope)).collect();
    let granted = granted.join(" ");
    let (access, lifetime) = token::issue(world, incoming, |caller| {
        caller.set_person(who.client_id, &user, who.audience, &granted);
    })?;
    let mut told = json!({
        "token_type": "Bearer",
        "scope": format!("{}/{granted}", who.audience),
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": access,
    });
    let asked = |scope: &str| who.scopes.iter().any(|one| one == scope);
    if asked("openid") {
        told["id_token"] = json!(id_token(world, incoming, who, &user, lifetime)?);
    }
    if asked("offline_access") {
        told["refresh_token"] = json!(new_refresh(world, incoming, who)?);
    }
    Ok(told)
}

fn id_token(
    world: &World,
    incoming: &Incoming,
    who: &SignedIn<'_>,
    user: &User,
    lifetime: i64,
) -> Result<String, Refusal> {
    let now = incoming.at.as_second();
    let people = world.people.read();
    let mut claims = json!({
        "aud": who.client_id,
        "iss": format!("{}/{}/v2.0", incoming.origin(), world.tenant_id),
        "iat": now, "nbf": now, "exp": now + lifetime,
        "name": user.display_name,
        "preferred_username": user.user_principal_name,
        "oid": user.id, "sub": user.id, "tid": world.tenant_id, "ver": "2.0",
    });
    if let Some(nonce) = who.nonce {
        claims["nonce"] = json!(nonce);
    }
    if let Some(roles) = people.roles.get(&user.id) {
        claims["roles"] = json!(roles);
    }
    match people.lie {
        None | Some(IdTokenLie::OtherSignature) => {}
        Some(IdTokenLie::OtherNonce) => claims["nonce"] = json!("another"),
        Some(IdTokenLie::OtherAudience) => claims["aud"] = json!(Uuid::nil()),
        Some(IdTokenLie::OtherTenant) => claims["tid"] = json!(Uuid::nil()),
        Some(IdTokenLie::Expired) => claims["exp"] = json!(now - 3_600),
    }
    let mut signed = world.issuer.sign(&claims).map_err(|error| transient(&error))?;
    if people.lie == Some(IdTokenLie::OtherSignature) {
        // The first character carries six whole bits of the signature.
        let at = signed.rfind('.').map_or(0, |dot| dot + 1);
        let other = if signed[at..].starts_with('A') { "B" } else { "A" };
        signed.replace_range(at..=at, other);
    }
    Ok(signed)
}

fn new_refresh(world: &World, incoming: &Incoming, who: &SignedIn<'_>) -> Result<String, Refusal> {
    let text = format!("1.{}", random::<48>().map_err(|error| transient(&error))?);
    let session = Refresh {
        client_id: who.client_id.to_owned(),
        person: who.person,
        expires: incoming.at.as_second() + REFRESH_LIFETIME,
    };
    world.people.write().refresh.insert(text.clone(), session);
    Ok(text)
}

/// The token endpoint's half for refresh tokens. Each is good once here; the real service is more lenient, and asks clients
/// to keep the newest all the same.
pub(super) fn refresh(world: &World, incoming: &Incoming, form: &token::Form) -> Result<Value, Refusal> {
    let client_id = form.field("client_id")?;
    super::browser::public_client(world, form, client_id)?;
    let given = form.field("refresh_token")?;
    let session = {
        let mut people = world.people.write();
        people.refresh.remove(given)
    };
    let Some(session) = session.filter(|session| session.client_id == client_id) else {
        let text = "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have \
                    changed or reset their password.";
        return Err(invalid_grant(50_173, text));
    };
    if session.expires <= incoming.at.as_second() {
        return Err(invalid_grant(700_082, "The refresh token has expired due to inactivity."));
    }
    admitted(world, true)?;
    let (audience, scopes) = super::device_code::scopes(form.field("scope")?)?;
    let who = SignedIn { client_id, person: session.person, audience, scopes: &scopes, nonce: None };
    tokens(world, incoming, &who)
}

pub(super) fn transient(error: &ErrorStack) -> Refusal {
    Refusal::request("server_error", 90_033, format!("A transient error has occurred: {error}."))
}

/// So many random bytes in hexadecimal.
pub(super) fn random<const N: usize>() -> Result<String, ErrorStack> {
    let mut bytes = [0; N];
    openssl::rand::rand_bytes(&mut bytes)?;
    Ok(hex::encode(bytes))
}
