//! The cmdlets: parameters in, rows out.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::Refused;
use super::state::{Exchange, MailboxPermission, MailboxRight, UnknownMailbox, known};
use crate::directory::Directory;
use crate::{MailboxPurpose, User};

/// What a cmdlet gives.
pub(crate) struct Answered {
    pub(crate) rows: Vec<Map<String, Value>>,
    pub(crate) warnings: Vec<String>,
}

/// Runs a cmdlet.
pub(crate) fn run(
    exchange: &Exchange,
    directory: &Directory,
    cmdlet: &str,
    parameters: &Map<String, Value>,
) -> Result<Answered, Refused> {
    let known = known(cmdlet);
    let allowed: &[&str] = match known {
        Some("Get-Mailbox") => &["Identity", "RecipientTypeDetails", "ResultSize"],
        Some("Get-MailboxPermission") => &["Identity", "User"],
        Some(_) => &["Identity", "Trustee", "ResultSize"],
        None => return Err(Refused::not_in_role(cmdlet)),
    };
    if let Some(other) = parameters.keys().find(|name| !allowed.contains(&name.as_str())) {
        return Err(Refused::parameter(&format!(
            "A parameter cannot be found that matches parameter name '{other}'."
        )));
    }
    match known {
        Some("Get-Mailbox") => mailboxes(exchange, directory, parameters),
        Some("Get-MailboxPermission") => {
            rights(exchange, directory, parameters, MailboxRight::FullAccess, full_access)
        }
        _ => rights(exchange, directory, parameters, MailboxRight::SendAs, send_as),
    }
}

/// The mailboxes that `Identity` means: one, or all without it.
pub(super) fn meant<'a>(
    exchange: &Exchange,
    directory: &'a Directory,
    parameters: &Map<String, Value>,
) -> Result<Vec<&'a User>, Refused> {
    let all = || -> Vec<&User> {
        directory
            .users_after(0)
            .map(|(_, user)| user.as_ref())
            .filter(|user| user.purpose != MailboxPurpose::None)
            .collect()
    };
    let identity = match parameters.get("Identity") {
        None | Some(Value::Null) => return Ok(all()),
        Some(Value::String(text)) if text.is_empty() => return Ok(all()),
        Some(Value::String(text)) => text,
        Some(_) => return Err(Refused::parameter("Cannot convert the value of 'Identity' to a text.")),
    };
    let found: Vec<&User> = all().into_iter().filter(|user| is_called(user, identity)).collect();
    match (found.is_empty(), exchange.unknown) {
        (false, _) => Ok(found),
        (true, UnknownMailbox::NotFound) => Err(Refused::no_object(identity)),
        (true, UnknownMailbox::Everything) => Ok(all()),
    }
}

fn is_called(user: &User, identity: &str) -> bool {
    let is = |name: &str| name.eq_ignore_ascii_case(identity);
    is(&user.id.to_string())
        || is(&guid(user).to_string())
        || is(&user.user_principal_name)
        || user.mail_nickname.as_deref().is_some_and(is)
        || user.mail.as_deref().is_some_and(is)
        || is(&name(user))
        || user
            .proxy_addresses
            .iter()
            .any(|proxy| proxy.split_once(':').is_some_and(|(_, address)| is(address)))
}

/// Exchange's own id of a mailbox, which is not Entra ID's.
fn guid(user: &User) -> Uuid {
    Uuid::from_u128(!user.id.as_u128())
}

/// What Exchange calls an object by when it is asked for nothing else.
pub(super) fn name(user: &User) -> String {
    user.display_name.clone().unwrap_or_else(|| user.user_principal_name.clone())
}

