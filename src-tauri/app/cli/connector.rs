//! `sealwright connector`: the keys of Intune connectors. One is used after its fingerprint was compared, and recorded.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use crypto::{ConnectorKey, pfx};
use intune::Connector;
use model::text::fitted;
use model::{AuditEvent, AuditKind, AuditOutcome};
use serde_json::{Value, json};
use store::Store as _;

use super::Outcome;
use super::output::{Failure, Output, table};
use crate::compose::Program;
use crate::connector::{DEFAULT, KnownConnector};
use crate::foundation::Foundation;
use crate::person::{Deed, who};
use crate::settings::{
    FILE, FurtherConnector, Home, Intune, Settings, is_connector_name, software_ksp, write_new_private,
    write_private,
};
use crate::works::chain;

/// Largest file that is taken for a key, in bytes: a certificate of an RSA key of 16384 bits is smaller.
const LARGEST_FILE: u64 = 64 * 1_024;

/// Longest detail of an entry of the log.
const LONGEST_DETAIL: usize = 500;

/// Keys of Intune connectors.
#[derive(Debug, Subcommand)]
pub(super) enum ConnectorCommand {
    /// Show which connectors are known, with the fingerprints of their keys
    List,
    /// Use a connector's public key from now on, after its fingerprint was compared
    ///
    /// FILE is what Export-IntunePublicKey wrote (a CNG blob or PEM), or a certificate of the key. The content decides, not the
    /// file's name.
    Import(ImportConnector),
    /// Take a connector out of the settings
    Remove {
        /// What templates call it; `default` for the one of those that name none
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Write the test file for Microsoft's PFX validation service, which shows that a connector's server decrypts
    SelfTest {
        /// What templates call it
        #[arg(value_name = "NAME", default_value = DEFAULT)]
        name: String,
        /// A new file; the service reads it as PFXImportTestFile.txt beside itself
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// A key to be used.
#[derive(Debug, Args)]
pub(super) struct ImportConnector {
    /// The public key
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What templates call this connector; without it, it is the one of those that name none
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The key's name on the connector's servers, as given to Add-IntuneKspKey [default: as before]
    #[arg(long, value_name = "NAME")]
    key_name: Option<String>,
    /// The key storage provider there [default: as before, or Microsoft Software Key Storage Provider]
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// The SHA-256 of the public key or of the exported file, as the connector's server shows it: for scripts
    #[arg(long, value_name = "SHA256")]
    fingerprint: Option<String>,
}

impl ConnectorCommand {
    /// What it is, as far as roles go.
    pub(super) const fn deed(&self) -> Deed {
        match self {
            Self::List => Deed::Look,
            Self::Import(_) | Self::Remove { .. } | Self::SelfTest { .. } => Deed::Administer,
        }
    }
}

pub(super) async fn run(home: Home, command: ConnectorCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        ConnectorCommand::List => list(home, output).await,
        ConnectorCommand::Import(wanted) => import(home, wanted, output).await,
        ConnectorCommand::Remove { name } => remove(home, &name, output).await,
        ConnectorCommand::SelfTest { name, out } => self_test(home, &name, &out, output).await,
    }
}

async fn program(home: Home) -> Result<Program, Failure> {
    let actor = who(&home).await?.actor;
    Ok(Program::open(home, actor).await?)
}

/// A home whose connectors may be in disorder: the doors are not opened.
async fn foundation(home: Home) -> Result<Foundation, Failure> {
    let actor = who(&home).await?.actor;
    let foundation = Foundation::open(home, actor).await?;
    foundation.enter("console").await.map_err(|error| Failure::new(chain(&error)))?;
    Ok(foundation)
}

async fn list(home: Home, output: &Output) -> Result<Outcome, Failure> {
    let program = program(home).await?;
    let shared = program.configured.as_ref();
    let known: Vec<KnownConnector<'_>> =
        match shared.and_then(|shared| Some((shared, shared.intune.as_ref()?))) {
            None => Vec::new(),
            Some((shared, intune)) => KnownConnector::all(intune, shared),
        };
    let rows: Vec<(&KnownConnector<'_>, Result<ConnectorKey, String>)> =
        known.iter().map(|one| (one, one.key())).collect();
    let values: Vec<Value> = rows
        .iter()
        .map(|(one, key)| {
            json!({ "name": one.name, "providerName": one.provider_name, "keyName": one.key_name,
                "compared": one.pinned.is_some(), "fingerprint": key.as_ref().ok().map(ConnectorKey::fingerprint),
                "bits": key.as_ref().ok().map(ConnectorKey::bits), "refused": key.as_ref().err() })
        })
        .collect();
    let sound = rows.iter().all(|(one, key)| one.pinned.is_some() && key.is_ok());
    output.result(&json!({ "connectors": values }), || {
        if rows.is_empty() {
            return "no connector is known; import one with `sealwright connector import FILE --key-name NAME`".to_owned();
        }
        let mut text = String::new();
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|(one, key)| {
                let standing = match (key, one.pinned) {
                    (Err(_), _) => "REFUSED".to_owned(),
                    (Ok(key), Some(_)) => format!("compared, RSA {}", key.bits()),
                    (Ok(key), None) => format!("NOT COMPARED, RSA {}", key.bits()),
                };
                let fingerprint = key.as_ref().map(ConnectorKey::fingerprint).unwrap_or_default();
                vec![one.name.to_owned(), one.key_name.to_owned(), one.provider_name.to_owned(), standing, fingerprint]
            })
            .collect();
        text.push_str(&table(&["NAME", "KEY", "PROVIDER", "STANDING", "SHA-256 OF THE PUBLIC KEY"], &cells));
        for (_, key) in &rows {
            if let Err(why) = key {
                text.push_str(&format!("{why}\n"));
            }
        }
        text
    })?;
    Ok(if sound { Outcome::Done } else { Outcome::NeedsPerson })
}

/// What is to be compared.
struct Offered {
    key: ConnectorKey,
    fingerprint: String,
    /// SHA-256 of the file as it came, which Get-FileHash shows on a server.
    file_hash: String,
}

impl Offered {
    fn read(file: &Path) -> Result<Self, Failure> {
        let unreadable =
            |error: std::io::Error| Failure::new(format!("{} cannot be read: {error}", file.display()));
        if std::fs::metadata(file).map_err(unreadable)?.len() > LARGEST_FILE {
            return Err(Failure::new(format!("{} is too large for a public key", file.display())));
        }
        let bytes = std::fs::read(file).map_err(unreadable)?;
        let key = ConnectorKey::read(&bytes)
            .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
        Ok(Self { fingerprint: key.fingerprint(), file_hash: ConnectorKey::file_hash(&bytes), key })
    }

    /// Whether this is what somebody read off a connector's server: all of it, in any spelling.
    fn is(&self, typed: &str) -> bool {
        let digits: String =
            typed.chars().filter(char::is_ascii_hexdigit).map(|digit| digit.to_ascii_lowercase()).collect();
        digits == self.fingerprint || digits == self.file_hash
    }

    fn words(&self) -> String {
        format!(
            "an RSA key of {} bits\n  SHA-256 of the public key  {}\n  SHA-256 of this file       {}",
            self.key.bits(),
            self.fingerprint,
            self.file_hash
        )
    }
}

async fn import(home: Home, wanted: ImportConnector, output: &Output) -> Result<Outcome, Failure> {
    let ImportConnector { file, name, key_name, provider, fingerprint } = wanted;
    let name = name.unwrap_or_else(|| DEFAULT.to_owned());
    let offered = Offered::read(&file)?;
    let foundation = foundation(home).await?;
    let mut settings = foundation.settings.clone();
    let known = connector_in(&settings, &name);
    let (old_provider, old_key) = known.map_or((None, None), |(provider, key)| (Some(provider), Some(key)));
    let connector = Connector {
        key: offered.key.clone(),
        provider_name: provider.or(old_provider).unwrap_or_else(software_ksp),
        key_name: key_name.or(old_key).ok_or_else(|| {
            Failure::usage(
                "how the key is called on the connector's servers is not known",
                "add --key-name NAME, as it was given to Add-IntuneKspKey",
            )
        })?,
    };
    connector.check().map_err(|error| Failure::new(error.to_string()))?;
    // The settings are checked with it before anybody is asked to compare anything.
    put(&mut settings, &name, &connector, &offered.fingerprint, Path::new("unwritten"))?;
    settings.check()?;

    let object = format!("Intune connector {name}");
    let typed = match fingerprint {
        Some(typed) => typed,
        None => ask(&offered, output)?,
    };
    if !offered.is(&typed) {
        let detail = format!("{} was offered, and another fingerprint was given", offered.fingerprint);
        record(&foundation, AuditKind::ConnectorKeyTrusted, AuditOutcome::Failure, &object, &detail).await?;
        return Err(Failure::with_hint(
            format!("this is not the key whose fingerprint was given: it is {}", offered.words()),
            "export the key on the connector's server again and bring it here another way; nothing was changed",
        ));
    }
    // A new name for each key: what the settings name now stays until they name the other.
    let short = offered.fingerprint.get(..16).unwrap_or_default();
    let kept = PathBuf::from(format!("connector-{name}-{short}.key"));
    write_private(&foundation.home.resolve(&kept), &offered.key.to_cng_blob())?;
    let former = file_of(&foundation.settings, &name);
    put(&mut settings, &name, &connector, &offered.fingerprint, &kept)?;
    let detail =
        format!("SHA-256 {}, {} in {}", offered.fingerprint, connector.key_name, connector.provider_name);
    record(&foundation, AuditKind::ConnectorKeyTrusted, AuditOutcome::Success, &object, &detail).await?;
    settings.save(&foundation.home)?;
    tidy(&foundation.home, former.as_deref(), &kept);
    if let Err(error) = wake(&foundation).await {
        output
            .warning(&format!("what waits for the connector goes on within ten minutes: {}", chain(&error)));
    }
    let value = json!({
        "name": name, "fingerprint": offered.fingerprint, "providerName": connector.provider_name, "keyName": connector.key_name,
        "file": foundation.home.resolve(&kept),
    });
    output.result(&value, || {
        format!(
            "passwords for the connector `{name}` are encrypted to this key from now on ({} in {})\n{}",
            connector.key_name,
            connector.provider_name,
            next(&settings)
        )
    })?;
    Ok(Outcome::Done)
}

/// Enrollments that waited for a key that is to be trusted go on.
async fn wake(foundation: &Foundation) -> Result<(), store::StoreError> {
    let now = foundation.clock.now();
    store::in_unit!(foundation.store, work => { enroll::wake_waiting(work.as_mut(), now).await?; })
}

/// What is left to do, since a service reads its settings when it starts.
fn next(settings: &Settings) -> &'static str {
    if settings.tenant.is_none() {
        return "this installation's sealwright.toml names no tenant, and [intune] is used with one only: import the key where the \
                tenant is named, then run `sealwright tenant share` there";
    }
    "start services of this home again; where the tenant is shared, run `sealwright tenant share` once more"
}

fn ask(offered: &Offered, output: &Output) -> Result<String, Failure> {
    if output.is_json() || !std::io::stdin().is_terminal() {
        return Err(Failure {
            code: 3,
            message: format!("nobody has compared this key: {}", offered.words()),
            hint: Some(
                "compare one of the two with the connector's server (Get-FileHash FILE shows that of the exported file), then \
                 give it with --fingerprint"
                    .to_owned(),
            ),
        });
    }
    output.note(&offered.words());
    output.note(
        "on the connector's server run Get-FileHash -Algorithm SHA256 on the exported file, and type here what it shows there; \
         do not copy it from above",
    );
    let mut out = std::io::stdout().lock();
    let _ = write!(out, "SHA-256 that the server shows: ");
    let _ = out.flush();
    let mut typed = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut typed)
        .map_err(|error| Failure::new(format!("nothing could be read: {error}")))?;
    Ok(typed)
}

