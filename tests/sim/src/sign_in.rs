//! What a test may do in place of a person who signs in elsewhere, of the platform that vouches for a machine, and of whoever
//! administers the registration.

use std::path::Path;
use std::time::Duration;

use uuid::Uuid;

use crate::entra::{self, Verdict};
use crate::{IdTokenLie, MachineIdentity, Sim, SimError};

/// A sign-in by device code for which somebody waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingSignIn {
    /// What the person is to enter.
    pub user_code: String,
}

impl Sim {
    /// The application through which people sign in by device code: a public client with the delegated permission for vaults.
    pub fn officer_client_id(&self) -> Uuid {
        self.world.officer_client_id()
    }

    /// The sign-ins that wait for a person and have not run out, oldest first.
    pub fn waiting_sign_ins(&self) -> Vec<WaitingSignIn> {
        let now = self.now().as_second();
        let sign_ins = self.world.sign_ins.read();
        let waiting = sign_ins.0.iter().filter(|one| one.verdict == Verdict::Waiting && now < one.expires);
        waiting.map(|one| WaitingSignIn { user_code: one.user_code.clone() }).collect()
    }

    /// How many sign-ins by device code were begun.
    pub fn sign_ins_begun(&self) -> usize {
        self.world.sign_ins.read().0.len()
    }

    /// The person enters the code and agrees.
    ///
    /// # Errors
    /// [`SimError::NoSuchSignIn`].
    pub fn approve_sign_in(&self, user_code: &str, person: Uuid) -> Result<(), SimError> {
        self.decide(user_code, Verdict::Approved(person))
    }

    /// The person enters the code and declines.
    ///
    /// # Errors
    /// [`SimError::NoSuchSignIn`].
    pub fn decline_sign_in(&self, user_code: &str) -> Result<(), SimError> {
        self.decide(user_code, Verdict::Declined)
    }

    fn decide(&self, user_code: &str, verdict: Verdict) -> Result<(), SimError> {
        let mut sign_ins = self.world.sign_ins.write();
        let found = sign_ins.0.iter_mut().find(|one| one.user_code == user_code);
        let sign_in = found.filter(|one| one.verdict == Verdict::Waiting);
        sign_in.ok_or_else(|| SimError::NoSuchSignIn(user_code.to_owned()))?.verdict = verdict;
        Ok(())
    }

    // ── people ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Somebody opens the address of a sign-in in a browser and signs in, or declines without a name. Returns where the browser
    /// is sent; `None` where the page refuses.
    pub fn browse(&self, address: &str, person: Option<&str>) -> Option<String> {
        entra::browse(&self.world, address, person)
    }

    /// The application roles that are assigned to a person; id tokens carry them from the next one on.
    pub fn assign_app_roles(&self, person: Uuid, roles: &[&str]) {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        self.world.people.write().roles.insert(person, roles);
    }

    /// Whether people must prove more than a device code can.
    pub fn demand_second_factor(&self, demanded: bool) {
        self.world.people.write().second_factor = demanded;
    }

    /// Whether the administrator's consent is missing.
    pub fn withhold_consent(&self, withheld: bool) {
        self.world.people.write().no_consent = withheld;
    }

    /// Makes the next id tokens false in one way.
    pub fn lie_in_id_tokens(&self, lie: Option<IdTokenLie>) {
        self.world.people.write().lie = lie;
    }

    /// Ends all refresh tokens, as new passwords do.
    pub fn end_sessions(&self) {
        self.world.people.write().end_sessions();
    }

    /// How many refresh tokens may still be used.
    pub fn sessions(&self) -> usize {
        self.world.people.read().sessions()
    }

    // ── machines ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// The machine's own identity.
    pub fn system_identity(&self) -> Option<MachineIdentity> {
        self.world.machine.read().system.clone()
    }

    /// The identities that are assigned to the machine.
    pub fn assigned_identities(&self) -> Vec<MachineIdentity> {
        self.world.machine.read().assigned.clone()
    }

    /// Switches the machine's own identity off.
    pub fn remove_system_identity(&self) {
        self.world.machine.write().system = None;
    }

    /// What App Service puts into `IDENTITY_HEADER`.
    pub fn identity_header(&self) -> String {
        self.world.machine.read().header.clone()
    }

    /// Lets an agent of Azure Arc run here that leaves its challenges in this folder.
    pub fn run_arc_agent(&self, challenges: &Path) {
        self.world.machine.write().challenges = Some(challenges.to_owned());
    }

    /// A token of the cluster whose workloads the registration trusts, for the registered subject or for another.
    ///
    /// # Errors
    /// [`SimError::Crypto`].
    pub fn federated_token(&self, subject: Option<&str>, lifetime: Duration) -> Result<String, SimError> {
        let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX / 2);
        Ok(self.world.federation.token(subject, self.now().as_second(), lifetime)?)
    }

    // ── the registration ──────────────────────────────────────────────────────────────────────────────────────────

    /// Lets the client secret end at this moment of the world.
    pub fn expire_client_secret(&self) {
        self.world.registration.write().secret_ends = Some(self.now());
    }
}
