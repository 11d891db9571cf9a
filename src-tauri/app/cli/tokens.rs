//! `sealwright kra tokens`: what is in the readers, and how to name it. Asks for no PIN and needs no home.

use std::path::PathBuf;

use kra::pkcs11::{SurveyedToken, Tries, survey};
use serde_json::{Value, json};

use super::output::{Failure, Output};

/// Shows all tokens that the module knows of.
pub(super) async fn show(module: Option<PathBuf>, output: &Output) -> Result<(), Failure> {
    let module = module.map(std::path::absolute).transpose();
    let module = module.map_err(|error| Failure::new(format!("the module's path is none: {error}")))?;
    let tokens = survey(module).await?;
    let values: Vec<Value> = tokens.iter().map(value).collect();
    output.result(&json!({ "tokens": values }), || text(&tokens))
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

fn text(tokens: &[SurveyedToken]) -> String {
    if tokens.is_empty() {
        return "no reader has a token that this module knows; `--module FILE` names that of the card's maker".to_owned();
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
            let kind = one.certificate.key_kind().unwrap_or_else(|_| "a key of an unknown kind".to_owned());
            let until: String = one.certificate.not_after().to_string().chars().take(10).collect();
            lines.push(format!(
                "  {}, {kind}, until {until}, SHA-1 {}",
                one.certificate.subject(),
                one.certificate.thumbprint()
            ));
            lines.push(format!("    '{}'", one.address));
        }
    }
    if some {
        lines.push(
            "the addresses are for --kra KEY and `kra add`; the quotes keep the shell from ending them"
                .to_owned(),
        );
    }
    lines.join("\n")
}
