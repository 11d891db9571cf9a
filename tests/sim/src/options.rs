//! How a simulated world is to behave: everything a test may choose before the start.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::Tenant;

/// What Intune does when the same thumbprint is posted for the same user a second time.
///
/// The behaviour of the real service is not documented, so a product must survive all three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DuplicatePfx {
    /// 409; the first record stays.
    #[default]
    Conflict,
    /// The opaque 400 that stands for every validation failure; the first record stays.
    BadRequest,
    /// 201; the record is replaced. It still counts as a second create in [`crate::Sim::pfx_created`].
    Replace,
}

/// How many key pairs the virtual devices have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DeviceKeys {
    /// As in reality: each device has its own RSA-2048 key (made at its first check-in, about 70 ms each).
    #[default]
    PerDevice,
    /// All devices of one platform share a key: for thousands of devices, where key generation would be all that is measured.
    PerPlatform,
}

/// The choices for one simulated world.
#[derive(Clone, Debug)]
pub struct SimOptions {
    /// Who lives there.
    pub tenant: Tenant,
    /// Where to listen. Must be loopback; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Decides every choice that the world makes by itself (the order of shuffled items). Keys and tokens are always random.
    pub seed: u64,
    /// Items on a page when the client does not ask with `$top`. Graph's own default is 100.
    pub page_size: usize,
    /// No page is longer, whatever `$top` says. Set it small to make a client walk many pages. Graph's own limit is 999.
    pub max_page_size: usize,
    /// How long an access token lives on the simulator's clock.
    pub token_lifetime: Duration,
    /// Waited before every answer (the control routes are exempt).
    pub latency: Duration,
    /// See [`DuplicatePfx`].
    pub duplicate_pfx: DuplicatePfx,
    /// See [`DeviceKeys`].
    pub device_keys: DeviceKeys,
    /// How long whoever waits for a sign-in by device code is told to wait between two questions; whole seconds.
    pub device_code_interval: Duration,
    /// How far the world's clock is behind the machine's at the start, for a story that ends in the present.
    pub begun_ago: Duration,
    /// The request memory keeps this many of the newest requests.
    pub remembered_requests: usize,
}

impl SimOptions {
    /// The ordinary world around `tenant`: real page sizes, tokens of one hour, no latency.
    pub fn new(tenant: Tenant) -> Self {
        Self {
            tenant,
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 1,
            page_size: 100,
            max_page_size: 999,
            token_lifetime: Duration::from_secs(3599),
            latency: Duration::ZERO,
            duplicate_pfx: DuplicatePfx::default(),
            device_keys: DeviceKeys::default(),
            device_code_interval: Duration::from_secs(5),
            begun_ago: Duration::ZERO,
            remembered_requests: 1_000_000,
        }
    }

    /// Pages of at most `items`, also when the client asks for more.
    #[must_use]
    pub fn with_pages_of(mut self, items: usize) -> Self {
        self.page_size = items.max(1);
        self.max_page_size = items.max(1);
        self
    }

    /// Waits `latency` before each answer.
    #[must_use]
    pub fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Access tokens live this long.
    #[must_use]
    pub fn with_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Sign-ins by device code are asked about this often.
    #[must_use]
    pub fn with_device_code_interval(mut self, interval: Duration) -> Self {
        self.device_code_interval = interval;
        self
    }

    /// One device key per platform instead of one per device.
    #[must_use]
    pub fn with_shared_device_keys(mut self) -> Self {
        self.device_keys = DeviceKeys::PerPlatform;
        self
    }
}

impl Default for SimOptions {
    /// 25 people and 2 shared mailboxes.
    fn default() -> Self {
        Self::new(Tenant::invent().people(25).mailboxes(2).build())
    }
}
