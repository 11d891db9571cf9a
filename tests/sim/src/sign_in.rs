//! What a test may do in place of a person who signs in elsewhere.

use uuid::Uuid;

use crate::entra::Verdict;
use crate::{Sim, SimError};

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
}
