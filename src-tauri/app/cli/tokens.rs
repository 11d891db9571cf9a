//! `sealwright kra tokens`: what is in the readers and in Windows' certificate stores, and how to name it. Asks for no PIN and needs no home.

use std::path::PathBuf;

use crypto::X509Certificate;
use kra::certificate_store::StoredCertificate;
use kra::pkcs11::{SurveyedToken, Tries};
use serde_json::{Value, json};

use super::output::{Failure, Output};
use crate::recovery_key::nearby;

/// Shows all tokens that the module knows of, and all certificates with keys that Windows knows of.
pub(super) async fn show(module: Option<PathBuf>, output: &Output) -> Result<(), Failure> {
    let module = module.map(std::path::absolute).transpose();
    let module = module.map_err(|error| Failure::new(format!("the module's path is none: {error}")))?;
    let found = nearby(module).await?;
    for warning in &found.warnings {
        output.warning(warning);
    }
    let tokens: Vec<Value> = found.tokens.iter().map(value).collect();
    let stored: Vec<Value> = found.stored.iter().map(stored_value).collect();
    output.result(&json!({ "tokens": tokens, "stored": stored }), || text(&found.tokens, &found.stored))
}

fn stored_value(one: &StoredCertificate) -> Value {
    json!({
        "address": one.address.to_string(),
        "provider": one.provider,
        "subject": one.certificate.subject(),
        "thumbprint": one.certificate.thumbprint(),
        "key": one.certificate.key_kind().ok(),
        "notAfter": one.certificate.not_after(),
    })
}

fn value(token: &SurveyedToken) -> Value {
    let certificates: Vec<Value> = token
        .certificates
        .iter()
        .map(|one| {
            json!({
                "address": one.address.to_string(),
                "label": one.label,
                "subject": one.certificate.subject(),
                "thumbprint": one.certificate.thumbprint(),
                "key": one.certificate.key_kind().ok(),
                "notAfter": one.certificate.not_after(),
            })
        })
        .collect();
    let pin = match token.tries {
        Tries::Untold => "untold",
        Tries::Low => "low",
        Tries::Last => "last",
        Tries::Locked => "locked",
    };
    json!({
        "reader": token.reader, "label": token.label, "serial": token.serial, "model": token.model,
        "pinTries": pin, "pinPad": token.pin_pad, "unreadable": token.unreadable, "certificates": certificates,
    })
}

fn text(tokens: &[SurveyedToken], stored: &[StoredCertificate]) -> String {
    if tokens.is_empty() && stored.is_empty() {
        let stores = if cfg!(windows) { ", and no certificate store of Windows' has a key" } else { "" };
        return format!(
            "no reader has a token that this module knows{stores}; `--module FILE` names that of the card's maker"
        );
    }
    let mut lines = Vec::new();
    let mut some = false;
    for token in tokens {
        lines.push(format!(
            "`{}`, serial {}, {}, in {}",
            token.label, token.serial, token.model, token.reader
        ));
        if let Some(warning) = token.tries.warning() {
            lines.push(format!("  PIN: {warning}"));
        }
        if token.pin_pad {
            lines.push("  PIN: typed at the reader".to_owned());
        }
        if let Some(why) = &token.unreadable {
            lines.push(format!("  it cannot be read: {why}"));
        } else if token.certificates.is_empty() {
            lines.push("  no certificate with a key on it shows".to_owned());
        }
        for one in &token.certificates {
            some = true;
            lines.push(format!("  {}", described(&one.certificate)));
            lines.push(format!("    '{}'", one.address));
        }
    }
    for one in stored {
        some = true;
        lines.push(format!(
            "in the certificate store {}: {}, kept by {}",
            one.address.location,
            described(&one.certificate),
            one.provider
        ));
        lines.push(format!("    '{}'", one.address));
    }
    if some {
        lines.push(
            "the addresses are for --kra KEY and `kra add`; the quotes keep the shell from ending them"
                .to_owned(),
        );
    }
    lines.join("\n")
}

fn described(certificate: &X509Certificate) -> String {
    let kind = certificate.key_kind().unwrap_or_else(|_| "a key of an unknown kind".to_owned());
    let until: String = certificate.not_after().to_string().chars().take(10).collect();
    format!("{}, {kind}, until {until}, SHA-1 {}", certificate.subject(), certificate.thumbprint())
}

#[cfg(test)]
mod tests {
    use crypto::PrivateKey;
    use crypto::issue::{Validity, recovery_agent_certificate, serial_number};
    use kra::StoreAddress;
    use kra::certificate_store::StoreLocation;
    use model::{KeyAlgorithm, Span, SystemEntropy, Timestamp};

    use super::*;

    #[test]
    fn what_is_in_a_certificate_store_is_listed_with_the_address_that_names_it() {
        let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
        let validity = Validity::lasting(Timestamp::from_seconds(1_772_443_800), Span::days(365));
        let serial = serial_number(&SystemEntropy);
        let der = recovery_agent_certificate("Agent 1", &key, validity, serial).unwrap();
        let certificate = X509Certificate::from_der(&der).unwrap();
        let address =
            StoreAddress { location: StoreLocation::LocalMachine, thumbprint: certificate.thumbprint() };
        let provider = "Microsoft Platform Crypto Provider".to_owned();
        let stored = [StoredCertificate { address, provider, certificate }];
        let shown = text(&[], &stored);
        assert!(
            shown.contains(
                r"in the certificate store LocalMachine\My: CN=Agent 1, RSA 2048, until 2027-03-02"
            )
        );
        assert!(shown.contains("kept by Microsoft Platform Crypto Provider"), "{shown}");
        let named = shown.lines().find_map(|line| line.trim().strip_prefix('\'')?.strip_suffix('\''));
        assert_eq!(named.unwrap().parse::<StoreAddress>().unwrap(), address);
        assert_eq!(stored_value(&stored[0])["address"], address.to_string());
    }
}
