//! Which tenant, and how the application signs in there: chosen on the command line or in the console, tried, then kept.
//!
//! What is secret goes into the vault, everything else into the settings file. Where the services are is taken from the table
//! of clouds and from what the file says already; nobody who chooses names another address for a secret to be sent to.

use std::path::PathBuf;
use std::sync::Arc;

use model::{Clock, Ids, SystemClock, SystemEntropy};
use net::entra::{TokenFacts, tenant_of};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::credential::{Algorithm, SignInWay, from_pkcs12};
use crate::failure::Failure;
use crate::permissions::For;
use crate::settings::{Cloud, ExchangeSection, FILE, Home, Settings, Tenant};
use crate::tenant::{ConfiguredTenant, Surroundings, TenantLink, http_of};
use crate::vault::{SecretName, Vault};
use crate::works::chain;

/// Longest name of a domain (RFC 1035).
const LONGEST_DOMAIN: usize = 253;

/// How somebody names a tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum TenantName {
    /// By its id.
    Id(Uuid),
    /// By one of its domains; the tenant itself says which id it has.
    Domain(String),
}

impl std::str::FromStr for TenantName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        let label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        if text.len() <= LONGEST_DOMAIN && text.contains('.') && text.split('.').all(label) {
            return Ok(Self::Domain(text.to_ascii_lowercase()));
        }
        Err("it is neither the id of a tenant nor one of its domains, such as example.com".to_owned())
    }
}

/// Which application of which tenant, as far as it was said. The rest is as the settings have it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Which {
    pub(crate) tenant: Option<TenantName>,
    pub(crate) client_id: Option<Uuid>,
    pub(crate) cloud: Option<Cloud>,
}

/// A way to sign in, with what is secret of it.
pub(crate) enum Typed {
    /// A client secret.
    Secret(Zeroizing<Vec<u8>>),
    /// A certificate with its private key.
    Certificate {
        /// PEM with both, or PKCS#12.
        bytes: Zeroizing<Vec<u8>>,
        /// Opens PKCS#12; `None` for PEM.
        password: Option<Zeroizing<Vec<u8>>>,
        /// Where the bytes come from.
        file: PathBuf,
        /// It stays there, and stays needed.
        leave: bool,
        /// How assertions are signed.
        algorithm: Algorithm,
    },
    /// A key on a token, and its PIN.
    Token { key: String, pin: Zeroizing<Vec<u8>> },
    /// A way that keeps nothing secret here.
    Keyless(SignInWay),
}

/// A way, and what it keeps in the vault: `None` leaves the vault alone.
struct Chosen {
    way: SignInWay,
    kept: Option<Zeroizing<Vec<u8>>>,
    material: Zeroizing<Vec<u8>>,
}

impl Typed {
    fn chosen(self, home: &Home) -> Result<Chosen, Failure> {
        let in_vault = |way: SignInWay, secret: Zeroizing<Vec<u8>>| Chosen {
            way,
            material: secret.clone(),
            kept: Some(secret),
        };
        Ok(match self {
            Self::Secret(secret) => in_vault(SignInWay::Secret { file: None }, secret),
            Self::Certificate { bytes, password, file, leave, algorithm } => {
                let pem = match &password {
                    None => bytes,
                    Some(password) => from_pkcs12(&bytes, password, &file)?,
                };
                if leave {
                    let file = std::path::absolute(&file)
                        .map_err(|error| Failure::new(format!("the path of the file is none: {error}")))?;
                    let way = SignInWay::Certificate { file: Some(relative(home, file)), algorithm };
                    Chosen { way, kept: password, material: pem }
                } else {
                    in_vault(SignInWay::Certificate { file: None, algorithm }, pem)
                }
            }
            Self::Token { key, pin } => in_vault(SignInWay::Token { key }, pin),
            Self::Keyless(way) => Chosen { way, kept: None, material: Zeroizing::default() },
        })
    }
}

/// Files of the home are named from there.
fn relative(home: &Home, file: PathBuf) -> PathBuf {
    let home = std::path::absolute(home.path()).unwrap_or_else(|_| home.path().to_owned());
    file.strip_prefix(home).map(PathBuf::from).unwrap_or(file)
}

