//! The token endpoint, and the access tokens that it issues and that the services check.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::memcmp;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::{Signer, Verifier};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::{Refusal, tenant_refusal};
use super::federation::Federation;
use super::machine::MachineIdentity;
use super::registration::Registration;
use super::{assertion, browser, device_code, person};
use crate::http::{Incoming, Reply};
use crate::lock::Shared;
use crate::world::World;
use crate::{User, exchange, key_vault};

/// Microsoft Graph, as a resource.
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Who calls, as the access token says.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Caller {
    aud: String,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    appid: String,
    idtyp: String,
    oid: String,
    sub: String,
    tid: String,
    uti: String,
    ver: String,
    /// The application roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<String>,
    /// What a person lets the application do, separated by spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scp: Option<String>,
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upn: Option<String>,
}

impl Caller {
    /// Whether the token carries one of these roles.
    pub(crate) fn has_any(&self, roles: &[&str]) -> bool {
        self.roles.iter().any(|role| roles.contains(&role.as_str()))
    }

    /// Whether an application calls for itself.
    pub(crate) fn is_application(&self) -> bool {
        self.idtyp == "app"
    }

    /// Whether a person lets the application do this.
    pub(crate) fn may(&self, scope: &str) -> bool {
        self.scp.as_deref().unwrap_or_default().split(' ').any(|one| one == scope)
    }
}

/// Why a service does not accept a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenProblem {
    Malformed,
    Signature,
    Audience,
    Expired,
}

/// The key that signs access tokens, and the memory of what was signed and seen.
pub(crate) struct TokenIssuer {
    key: PKey<Private>,
    key_id: String,
    /// Tokens whose signature has been checked. Verification would otherwise be a third of a request's work.
    checked: Shared<HashMap<String, Arc<Caller>>>,
    /// Assertions used, with the time when they may be forgotten.
    used: Shared<HashMap<String, i64>>,
}

impl TokenIssuer {
    pub(crate) fn make() -> Result<Self, ErrorStack> {
        let key = PKey::from_rsa(Rsa::generate(2048)?)?;
        let digest = hash(MessageDigest::sha1(), &key.public_key_to_der()?)?;
        Ok(Self {
            key_id: BASE64_URL_SAFE_NO_PAD.encode(digest),
            key,
            checked: Shared::default(),
            used: Shared::default(),
        })
    }

    /// The signing key as a JSON Web Key.
    pub(crate) fn public_key(&self) -> Value {
        let Ok(rsa) = self.key.rsa() else { return Value::Null };
        json!({
            "kty": "RSA", "use": "sig", "kid": self.key_id, "x5t": self.key_id,
            "n": BASE64_URL_SAFE_NO_PAD.encode(rsa.n().to_vec()),
            "e": BASE64_URL_SAFE_NO_PAD.encode(rsa.e().to_vec()),
        })
    }

    /// Checks an access token against the world's time. It must be made for one of `audiences`.
    pub(crate) fn check(
        &self,
        token: &str,
        now: Timestamp,
        audiences: &[&str],
    ) -> Result<Arc<Caller>, TokenProblem> {
        let known = self.checked.read().get(token).cloned();
        let caller = if let Some(caller) = known {
            caller
        } else {
            let caller = Arc::new(self.verify(token)?);
            let mut checked = self.checked.write();
            if checked.len() > 1_000 {
                checked.clear();
            }
            checked.insert(token.to_owned(), Arc::clone(&caller));
            caller
        };
        if !audiences.contains(&caller.aud.as_str()) {
            return Err(TokenProblem::Audience);
        }
        // Issuer and checker share one clock, so there is no skew to forgive.
        if caller.exp <= now.as_second() {
            return Err(TokenProblem::Expired);
        }
        Ok(caller)
    }

    fn verify(&self, token: &str) -> Result<Caller, TokenProblem> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenProblem::Malformed)?;
        let (_, claims) = signed.split_once('.').ok_or(TokenProblem::Malformed)?;
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenProblem::Malformed);
        let signature = decode(signature)?;
        let mut verifier =
            Verifier::new(MessageDigest::sha256(), &self.key).map_err(|_| TokenProblem::Signature)?;
        if !verifier.verify_oneshot(&signature, signed.as_bytes()).unwrap_or(false) {
            return Err(TokenProblem::Signature);
        }
        serde_json::from_slice(&decode(claims)?).map_err(|_| TokenProblem::Malformed)
    }

    pub(super) fn sign(&self, claims: &impl Serialize) -> Result<String, ErrorStack> {
        let header = json!({ "typ": "JWT", "alg": "RS256", "x5t": self.key_id, "kid": self.key_id });
        let claims = serde_json::to_vec(claims).unwrap_or_default();
        let mut token = BASE64_URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key)?;
        let signature = signer.sign_oneshot_to_vec(token.as_bytes())?;
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// `false` when this `jti` has been used before.
    fn first_use(&self, jti: &str, until: i64, now: i64) -> bool {
        let mut used = self.used.write();
        used.retain(|_, until| *until > now);
        used.insert(jti.to_owned(), until).is_none()
    }
}