/// Provider and key name of a connector in the settings.
fn connector_in(settings: &Settings, name: &str) -> Option<(String, String)> {
    let intune = settings.intune.as_ref()?;
    if name == DEFAULT {
        return Some((intune.provider_name.clone(), intune.key_name.clone()));
    }
    let found = intune.connectors.iter().find(|one| one.name.eq_ignore_ascii_case(name))?;
    Some((found.provider_name.clone(), found.key_name.clone()))
}

fn file_of(settings: &Settings, name: &str) -> Option<PathBuf> {
    let intune = settings.intune.as_ref()?;
    if name == DEFAULT {
        return Some(intune.connector_key_file.clone());
    }
    let found = intune.connectors.iter().find(|one| one.name.eq_ignore_ascii_case(name))?;
    Some(found.connector_key_file.clone())
}

/// Writes a connector into the settings.
fn put(
    settings: &mut Settings,
    name: &str,
    connector: &Connector,
    fingerprint: &str,
    file: &Path,
) -> Result<(), Failure> {
    let (provider_name, key_name) = (connector.provider_name.clone(), connector.key_name.clone());
    if name == DEFAULT {
        let before = settings.intune.take();
        let (writes_per_second, connectors) =
            before.map_or((None, Vec::new()), |before| (before.writes_per_second, before.connectors));
        settings.intune = Some(Intune {
            connector_key_file: file.to_owned(),
            provider_name,
            key_name,
            fingerprint: Some(fingerprint.to_owned()),
            writes_per_second,
            connectors,
        });
        return Ok(());
    }
    if !is_connector_name(name) {
        return Err(Failure::usage(
            format!("`{name}` cannot be the name of a connector"),
            "use letters of ASCII, digits, - and _, at most 40 of them",
        ));
    }
    let Some(intune) = settings.intune.as_mut() else {
        return Err(Failure::with_hint(
            "there is no connector yet for templates that name none",
            "import that one first, without --name",
        ));
    };
    let further = FurtherConnector {
        name: name.to_owned(),
        connector_key_file: file.to_owned(),
        provider_name,
        key_name,
        fingerprint: fingerprint.to_owned(),
    };
    match intune.connectors.iter_mut().find(|one| one.name.eq_ignore_ascii_case(name)) {
        // Templates name it by the spelling that is there.
        Some(known) => *known = FurtherConnector { name: known.name.clone(), ..further },
        None => intune.connectors.push(further),
    }
    Ok(())
}

