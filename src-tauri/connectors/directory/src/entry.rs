//! One entry of a list, read leniently: only an id and a sign-in name must be there.

use std::fmt;
use std::str::FromStr;

use model::{SubscriberId, SubscriberKind};
use ports::ObservedUser;
use serde_json::Value;

use crate::address;

/// Why an entry cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flaw {
    /// Its id is missing or no GUID.
    Id,
    /// It has an id and no sign-in name, which every user has: we may not see it.
    Hidden,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id => "its id is missing or is not a GUID",
            Self::Hidden => "its sign-in name is missing",
        })
    }
}

/// Reads a user. An attribute of an unexpected type counts as not told.
pub(crate) fn read(value: &Value) -> Result<ObservedUser, Flaw> {
    let id = id::<SubscriberId>(value).ok_or(Flaw::Id)?;
    let user_principal_name = text(value, "userPrincipalName").ok_or(Flaw::Hidden)?;
    let proxies = value.get("proxyAddresses").and_then(Value::as_array);
    let proxies: Vec<&str> = proxies.into_iter().flatten().filter_map(Value::as_str).collect();
    let (mail, aliases) = address::read(value.get("mail").and_then(Value::as_str), &proxies);
    Ok(ObservedUser {
        id,
        user_principal_name,
        mail,
        aliases,
        display_name: text(value, "displayName"),
        given_name: text(value, "givenName"),
        surname: text(value, "surname"),
        enabled: value.get("accountEnabled").and_then(Value::as_bool),
        on_premises_sid: text(value, "onPremisesSecurityIdentifier"),
    })
}

/// The entry's object id.
pub(crate) fn id<T: FromStr>(value: &Value) -> Option<T> {
    value.get("id")?.as_str()?.parse().ok()
}

/// What a person recognises the entry by.
pub(crate) fn name(value: &Value) -> &str {
    ["userPrincipalName", "displayName", "id"]
        .iter()
        .find_map(|name| value.get(name).and_then(Value::as_str))
        .unwrap_or("(without a name)")
}

/// `userPurpose`: a word in v1.0, an object around the word in beta. Resource mailboxes (rooms, equipment) are used by nobody's
/// devices and stay persons, who get certificates only when they are enrolled.
pub(crate) fn purpose(value: &Value) -> SubscriberKind {
    let purpose = value.get("userPurpose");
    let word = purpose.and_then(|purpose| purpose.as_str().or_else(|| purpose.get("value")?.as_str()));
    match word {
        Some(word) if word.eq_ignore_ascii_case("shared") => SubscriberKind::SharedMailbox,
        Some(_) | None => SubscriberKind::Person,
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_user_is_read_with_everything_that_was_told() {
        let user = read(&json!({
            "id": "73d664e4-0886-4a73-b745-c694da45ddb4", "userPrincipalName": "alice@contoso.test",
            "mail": "Alice@Contoso.test", "proxyAddresses": ["SMTP:Alice@contoso.test", "smtp:a.lice@contoso.test"],
            "displayName": "Alice Ä.", "givenName": " Alice ", "surname": "", "accountEnabled": false,
            "onPremisesSecurityIdentifier": "S-1-5-21-1-2-3-1104", "unknown": {"x": 1}
        }))
        .unwrap();
        assert_eq!(user.mail.as_deref(), Some("Alice@contoso.test"));
        assert_eq!(user.aliases, ["a.lice@contoso.test"]);
        assert_eq!((user.given_name.as_deref(), user.surname), (Some("Alice"), None));
        assert_eq!(user.enabled, Some(false));
        assert_eq!(user.on_premises_sid.as_deref(), Some("S-1-5-21-1-2-3-1104"));
    }

    #[test]
    fn what_was_not_told_is_unknown_and_not_false() {
        let id = "73d664e4-0886-4a73-b745-c694da45ddb4";
        for value in [
            json!({"id": id, "userPrincipalName": "a@b.test"}),
            json!({"id": id, "userPrincipalName": "a@b.test", "accountEnabled": null, "mail": null, "proxyAddresses": null}),
            json!({"id": id, "userPrincipalName": "a@b.test", "accountEnabled": "yes", "mail": 5, "proxyAddresses": "SMTP:x@y.test"}),
        ] {
            let user = read(&value).unwrap();
            assert_eq!((user.enabled, user.mail, user.aliases.len()), (None, None, 0), "{value}");
        }
    }

    #[test]
    fn entries_without_id_or_name_are_told_apart_and_named() {
        let bad = json!({"id": "not-a-guid", "userPrincipalName": "bad@contoso.test"});
        assert_eq!(read(&bad), Err(Flaw::Id));
        assert_eq!(name(&bad), "bad@contoso.test");
        let hidden = json!({"id": "73d664e4-0886-4a73-b745-c694da45ddb4", "userPrincipalName": null});
        assert_eq!(read(&hidden), Err(Flaw::Hidden));
        assert_eq!(name(&hidden), "73d664e4-0886-4a73-b745-c694da45ddb4");
        assert_eq!(read(&json!("text")), Err(Flaw::Id));
        assert_eq!(name(&json!(null)), "(without a name)");
    }

    #[test]
    fn the_purpose_is_read_in_both_forms() {
        assert_eq!(purpose(&json!({"userPurpose": "shared"})), SubscriberKind::SharedMailbox);
        assert_eq!(purpose(&json!({"userPurpose": {"value": "shared"}})), SubscriberKind::SharedMailbox);
        for other in
            [json!("user"), json!("room"), json!("unknownFutureValue"), json!(null), json!({"value": "user"})]
        {
            assert_eq!(purpose(&json!({"userPurpose": other})), SubscriberKind::Person);
        }
        assert_eq!(purpose(&json!({})), SubscriberKind::Person);
    }
}
