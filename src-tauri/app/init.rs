//! Founds a home: installation key, database, built-in authority, recovery agents.
//!
//! Safe to repeat: what exists is kept, what is missing is made.

use std::path::Path;

use admit::context::{root_key, signing_key};
use ca::builtin::{CONNECTOR, Founding, create};
use crypto::issue::{Validity, recovery_agent_certificate, serial_number};
use crypto::{PrivateKey, X509Certificate, pfx};
use model::{
    AuditEvent, AuditKind, AuditOutcome, AuthorityId, Clock, Entropy, Ids, KeyAlgorithm, Kra, PfxProfile,
    Span, Timestamp,
};
use store::{Store, StoredAuthority};
use store_sql::SqlStore;
use zeroize::Zeroizing;

use crate::compose::{ComposeError, open_store};
use crate::installation;
use crate::settings::{Home, SettingsError, write_new_private};

/// Validity of a recovery agent's certificate made by us.
const KRA_VALIDITY: Span = Span::days(5 * 365);
/// Folder of revocation lists in the home folder.
pub(crate) const PUBLISHED: &str = "pki";

/// Prepares the folder, the installation's key pair and the database.
pub(crate) async fn prepare(
    home: &Home,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<SqlStore, ComposeError> {
    home.create()?;
    installation::create(home, clock.now(), entropy)?;
    Ok(open_store(home).await?)
}

/// Founds the built-in authority `name` unless there is one. Returns whether it was founded.
pub(crate) async fn found_authority(
    home: &Home,
    store: &dyn Store,
    founding: Founding,
    clock: &dyn Clock,
    ids: &Ids,
    entropy: std::sync::Arc<dyn Entropy>,
    actor: &str,
) -> Result<bool, ComposeError> {
    let name = founding.name.clone();
    if store.read().await?.authorities().find(&name).await?.is_some() {
        return Ok(false);
    }
    let stem = file_stem(&name);
    let root_file = home.path().join(format!("{stem}-root-key.p7m"));
    let accounts = store.read().await?.authorities().list().await?;
    if stem.is_empty()
        || root_file.exists()
        || accounts.iter().any(|account| file_stem(&account.name) == stem)
    {
        return Err(ComposeError::Unusable(format!(
            "the name `{name}` cannot be told from another authority's in file names and addresses; choose a name with \
             other letters or digits (a to z, 0 to 9)"
        )));
    }
    let installation = installation::load(home)?;
    let now = clock.now();
    let id: AuthorityId = ids.next();
    let made = tokio::task::spawn_blocking(move || {
        let founded = create(&founding, now, entropy.as_ref())?;
        let recipients = std::slice::from_ref(&installation.certificate);
        let issuing =
            crypto::seal::seal_bound(&signing_key(id), &founded.issuing_key.to_pkcs8()?, recipients)?;
        let root = crypto::seal::seal_bound(&root_key(id), &founded.root_key.to_pkcs8()?, recipients)?;
        Ok::<_, crypto::CryptoError>((founded.settings, issuing, root))
    })
    .await
    .map_err(|error| ComposeError::Unusable(format!("founding the authority was cut off: {error}")))?;
    let (settings, issuing, root) =
        made.map_err(|error| ComposeError::Unusable(format!("the authority could not be founded: {error}")))?;
    let published = home.resolve(Path::new(PUBLISHED));
    std::fs::create_dir_all(&published)
        .map_err(|source| SettingsError::Unwritable { path: published.clone(), source })?;
    // The root's key is needed only to renew the issuing authority. It is sealed to this installation: taken away from
    // this machine, it needs a copy of the installation's key pair beside it to be of use again.
    write_new_private(&root_file, &root)?;
    let account = StoredAuthority {
        id,
        name: name.clone(),
        connector: CONNECTOR.to_owned(),
        settings: serde_json::to_string(&settings)
            .map_err(|error| ComposeError::Unusable(format!("settings of the authority: {error}")))?,
        sealed_secrets: Some(issuing),
        added_at: now,
    };
    let mut work = store.begin().await?;
    work.authorities().add(&account).await?;
    let event = AuditEvent {
        kind: AuditKind::AuthorityCreated,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("authority {name}"),
        detail: "built-in; root and issuing authority".to_owned(),
    };
    work.audit().append(&event, now).await?;
    work.commit().await?;
    Ok(true)
}

/// A recovery agent made here: the private half exists only in this PKCS#12.
pub(crate) struct NewKra {
    /// The agent.
    pub kra: Kra,
    /// PKCS#12.
    pub pfx: Zeroizing<Vec<u8>>,
    /// Its password, to be shown once.
    pub password: Zeroizing<String>,
}

/// Makes a recovery agent with a key pair of its own.
pub(crate) fn make_kra(
    name: &str,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<NewKra, crypto::CryptoError> {
    let key = PrivateKey::generate(KeyAlgorithm::Rsa3072)?;
    let validity = Validity::lasting(now - Span::hours(1), KRA_VALIDITY);
    let der = recovery_agent_certificate(name, &key, validity, serial_number(entropy))?;
    let certificate = X509Certificate::from_der(&der)?;
    let password = pfx::generate_password(entropy);
    let pfx = pfx::build(&key, &certificate, &[], &password, PfxProfile::Modern, name)?;
    Ok(NewKra { kra: kra(&certificate, now)?, pfx, password })
}

/// Reads a recovery agent's certificate and refuses one that keys cannot be sealed to.
pub(crate) fn kra(certificate: &X509Certificate, now: Timestamp) -> Result<Kra, crypto::CryptoError> {
    // A trial envelope: whatever is wrong with the certificate is said before the first key is archived to it.
    crypto::seal::seal(b"trial", std::slice::from_ref(certificate))?;
    Ok(Kra {
        thumbprint: certificate.thumbprint(),
        name: certificate.common_name().unwrap_or_else(|| certificate.subject()),
        certificate_der: certificate.der().to_vec(),
        not_after: certificate.not_after(),
        added_at: now,
    })
}

/// Adds a recovery agent to the set to which new keys are sealed.
pub(crate) async fn add_kra(
    store: &dyn Store,
    kra: &Kra,
    actor: &str,
    now: Timestamp,
) -> Result<(), ComposeError> {
    if kra.not_after <= now {
        return Err(ComposeError::Unusable(format!(
            "the certificate of `{}` ended on {}",
            kra.name, kra.not_after
        )));
    }
    let mut work = store.begin().await?;
    work.kras().add(kra).await?;
    let event = AuditEvent {
        kind: AuditKind::KraAdded,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("recovery agent {}", kra.thumbprint),
        detail: kra.name.clone(),
    };
    work.audit().append(&event, now).await?;
    work.commit().await?;
    Ok(())
}

/// Writes a recovery agent's PKCS#12 and its password into two files that only their owner may read.
pub(crate) fn write_kra(folder: &Path, stem: &str, made: &NewKra) -> Result<(), SettingsError> {
    std::fs::create_dir_all(folder)
        .map_err(|source| SettingsError::Unwritable { path: folder.to_path_buf(), source })?;
    write_new_private(&folder.join(format!("{stem}.p12")), &made.pfx)?;
    write_new_private(&folder.join(format!("{stem}.password")), made.password.as_bytes())
}

/// A name as part of a file name.
pub(crate) fn file_stem(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    plain.trim_matches('-').to_owned()
}
