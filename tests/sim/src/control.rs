//! `/_sim/…`: the switches of [`crate::Sim`] for other processes (a crash test runs the daemon outside).
//!
//! Guarded by a random bearer token. These routes are not delayed, not spoilt and not remembered.
//!
//! ```text
//! GET    state                              counts and the world's time
//! POST   clock                              {"seconds": 60} moves it forward
//! GET    requests?after=N · DELETE requests the request memory
//! GET    faults · POST faults · DELETE      one Fault or a list of them
//! GET    pfx/records · DELETE pfx/records/{id} · GET pfx/created
//! POST   devices/check-in                   {"people": [ids]} or nothing; answers with a DeviceReport
//! GET    users · POST users                 {"id", "userPrincipalName", "groups": [ids], other Graph properties}
//! PATCH  users/{id or name}                 Graph properties, "purpose", "intuneLicensed", "devices"
//! DELETE users/{id or name}?removal=hard · POST users/{id}/restore · DELETE users/{id}/groups
//! GET    groups · PUT, DELETE groups/{id}/members/{id of a user or group}
//! POST   delta/invalidate
//! GET    mailboxes/{id or name}/permissions · PUT [MailboxPermission]
//! PUT    exchange/role ["Get-Mailbox", …]
//! PUT    app/roles ["…"] · app/secret "…" · app/certificate "PEM"
//! ```

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use openssl::memcmp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::http::{Incoming, Reply};
use crate::property::{self, Property};
use crate::world::World;
use crate::{Fault, Member, Removal, SimError, User, sim};

/// Why a control request was not obeyed.
struct Refused(StatusCode, String);

