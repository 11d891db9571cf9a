//! Reading a real Graph `GET /users` body into a tenant.
//!
//! Exports are made by people with scripts: byte order marks, UTF-16 from PowerShell, missing columns and pages saved as HTML
//! happen. What is missing is tolerated; what is wrong is named with its place.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::people::Dice;
use crate::property::{self, Property};
use crate::{Device, Platform, SimError, Tenant, User};

/// See [`Tenant::from_graph_export`].
pub(crate) fn read(bytes: &[u8]) -> Result<Tenant, SimError> {
    let text = decode(bytes)?;
    let document: Value = serde_json::from_str(&text).map_err(|error| not_json(&text, &error))?;
    let (items, prefix) = match &document {
        Value::Array(items) => (items, String::new()),
        Value::Object(object) => match object.get("value") {
            Some(Value::Array(items)) => (items, "value".to_owned()),
            Some(_) => return Err(wrong("value", "must be a list of users")),
            None => return Err(no_list(object)),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(wrong(
                "line 1, column 1",
                "expected the answer of GET /users: an object with `value`, or a list",
            ));
        }
    };
    let mut users = Vec::with_capacity(items.len());
    let mut ids = HashSet::with_capacity(items.len());
    let mut domains: HashMap<String, usize> = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        let place = format!("{prefix}[{index}]");
        let Value::Object(facts) = item else { return Err(wrong(&place, "must be a user object")) };
        let user = user(facts, &place, index, &mut ids)?;
        for address in user.mail.iter().chain([&user.user_principal_name]) {
            if let Some((_, domain)) = address.rsplit_once('@')
                && domain.contains('.')
            {
                *domains.entry(domain.to_lowercase()).or_default() += 1;
            }
        }
        users.push(user);
    }
    let most = domains.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    let domain = most.map_or_else(|| "nordwind.example.com".to_owned(), |(domain, _)| domain);
    let fingerprint = Sha256::digest(text.as_bytes());
    let seed = fingerprint.iter().take(8).fold(0, |seed: u64, byte| seed << 8 | u64::from(*byte));
    Ok(Tenant::of(users, &domain, &mut Dice::new(seed)))
}

fn user(
    facts: &Map<String, Value>,
    place: &str,
    index: usize,
    ids: &mut HashSet<Uuid>,
) -> Result<User, SimError> {
    let mut user = User::new(Uuid::nil(), "");
    user.mail = None;
    user.display_name = None;
    user.mail_nickname = None;
    user.proxy_addresses.clear();
    for (property, name) in property::ALL {
        if matches!(property, Property::Id | Property::SecurityIdentifier | Property::AssignedPlans) {
            continue;
        }
        let Some(value) = facts.get(*name) else { continue };
        // Exports of a few columns carry null where Graph has none; a null name or switch is a missing one.
        if value.is_null() && matches!(property, Property::UserPrincipalName | Property::AccountEnabled) {
            continue;
        }
        property.write(&mut user, value).map_err(|problem| wrong(&format!("{place}.{name}"), problem))?;
    }
    let stated = match facts.get("id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) => Some(id.as_str()),
        Some(_) => return Err(wrong(&format!("{place}.id"), "must be a string")),
    };
    user.id = identity(stated, &user, ids);
    if user.user_principal_name.is_empty() {
        user.user_principal_name =
            user.mail.clone().unwrap_or_else(|| format!("user-{}", &user.id.simple().to_string()[..12]));
    }
    user.devices = vec![Device { name: format!("LT-{:05}", index + 1), platform: Platform::Windows }];
    Ok(user)
}

/// The stated id when it is a new GUID; otherwise one derived from what is known, the same at every reading.
fn identity(stated: Option<&str>, user: &User, ids: &mut HashSet<Uuid>) -> Uuid {
    if let Some(id) = stated.and_then(|id| id.parse().ok())
        && ids.insert(id)
    {
        return id;
    }
    let mail = user.mail.as_deref().unwrap_or_default();
    let shown = user.display_name.as_deref().unwrap_or_default();
    let known = format!("{}\n{}\n{mail}\n{shown}", stated.unwrap_or_default(), user.user_principal_name);
    let mut attempt = 0;
    loop {
        let digest = Sha256::digest(format!("sealwright-sim user\n{known}\n{attempt}"));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
        if ids.insert(id) {
            return id;
        }
        attempt += 1;
    }
}

/// UTF-8 with or without a mark, or UTF-16 with one.
fn decode(bytes: &[u8]) -> Result<String, SimError> {
    let utf16 = |from: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let (units, _) = bytes.as_chunks::<2>();
        let units: Vec<u16> = units.iter().map(|unit| from(*unit)).collect();
        String::from_utf16(&units)
            .map_err(|_| wrong("the file", "is not valid UTF-16; save the export as UTF-8"))
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(u16::from_le_bytes, rest),
        [0xFE, 0xFF, rest @ ..] => utf16(u16::from_be_bytes, rest),
        [0xEF, 0xBB, 0xBF, rest @ ..] => decode(rest),
        plain => std::str::from_utf8(plain).map(str::to_owned).map_err(|error| {
            wrong(&format!("byte {}", error.valid_up_to()), "is not valid UTF-8; save the export as UTF-8")
        }),
    }
}

fn not_json(text: &str, error: &serde_json::Error) -> SimError {
    let begins: String = text.trim_start().chars().take(24).collect();
    let what = if begins.is_empty() {
        "the file is empty".to_owned()
    } else if begins.starts_with('<') {
        format!("this is a web page, it begins with `{begins}`")
    } else {
        let message = error.to_string();
        let reason = message.split(" at line ").next().unwrap_or_default();
        format!("not valid JSON: {reason}")
    };
    wrong(
        &format!("line {}, column {}", error.line(), error.column()),
        &format!("{what}; expected the JSON answer of Graph GET /users"),
    )
}

fn no_list(object: &Map<String, Value>) -> SimError {
    // A saved error answer deserves its own words.
    let told = object.get("error").and_then(|error| error.get("message")).and_then(Value::as_str);
    let problem = match told {
        Some(message) => format!("this is an error answer of Graph ({message}), not a list of users"),
        None => "has no `value`; expected the JSON answer of Graph GET /users".to_owned(),
    };
    wrong("the top level", &problem)
}

fn wrong(place: &str, problem: &str) -> SimError {
    SimError::Export { place: place.to_owned(), problem: problem.to_owned() }
}