/// A tenant with a way to sign in that is not in force yet.
pub(crate) struct Choice {
    /// What the settings said when it was chosen.
    before: Option<Box<Tenant>>,
    settings: Settings,
    tenant: Tenant,
    chosen: Chosen,
}

impl Choice {
    /// Puts it together. A domain is asked for its tenant's id; nothing else is sent, and nothing written.
    ///
    /// # Errors
    /// When something is missing or does not fit together, with what to do.
    pub(crate) async fn of(home: &Home, which: Which, typed: Typed) -> Result<Self, Failure> {
        let mut settings = Settings::load(home)?;
        let before = settings.tenant.take();
        let mut tenant = named(home, before.as_deref(), which).await?;
        let chosen = typed.chosen(home)?;
        tenant.client_secret_file = None;
        tenant.client_certificate_file = None;
        tenant.sign_in = Some(chosen.way.clone());
        settings.tenant = Some(Box::new(tenant.clone()));
        settings.check()?;
        Ok(Self { before, settings, tenant, chosen })
    }

    /// How the application signs in.
    pub(crate) const fn way(&self) -> &SignInWay {
        &self.chosen.way
    }

    /// The tenant with that way.
    pub(crate) const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// For whom a script would be.
    pub(crate) const fn application(&self) -> For {
        For { tenant: self.tenant.id, client_id: self.tenant.client_id, cloud: self.tenant.cloud }
    }

    /// What the settings have Exchange asked for.
    pub(crate) const fn exchange(&self) -> Option<&ExchangeSection> {
        self.settings.exchange.as_ref()
    }

    /// The way in, to be tried. The vault is left alone, whatever comes of it.
    pub(crate) fn link(&self, home: &Home) -> Result<TenantLink, Failure> {
        link(home, &self.settings, Some(self.chosen.material.clone()))
    }

    /// Writes it down: what is secret into the vault, the rest into the settings file, whose path this answers.
    ///
    /// # Errors
    /// When somebody has changed `[tenant]` in the file meanwhile, and when vault or file cannot be written.
    pub(crate) fn keep(&self, home: &Home) -> Result<PathBuf, Failure> {
        let mut settings = Settings::load(home)?;
        if settings.tenant != self.before {
            return Err(Failure::with_hint(
                format!("[tenant] in {FILE} was changed in the meantime"),
                "look at what is there now, and choose again",
            ));
        }
        settings.tenant = Some(Box::new(self.tenant.clone()));
        settings.check()?;
        home.create()?;
        if let Some(kept) = &self.chosen.kept {
            Vault::found(home)
                .and_then(|vault| vault.put(SecretName::TENANT_CREDENTIAL, kept))
                .map_err(|error| Failure::new(chain(&error)))?;
        }
        settings.save(home)?;
        Ok(home.path().join(FILE))
    }
}

async fn named(home: &Home, known: Option<&Tenant>, which: Which) -> Result<Tenant, Failure> {
    let missing = || {
        Failure::with_hint(
            format!("{FILE} names no tenant"),
            "name it with --tenant-id ID and --client-id ID, before the way to sign in",
        )
    };
    let mut tenant = match known {
        Some(tenant) => tenant.clone(),
        None => Tenant::new(Uuid::nil(), which.client_id.ok_or_else(missing)?),
    };
    tenant.client_id = which.client_id.unwrap_or(tenant.client_id);
    tenant.cloud = which.cloud.unwrap_or(tenant.cloud);
    match which.tenant {
        Some(TenantName::Id(id)) => tenant.id = id,
        Some(TenantName::Domain(domain)) => tenant.id = id_of(home, &tenant, &domain).await?,
        None if known.is_none() => return Err(missing()),
        None => {}
    }
    Ok(tenant)
}

async fn id_of(home: &Home, tenant: &Tenant, domain: &str) -> Result<Uuid, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids = Ids::new(Arc::clone(&clock), Arc::new(SystemEntropy));
    let client = net::Client::new(&http_of(home, Some(tenant))?, ids, clock);
    let client = client.map_err(|error| Failure::new(chain(&error)))?;
    tenant_of(&client, &tenant.endpoints().authority, domain)
        .await
        .map_err(|error| Failure::new(chain(&error)))
}