fn mailboxes(
    exchange: &Exchange,
    directory: &Directory,
    parameters: &Map<String, Value>,
) -> Result<Answered, Refused> {
    let kinds: Option<Vec<&str>> = match parameters.get("RecipientTypeDetails") {
        None => None,
        Some(Value::String(kind)) => Some(vec![kind]),
        Some(Value::Array(kinds)) => Some(kinds.iter().filter_map(Value::as_str).collect()),
        Some(_) => return Err(Refused::parameter("RecipientTypeDetails is a list of kinds.")),
    };
    if let Some(other) =
        kinds.iter().flatten().find(|kind| !["SharedMailbox", "UserMailbox"].contains(&&***kind))
    {
        return Err(Refused::parameter(&format!(
            "Cannot convert value '{other}' to type RecipientTypeDetails."
        )));
    }
    let (limit, usual) = match parameters.get("ResultSize") {
        None => (1_000, true),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("Unlimited") => (usize::MAX, false),
        Some(size) => {
            let number = size.as_u64().or_else(|| size.as_str()?.parse().ok());
            let number = number.and_then(|number| usize::try_from(number).ok());
            (number.ok_or_else(|| Refused::parameter("ResultSize is a number or Unlimited."))?, false)
        }
    };
    let mut rows = Vec::new();
    let mut warnings = Vec::new();
    for user in meant(exchange, directory, parameters)? {
        let kind = match user.purpose {
            MailboxPurpose::Shared => "SharedMailbox",
            MailboxPurpose::User => "UserMailbox",
            MailboxPurpose::None => continue,
        };
        if kinds.as_ref().is_some_and(|kinds| !kinds.contains(&kind)) {
            continue;
        }
        if rows.len() == limit {
            if usual {
                warnings.push("There are more results available than are currently displayed.".to_owned());
            }
            break;
        }
        let published = exchange.published(user.id);
        let bytes = |list: &[Vec<u8>]| -> Value { list.iter().map(|one| json!({ "Data": one })).collect() };
        rows.push(object(json!({
            "ExternalDirectoryObjectId": user.id.to_string(),
            "Guid": guid(user).to_string(),
            "Identity": name(user),
            "Name": name(user),
            "DisplayName": user.display_name,
            "Alias": user.mail_nickname,
            "DistinguishedName": format!("CN={},OU=sim,OU=Microsoft Exchange Hosted Organizations,DC=SIM01A001,DC=EXAMPLE", name(user)),
            "PrimarySmtpAddress": user.mail,
            "EmailAddresses": user.proxy_addresses,
            "UserPrincipalName": user.user_principal_name,
            "RecipientTypeDetails": kind,
            "IsDirSynced": user.on_premises_sync_enabled.unwrap_or(false),
            "GrantSendOnBehalfTo": [],
            "UserCertificate": bytes(&published.certificates),
            "UserSMimeCertificate": bytes(&published.smime),
        })));
    }
    Ok(Answered { rows, warnings })
}

fn rights(
    exchange: &Exchange,
    directory: &Directory,
    parameters: &Map<String, Value>,
    right: MailboxRight,
    show: fn(&User, &MailboxPermission) -> Value,
) -> Result<Answered, Refused> {
    let mut rows = Vec::new();
    for user in meant(exchange, directory, parameters)? {
        for permission in exchange.permissions(user.id).iter().filter(|one| one.right == right) {
            rows.push(object(show(user, permission)));
        }
    }
    Ok(Answered { rows, warnings: Vec::new() })
}

fn full_access(user: &User, permission: &MailboxPermission) -> Value {
    let rights = if permission.trustee.ends_with("\\SELF") {
        json!(["FullAccess", "ReadPermission"])
    } else {
        json!(["FullAccess"])
    };
    json!({
        "Identity": name(user), "User": permission.trustee, "AccessRights": rights,
        "IsInherited": permission.inherited, "Deny": permission.deny, "InheritanceType": "All",
    })
}

fn send_as(user: &User, permission: &MailboxPermission) -> Value {
    let kind = if permission.deny { "Deny" } else { "Allow" };
    json!({
        "Identity": name(user), "Trustee": permission.trustee, "AccessControlType": kind,
        "AccessRights": ["SendAs"], "IsInherited": permission.inherited, "InheritanceType": "None",
    })
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { return Map::new() };
    map
}