/// Removes a key file that this command wrote once and that nothing names any more.
fn tidy(home: &Home, former: Option<&Path>, kept: &Path) {
    let Some(former) = former.filter(|former| *former != kept) else { return };
    let ours = former.parent().is_some_and(|folder| folder.as_os_str().is_empty())
        && former.extension().is_some_and(|extension| extension == "key")
        && former.to_string_lossy().starts_with("connector-");
    if ours && let Err(error) = std::fs::remove_file(home.resolve(former)) {
        tracing::debug!(%error, "a former connector's key stays where it is");
    }
}

async fn remove(home: Home, name: &str, output: &Output) -> Result<Outcome, Failure> {
    let foundation = foundation(home).await?;
    let mut settings = foundation.settings.clone();
    let unknown = || {
        Failure::with_hint(
            format!("{FILE} names no connector `{name}`"),
            "`sealwright connector list` shows those that are known",
        )
    };
    let former = file_of(&settings, name).ok_or_else(unknown)?;
    if name == DEFAULT {
        let intune = settings.intune.take().ok_or_else(unknown)?;
        if !intune.connectors.is_empty() {
            return Err(Failure::with_hint(
                "the connectors that templates name would be lost with it",
                "remove those first, or import another key in its place",
            ));
        }
    } else if let Some(intune) = settings.intune.as_mut() {
        intune.connectors.retain(|one| !one.name.eq_ignore_ascii_case(name));
    }
    let object = format!("Intune connector {name}");
    let detail = "taken out of the settings; nothing was removed at Intune";
    record(&foundation, AuditKind::ConnectorRemoved, AuditOutcome::Success, &object, detail).await?;
    settings.save(&foundation.home)?;
    tidy(&foundation.home, Some(&former), Path::new(""));
    output.result(&json!({ "removed": name }), || {
        format!("the connector `{name}` is no longer used; templates that name it hand nothing over until they name another")
    })?;
    Ok(Outcome::Done)
}

