//! The handle of a running world: start, stop, look, change, spoil.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    AppRegistration, DeviceReport, Fault, Mailbox, Member, PfxCreated, PfxRecord, RequestRecord, SimError,
    SimOptions, User,
};

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
pub struct Sim {}

impl Sim {
    /// Starts a world in the caller's tokio runtime.
    ///
    /// # Errors
    /// [`SimError::NotLoopback`], [`SimError::Bind`], [`SimError::Crypto`], [`SimError::Unusable`] for a client certificate that is none.
    pub async fn start(options: SimOptions) -> Result<Self, SimError> {
        let _ = options;
        todo!()
    }

    /// Stops listening, waits for the requests under way, at most two seconds.
    pub async fn stop(&self) {}

    /// `https://localhost:{port}`: the authority, and (with `/v1.0`, `/beta`) Graph.
    pub fn base_url(&self) -> &str {
        todo!()
    }

    /// The throw-away CA that clients must trust (PEM).
    pub fn ca_pem(&self) -> &str {
        todo!()
    }

    /// The bearer token of the control routes under `/_sim/`.
    pub fn control_token(&self) -> &str {
        todo!()
    }

    /// The tenant id.
    pub fn tenant_id(&self) -> Uuid {
        todo!()
    }

    /// The domain of the tenant's addresses.
    pub fn domain(&self) -> &str {
        todo!()
    }

    /// The product's registration as it is at this moment.
    pub fn app(&self) -> AppRegistration {
        todo!()
    }

    /// The group `SMIME users`.
    pub fn smime_group(&self) -> Uuid {
        todo!()
    }

    /// The group `Sign-in certificates`.
    pub fn sign_in_group(&self) -> Uuid {
        todo!()
    }

    /// The shared mailboxes as they were at the start.
    pub fn mailboxes(&self) -> &[Mailbox] {
        todo!()
    }

    // ── the connector ─────────────────────────────────────────────────────────────────────────────────────────────

    /// The connector's public key as `Export-IntunePublicKey` writes it: a CNG blob of 283 bytes.
    pub fn connector_public_key_blob(&self) -> Vec<u8> {
        todo!()
    }

    /// The same key as PEM (`SubjectPublicKeyInfo`).
    pub fn connector_public_key_pem(&self) -> String {
        todo!()
    }