/// `POST /{tenant}/oauth2/v2.0/token`
pub(super) fn answer(world: &World, incoming: &Incoming, tenant: &str) -> Reply {
    match grant(world, incoming, tenant) {
        Ok(body) => Reply::ok(body)
            .with_header("cache-control", "no-store, no-cache".to_owned())
            .with_header("pragma", "no-cache".to_owned()),
        Err(refusal) => refusal.into_reply(incoming),
    }
}

/// The fields of a request.
pub(super) struct Form(HashMap<String, String>);

impl Form {
    pub(super) fn read(world: &World, incoming: &Incoming, tenant: &str) -> Result<Self, Refusal> {
        if super::known_tenant(world, incoming, tenant).is_err() {
            return Err(tenant_refusal("invalid_request", tenant));
        }
        if !incoming.is("application/x-www-form-urlencoded") {
            let text = "The request body must be of the type application/x-www-form-urlencoded.";
            return Err(Refusal::request("invalid_request", 900_144, text));
        }
        let mut form: HashMap<String, String> = HashMap::new();
        for (name, value) in form_urlencoded::parse(&incoming.body) {
            if form.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                let text = format!("The parameter '{name}' is given more than once.");
                return Err(Refusal::request("invalid_request", 9_000_411, text));
            }
        }
        Ok(Self(form))
    }

    /// Whether a field is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A field that must be there and not empty.
    pub(super) fn field(&self, name: &str) -> Result<&str, Refusal> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or_else(|| {
            let text = format!("The request body must contain the following parameter: '{name}'.");
            Refusal::request("invalid_request", 900_144, text)
        })
    }
}

/// 400: nobody knows this application.
pub(super) fn unknown_application(world: &World, client_id: &str) -> Refusal {
    let text = format!(
        "Application with identifier '{client_id}' was not found in the directory '{}'.",
        world.domain
    );
    Refusal::request("unauthorized_client", 700_016, text)
}

/// An access token, and how many seconds it lives.
pub(super) fn issue(
    world: &World,
    incoming: &Incoming,
    caller: impl FnOnce(&mut Caller),
) -> Result<(String, i64), Refusal> {
    let now = incoming.at.as_second();
    let lifetime = i64::try_from(world.options.token_lifetime.as_secs()).unwrap_or(i64::MAX / 2);
    let mut claims = Caller {
        aud: GRAPH.to_owned(),
        iss: format!("https://sts.windows.net/{}/", world.tenant_id),
        iat: now,
        nbf: now,
        exp: now + lifetime,
        appid: String::new(),
        idtyp: "app".to_owned(),
        oid: String::new(),
        sub: String::new(),
        tid: world.tenant_id.to_string(),
        uti: incoming.request_id.simple().to_string(),
        ver: "1.0".to_owned(),
        roles: Vec::new(),
        scp: None,
        upn: None,
    };
    caller(&mut claims);
    let token = world.issuer.sign(&claims).map_err(|error| {
        Refusal::request("server_error", 90_033, format!("A transient error has occurred: {error}."))
    })?;
    Ok((token, lifetime))
}

impl Caller {
    /// An application that calls for itself.
    fn set_application(&mut self, client_id: &str, principal: &str, audience: &str) {
        client_id.clone_into(&mut self.appid);
        principal.clone_into(&mut self.oid);
        principal.clone_into(&mut self.sub);
        audience.clone_into(&mut self.aud);
    }

    /// A machine that calls by its own identity.
    pub(super) fn set_machine(&mut self, identity: &MachineIdentity, audience: &str) {
        self.set_application(&identity.client_id.to_string(), &identity.object_id.to_string(), audience);
    }

    /// A person who lets an application call.
    pub(super) fn set_person(&mut self, client_id: &str, user: &User, audience: &str, scopes: &str) {
        self.set_application(client_id, &user.id.to_string(), audience);
        "user".clone_into(&mut self.idtyp);
        self.scp = Some(scopes.to_owned());
        self.upn = Some(user.user_principal_name.clone());
    }
}