/// The way into the tenant that the settings name; with another credential than the one in force, where one is given.
pub(crate) fn link(
    home: &Home,
    settings: &Settings,
    material: Option<Zeroizing<Vec<u8>>>,
) -> Result<TenantLink, Failure> {
    let configured = match material {
        Some(material) => ConfiguredTenant::of_settings_with(home, settings, material)?,
        None => ConfiguredTenant::of_settings(home, settings)?,
    };
    let configured = configured.ok_or_else(|| Failure::new(format!("{FILE} names no tenant")))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids = Ids::new(Arc::clone(&clock), Arc::new(SystemEntropy));
    let around = Surroundings {
        home,
        gateway: settings.key_vault.as_ref().and_then(|section| section.url.as_ref()),
        clock: &clock,
        ids: &ids,
    };
    Ok(configured.link(&around)?)
}

/// Gets a token, and tells what it says.
///
/// # Errors
/// What Entra ID says, with its number and what to do.
pub(crate) async fn facts(link: &TenantLink) -> Result<TokenFacts, Failure> {
    let token = link.tokens.token(&link.graph_scope()).await.map_err(|error| Failure::new(chain(&error)))?;
    Ok(token.facts().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_named_by_its_id_or_by_a_domain_and_by_nothing_that_leads_elsewhere() {
        let id = Uuid::from_u128(7);
        assert_eq!(format!(" {id} ").parse(), Ok(TenantName::Id(id)));
        let domain = TenantName::Domain("contoso.onmicrosoft.com".to_owned());
        assert_eq!("Contoso.OnMicrosoft.com".parse(), Ok(domain));
        for text in
            ["", "common", "contoso", ".com", "a..b", "a.b/c", "a.b?x", "a.b:1", "me@a.b", "-a.b", "../a.b"]
        {
            assert!(text.parse::<TenantName>().is_err(), "{text}");
        }
        assert!(format!("{}.com", "a".repeat(LONGEST_DOMAIN)).parse::<TenantName>().is_err());
    }

    #[tokio::test]
    async fn what_somebody_changed_meanwhile_in_the_file_is_not_undone() {
        let folder = tempfile::TempDir::new().unwrap();
        let home = Home::find(Some(folder.path().to_owned())).unwrap();
        let which = |client: u128| Which {
            tenant: Some(TenantName::Id(Uuid::from_u128(1))),
            client_id: Some(Uuid::from_u128(client)),
            cloud: Some(Cloud::China),
        };
        let keyless = || Typed::Keyless(SignInWay::WorkloadIdentity { token_file: None });
        let first = Choice::of(&home, which(2), keyless()).await.unwrap();
        let second = Choice::of(&home, which(3), keyless()).await.unwrap();
        let mut elsewhere = Settings::default();
        elsewhere.daemon.sync_minutes = 7;
        elsewhere.save(&home).unwrap();
        first.keep(&home).unwrap();
        let saved = Settings::load(&home).unwrap();
        assert_eq!(saved.daemon.sync_minutes, 7, "another section is left as it is");
        assert_eq!(saved.tenant.as_ref().map(|tenant| tenant.client_id), Some(Uuid::from_u128(2)));
        assert_eq!(saved.tenant.as_ref().map(|tenant| tenant.cloud), Some(Cloud::China));
        let refused = second.keep(&home).unwrap_err();
        assert!(refused.message.contains("changed in the meantime"), "{refused:?}");
        assert_eq!(Settings::load(&home).unwrap(), saved);
    }

    #[tokio::test]
    async fn a_new_tenant_has_to_be_named_in_full() {
        let folder = tempfile::TempDir::new().unwrap();
        let home = Home::find(Some(folder.path().to_owned())).unwrap();
        for which in [
            Which::default(),
            Which { client_id: Some(Uuid::from_u128(2)), ..Which::default() },
            Which { tenant: Some(TenantName::Id(Uuid::from_u128(1))), ..Which::default() },
        ] {
            let way = Typed::Keyless(SignInWay::WorkloadIdentity { token_file: None });
            let Err(refused) = Choice::of(&home, which, way).await else { panic!("it is refused") };
            assert!(refused.hint.unwrap().contains("--tenant-id"));
        }
    }
}