async fn self_test(home: Home, name: &str, file: &Path, output: &Output) -> Result<Outcome, Failure> {
    crate::handout::must_be_new(file)?;
    let program = program(home).await?;
    let connectors = match &program.configured {
        Some(shared) => match &shared.intune {
            Some(intune) => crate::connector::all(intune, shared).map_err(Failure::new)?,
            None => return Err(Failure::new("no connector is known; import one first")),
        },
        None => return Err(Failure::new("no tenant is configured, and so no connector")),
    };
    let connector = if name == DEFAULT { Some(&connectors.default) } else { connectors.further.get(name) };
    let connector = connector.ok_or_else(|| {
        Failure::with_hint(
            format!("there is no connector `{name}`"),
            "`sealwright connector list` shows those that are known",
        )
    })?;
    let secret = pfx::generate_password(program.entropy.as_ref());
    let line = connector.self_test(&secret).map_err(|error| Failure::new(error.to_string()))?;
    write_new_private(file, format!("{line}\r\n").as_bytes())?;
    output.result(&json!({ "file": file, "connector": name }), || {
        format!(
            "written to {}; on the connector's server, put it as PFXImportTestFile.txt beside Microsoft's \
             IntunePFXCertConnectorValidationService and run that\nits secret is made for this test and good for nothing else",
            file.display()
        )
    })?;
    Ok(Outcome::Done)
}

async fn record(
    foundation: &Foundation,
    kind: AuditKind,
    outcome: AuditOutcome,
    object: &str,
    detail: &str,
) -> Result<(), store::StoreError> {
    let event = AuditEvent {
        kind,
        outcome,
        actor: foundation.actor.clone(),
        object: object.to_owned(),
        detail: fitted(detail, LONGEST_DETAIL),
    };
    let now = foundation.clock.now();
    store::in_unit!(foundation.store, work => { work.audit().append(&event, now).await?; })
}
