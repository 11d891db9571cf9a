//! Everything that one simulated world consists of. `server` answers requests from it, `Sim` lets a test look and change.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use openssl::error::ErrorStack;
use uuid::Uuid;

use crate::clock::Clock;
use crate::device::DeviceKeyRing;
use crate::directory::Directory;
use crate::entra::{DeviceSignIns, Federation, Machine, People, Registration, TokenIssuer};
use crate::exchange::Exchange;
use crate::fault::Faults;
use crate::intune::{Connector, PfxStore};
use crate::key_vault::KeyVault;
use crate::lock::Shared;
use crate::memory::Memory;
use crate::{Mailbox, SimError, SimOptions};

/// The choices that matter after the start.
pub(crate) struct Behaviour {
    pub(crate) seed: u64,
    pub(crate) page_size: usize,
    pub(crate) max_page_size: usize,
    pub(crate) token_lifetime: std::time::Duration,
    pub(crate) latency: std::time::Duration,
    pub(crate) duplicate_pfx: crate::DuplicatePfx,
    pub(crate) device_code_interval: std::time::Duration,
}

/// The state of a running simulator.
pub(crate) struct World {
    pub(crate) options: Behaviour,
    pub(crate) tenant_id: Uuid,
    pub(crate) domain: String,
    pub(crate) smime_group: Uuid,
    pub(crate) sign_in_group: Uuid,
    pub(crate) mailboxes: Vec<Mailbox>,
    pub(crate) clock: Clock,
    pub(crate) directory: Shared<Directory>,
    pub(crate) registration: Shared<Registration>,
    pub(crate) issuer: TokenIssuer,
    pub(crate) sign_ins: Shared<DeviceSignIns>,
    pub(crate) people: Shared<People>,
    pub(crate) machine: Shared<Machine>,
    pub(crate) federation: Federation,
    pub(crate) key_vault: Shared<KeyVault>,
    pub(crate) exchange: Shared<Exchange>,
    pub(crate) pfx: Shared<PfxStore>,
    pub(crate) connector: Connector,
    pub(crate) devices: DeviceKeyRing,
    pub(crate) memory: Shared<Memory>,
    pub(crate) faults: Shared<Faults>,
    /// The bearer token of `/_sim/`.
    pub(crate) control_token: String,
    /// Random per run: paging and delta tokens of another run are not valid here.
    pub(crate) run: String,
    /// Where clients reach Graph, if not here.
    pub(crate) gateway: OnceLock<String>,
    /// Counts the invalidations of delta tokens.
    pub(crate) delta_epoch: AtomicU64,
}

impl World {
    /// Makes keys and moves the tenant in.
    pub(crate) fn create(options: SimOptions) -> Result<Self, SimError> {
        let tenant = options.tenant;
        let directory = Directory::new(&tenant);
        let exchange = Exchange::new(&tenant);
        let machine = Machine::of(tenant.app.client_id, tenant.app.roles.clone());
        Ok(Self {
            options: Behaviour {
                seed: options.seed,
                page_size: options.page_size.clamp(1, 999),
                max_page_size: options.max_page_size.clamp(1, 999),
                token_lifetime: options.token_lifetime,
                latency: options.latency,
                duplicate_pfx: options.duplicate_pfx,
                device_code_interval: options.device_code_interval,
            },
            tenant_id: tenant.id,
            domain: tenant.domain,
            smime_group: tenant.smime_group,
            sign_in_group: tenant.sign_in_group,
            mailboxes: tenant.mailboxes,
            clock: Clock::behind(options.begun_ago),
            directory: Shared::new(directory),
            registration: Shared::new(Registration::new(tenant.app)?),
            issuer: TokenIssuer::make()?,
            sign_ins: Shared::default(),
            people: Shared::default(),
            machine: Shared::new(machine),
            federation: Federation::make()?,
            key_vault: Shared::default(),
            exchange: Shared::new(exchange),
            pfx: Shared::default(),
            connector: Connector::make()?,
            devices: DeviceKeyRing::new(options.device_keys),
            memory: Shared::new(Memory::new(options.remembered_requests)),
            faults: Shared::default(),
            control_token: random()?,
            run: random()?,
            gateway: OnceLock::new(),
            delta_epoch: AtomicU64::new(0),
        })
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.delta_epoch.load(Ordering::Relaxed)
    }

    pub(crate) fn invalidate_delta_tokens(&self) {
        self.delta_epoch.fetch_add(1, Ordering::Relaxed);
    }
}

/// 128 random bits in hexadecimal.
fn random() -> Result<String, ErrorStack> {
    let mut bytes = [0; 16];
    openssl::rand::rand_bytes(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// A random identifier for one request.
pub(crate) fn request_id() -> Uuid {
    let mut bytes = [0; 16];
    // An id that is not random is a nuisance in a log, not a danger.
    if openssl::rand::rand_bytes(&mut bytes).is_err() {
        return Uuid::nil();
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
