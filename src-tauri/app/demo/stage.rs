//! Sets the stage: the simulated tenant and a home folder that belongs to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ca::builtin::Founding;
use crypto::X509Certificate;
use custody::{Draft, Policy};
use kra::FileRecoveryKey;
use model::{
    Assignment, CertificateState, CommonName, DeliveryPolicy, EndingPolicy, GroupId, Ids, IntendedPurpose,
    KeyAlgorithm, Organization, PfxProfile, Purpose, Span, Template,
};
use ports::RecoveryKey as _;
use store::{CertificateFilter, CertificateOrder, PageRequest, Store};

use super::DemoOptions;
use super::time::DemoClock;
use crate::compose::{ComposeError, Program};
use crate::limits::LimitsSection;
use crate::settings::{Daemon, ExchangeSection, Home, Intune, Mailbox, Settings, Tenant, write_private};
use crate::works::chain;
use crate::{init, installation};

/// Name of the demo's authority.
const AUTHORITY: &str = "Demo CA";
/// Certificates name public addresses, as the S/MIME Baseline Requirements want it. Like everything in this tenant the
/// address is invented; the same files are served by the service below `/pki/demo-ca/` and lie in the home's folder `pki`.
const PKI_URL: &str = "http://pki.nordwind.example.com/demo-ca";
/// Files of the recovery agents in the home's folder `kra`.
const KRAS: [(&str, &str); 2] = [("kra-1", "Demo recovery agent 1"), ("kra-2", "Demo recovery agent 2")];

/// How long ago a demo begins that tells a week: the evening before its first day.
const WEEK: Span = Span::hours(7 * 24);
/// Graces that pass within a week.
const BRISK: EndingPolicy =
    EndingPolicy { leaver_days: Some(2), renamed_days: Some(2), ..EndingPolicy::USUAL };

/// Tenant and home.
pub(crate) struct Stage {
    /// The simulated tenant with its devices.
    pub sim: Arc<sim::Sim>,
    home: Home,
    /// The time of tenant and product.
    clock: Arc<DemoClock>,
    // Removed with the demo unless the folder is to be kept.
    _scratch: Option<tempfile::TempDir>,
}

fn unusable(error: &dyn std::error::Error) -> ComposeError {
    ComposeError::Unusable(chain(error))
}

impl Stage {
    /// Starts the tenant and founds the home.
    pub(crate) async fn set(options: &DemoOptions) -> Result<Self, ComposeError> {
        let (home, scratch) = match &options.keep {
            Some(folder) => (Home::find(Some(folder.clone()))?, None),
            None => {
                let scratch = tempfile::tempdir().map_err(|error| unusable(&error))?;
                (Home::find(Some(scratch.path().join("home")))?, Some(scratch))
            }
        };
        if home.database().exists() {
            return Err(ComposeError::Unusable(format!(
                "{} holds a Sealwright already, and a demo never writes into one; name another folder",
                home.path().display()
            )));
        }
        let tenant = tenant(options)?;
        // What is kept must not lie in the future of whoever looks at it: a week ends now.
        let begun_ago = if options.week { WEEK } else { Span::hours(0) };
        let world = sim::SimOptions { begun_ago: begun_ago.to_duration(), ..sim::SimOptions::new(tenant) };
        let sim = sim::Sim::start(world).await.map_err(|error| unusable(&error))?;
        let clock = Arc::new(DemoClock::behind(begun_ago));
        let stage = Self { sim: Arc::new(sim), home, clock, _scratch: scratch };
        stage.found(options).await?;
        Ok(stage)
    }

    /// The product on this stage.
    pub(crate) async fn program(&self) -> Result<Program, ComposeError> {
        let clock = Arc::clone(&self.clock);
        let program = Program::open_by(self.home.clone(), installation::actor(), clock).await?;
        program.publish_first_lists().await?;
        Ok(program)
    }

    /// Lets time pass, for tenant and product alike.
    pub(crate) fn pass(&self, time: Span) {
        self.clock.pass(time);
        self.sim.advance(time.to_duration());
    }