    /// The provider under which the connector holds its key.
    pub fn connector_provider_name(&self) -> &'static str {
        "Microsoft Software Key Storage Provider"
    }

    /// The name of the connector's key.
    pub fn connector_key_name(&self) -> &'static str {
        "PFXEncryptionKey"
    }

    // ── the clock ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// The time in the world: the machine's time plus what tests have added.
    pub fn now(&self) -> Timestamp {
        todo!()
    }

    /// Moves the world's clock forward. Tokens expire by it.
    pub fn advance(&self, by: Duration) {
        let _ = by;
        todo!()
    }

    // ── people ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// All living users, in the order of their creation.
    pub fn users(&self) -> Vec<User> {
        todo!()
    }

    /// A living user by object id or user principal name (any case).
    pub fn user(&self, id_or_upn: &str) -> Option<User> {
        let _ = id_or_upn;
        todo!()
    }

    /// Creates a user and puts them into groups.
    ///
    /// # Errors
    /// [`SimError::UserExists`], [`SimError::NoSuchGroup`].
    pub fn add_user(&self, user: User, groups: &[Uuid]) -> Result<(), SimError> {
        let _ = (user, groups);
        todo!()
    }

    /// Removes a user from the directory and from all groups.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn remove_user(&self, id: Uuid, removal: Removal) -> Result<(), SimError> {
        let _ = (id, removal);
        todo!()
    }

    /// Brings a softly removed user back, into the groups they were in.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn restore_user(&self, id: Uuid) -> Result<(), SimError> {
        let _ = id;
        todo!()
    }

    /// Changes a user in any way; delta queries report exactly the properties that differ afterwards. The id cannot change.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn edit_user(&self, id: Uuid, edit: impl FnOnce(&mut User)) -> Result<(), SimError> {
        let _ = (id, edit);
        todo!()
    }

    /// Gives a user another name (given name, surname and the display name made of them).
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn rename_user(&self, id: Uuid, given_name: &str, surname: &str) -> Result<(), SimError> {
        let _ = (id, given_name, surname);
        todo!()
    }

    /// Gives a user another primary address; the old one stays as an alias.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn change_mail(&self, id: Uuid, mail: &str) -> Result<(), SimError> {
        let _ = (id, mail);
        todo!()
    }

    /// Blocks or allows a user's sign-in.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn set_enabled(&self, id: Uuid, enabled: bool) -> Result<(), SimError> {
        let _ = (id, enabled);
        todo!()
    }

    /// Adds a direct member. Adding one that is there already changes nothing.
    ///
    /// # Errors
    /// [`SimError::NoSuchGroup`], [`SimError::NoSuchUser`].
    pub fn add_to_group(&self, group: Uuid, member: Member) -> Result<(), SimError> {
        let _ = (group, member);
        todo!()
    }

    /// Removes a direct member. Removing one that is not there changes nothing.
    ///
    /// # Errors
    /// [`SimError::NoSuchGroup`].
    pub fn remove_from_group(&self, group: Uuid, member: Member) -> Result<(), SimError> {
        let _ = (group, member);
        todo!()
    }

    /// Removes a user from every group that has them as a direct member: what a leaver looks like from outside.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn remove_from_all_groups(&self, id: Uuid) -> Result<(), SimError> {
        let _ = id;
        todo!()
    }

    /// From here on every delta token handed out so far is answered with 410 and a `Location` to start over.
    pub fn invalidate_delta_tokens(&self) {
        todo!()
    }

    // ── the registration ──────────────────────────────────────────────────────────────────────────────────────────

    /// Grants exactly these roles. Tokens issued earlier keep the old ones.
    pub fn set_roles(&self, roles: &[&str]) {
        let _ = roles;
        todo!()
    }

    /// Replaces the client secret.
    pub fn set_client_secret(&self, secret: &str) {
        let _ = secret;
        todo!()
    }

    /// Registers one more certificate (PEM) for client assertions.
    ///
    /// # Errors
    /// [`SimError::Unusable`] when it is no certificate with an RSA key.
    pub fn register_client_certificate(&self, pem: &str) -> Result<(), SimError> {
        let _ = pem;
        todo!()
    }

    // ── memory and faults ─────────────────────────────────────────────────────────────────────────────────────────

    /// The remembered requests, oldest first. Control routes are not remembered.
    pub fn requests(&self) -> Vec<RequestRecord> {
        todo!()
    }

    /// How many requests were answered since the start; [`Sim::clear_requests`] does not reset it.
    pub fn request_count(&self) -> u64 {
        todo!()
    }

    /// Forgets the requests.
    pub fn clear_requests(&self) {
        todo!()
    }

    /// Orders a fault. Earlier ones go first.
    pub fn add_fault(&self, fault: Fault) {
        let _ = fault;
        todo!()
    }

    /// The faults that still have requests to spoil.
    pub fn faults(&self) -> Vec<Fault> {
        todo!()
    }

    /// Withdraws all faults.
    pub fn clear_faults(&self) {
        todo!()
    }

    /// The imported PFX that exist, ordered by id.
    pub fn pfx_records(&self) -> Vec<PfxRecord> {
        todo!()
    }

    /// Every accepted create since the start, oldest first, also of records deleted later.
    pub fn pfx_created(&self) -> Vec<PfxCreated> {
        todo!()
    }

    /// How many accepted or refused creates named a (user, thumbprint) that had been created before: 0 when each was posted once.
    pub fn pfx_duplicates(&self) -> usize {
        todo!()
    }

    /// Deletes a record behind the product's back. `false` when there is none.
    pub fn delete_pfx(&self, record: &str) -> bool {
        let _ = record;
        todo!()
    }

    // ── devices ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// Every device of every person fetches every record of its person, opens it and reads a canary mail.
    ///
    /// Runs on the blocking threads of the runtime, on all cores.
    ///
    /// # Errors
    /// [`SimError::Crypto`] when a device cannot make its own key. What is wrong with a record is in the report.
    pub async fn devices_check_in(&self) -> Result<DeviceReport, SimError> {
        todo!()
    }

    /// The same for the devices of some people only.
    ///
    /// # Errors
    /// As [`Sim::devices_check_in`].
    pub async fn devices_of(&self, people: &[Uuid]) -> Result<DeviceReport, SimError> {
        let _ = people;
        todo!()
    }
}
