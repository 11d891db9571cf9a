//! `Set-Mailbox`, as far as certificates in the address list go. It replaces whole lists.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::pkcs7::Pkcs7;
use openssl::x509::X509;
use serde_json::{Map, Value};

use super::cmdlet::{Answered, meant, name};
use super::error::Refused;
use super::state::Exchange;
use crate::directory::Directory;

/// In which way byte values are taken. Nobody has written down which one the service takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum BytesOnTheWire {
    /// `[{"Data":[48,130]}]`.
    #[default]
    Data,
    /// The same with `"@odata.type":"#Exchange.ByteArrayType"` in each.
    TypedData,
    /// `[[48,130]]`.
    Integers,
    /// `["MII="]`.
    Base64,
}

/// What becomes of values that are written in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OtherBytes {
    /// 400.
    #[default]
    Refused,
    /// They are taken, and something else is stored.
    Mangled,
    /// They are taken, and nothing is stored.
    Ignored,
}

/// How a list is emptied; the other way is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Emptying {
    /// By an empty `#Exchange.GenericHashTable`.
    #[default]
    Table,
    /// By `[]`.
    List,
}

/// What stands in place of a value that was not understood.
const MANGLED: &[u8] = b"System.Collections.Hashtable";

/// Runs it.
pub(super) fn run(
    exchange: &mut Exchange,
    directory: &Directory,
    parameters: &Map<String, Value>,
) -> Result<Answered, Refused> {
    let allowed = ["Identity", "UserCertificate", "UserSMimeCertificate"];
    if let Some(other) = parameters.keys().find(|name| !allowed.contains(&name.as_str())) {
        return Err(Refused::parameter(&format!(
            "A parameter cannot be found that matches parameter name '{other}'."
        )));
    }
    let Some(identity) = parameters.get("Identity").and_then(Value::as_str).filter(|text| !text.is_empty())
    else {
        return Err(Refused::parameter("Cannot process the command because Identity is missing."));
    };
    let found = meant(exchange, directory, parameters)?;
    // Whatever the cmdlets that read do, the one that writes never means all.
    let [user] = found.as_slice() else { return Err(Refused::no_object(identity)) };
    if user.on_premises_sync_enabled == Some(true) {
        return Err(Refused::synchronised(&name(user)));
    }
    let before = exchange.published(user.id);
    let mut after = before.clone();
    if let Some(value) = parameters.get("UserCertificate")
        && let Some(list) = list(exchange, value)?
    {
        for one in list.iter().filter(|one| *one != MANGLED) {
            X509::from_der(one).map_err(|_| {
                Refused::parameter("Cannot process argument transformation on parameter 'UserCertificate': the data is invalid.")
            })?;
        }
        after.certificates = list;
    }
    if let Some(value) = parameters.get("UserSMimeCertificate")
        && let Some(list) = list(exchange, value)?
    {
        for one in list.iter().filter(|one| *one != MANGLED) {
            Pkcs7::from_der(one).map_err(|_| {
                Refused::parameter("Cannot process argument transformation on parameter 'UserSMimeCertificate': the data is invalid.")
            })?;
        }
        after.smime = list;
    }
    let mut warnings = Vec::new();
    if before == after {
        warnings.push(format!(
            "The command completed successfully but no settings of '{}' have been modified.",
            name(user)
        ));
    }
    let id = user.id;
    exchange.publish(id, after);
    Ok(Answered { rows: Vec::new(), warnings })
}

/// The list that a value means; `None` where it is taken and means nothing.
fn list(exchange: &Exchange, value: &Value) -> Result<Option<Vec<Vec<u8>>>, Refused> {
    let refused = || {
        Refused::parameter(
            "Cannot convert a value to type \"Microsoft.Exchange.Data.MultiValuedProperty`1[System.Byte[]]\".",
        )
    };
    let is_table = value.as_object().is_some_and(|table| {
        table.len() == 1 && table.get("@odata.type") == Some(&Value::from("#Exchange.GenericHashTable"))
    });
    let is_empty_list = value.as_array().is_some_and(Vec::is_empty);
    if is_table || is_empty_list {
        let is_taken = match exchange.emptying {
            Emptying::Table => is_table,
            Emptying::List => is_empty_list,
        };
        return if is_taken { Ok(Some(Vec::new())) } else { Err(refused()) };
    }
    let values = value.as_array().ok_or_else(refused)?;
    match values.iter().map(|one| bytes(exchange.bytes, one)).collect::<Option<Vec<_>>>() {
        Some(list) => Ok(Some(list)),
        None => match exchange.other_bytes {
            OtherBytes::Refused => Err(refused()),
            OtherBytes::Mangled => Ok(Some(vec![MANGLED.to_vec(); values.len()])),
            OtherBytes::Ignored => Ok(None),
        },
    }
}

/// A value in exactly the way that is taken.
fn bytes(taken: BytesOnTheWire, value: &Value) -> Option<Vec<u8>> {
    let numbers = |value: &Value| {
        value
            .as_array()?
            .iter()
            .map(|number| number.as_u64().and_then(|number| u8::try_from(number).ok()))
            .collect::<Option<Vec<u8>>>()
    };
    match taken {
        BytesOnTheWire::Data => {
            let fields = value.as_object().filter(|fields| fields.len() == 1)?;
            numbers(fields.get("Data")?)
        }
        BytesOnTheWire::TypedData => {
            let fields = value.as_object().filter(|fields| fields.len() == 2)?;
            (fields.get("@odata.type") == Some(&Value::from("#Exchange.ByteArrayType")))
                .then(|| fields.get("Data").and_then(numbers))?
        }
        BytesOnTheWire::Integers => numbers(value),
        BytesOnTheWire::Base64 => STANDARD.decode(value.as_str()?).ok(),
    }
}
