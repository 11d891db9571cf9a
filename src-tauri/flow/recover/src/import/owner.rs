//! Whose a certificate is: by its mail addresses and its sign-in name, and only where they all say the same.
//!
//! Addresses are given to others after somebody left. Where more than one could be meant, a person decides.

use crypto::X509Certificate;
use model::text::printable;
use model::{Subscriber, SubscriberKind};
use store::Work;

use super::{ImportError, Owner, Verdict};

/// Names of one certificate that are looked up; real ones have two or three.
const MOST_NAMES: usize = 50;

/// The owner, and what else is worth knowing.
pub(super) struct Owned {
    pub(super) owner: Owner,
    pub(super) notes: Vec<String>,
}

/// Whose it is; otherwise the verdict about it.
pub(super) async fn of(
    work: &mut dyn Work,
    certificate: &X509Certificate,
) -> Result<Result<Owned, Verdict>, ImportError> {
    let sign_in_name = certificate.user_principal_name();
    let mut names = certificate.mail_addresses();
    names.extend(sign_in_name.clone());
    if names.is_empty() {
        let why = "the certificate names neither a mail address nor a sign-in name";
        return Ok(Err(Verdict::Nobody(why.to_owned())));
    }
    if names.len() > MOST_NAMES {
        let why = format!("the certificate has {} names, far more than a person's", names.len());
        return Ok(Err(Verdict::Conflict(why)));
    }
    let mut found: Vec<Subscriber> = Vec::new();
    let mut unknown: Vec<String> = Vec::new();
    for name in &names {
        let named = work.subscribers().find_by_name(name).await?;
        if named.is_empty() && !unknown.contains(&printable(name)) {
            unknown.push(printable(name));
        }
        for subscriber in named {
            if !found.iter().any(|other| other.id == subscriber.id) {
                found.push(subscriber);
            }
        }
    }
    Ok(match found.as_slice() {
        [] => {
            let why = format!("nobody of the enrollment groups has the address {}", unknown.join(" or "));
            Err(Verdict::Nobody(why))
        }
        // Whoever signs in with a certificate is a person. Where the name is a shared mailbox's by now, its people would get the
        // mail of whoever had it before.
        [one] if one.kind == SubscriberKind::SharedMailbox && sign_in_name.is_some() => {
            Err(Verdict::Conflict(format!(
                "the certificate was a person's (it has a sign-in name), and {} is a shared mailbox",
                printable(&one.user_principal_name)
            )))
        }
        [one] => {
            let owner = Owner {
                id: one.id,
                user_principal_name: one.user_principal_name.clone(),
                is_mailbox: one.kind == SubscriberKind::SharedMailbox,
                is_gone: one.gone_at.is_some(),
            };
            let notes = unknown.iter().map(|name| format!("nobody is known by its other name {name}"));
            Ok(Owned { owner, notes: notes.collect() })
        }
        several => {
            let people: Vec<String> = several
                .iter()
                .map(|one| {
                    let left = if one.gone_at.is_some() { " (left)" } else { "" };
                    format!("{}{left}", printable(&one.user_principal_name))
                })
                .collect();
            Err(Verdict::Conflict(format!("its addresses belong to several: {}", people.join(", "))))
        }
    })
}
