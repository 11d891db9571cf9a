//! Who vouches for a certificate: the path from it to an authority that somebody named.
//!
//! Validity is not asked: keys for old mail have certificates that ended long ago, by authorities that did, too. Everything
//! else is: every signature, that each issuer is an authority and may sign certificates, length of the path, constraints on
//! names. The search is ours, because authorities renew themselves under one name; the verdict on what it finds is
//! OpenSSL's.

use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509StoreContext};

use crate::certificate::{KeyUsage, X509Certificate};
use crate::error::CryptoError;

/// Certificates between a user's and a root; real ones have one or two.
const LONGEST_PATH: usize = 8;

/// Authorities' certificates that are tried; a crafted file could bring thousands.
const MOST_ISSUERS: usize = 32;

/// Whether it is an authority's that may sign certificates.
pub fn may_issue(certificate: &X509Certificate) -> bool {
    certificate.is_authority()
        && certificate.key_usage().is_none_or(|usages| usages.contains(&KeyUsage::KeyCertSign))
}

/// The issuers of a certificate up to one of the anchors, nearest first; the anchor is the last. `others` may be used on the
/// way and are believed nothing. An anchor need not be a root.
///
/// # Errors
/// `Unfit` says why there is none.
pub fn to_anchor(
    certificate: &X509Certificate,
    others: &[X509Certificate],
    anchors: &[X509Certificate],
) -> Result<Vec<X509Certificate>, CryptoError> {
    let unfit = |why: String| CryptoError::Unfit {
        what: format!("the certificate `{}` of `{}`", certificate.subject(), certificate.issuer()),
        why,
    };
    if certificate.is_authority() {
        return Err(unfit("it is an authority's, not a person's".to_owned()));
    }
    let between: Vec<&X509Certificate> =
        others.iter().filter(|other| may_issue(other)).take(MOST_ISSUERS).collect();
    let mut refused = None;
    let mut paths = vec![Vec::new()];
    let mut tried: Vec<&X509Certificate> = Vec::new();
    while let Some(path) = paths.pop() {
        let last: &X509Certificate = path.last().copied().unwrap_or(certificate);
        for anchor in anchors.iter().filter(|anchor| may_issue(anchor) && last.is_issued_by(anchor)) {
            match verify(certificate, &path, anchor)? {
                None => return Ok(path.into_iter().chain([anchor]).cloned().collect()),
                Some(why) => refused = Some(why),
            }
        }
        if path.len() + 1 >= LONGEST_PATH {
            continue;
        }
        for issuer in &between {
            if !tried.contains(issuer) && last.is_issued_by(issuer) {
                tried.push(issuer);
                paths.push(path.iter().copied().chain([*issuer]).collect());
            }
        }
    }
    Err(unfit(match refused {
        Some(why) => format!("the path to the named authority does not hold: {why}"),
        None => {
            "none of the named authorities issued it, nor any authority below them that came along".to_owned()
        }
    }))
}

/// Why OpenSSL does not believe this very path; `None` when it does.
fn verify(
    certificate: &X509Certificate,
    path: &[&X509Certificate],
    anchor: &X509Certificate,
) -> Result<Option<String>, CryptoError> {
    let ask = || {
        let mut trusted = X509StoreBuilder::new()?;
        trusted.set_flags(X509VerifyFlags::PARTIAL_CHAIN | X509VerifyFlags::NO_CHECK_TIME)?;
        trusted.add_cert(anchor.x509().clone())?;
        let mut between = Stack::<X509>::new()?;
        for one in path {
            between.push(one.x509().clone())?;
        }
        X509StoreContext::new()?.init(&trusted.build(), certificate.x509(), &between, |context| {
            let holds = context.verify_cert()?;
            Ok((!holds).then(|| context.error().error_string().to_owned()))
        })
    };
    ask().map_err(CryptoError::library("verifying the issuers of a certificate"))
}