    async fn found(&self, options: &DemoOptions) -> Result<(), ComposeError> {
        self.home.create()?;
        if options.week {
            self.give_rights_in_exchange();
        }
        self.write_settings(options.week)?;
        let clock = Arc::clone(&self.clock);
        let foundation = init::prepare_by(&self.home, &installation::actor(), clock).await?;
        let (store, clock, entropy) = (&foundation.store, &foundation.clock, &foundation.entropy);
        let mut founding = Founding::new(AUTHORITY, PKI_URL);
        founding.root_key = KeyAlgorithm::Rsa3072;
        init::found_authority(&foundation, founding).await?;
        let (mut officers, mut signer) = (Vec::new(), None);
        for (stem, name) in KRAS {
            let made = init::make_kra(name, None, clock.now(), entropy.as_ref())
                .map_err(|error| unusable(&error))?;
            init::write_kra(&self.home.path().join("kra"), stem, &made)?;
            let key = FileRecoveryKey::from_bytes(&made.pfx, &made.password, format!("file {stem}.p12"))
                .map_err(|error| unusable(&error))?;
            let certificate = X509Certificate::from_der(key.certificate_der());
            officers.push(certificate.map_err(|error| unusable(&error))?.into());
            signer.get_or_insert(key);
        }
        let draft =
            Draft { name: Some("Demo".to_owned()), policy: Policy::AnyOne { approvals: 0 }, officers };
        let custody = &foundation.custody;
        let proposal = custody.propose(&draft).await.map_err(|error| unusable(&error))?;
        if let Some(key) = signer {
            custody.sign(proposal.set.digest, &key).await.map_err(|error| unusable(&error))?;
        }
        let now = clock.now();
        let templates = self.templates(options, &foundation.ids);
        store::in_unit!(store, work => {
            for template in &templates {
                work.templates().add(template, &foundation.actor, now).await?;
            }
        })?;
        Ok(())
    }

    /// The application may publish in the address list.
    fn give_rights_in_exchange(&self) {
        let mut roles = sim::DEFAULT_ROLES.to_vec();
        roles.push("Exchange.ManageAsApp");
        self.sim.set_roles(&roles);
        self.sim.set_exchange_role(&["Get-Mailbox", "Set-Mailbox"]);
    }

    fn write_settings(&self, publishes: bool) -> Result<(), ComposeError> {
        let file = |name: &str, bytes: &[u8]| write_private(&self.home.path().join(name), bytes);
        let app = self.sim.app();
        file("simulator-ca.pem", self.sim.ca_pem().as_bytes())?;
        file("client-secret", app.secret.clone().unwrap_or_default().as_bytes())?;
        let blob = self.sim.connector_public_key_blob();
        let connector_key = crypto::ConnectorKey::read(&blob).map_err(|error| unusable(&error))?;
        file("connector-key.bin", &blob)?;
        let url: url::Url = self.sim.base_url().parse().map_err(|error: url::ParseError| unusable(&error))?;
        let settings = Settings {
            tenant: Some(Box::new(Tenant {
                id: self.sim.tenant_id(),
                client_id: app.client_id,
                client_secret_file: Some(PathBuf::from("client-secret")),
                client_certificate_file: None,
                cloud: crate::settings::Cloud::Global,
                authority_url: Some(url.clone()),
                graph_url: Some(url.clone()),
                extra_root_ca: Some(PathBuf::from("simulator-ca.pem")),
                proxy: None,
                exchange_url: Some(url),
                key_vault_suffix: None,
                managed_hsm_suffix: None,
                simulated: true,
                sign_in: None,
            })),
            key_vault: None,
            sign_in: None,
            intune: Some(Intune {
                connector_key_file: PathBuf::from("connector-key.bin"),
                provider_name: self.sim.connector_provider_name().to_owned(),
                key_name: self.sim.connector_key_name().to_owned(),
                fingerprint: Some(connector_key.fingerprint()),
                writes_per_second: None,
                connectors: Vec::new(),
            }),
            // Groups tell who may use mailboxes.
            exchange: publishes.then(|| ExchangeSection {
                mailboxes: Vec::new(),
                rights: Vec::new(),
                read_minutes: 60,
                publish: true,
            }),
            mailboxes: self
                .sim
                .mailboxes()
                .iter()
                .map(|mailbox| Mailbox {
                    address: mailbox.address.clone(),
                    holders: GroupId::from(mailbox.holder_group),
                })
                .collect(),
            limits: LimitsSection::default(),
            prices: model::Prices::default(),
            drift: crate::settings::DriftSection::default(),
            daemon: Daemon {
                // Several demos may run at once; health is not what they show.
                listen: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
                ..Daemon::default()
            },
            database: None,
            // A demo leaves nothing in the keyring of whoever looks at it.
            installation: crate::vault::InstallationSettings { vault: Some(crate::vault::Place::File) },
            recovery: crate::settings::Recovery::default(),
        };
        settings.save(&self.home)?;
        Ok(())
    }

