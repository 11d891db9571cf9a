//! The handle of a running world: start, stop, look, change, spoil.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::intune::{KEY_NAME, PROVIDER_NAME};
use crate::tls::Tls;
use crate::world::World;
use crate::{
    AppRegistration, DeviceMail, DeviceReport, Fault, Mailbox, Member, PfxCreated, PfxRecord, RequestRecord,
    SimError, SimOptions, User, device, server,
};

/// Requests under way may take this long after [`Sim::stop`].
const GRACE: Duration = Duration::from_secs(2);

/// How a user leaves the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Removal {
    /// Into the recycle bin: delta says `changed`, [`Sim::restore_user`] brings the user back.
    Soft,
    /// For good: delta says `deleted`.
    Hard,
}

/// A running simulated Microsoft cloud. Clones are handles of the same world; the listener ends with [`Sim::stop`] or with the last handle.
#[derive(Clone)]
pub struct Sim {
    pub(crate) world: Arc<World>,
    listener: Arc<Listener>,
}

/// What keeps the listener alive.
struct Listener {
    base_url: String,
    plain_url: String,
    ca_pem: String,
    tasks: TaskTracker,
    stop: CancellationToken,
    _stop_on_drop: DropGuard,
}

impl Sim {
    /// Starts a world in the caller's tokio runtime.
    ///
    /// # Errors
    /// [`SimError::NotLoopback`], [`SimError::Bind`], [`SimError::Crypto`], [`SimError::Unusable`] for a client certificate that is none.
    pub async fn start(options: SimOptions) -> Result<Self, SimError> {
        let bind = options.bind;
        if !bind.ip().is_loopback() {
            return Err(SimError::NotLoopback(bind));
        }
        // Key generation takes a tenth of a second or more: not on a thread that serves others.
        let made = spawn_blocking(move || -> Result<(Tls, World), SimError> {
            Ok((Tls::make()?, World::create(options)?))
        });
        let (tls, world) = made.await.map_err(|error| SimError::Interrupted(error.to_string()))??;
        let refused = |source| SimError::Bind { address: bind, source };
        let listener = TcpListener::bind(bind).await.map_err(refused)?;
        let port = listener.local_addr().map_err(refused)?.port();
        // Machines are vouched for at another port, without TLS.
        let plain = TcpListener::bind((bind.ip(), 0)).await.map_err(refused)?;
        let plain_port = plain.local_addr().map_err(refused)?.port();
        let (world, tasks, stop) = (Arc::new(world), TaskTracker::new(), CancellationToken::new());
        tasks.spawn(server::listen_plain(plain, Arc::clone(&world), tasks.clone(), stop.clone()));
        tasks.spawn(server::listen(listener, tls.context, Arc::clone(&world), tasks.clone(), stop.clone()));
        tasks.close();
        let listener = Listener {
            base_url: format!("https://localhost:{port}"),
            plain_url: format!("http://localhost:{plain_port}"),
            ca_pem: tls.ca_pem,
            tasks,
            _stop_on_drop: stop.clone().drop_guard(),
            stop,
        };
        Ok(Self { world, listener: Arc::new(listener) })
    }

    /// Stops listening, waits for the requests under way, at most two seconds.
    pub async fn stop(&self) {
        self.listener.stop.cancel();
        // Whoever is still talking after the grace is cut off when the runtime ends.
        let _ = tokio::time::timeout(GRACE, self.listener.tasks.wait()).await;
    }

    /// `https://localhost:{port}`: the authority, and (with `/v1.0`, `/beta`) Graph.
    pub fn base_url(&self) -> &str {
        &self.listener.base_url
    }

    /// `http://localhost:{port}`: what vouches for machines. `/metadata/identity/oauth2/token` is a virtual machine's,
    /// `/msi/token` App Service's, `/arc/metadata/identity/oauth2/token` Azure Arc's.
    pub fn plain_url(&self) -> &str {
        &self.listener.plain_url
    }

    /// The throw-away CA that clients must trust (PEM).
    pub fn ca_pem(&self) -> &str {
        &self.listener.ca_pem
    }

    /// The bearer token of the control routes under `/_sim/`.
    pub fn control_token(&self) -> &str {
        &self.world.control_token
    }

    /// The tenant id.
    pub fn tenant_id(&self) -> Uuid {
        self.world.tenant_id
    }

    /// The domain of the tenant's addresses.
    pub fn domain(&self) -> &str {
        &self.world.domain
    }

    /// The product's registration as it is at this moment.
    pub fn app(&self) -> AppRegistration {
        self.world.registration.read().app.clone()
    }

    /// The group `SMIME users`.
    pub fn smime_group(&self) -> Uuid {
        self.world.smime_group
    }

    /// The group `Sign-in certificates`.
    pub fn sign_in_group(&self) -> Uuid {
        self.world.sign_in_group
    }

    /// The shared mailboxes as they were at the start.
    pub fn mailboxes(&self) -> &[Mailbox] {
        &self.world.mailboxes
    }

