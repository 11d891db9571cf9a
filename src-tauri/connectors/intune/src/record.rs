//! The entity `microsoft.graph.userPFXCertificate` on the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{IntendedPurpose, Timestamp};
use net::{Answer, NetError};
use ports::{DeliveryRecord, ListedRecord, Package};
use serde_json::{Value, json};

use crate::{Connector, Connectors};

/// The body of a create. Its id is given by the service.
pub(crate) fn write(
    package: &Package,
    encrypted_password: &[u8],
    connector: &Connector,
    now: Timestamp,
) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.userPFXCertificate",
        "thumbprint": package.thumbprint.to_string(),
        "intendedPurpose": purpose(package.intended_purpose),
        "userPrincipalName": package.user_principal_name,
        "startDateTime": date(package.not_before),
        "expirationDateTime": date(package.not_after),
        "providerName": connector.provider_name,
        "keyName": connector.key_name,
        "paddingScheme": "oaepSha512",
        "encryptedPfxBlob": STANDARD.encode(&*package.pfx),
        "encryptedPfxPassword": STANDARD.encode(encrypted_password),
        "createdDateTime": date(now),
        "lastModifiedDateTime": date(now),
    })
}

const fn purpose(purpose: IntendedPurpose) -> &'static str {
    match purpose {
        IntendedPurpose::Unassigned => "unassigned",
        IntendedPurpose::SmimeEncryption => "smimeEncryption",
        IntendedPurpose::SmimeSigning => "smimeSigning",
    }
}

/// UTC with `Z` and whole seconds, as certificates count.
fn date(at: Timestamp) -> String {
    Timestamp::from_seconds(at.as_seconds()).to_string()
}

/// Reads a record back. Its blob is always `AA==` and its password empty; both are ignored.
pub(crate) fn read(value: &Value) -> Option<DeliveryRecord> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    Some(DeliveryRecord {
        id: text("id")?.to_owned(),
        thumbprint: text("thumbprint")?.parse().ok()?,
        user_principal_name: text("userPrincipalName")?.to_owned(),
    })
}

/// Reads a record of a list, and whether it names a key of ours.
pub(crate) fn listed(value: &Value, connectors: &Connectors) -> Option<ListedRecord> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let (provider, key) = (text("providerName"), text("keyName"));
    let ours = connectors.all().any(|(_, one)| {
        one.provider_name.eq_ignore_ascii_case(provider) && one.key_name.eq_ignore_ascii_case(key)
    });
    let purposes =
        [IntendedPurpose::Unassigned, IntendedPurpose::SmimeEncryption, IntendedPurpose::SmimeSigning];
    let told = text("intendedPurpose");
    let intended_purpose = purposes.into_iter().find(|one| purpose(*one).eq_ignore_ascii_case(told));
    Some(ListedRecord { record: read(value)?, ours, intended_purpose })
}

/// A positive answer that does not show the record.
pub(crate) fn incomplete(answer: &Answer) -> NetError {
    NetError::Garbled {
        host: "Intune".to_owned(),
        detail: format!("the answer {} does not show the record", answer.status()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_whole_seconds_in_utc() {
        assert_eq!(date(Timestamp::from_millis(1_767_225_600_999)), "2026-01-01T00:00:00Z");
        assert_eq!(date("2026-06-01T02:00:00+02:00".parse().unwrap()), "2026-06-01T00:00:00Z");
    }

    #[test]
    fn records_are_read_back_with_their_empty_blobs_in_any_spelling_of_the_thumbprint() {
        let value = json!({
            "id": "73d664e408864a73b745c694da45ddb4-9f2c000102030405060708090a0b0c0d0e0f1011",
            "thumbprint": "9F2C000102030405060708090A0B0C0D0E0F1011", "userPrincipalName": "Alice@contoso.test",
            "encryptedPfxBlob": "AA==", "encryptedPfxPassword": "", "somethingNew": 1
        });
        let record = read(&value).unwrap();
        assert_eq!(record.thumbprint.to_string(), "9f2c000102030405060708090a0b0c0d0e0f1011");
        assert_eq!(record.user_principal_name, "Alice@contoso.test");
        for name in ["id", "thumbprint", "userPrincipalName"] {
            let mut without = value.clone();
            without[name] = json!("");
            assert_eq!(read(&without), None, "{name}");
        }
    }
}
