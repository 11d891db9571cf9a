//! What Intune would refuse without saying why, or take and never install: found before anything is sent.

use crypto::{KeyUsage, X509Certificate};
use model::{IntendedPurpose, Timestamp};
use ports::Package;

/// Intune documents no limit; the record must fit into a message to every device of the person.
const LARGEST: usize = 16 * 1_024;

/// Looks a package over. `Err` says why it is unfit and what to do.
pub(crate) async fn check(package: &Package) -> Result<(), String> {
    name(&package.user_principal_name)?;
    size(package.pfx.len())?;
    dates(package.not_before, package.not_after)?;
    contents(package).await
}

fn name(name: &str) -> Result<(), String> {
    let odd = |c: char| c.is_whitespace() || c.is_control();
    match name.split_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() && !name.contains(odd) => Ok(()),
        _ => Err(format!("`{name}` is not a sign-in name; Intune finds people by their user principal name")),
    }
}

fn size(bytes: usize) -> Result<(), String> {
    match bytes {
        0 => Err("the PKCS#12 is empty".to_owned()),
        1..=LARGEST => Ok(()),
        _ => Err(format!(
            "the PKCS#12 has {bytes} bytes, more than {LARGEST}; leave certificates out of its chain that devices have anyway"
        )),
    }
}

fn dates(not_before: Timestamp, not_after: Timestamp) -> Result<(), String> {
    if not_before >= not_after {
        return Err(format!("its validity ends ({not_after}) before it begins ({not_before})"));
    }
    Ok(())
}

/// Opens the PKCS#12 as a device will: the wrong password or certificate would be found only there, by the person.
async fn contents(package: &Package) -> Result<(), String> {
    let (pfx, password) = (package.pfx.clone(), package.password.clone());
    // Deriving the keys takes milliseconds, or seconds for a file with many rounds.
    let opened = tokio::task::spawn_blocking(move || crypto::pfx::open(&pfx, &password))
        .await
        .map_err(|_| "the PKCS#12 could not be tried: the program is stopping".to_owned())?
        .map_err(|error| error.to_string())?;
    let leaf = opened.certificate;
    let unreadable = |error: crypto::CryptoError| error.to_string();
    if opened.key.spki_sha256().map_err(unreadable)? != leaf.spki_sha256().map_err(unreadable)? {
        return Err("the PKCS#12 holds a key that is not the certificate's".to_owned());
    }
    purpose(&leaf, package.intended_purpose)?;
    if leaf.thumbprint() != package.thumbprint {
        return Err(format!(
            "the PKCS#12 holds the certificate {}, not {}",
            leaf.thumbprint(),
            package.thumbprint
        ));
    }
    let same = |one: Timestamp, other: Timestamp| one.as_seconds() == other.as_seconds();
    if !same(leaf.not_before(), package.not_before) || !same(leaf.not_after(), package.not_after) {
        return Err(format!(
            "the certificate is valid from {} to {}, not from {} to {}",
            leaf.not_before(),
            leaf.not_after(),
            package.not_before,
            package.not_after
        ));
    }
    Ok(())
}

/// A device would take it for its purpose and then find that it may not be used so.
fn purpose(leaf: &X509Certificate, intended: IntendedPurpose) -> Result<(), String> {
    let (does, wanted): (&str, &[KeyUsage]) = match intended {
        IntendedPurpose::Unassigned => return Ok(()),
        IntendedPurpose::SmimeEncryption => {
            ("decrypt mail", &[KeyUsage::KeyEncipherment, KeyUsage::KeyAgreement])
        }
        IntendedPurpose::SmimeSigning => {
            ("sign mail", &[KeyUsage::DigitalSignature, KeyUsage::NonRepudiation])
        }
    };
    match leaf.key_usage() {
        Some(usages) if !usages.iter().any(|usage| wanted.contains(usage)) => Err(format!(
            "its certificate may not be used to {does}, as the template's purpose at Intune says; change the purpose or the \
             authority's profile"
        )),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_names_need_both_sides_and_no_spaces() {
        for good in
            ["alice@contoso.test", "o'neil@contoso.test", "käthe@contoso.test", "a_b.test#EXT#@contoso.test"]
        {
            assert!(name(good).is_ok(), "{good}");
        }
        for bad in ["", "alice", "@contoso.test", "alice@", "alice @contoso.test", "alice@contoso.test\n"] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_end_at_16_kib() {
        assert!(size(0).is_err());
        assert!(size(16_384).is_ok());
        assert!(size(16_385).unwrap_err().contains("16385"));
    }

    #[test]
    fn validity_must_not_be_empty_or_turned_around() {
        let at = Timestamp::from_seconds;
        assert!(dates(at(1), at(2)).is_ok());
        assert!(dates(at(2), at(2)).is_err());
        assert!(dates(at(3), at(2)).is_err());
    }
}