    // ── the connector ─────────────────────────────────────────────────────────────────────────────────────────────

    /// The connector's public key as `Export-IntunePublicKey` writes it: a CNG blob of 283 bytes.
    pub fn connector_public_key_blob(&self) -> Vec<u8> {
        self.world.connector.public_key_blob.clone()
    }

    /// The same key as PEM (`SubjectPublicKeyInfo`).
    pub fn connector_public_key_pem(&self) -> String {
        self.world.connector.public_key_pem.clone()
    }

    /// The provider under which the connector holds its key.
    pub fn connector_provider_name(&self) -> &'static str {
        PROVIDER_NAME
    }

    /// The name of the connector's key.
    pub fn connector_key_name(&self) -> &'static str {
        KEY_NAME
    }

    // ── the clock ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// The time in the world: the machine's time plus what tests have added.
    pub fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    /// Moves the world's clock forward. Tokens expire by it.
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
    }

    // ── people ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// All living users, in the order of their creation.
    pub fn users(&self) -> Vec<User> {
        self.world.directory.read().users_after(0).map(|(_, user)| User::clone(user)).collect()
    }

    /// A living user by object id or user principal name (any case).
    pub fn user(&self, id_or_upn: &str) -> Option<User> {
        self.world.directory.read().user_called(id_or_upn).map(|user| User::clone(user))
    }

    /// Creates a user and puts them into groups.
    ///
    /// # Errors
    /// [`SimError::UserExists`], [`SimError::NoSuchGroup`].
    pub fn add_user(&self, user: User, groups: &[Uuid]) -> Result<(), SimError> {
        self.world.directory.write().add_user(user, groups)
    }

    /// Removes a user from the directory and from all groups.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn remove_user(&self, id: Uuid, removal: Removal) -> Result<(), SimError> {
        self.world.directory.write().remove_user(id, removal)
    }

    /// Brings a softly removed user back, into the groups they were in.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn restore_user(&self, id: Uuid) -> Result<(), SimError> {
        self.world.directory.write().restore_user(id)
    }

    /// Changes a user in any way; delta queries report exactly the properties that differ afterwards. The id cannot change.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn edit_user(&self, id: Uuid, edit: impl FnOnce(&mut User)) -> Result<(), SimError> {
        self.world.directory.write().edit_user(id, |user| {
            edit(user);
            Ok(())
        })
    }

    /// Gives a user another name (given name, surname and the display name made of them).
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn rename_user(&self, id: Uuid, given_name: &str, surname: &str) -> Result<(), SimError> {
        self.edit_user(id, |user| {
            user.given_name = Some(given_name.to_owned());
            user.surname = Some(surname.to_owned());
            user.display_name = Some(format!("{given_name} {surname}"));
        })
    }

    /// Gives a user another primary address; the old one stays as an alias.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn change_mail(&self, id: Uuid, mail: &str) -> Result<(), SimError> {
        self.edit_user(id, |user| {
            for address in &mut user.proxy_addresses {
                if let Some(primary) = address.strip_prefix("SMTP:") {
                    *address = format!("smtp:{primary}");
                }
            }
            user.proxy_addresses.retain(|address| !address.eq_ignore_ascii_case(&format!("smtp:{mail}")));
            user.proxy_addresses.insert(0, format!("SMTP:{mail}"));
            user.mail = Some(mail.to_owned());
        })
    }

    /// Blocks or allows a user's sign-in.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn set_enabled(&self, id: Uuid, enabled: bool) -> Result<(), SimError> {
        self.edit_user(id, |user| user.account_enabled = enabled)
    }

    /// Has a user mastered in a directory on premises, or here.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn set_synchronised(&self, id: Uuid, is_synchronised: bool) -> Result<(), SimError> {
        self.edit_user(id, |user| user.on_premises_sync_enabled = is_synchronised.then_some(true))
    }

    /// Adds a direct member. Adding one that is there already changes nothing.
    ///
    /// # Errors
    /// [`SimError::NoSuchGroup`], [`SimError::NoSuchUser`].
    pub fn add_to_group(&self, group: Uuid, member: Member) -> Result<(), SimError> {
        self.world.directory.write().add_member(group, member)
    }

    /// Removes a direct member. Removing one that is not there changes nothing.
    ///
    /// # Errors
    /// [`SimError::NoSuchGroup`].
    pub fn remove_from_group(&self, group: Uuid, member: Member) -> Result<(), SimError> {
        self.world.directory.write().remove_member(group, member)
    }

    /// Removes a user from every group that has them as a direct member: what a leaver looks like from outside.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn remove_from_all_groups(&self, id: Uuid) -> Result<(), SimError> {
        self.world.directory.write().remove_from_all_groups(id)
    }

    /// Clients reach Graph through a gateway, such as `http://127.0.0.1:4010`: links in its answers lead there. Said once.
    pub fn behind(&self, gateway: &str) {
        let _ = self.world.gateway.set(gateway.to_owned());
    }

    /// From here on every delta token handed out so far is answered with 410 and a `Location` to start over.
    pub fn invalidate_delta_tokens(&self) {
        self.world.invalidate_delta_tokens();
    }

    // ── the registration ──────────────────────────────────────────────────────────────────────────────────────────

    /// Grants exactly these roles. Tokens issued earlier keep the old ones.
    pub fn set_roles(&self, roles: &[&str]) {
        self.world.registration.write().app.roles = roles.iter().map(|role| (*role).to_owned()).collect();
    }

    /// Replaces the client secret.
    pub fn set_client_secret(&self, secret: &str) {
        self.world.registration.write().app.secret = Some(secret.to_owned());
    }

    /// Registers one more certificate (PEM) for client assertions.
    ///
    /// # Errors
    /// [`SimError::Unusable`] when it is no certificate with an RSA key.
    pub fn register_client_certificate(&self, pem: &str) -> Result<(), SimError> {
        self.world.registration.write().add_certificate(pem)
    }

    // ── memory and faults ─────────────────────────────────────────────────────────────────────────────────────────

    /// The remembered requests, oldest first. Control routes are not remembered.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.world.memory.read().since(0)
    }

    /// How many requests were answered since the start; [`Sim::clear_requests`] does not reset it.
    pub fn request_count(&self) -> u64 {
        self.world.memory.read().count()
    }

    /// Forgets the requests.
    pub fn clear_requests(&self) {
        self.world.memory.write().clear();
    }

    /// Orders a fault. Earlier ones go first.
    pub fn add_fault(&self, fault: Fault) {
        self.world.faults.write().add(fault);
    }

    /// The faults that still have requests to spoil.
    pub fn faults(&self) -> Vec<Fault> {
        self.world.faults.read().open()
    }

    /// Withdraws all faults.
    pub fn clear_faults(&self) {
        self.world.faults.write().clear();
    }

    /// The imported PFX that exist, ordered by id.
    pub fn pfx_records(&self) -> Vec<PfxRecord> {
        let mut records: Vec<PfxRecord> =
            self.world.pfx.read().after(0).map(|(_, record)| record.clone()).collect();
        records.sort_by(|a, b| a.id.cmp(&b.id));
        records
    }

    /// Every accepted create since the start, oldest first, also of records deleted later.
    pub fn pfx_created(&self) -> Vec<PfxCreated> {
        self.world.pfx.read().created().to_vec()
    }

    /// How many accepted or refused creates named a (user, thumbprint) that had been created before: 0 when each was posted once.
    pub fn pfx_duplicates(&self) -> usize {
        self.world.pfx.read().duplicates()
    }

    /// Adds or changes a record behind the product's back; its id says which.
    pub fn put_pfx(&self, record: PfxRecord) {
        self.world.pfx.write().put(record);
    }

    /// Deletes a record behind the product's back. `false` when there is none.
    pub fn delete_pfx(&self, record: &str) -> bool {
        self.world.pfx.write().remove(record)
    }

    // ── devices ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// Every device of every person fetches every record of its person, opens it and reads a canary mail.
    ///
    /// Runs on the blocking threads of the runtime, on all cores.
    ///
    /// # Errors
    /// [`SimError::Crypto`] when a device cannot make its own key. What is wrong with a record is in the report.
    pub async fn devices_check_in(&self) -> Result<DeviceReport, SimError> {
        check_in(&self.world, None).await
    }

    /// The same for the devices of some people only.
    ///
    /// # Errors
    /// As [`Sim::devices_check_in`].
    pub async fn devices_of(&self, people: &[Uuid]) -> Result<DeviceReport, SimError> {
        check_in(&self.world, Some(people)).await
    }

    /// Opens a mail (RFC 5322) on each device of a person that was delivered to.
    ///
    /// # Errors
    /// As [`Sim::devices_check_in`].
    pub async fn read_mail(&self, person: Uuid, message: &[u8]) -> Result<Vec<DeviceMail>, SimError> {
        let (world, message) = (Arc::clone(&self.world), message.to_vec());
        spawn_blocking(move || device::read_mail(&world, person, &message))
            .await
            .map_err(|error| SimError::Interrupted(error.to_string()))?
            .map_err(SimError::from)
    }
}

/// Sends the devices of `people` (or of everybody) to the connector, on all cores.
pub(crate) async fn check_in(world: &Arc<World>, people: Option<&[Uuid]>) -> Result<DeviceReport, SimError> {
    let visits = Arc::new(device::visits(world, people));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let parts: Vec<_> = (0..cores)
        .map(|first| {
            let (world, visits) = (Arc::clone(world), Arc::clone(&visits));
            spawn_blocking(move || device::check_in(&world, &visits, first, cores))
        })
        .collect();
    let mut checks = Vec::new();
    for part in parts {
        checks.extend(part.await.map_err(|error| SimError::Interrupted(error.to_string()))??);
    }
    Ok(device::report(checks))
}