    fn templates(&self, options: &DemoOptions, ids: &Ids) -> [Template; 2] {
        let smime = Template {
            id: ids.next(),
            name: "S/MIME".to_owned(),
            description: "Signed and encrypted mail for people and shared mailboxes".to_owned(),
            enabled: true,
            purpose: Purpose::Smime,
            common_name: CommonName::DisplayName,
            organization: Some(Organization {
                name: "Nordwind Handels GmbH".to_owned(),
                identifier: "NTRDE-DEK1101R.HRB123456".to_owned(),
                country: "DE".to_owned(),
            }),
            key: options.key,
            authority: AUTHORITY.to_owned(),
            validity_days: 365,
            renew_before_days: 28,
            archive: true,
            post_quantum: false,
            delivery: DeliveryPolicy {
                intended_purpose: IntendedPurpose::SmimeEncryption,
                pfx: PfxProfile::Compatible,
                connector: None,
                former_on_devices: None,
            },
            assignment: Assignment {
                include: vec![GroupId::from(self.sim.smime_group())],
                exclude: Vec::new(),
                shared_mailboxes: true,
            },
            ending: if options.week { BRISK } else { EndingPolicy::USUAL },
        };
        let cba = Template {
            id: ids.next(),
            name: "Sign-in".to_owned(),
            description: "Certificate-based sign-in to Entra ID".to_owned(),
            purpose: Purpose::Cba,
            organization: None,
            key: KeyAlgorithm::P256,
            archive: false,
            validity_days: 180,
            renew_before_days: 21,
            delivery: DeliveryPolicy {
                intended_purpose: IntendedPurpose::Unassigned,
                pfx: PfxProfile::Modern,
                connector: None,
                former_on_devices: None,
            },
            assignment: Assignment {
                include: vec![GroupId::from(self.sim.sign_in_group())],
                exclude: Vec::new(),
                shared_mailboxes: false,
            },
            ..smime.clone()
        };
        [smime, cba]
    }

    /// Recovers up to `wanted` archived keys, in turn by each agent, and proves that each fits its certificate.
    pub(crate) async fn recover(&self, program: &Program, wanted: usize) -> Result<u64, ComposeError> {
        let mut agents = Vec::new();
        for (stem, _) in KRAS {
            let folder = self.home.path().join("kra");
            let password = read_text(&folder.join(format!("{stem}.password")))?;
            let file = folder.join(format!("{stem}.p12"));
            let bytes = std::fs::read(file).map_err(|error| unusable(&error))?;
            agents.push(
                FileRecoveryKey::from_bytes(&bytes, password.trim(), format!("file {stem}.p12"))
                    .map_err(|error| unusable(&error))?,
            );
        }
        let filter = CertificateFilter {
            states: vec![CertificateState::Valid],
            archived: Some(true),
            ..CertificateFilter::default()
        };
        let limit = u32::try_from(wanted).unwrap_or(u32::MAX);
        let page = program
            .store
            .read()
            .await?
            .certificates()
            .list(&filter, CertificateOrder::CommonName, &PageRequest::first(limit))
            .await?;
        let mut recovered = 0;
        for (row, agent) in page.rows.iter().zip(agents.iter().cycle()) {
            let request = recover::Request {
                certificate: row.certificate.id,
                actor: program.actor.clone(),
                reason: "demo: proof that the archive opens".to_owned(),
                profile: PfxProfile::Modern,
            };
            let got = recover::recover(
                program.store.as_ref(),
                program.clock.as_ref(),
                program.entropy.as_ref(),
                agent,
                &request,
            )
            .await
            .map_err(|error| unusable(&error))?;
            let opened = crypto::pfx::open(&got.pfx, &got.password).map_err(|error| unusable(&error))?;
            let fits = opened.certificate.thumbprint() == row.certificate.thumbprint;
            recovered += u64::from(fits);
        }
        Ok(recovered)
    }
}

fn read_text(path: &Path) -> Result<zeroize::Zeroizing<String>, ComposeError> {
    std::fs::read_to_string(path).map(zeroize::Zeroizing::new).map_err(|error| unusable(&error))
}

fn tenant(options: &DemoOptions) -> Result<sim::Tenant, ComposeError> {
    match &options.tenant {
        None => Ok(sim::Tenant::invent().people(options.people).mailboxes(options.mailboxes).build()),
        Some(path) => {
            let export = std::fs::read(path).map_err(|error| {
                ComposeError::Unusable(format!("the tenant file {} cannot be read: {error}", path.display()))
            })?;
            let tenant = sim::Tenant::from_graph_export(&export).map_err(|error| {
                ComposeError::Unusable(format!(
                    "{} is not an answer of `GET /users`: {}",
                    path.display(),
                    chain(&error)
                ))
            })?;
            Ok(tenant.with_mailboxes(options.mailboxes))
        }
    }
}
