//! Rows of cmdlets, read strictly where a mistake would give or take a key, leniently elsewhere.

use model::SubscriberId;
use ports::{MailboxGrant, MailboxRight, SharedMailbox};
use serde_json::Value;

/// The system's own accounts, `NT AUTHORITY\SELF` among them, which is the mailbox itself.
const SYSTEM: &str = "NT AUTHORITY\\";
/// The same by its security identifier.
const SELF: &str = "S-1-5-10";

/// Reads a mailbox; `None` when it is of another kind than shared.
pub(crate) fn mailbox(row: &Value) -> Result<Option<SharedMailbox>, &'static str> {
    if let Some(kind) = text(row, "RecipientTypeDetails")
        && !kind.eq_ignore_ascii_case("SharedMailbox")
    {
        return Ok(None);
    }
    let id: SubscriberId = text(row, "ExternalDirectoryObjectId")
        .and_then(|id| id.parse().ok())
        .ok_or("it has no object id in Entra ID")?;
    let address = text(row, "PrimarySmtpAddress").ok_or("it has no primary address")?;
    let single =
        ["UserPrincipalName", "Identity", "Name", "Alias", "Guid", "DisplayName", "DistinguishedName"];
    let mut names: Vec<String> = single.iter().filter_map(|name| text(row, name)).collect();
    names.push(id.to_string());
    names.push(address.clone());
    for proxy in row.get("EmailAddresses").and_then(Value::as_array).into_iter().flatten() {
        if let Some((scheme, address)) = proxy.as_str().and_then(|proxy| proxy.split_once(':'))
            && scheme.eq_ignore_ascii_case("smtp")
        {
            names.push(address.trim().to_owned());
        }
    }
    names.sort_unstable();
    names.dedup();
    Ok(Some(SharedMailbox { id, address, names }))
}

/// The entries of `rows` that give or take the right at the mailbox itself.
///
/// # Errors
/// What is wrong with the answer: a row of another mailbox, or one that cannot be read. Nothing is concluded then.
pub(crate) fn grants(
    mailbox: &SharedMailbox,
    rows: &[Value],
    right: MailboxRight,
) -> Result<Vec<MailboxGrant>, String> {
    let mut grants = Vec::new();
    for row in rows {
        let of = text(row, "Identity").ok_or("a row does not say of which mailbox it is")?;
        if !mailbox.names.iter().any(|name| name.to_lowercase() == of.to_lowercase()) {
            return Err(format!("a row belongs to `{}`", abridged(&of)));
        }
        if flag(row, "IsInherited")? || !rights(row)?.iter().any(|one| one.eq_ignore_ascii_case(right.name()))
        {
            continue;
        }
        let trustee = match right {
            MailboxRight::FullAccess => text(row, "User"),
            MailboxRight::SendAs => text(row, "Trustee"),
        };
        let trustee = trustee.ok_or("a row does not say to whom the right belongs")?;
        if is_system(&trustee) {
            continue;
        }
        let is_denied = match right {
            MailboxRight::FullAccess => flag(row, "Deny")?,
            MailboxRight::SendAs => match text(row, "AccessControlType") {
                Some(kind) if kind.eq_ignore_ascii_case("Allow") => false,
                Some(kind) if kind.eq_ignore_ascii_case("Deny") => true,
                Some(_) | None => return Err("a row neither allows nor denies".to_owned()),
            },
        };
        grants.push(MailboxGrant { trustee, right, is_denied });
    }
    Ok(grants)
}

fn is_system(trustee: &str) -> bool {
    trustee == SELF || trustee.get(..SYSTEM.len()).is_some_and(|start| start.eq_ignore_ascii_case(SYSTEM))
}

/// `AccessRights`: a list of words, or one text of them.
fn rights(row: &Value) -> Result<Vec<&str>, String> {
    let unreadable = || "the rights of a row cannot be read".to_owned();
    match row.get("AccessRights") {
        Some(Value::Array(words)) => {
            words.iter().map(|word| word.as_str().map(str::trim).ok_or_else(unreadable)).collect()
        }
        Some(Value::String(words)) => Ok(words.trim_matches(['{', '}']).split(',').map(str::trim).collect()),
        Some(_) | None => Err(unreadable()),
    }
}

