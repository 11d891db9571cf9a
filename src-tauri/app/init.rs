//! Founds a home: installation key, database, built-in authority, recovery agents.
//!
//! Safe to repeat: what exists is kept, what is missing is made.

use std::path::Path;
use std::sync::Arc;

use admit::context::{root_key, signing_key};
use ca::builtin::{CONNECTOR, Founding, create};
use crypto::issue::{Validity, officer_certificate, serial_number};
use crypto::{PrivateKey, X509Certificate, pfx};
use model::{
    AuditEvent, AuditKind, AuditOutcome, AuthorityId, Clock, Entropy, KeyAlgorithm, Kra, PfxProfile, Span,
    SystemClock, SystemEntropy, Timestamp,
};
use store::{Store, StoredAuthority};
use store_sql::Location;
use zeroize::Zeroizing;

use crate::compose::ComposeError;
use crate::foundation::{Foundation, about};
use crate::settings::{Home, Settings, SettingsError, write_new_private};
use crate::{database, installation};

/// A settings file to start from.
pub(crate) const EXAMPLE: &str = include_str!("example.toml");
/// Validity of a recovery agent's certificate made by us.
const KRA_VALIDITY: Span = Span::days(5 * 365);
/// Folder of revocation lists in the home folder.
pub(crate) const PUBLISHED: &str = "pki";

/// Prepares the folder, the installation's key pair, the database and the fleet. What exists is kept.
///
/// # Errors
/// With a shared database also when its schema is not this program's, and when somebody else has founded the fleet.
pub(crate) async fn prepare(home: &Home, actor: &str) -> Result<Foundation, ComposeError> {
    prepare_by(home, actor, Arc::new(SystemClock)).await
}

/// The same by another clock than the machine's.
pub(crate) async fn prepare_by(
    home: &Home,
    actor: &str,
    clock: Arc<dyn Clock>,
) -> Result<Foundation, ComposeError> {
    let settings = Settings::load(home)?;
    let location = database::location(home, &settings)?;
    prepare_on(home, settings, &location, actor, clock).await
}

/// The same on a database that is named here, with settings that need not be written yet.
pub(crate) async fn prepare_on(
    home: &Home,
    settings: Settings,
    location: &Location,
    actor: &str,
    clock: Arc<dyn Clock>,
) -> Result<Foundation, ComposeError> {
    home.create()?;
    installation::create(home, clock.now(), &SystemEntropy)?;
    let key = installation::load(home)?;
    let store = Arc::new(database::open_at(location, &database::options(&settings)).await?);
    let foundation = Foundation::on(home.clone(), settings, store, key, actor.to_owned(), clock).await?;
    if foundation.store.is_shared() {
        foundation.gate.found(&about("console")).await?;
    } else {
        foundation.enter("console").await?;
    }
    Ok(foundation)
}

/// Founds the built-in authority `name` unless there is one. Returns whether it was founded.
pub(crate) async fn found_authority(
    foundation: &Foundation,
    founding: Founding,
) -> Result<bool, ComposeError> {
    let (home, store) = (&foundation.home, foundation.store.as_ref());
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
    let now = foundation.clock.now();
    let id: AuthorityId = foundation.ids.next();
    let entropy = Arc::clone(&foundation.entropy);
    let admitted = foundation.gate.recipients().await?;
    let own = foundation.installation.certificate.clone();
    let made = tokio::task::spawn_blocking(move || {
        let founded = create(&founding, now, entropy.as_ref())?;
        let issuing =
            crypto::seal::seal_bound(&signing_key(id), &founded.issuing_key.to_pkcs8()?, &admitted)?;
        let root = crypto::seal::seal_bound(&root_key(id), &founded.root_key.to_pkcs8()?, &[own])?;
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
    let event = AuditEvent {
        kind: AuditKind::AuthorityCreated,
        outcome: AuditOutcome::Success,
        actor: foundation.actor.clone(),
        object: format!("authority {name}"),
        detail: "built-in; root and issuing authority".to_owned(),
    };
    store::in_unit!(store, work => {
        work.authorities().add(&account).await?;
        work.audit().append(&event, now).await?;
    })?;
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
    mail: Option<&str>,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<NewKra, crypto::CryptoError> {
    let key = PrivateKey::generate(KeyAlgorithm::Rsa3072)?;
    let validity = Validity::lasting(now - Span::hours(1), KRA_VALIDITY);
    let der = officer_certificate(name, mail, &key, validity, serial_number(entropy))?;
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
    let event = AuditEvent {
        kind: AuditKind::KraAdded,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("recovery agent {}", kra.thumbprint),
        detail: kra.name.clone(),
    };
    Ok(store::in_unit!(store, work => {
        work.kras().add(kra).await?;
        work.audit().append(&event, now).await?;
    })?)
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