fn grant(world: &World, incoming: &Incoming, tenant: &str) -> Result<Value, Refusal> {
    let form = Form::read(world, incoming, tenant)?;
    let grant_type = form.field("grant_type")?;
    if grant_type == device_code::GRANT_TYPE {
        return device_code::redeem(world, incoming, &form);
    }
    if grant_type == "authorization_code" {
        return browser::redeem(world, incoming, &form);
    }
    if grant_type == "refresh_token" {
        return person::refresh(world, incoming, &form);
    }
    if grant_type != "client_credentials" {
        let text = format!("The app requested an unsupported grant type '{grant_type}'.");
        return Err(Refusal::request("unsupported_grant_type", 70003, text));
    }
    let client_id = form.field("client_id")?;
    let registration = world.registration.read();
    if client_id.parse() != Ok(registration.app.client_id) {
        return Err(unknown_application(world, client_id));
    }
    let credential = authenticate(world, incoming, &registration, &form.0, client_id)?;
    let audience = scope(form.field("scope")?)?;

    let service_principal = Uuid::from_u128(!registration.app.client_id.as_u128()).to_string();
    let (token, lifetime) = issue(world, incoming, |caller| {
        caller.set_application(client_id, &service_principal, audience);
        caller.uti = format!("{}-{credential}", incoming.request_id.simple());
        caller.roles.clone_from(&registration.app.roles);
    })?;
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": token,
    }))
}

/// Checks the secret or the assertion; the answer says which it was (1 and 2, as in Entra's `azpacr`).
fn authenticate(
    world: &World,
    incoming: &Incoming,
    registration: &Registration,
    form: &HashMap<String, String>,
    client_id: &str,
) -> Result<u8, Refusal> {
    if let Some(assertion) = form.get("client_assertion") {
        if form.get("client_assertion_type").map(String::as_str) != Some(JWT_BEARER) {
            let text = format!(
                "The request body must contain 'client_assertion_type' with the value '{JWT_BEARER}'."
            );
            return Err(Refusal::request("invalid_request", 900_144, text));
        }
        if Federation::is_meant(assertion) {
            world.federation.check(assertion, incoming.at.as_second())?;
            return Ok(2);
        }
        let base = format!("{}/{}", incoming.origin(), world.tenant_id);
        let audiences = [format!("{base}/oauth2/v2.0/token"), format!("{base}/v2.0")];
        let now = incoming.at.as_second();
        let accepted = assertion::check(assertion, registration, client_id, &audiences, now)?;
        if !world.issuer.first_use(&accepted.jti, accepted.until, now) {
            let text = "JWT token is invalid or malformed: this assertion has been used before; make a new jti for each.";
            return Err(Refusal::client(50027, text));
        }
        return Ok(2);
    }
    let Some(given) = form.get("client_secret") else {
        let text =
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return Err(Refusal::client(7_000_218, text));
    };
    let right = registration.app.secret.as_deref().unwrap_or_default();
    if !right.is_empty() && given.len() == right.len() && memcmp::eq(given.as_bytes(), right.as_bytes()) {
        if registration.secret_ends.is_some_and(|end| end <= incoming.at) {
            let text = format!("The provided client secret keys for app '{client_id}' are expired.");
            return Err(Refusal::client(7_000_222, text));
        }
        return Ok(1);
    }
    let text = format!(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
         not the client secret ID, for a secret added to app '{client_id}'."
    );
    Err(Refusal::client(7_000_215, text))
}

/// The resource that is asked for.
fn scope(given: &str) -> Result<&'static str, Refusal> {
    let Some(resource) = given.strip_suffix("/.default").filter(|resource| !resource.contains(' ')) else {
        let text = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter \
             'scope' is not valid. The scope {given} is not valid: client credentials need one resource and /.default."
        );
        return Err(Refusal::request("invalid_scope", 70011, text));
    };
    known_resource(resource)
}

/// One of the resources of this world.
pub(super) fn known_resource(resource: &str) -> Result<&'static str, Refusal> {
    let known = [GRAPH, key_vault::RESOURCE, key_vault::HSM_RESOURCE, exchange::RESOURCE];
    known.into_iter().find(|one| *one == resource).ok_or_else(|| {
        let text = format!("The resource principal named {resource} was not found in the tenant.");
        Refusal::request("invalid_resource", 500_011, text)
    })
}