/// A switch: JSON's own, as a word, or as PowerShell writes a switch parameter. Absent is neither: a denial that was left out
/// would give a key.
pub(crate) fn flag(row: &Value, name: &str) -> Result<bool, String> {
    let told = row.get(name).unwrap_or(&Value::Null);
    let told = told.get("IsPresent").unwrap_or(told);
    let word = told.as_str();
    let is = |wanted: bool| {
        told.as_bool() == Some(wanted)
            || word.is_some_and(|word| word.eq_ignore_ascii_case(if wanted { "true" } else { "false" }))
    };
    if is(true) {
        Ok(true)
    } else if is(false) {
        Ok(false)
    } else {
        Err(format!("{name} of a row is neither true nor false"))
    }
}

/// What a person recognises the row by.
pub(crate) fn shown(row: &Value) -> String {
    ["PrimarySmtpAddress", "UserPrincipalName", "Identity"]
        .iter()
        .find_map(|name| text(row, name))
        .map_or_else(|| "(without a name)".to_owned(), |name| abridged(&name))
}

fn abridged(name: &str) -> String {
    model::text::printable(name).chars().take(80).collect()
}

pub(crate) fn text(row: &Value, name: &str) -> Option<String> {
    row.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "73d664e4-0886-4a73-b745-c694da45ddb4";

    fn info() -> SharedMailbox {
        mailbox(&json!({
            "ExternalDirectoryObjectId": ID, "PrimarySmtpAddress": "info@a.test", "Identity": "Info Desk",
            "RecipientTypeDetails": "SharedMailbox", "EmailAddresses": ["SMTP:info@a.test", "smtp:desk@a.test", "SIP:info@a.test"]
        }))
        .unwrap()
        .unwrap()
    }

    #[test]
    fn mailboxes_of_other_kinds_and_without_ids_are_told_apart() {
        assert_eq!(info().names, [ID, "Info Desk", "desk@a.test", "info@a.test"]);
        assert_eq!(mailbox(&json!({"RecipientTypeDetails": "UserMailbox"})), Ok(None));
        assert!(
            mailbox(&json!({"RecipientTypeDetails": "SharedMailbox", "PrimarySmtpAddress": "x@a.test"}))
                .is_err()
        );
    }

    #[test]
    fn only_rights_that_were_given_at_the_mailbox_to_others_count() {
        let row = |user: &str, rights: Value, inherited: Value, deny: Value| json!({"Identity": "info desk", "User": user, "AccessRights": rights, "IsInherited": inherited, "Deny": deny});
        let rows = [
            row("alice@a.test", json!(["FullAccess"]), json!(false), json!(false)),
            row("nt authority\\self", json!(["FullAccess", "ReadPermission"]), json!(false), json!(false)),
            row("S-1-5-10", json!(["FullAccess"]), json!(false), json!(false)),
            row("Administrators", json!(["FullAccess"]), json!(true), json!(false)),
            row(
                "bob@a.test",
                json!("{FullAccess, ReadPermission}"),
                json!("False"),
                json!({"IsPresent": true}),
            ),
            row("carl@a.test", json!(["ReadPermission"]), json!(false), json!(false)),
        ];
        let grant = |trustee: &str, is_denied| MailboxGrant {
            trustee: trustee.to_owned(),
            right: MailboxRight::FullAccess,
            is_denied,
        };
        let read = grants(&info(), &rows, MailboxRight::FullAccess).unwrap();
        assert_eq!(read, [grant("alice@a.test", false), grant("bob@a.test", true)]);
    }

    #[test]
    fn an_answer_that_is_in_doubt_is_no_answer() {
        let good = json!({"Identity": "info@a.test", "Trustee": "a@a.test", "AccessRights": ["SendAs"], "IsInherited": false, "AccessControlType": "Allow"});
        assert_eq!(grants(&info(), std::slice::from_ref(&good), MailboxRight::SendAs).unwrap().len(), 1);
        for (name, value) in [
            ("Identity", json!("other@a.test")),
            ("Identity", json!(null)),
            ("Trustee", json!("")),
            ("AccessRights", json!(null)),
            ("AccessRights", json!([1])),
            ("IsInherited", json!("perhaps")),
            ("AccessControlType", json!("Audit")),
        ] {
            let mut bad = good.clone();
            bad[name] = value;
            assert!(grants(&info(), &[good.clone(), bad.clone()], MailboxRight::SendAs).is_err(), "{bad}");
        }
    }
}