impl From<SimError> for Refused {
    fn from(error: SimError) -> Self {
        let status = match &error {
            SimError::NoSuchUser(_)
            | SimError::NoSuchGroup(_)
            | SimError::NoSuchKey(_)
            | SimError::NoSuchSignIn(_) => StatusCode::NOT_FOUND,
            SimError::UserExists(_) => StatusCode::CONFLICT,
            SimError::Crypto(_) | SimError::Interrupted(_) => StatusCode::INTERNAL_SERVER_ERROR,
            SimError::NotLoopback(_)
            | SimError::Bind { .. }
            | SimError::Export { .. }
            | SimError::Property { .. }
            | SimError::Unusable { .. } => StatusCode::BAD_REQUEST,
        };
        Self(status, error.to_string())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Advance {
    seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckIn {
    people: Option<Vec<Uuid>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

/// Answers a control request.
pub(crate) async fn answer(world: &Arc<World>, incoming: &Incoming) -> Reply {
    let expected = format!("Bearer {}", world.control_token);
    let given = incoming.header("authorization").unwrap_or_default();
    if given.len() != expected.len() || !memcmp::eq(given.as_bytes(), expected.as_bytes()) {
        let text = "the control token is missing or wrong";
        return Reply::json(StatusCode::UNAUTHORIZED, json!({ "error": text }));
    }
    let segments = incoming.segments();
    let segments: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
    let done = if segments == ["devices", "check-in"] && incoming.method == Method::POST {
        devices(world, incoming).await
    } else {
        route(world, incoming, &segments)
    };
    done.unwrap_or_else(|Refused(status, problem)| Reply::json(status, json!({ "error": problem })))
}

fn route(world: &World, incoming: &Incoming, segments: &[&str]) -> Result<Reply, Refused> {
    match (incoming.method.as_str(), segments) {
        ("GET", ["state"]) => Ok(Reply::ok(state(world))),
        ("POST", ["clock"]) => {
            let Advance { seconds } = read(incoming)?;
            world.clock.advance(Duration::from_secs(seconds));
            Ok(Reply::ok(json!({ "now": world.clock.now().to_string() })))
        }
        ("GET", ["requests"]) => {
            let after = option(incoming, "after").and_then(|number| number.parse().ok()).unwrap_or(0);
            Ok(Reply::ok(json!(world.memory.read().since(after))))
        }
        ("DELETE", ["requests"]) => {
            world.memory.write().clear();
            Ok(Reply::no_content())
        }
        ("GET", ["faults"]) => Ok(Reply::ok(json!(world.faults.read().open()))),
        ("POST", ["faults"]) => {
            let faults = match read::<OneOrMany<Fault>>(incoming)? {
                OneOrMany::One(fault) => vec![fault],
                OneOrMany::Many(faults) => faults,
            };
            for fault in faults {
                world.faults.write().add(fault);
            }
            Ok(Reply::no_content())
        }
        ("DELETE", ["faults"]) => {
            world.faults.write().clear();
            Ok(Reply::no_content())
        }
        ("GET", ["pfx", "records"]) => Ok(Reply::ok(records(world))),
        ("DELETE", ["pfx", "records", id]) => {
            if world.pfx.write().remove(id) {
                Ok(Reply::no_content())
            } else {
                Err(Refused(StatusCode::NOT_FOUND, format!("no record {id}")))
            }
        }
        ("GET", ["pfx", "created"]) => Ok(Reply::ok(json!(world.pfx.read().created()))),
        ("POST", ["delta", "invalidate"]) => {
            world.invalidate_delta_tokens();
            Ok(Reply::no_content())
        }
        (_, ["mailboxes" | "exchange", ..]) => mailboxes(world, incoming, segments),
        (_, ["users" | "groups", ..]) => people(world, incoming, segments),
        ("PUT", ["app", setting]) => registration(world, incoming, setting),
        _ => Err(Refused(StatusCode::NOT_FOUND, "no such control route".to_owned())),
    }
}

fn mailboxes(world: &World, incoming: &Incoming, segments: &[&str]) -> Result<Reply, Refused> {
    match (incoming.method.as_str(), segments) {
        (method @ ("GET" | "PUT"), ["mailboxes", name, "permissions"]) => {
            let found = world.directory.read().user_called(name).map(|user| user.id);
            let id = found.ok_or_else(|| SimError::NoSuchUser((*name).to_owned()))?;
            if method == "GET" {
                return Ok(Reply::ok(json!(world.exchange.read().permissions(id))));
            }
            world.exchange.write().set_permissions(id, read(incoming)?);
            Ok(Reply::no_content())
        }
        ("PUT", ["exchange", "role"]) => {
            world.exchange.write().set_role(read(incoming)?);
            Ok(Reply::no_content())
        }
        _ => Err(Refused(StatusCode::NOT_FOUND, "no such control route".to_owned())),
    }
}

fn people(world: &World, incoming: &Incoming, segments: &[&str]) -> Result<Reply, Refused> {
    match (incoming.method.as_str(), segments) {
        ("GET", ["users"]) => {
            let directory = world.directory.read();
            Ok(Reply::ok(directory.users_after(0).map(|(_, user)| show(user)).collect()))
        }
        ("POST", ["users"]) => {
            let (user, groups) = new_user(read(incoming)?)?;
            world.directory.write().add_user(user, &groups)?;
            Ok(Reply::no_content())
        }
        ("PATCH", ["users", key]) => {
            let changes: Map<String, Value> = read(incoming)?;
            let id = user_id(world, key)?;
            world.directory.write().edit_user(id, |user| apply(user, &changes))?;
            Ok(Reply::no_content())
        }
        ("DELETE", ["users", key]) => {
            let removal = match option(incoming, "removal").as_deref() {
                None | Some("soft") => Removal::Soft,
                Some("hard") => Removal::Hard,
                Some(_) => {
                    return Err(Refused(StatusCode::BAD_REQUEST, "removal is soft or hard".to_owned()));
                }
            };
            let id = user_id(world, key).or_else(|unknown| key.parse().map_err(|_| unknown))?;
            world.directory.write().remove_user(id, removal)?;
            Ok(Reply::no_content())
        }
        ("POST", ["users", key, "restore"]) => {
            world.directory.write().restore_user(uuid(key)?)?;
            Ok(Reply::no_content())
        }
        ("DELETE", ["users", key, "groups"]) => {
            let id = user_id(world, key)?;
            world.directory.write().remove_from_all_groups(id)?;
            Ok(Reply::no_content())
        }
        ("GET", ["groups"]) => {
            let directory = world.directory.read();
            let groups = directory.groups_after(0).map(|(_, living)| {
                let members: Vec<Member> = living.members_after(0).map(|(_, member)| member).collect();
                json!({ "id": living.group.id, "displayName": living.group.display_name, "members": members })
            });
            Ok(Reply::ok(groups.collect()))
        }
        ("PUT", ["groups", group, "members", member]) => {
            let member = known_member(world, uuid(member)?);
            world.directory.write().add_member(uuid(group)?, member)?;
            Ok(Reply::no_content())
        }
        ("DELETE", ["groups", group, "members", member]) => {
            let member = known_member(world, uuid(member)?);
            world.directory.write().remove_member(uuid(group)?, member)?;
            Ok(Reply::no_content())
        }
        _ => Err(Refused(StatusCode::NOT_FOUND, "no such control route".to_owned())),
    }
}

fn registration(world: &World, incoming: &Incoming, setting: &str) -> Result<Reply, Refused> {
    let mut registration = world.registration.write();
    match setting {
        "roles" => registration.app.roles = read(incoming)?,
        "secret" => registration.app.secret = read(incoming)?,
        "certificate" => registration.add_certificate(&read::<String>(incoming)?)?,
        _ => return Err(Refused(StatusCode::NOT_FOUND, "no such control route".to_owned())),
    }
    Ok(Reply::no_content())
}

async fn devices(world: &Arc<World>, incoming: &Incoming) -> Result<Reply, Refused> {
    let people = if incoming.body.is_empty() { None } else { read::<CheckIn>(incoming)?.people };
    let report = sim::check_in(world, people.as_deref()).await?;
    Ok(Reply::ok(json!(report)))
}

fn state(world: &World) -> Value {
    let (directory, pfx) = (world.directory.read(), world.pfx.read());
    json!({
        "now": world.clock.now().to_string(),
        "users": directory.user_count(),
        "requests": world.memory.read().count(),
        "openFaults": world.faults.read().open().len(),
        "pfxRecords": pfx.after(0).count(),
        "pfxCreated": pfx.created().len(),
        "pfxDuplicates": pfx.duplicates(),
    })
}

fn records(world: &World) -> Value {
    let store = world.pfx.read();
    let records = store.after(0).map(|(_, record)| {
        json!({
            "id": record.id,
            "user": record.user,
            "userPrincipalName": record.user_principal_name,
            "thumbprint": record.thumbprint,
            "intendedPurpose": record.intended_purpose,
            "start": record.start.to_string(),
            "expiration": record.expiration.to_string(),
            "created": record.created.to_string(),
        })
    });
    records.collect()
}

fn show(user: &User) -> Value {
    let shown = property::ALL.iter().map(|(property, name)| ((*name).to_owned(), property.read(user)));
    let mut shown: Map<String, Value> = shown.collect();
    shown.insert("purpose".to_owned(), json!(user.purpose));
    shown.insert("intuneLicensed".to_owned(), json!(user.intune_licensed));
    shown.insert("devices".to_owned(), json!(user.devices));
    Value::Object(shown)
}

/// A user from Graph property names, with `id` and `userPrincipalName` required and `groups` as an extra.
fn new_user(mut facts: Map<String, Value>) -> Result<(User, Vec<Uuid>), Refused> {
    let missing =
        |name: &str| Refused(StatusCode::BAD_REQUEST, format!("{name} is missing or of the wrong type"));
    let groups = facts
        .remove("groups")
        .map_or_else(|| Ok(Vec::new()), serde_json::from_value)
        .map_err(|_| missing("groups"))?;
    let id = facts.remove("id").and_then(|id| id.as_str()?.parse().ok()).ok_or_else(|| missing("id"))?;
    let name =
        facts.get("userPrincipalName").and_then(Value::as_str).ok_or_else(|| missing("userPrincipalName"))?;
    let mut user = User::new(id, name);
    apply(&mut user, &facts)?;
    Ok((user, groups))
}

/// Sets properties by their Graph names, and the three that only the simulator knows.
fn apply(user: &mut User, changes: &Map<String, Value>) -> Result<(), SimError> {
    for (name, value) in changes {
        let refuse =
            |problem: &str| SimError::Property { property: name.clone(), problem: problem.to_owned() };
        let parsed = |error: serde_json::Error| refuse(&error.to_string());
        match name.as_str() {
            "purpose" => user.purpose = serde_json::from_value(value.clone()).map_err(parsed)?,
            "intuneLicensed" => {
                user.intune_licensed = serde_json::from_value(value.clone()).map_err(parsed)?;
            }
            "devices" => user.devices = serde_json::from_value(value.clone()).map_err(parsed)?,
            _ => {
                let property = Property::named(name).ok_or_else(|| refuse("users have no such property"))?;
                property.write(user, value).map_err(refuse)?;
            }
        }
    }
    Ok(())
}

fn user_id(world: &World, key: &str) -> Result<Uuid, Refused> {
    let found = world.directory.read().user_called(key).map(|user| user.id);
    found.ok_or_else(|| SimError::NoSuchUser(key.to_owned()).into())
}

fn known_member(world: &World, id: Uuid) -> Member {
    if world.directory.read().group(id).is_some() { Member::Group(id) } else { Member::User(id) }
}

fn uuid(key: &str) -> Result<Uuid, Refused> {
    key.parse().map_err(|_| Refused(StatusCode::BAD_REQUEST, format!("{key} is no object id")))
}

fn read<T: DeserializeOwned>(incoming: &Incoming) -> Result<T, Refused> {
    serde_json::from_slice(&incoming.body).map_err(|error| {
        Refused(StatusCode::BAD_REQUEST, format!("the body is not what this route takes: {error}"))
    })
}

fn option(incoming: &Incoming, name: &str) -> Option<String> {
    let mut options = form_urlencoded::parse(incoming.query.as_bytes());
    options.find(|(given, _)| given == name).map(|(_, value)| value.into_owned())
}
