//! Sign-ins of people in a browser: the page, and the code that it sends back (RFC 6749 section 4.1, RFC 7636).
//!
//! The page is a form with one field. Whoever posts it with the name of a person of the tenant is that person; nobody is asked
//! for a password, for there is nothing to protect here.

use std::collections::HashMap;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::sha::sha256;
use serde_json::Value;
use uuid::Uuid;

use super::error::Refusal;
use super::person::{self, SignedIn, invalid_grant};
use super::token::Form;
use crate::http::{Content, Incoming, Reply};
use crate::world::World;

/// A code is good for ten minutes.
const CODE_LIFETIME: i64 = 600;

/// What one code stands for.
pub(super) struct Code {
    text: String,
    client_id: String,
    redirect_uri: String,
    challenge: String,
    nonce: Option<String>,
    audience: &'static str,
    scopes: Vec<String>,
    person: Uuid,
    expires: i64,
}

/// A request for the page, checked.
struct Wish {
    fields: HashMap<String, String>,
}

impl Wish {
    fn read(world: &World, encoded: &[u8]) -> Result<Self, Box<Reply>> {
        let mut fields = HashMap::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            fields.insert(name.into_owned(), value.into_owned());
        }
        let wish = Self { fields };
        let refuse = |code: u32, text: &str| Err(Box::new(page(StatusCode::BAD_REQUEST, code, text)));
        if wish.get("client_id").parse() != Ok(world.officer_client_id()) {
            return refuse(700_016, "Application was not found in the directory.");
        }
        if wish.get("response_type") != "code" {
            return refuse(
                700_054,
                "response_type 'code' is the only one that is enabled for the application.",
            );
        }
        // Registered is http://localhost; the port of this machine's loopback does not matter.
        let port =
            wish.get("redirect_uri").strip_prefix("http://localhost:").map(|rest| rest.trim_end_matches('/'));
        if port.is_none_or(|port| port.parse::<u16>().is_err()) {
            let text = "The redirect URI specified in the request does not match the redirect URIs configured for the application.";
            return refuse(50_011, text);
        }
        let challenge = wish.get("code_challenge");
        if wish.get("code_challenge_method") != "S256" || challenge.len() != 43 {
            return refuse(9_002_325, "Proof Key for Code Exchange is required for public clients.");
        }
        if wish.get("state").is_empty() {
            return refuse(90_000, "This world lets nobody sign in without a state.");
        }
        Ok(wish)
    }

    fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Back to the application.
    fn back(&self, pairs: &[(&str, &str)]) -> Reply {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs).append_pair("state", self.get("state"));
        let location = format!("{}/?{}", self.get("redirect_uri").trim_end_matches('/'), query.finish());
        let reply = Reply { status: StatusCode::FOUND, ..Reply::no_content() };
        reply.with_header("location", location)
    }
}

/// `GET /{tenant}/oauth2/v2.0/authorize`: the page.
pub(super) fn show(world: &World, incoming: &Incoming) -> Reply {
    let wish = match Wish::read(world, incoming.query.as_bytes()) {
        Ok(wish) => wish,
        Err(reply) => return *reply,
    };
    let escaped = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let mut hidden = String::new();
    for (name, value) in &wish.fields {
        let (name, value) = (escaped(name), escaped(value));
        hidden.push_str(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"));
    }
    let text = format!(
        "<!doctype html><title>Sign in to your account</title><form method=\"post\">{hidden}<input name=\"person\" \
         placeholder=\"someone@{}\"><button>Sign in</button></form>",
        escaped(&world.domain)
    );
    html(StatusCode::OK, text)
}

/// `POST /{tenant}/oauth2/v2.0/authorize`: somebody has filled in the page.
pub(super) fn decide(world: &World, incoming: &Incoming) -> Reply {
    let wish = match Wish::read(world, &incoming.body) {
        Ok(wish) => wish,
        Err(reply) => return *reply,
    };
    if wish.get("person").is_empty() {
        return wish.back(&[
            ("error", "access_denied"),
            ("error_description", "AADSTS65004: User declined to consent to access the app."),
        ]);
    }
    if let Err(refusal) = person::admitted(world, true) {
        let told = format!("AADSTS{}: {}", refusal.code, refusal.text);
        return wish.back(&[("error", "consent_required"), ("error_description", &told)]);
    }
    let person = world.directory.read().user_called(wish.get("person")).map(|user| user.id);
    let Some(person) = person else {
        return page(StatusCode::OK, 50_034, "We couldn't find an account with that username.");
    };
    let (audience, scopes) = match super::device_code::scopes(wish.get("scope")) {
        Ok(scopes) => scopes,
        Err(refusal) => {
            let told = format!("AADSTS{}: {}", refusal.code, refusal.text);
            return wish.back(&[("error", refusal.error), ("error_description", &told)]);
        }
    };
    let Ok(code) = person::random::<32>() else {
        return wish.back(&[("error", "server_error")]);
    };
    world.people.write().codes.push(Code {
        text: code.clone(),
        client_id: wish.get("client_id").to_owned(),
        redirect_uri: wish.get("redirect_uri").to_owned(),
        challenge: wish.get("code_challenge").to_owned(),
        nonce: Some(wish.get("nonce").to_owned()).filter(|nonce| !nonce.is_empty()),
        audience,
        scopes,
        person,
        expires: incoming.at.as_second() + CODE_LIFETIME,
    });
    wish.back(&[("code", &code), ("session_state", "0")])
}

/// Refuses applications that are not public, and public ones that come with a secret.
pub(super) fn public_client(world: &World, form: &Form, client_id: &str) -> Result<(), Refusal> {
    if client_id.parse() != Ok(world.officer_client_id()) {
        let text =
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return Err(Refusal::client(7_000_218, text));
    }
    if form.has("client_secret") || form.has("client_assertion") {
        let text = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
        return Err(Refusal::client(700_025, text));
    }
    Ok(())
}

/// The token endpoint's half.
pub(super) fn redeem(world: &World, incoming: &Incoming, form: &Form) -> Result<Value, Refusal> {
    let client_id = form.field("client_id")?;
    public_client(world, form, client_id)?;
    let given = form.field("code")?;
    let code = {
        let mut people = world.people.write();
        let at = people.codes.iter().position(|code| code.text == given);
        at.map(|at| people.codes.swap_remove(at))
    };
    let Some(code) = code.filter(|code| code.client_id == client_id) else {
        return Err(invalid_grant(54_005, "OAuth2 Authorization code was already redeemed, or never given."));
    };
    if code.expires <= incoming.at.as_second() {
        return Err(invalid_grant(70_008, "The provided authorization code has expired."));
    }
    if code.redirect_uri != form.field("redirect_uri")? {
        let text = "The reply address does not match the reply address provided when requesting the authorization code.";
        return Err(invalid_grant(500_112, text));
    }
    let verifier = form.field("code_verifier")?;
    if BASE64_URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes())) != code.challenge {
        let text =
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
        return Err(invalid_grant(501_481, text));
    }
    let who = SignedIn {
        client_id,
        person: code.person,
        audience: code.audience,
        scopes: &code.scopes,
        nonce: code.nonce.as_deref(),
    };
    person::tokens(world, incoming, &who)
}

fn html(status: StatusCode, text: String) -> Reply {
    Reply { content: Content::Text("text/html; charset=utf-8", text), ..Reply::json(status, Value::Null) }
}

fn page(status: StatusCode, code: u32, text: &str) -> Reply {
    html(status, format!("<!doctype html><title>Sign in to your account</title><p>AADSTS{code}: {text}"))
}
