//! Persons who sign in at the console: the program's side of [`api::SignInHost`].
//!
//! Who has signed in is taken up at once: the program is opened anew, and acts and asks as that person. Whoever signs out here
//! leaves a window that looks and does nothing more, whatever the settings ask for: a page that is not to be trusted could sign
//! somebody out to get rid of their roles.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use api::{ErrorCode, SignInHost, SignInStanding, SignedInPerson, WaitingSignIn, WireError};
use async_trait::async_trait;
use net::entra::Session;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::told;
use crate::compose::ComposeError;
use crate::failure::Failure;
use crate::person::{Keeping, Place, ProductRole, SignedIn, Standing};
use crate::settings::{Home, Settings};
use crate::signing_in::{Begun, By, open};

/// Where persons sign in.
pub(super) struct Reception {
    home: Home,
    desk: Weak<Desk>,
    own: Weak<Self>,
    state: Mutex<State>,
    /// Goes away with the desk.
    work: Mutex<JoinSet<()>>,
}

#[derive(Default)]
struct State {
    /// Counts sign-ins, so that one that was ended says nothing about the next.
    number: u64,
    waiting: Option<WaitingSignIn>,
    /// Ends the waiting, and nothing that comes after it: a session that is being kept is kept.
    stop: CancellationToken,
    failure: Option<WireError>,
    unkept: Option<&'static str>,
}

impl Reception {
    pub(super) fn of(home: &Home, desk: Weak<Desk>) -> Arc<Self> {
        Arc::new_cyclic(|own| Self {
            home: home.clone(),
            desk,
            own: own.clone(),
            state: Mutex::default(),
            work: Mutex::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self) -> Result<Option<Place>, WireError> {
        let settings = Settings::load(&self.home).map_err(|error| told(error.into()))?;
        Place::of(&self.home, &settings).map_err(told)
    }

    fn known(&self) -> Result<Place, WireError> {
        self.place()?.ok_or_else(|| {
            WireError::new(
                ErrorCode::NotPossible,
                "this installation does not know to which application people sign in",
                "name it as client-id under [sign-in] in sealwright.toml; docs/tenant.md says how it is registered",
            )
        })
    }

    /// Says how a sign-in ended, unless it was given up meanwhile. `false` then.
    fn end(&self, number: u64, change: impl FnOnce(&mut State)) -> bool {
        let mut state = self.state();
        if state.number != number {
            return false;
        }
        state.waiting = None;
        change(&mut state);
        true
    }

    /// Ends whatever waits, and forgets how the last one ended.
    fn clear(&self) -> (u64, CancellationToken) {
        let mut state = self.state();
        state.stop.cancel();
        *state = State { number: state.number + 1, ..State::default() };
        (state.number, state.stop.clone())
    }

    async fn finish(&self, place: Place, session: Session, number: u64) {
        // Nobody is signed in by a sign-in that was given up.
        if self.state().number != number {
            return;
        }
        // A keyring may ask a person first.
        let kept = tokio::task::spawn_blocking(move || place.keep(&session)).await;
        let kept =
            kept.unwrap_or_else(|error| Err(ComposeError::Unusable(format!("it was cut off: {error}"))));
        let taken_up = match kept {
            Ok(Keeping::Kept(_)) => match self.desk.upgrade() {
                Some(desk) => desk.seat_anew().await,
                None => Ok(()),
            },
            Ok(Keeping::NoKeyring) => {
                self.end(number, |state| state.unkept = Some("noKeyring"));
                return;
            }
            Ok(Keeping::NoRefreshToken) => {
                self.end(number, |state| state.unkept = Some("noRefreshToken"));
                return;
            }
            Err(error) => Err(error),
        };
        self.end(number, |state| state.failure = taken_up.err().map(told));
    }
}

#[async_trait]
impl SignInHost for Reception {
    async fn standing(&self) -> Result<SignInStanding, WireError> {
        let place = self.place()?;
        let (known, required) = (place.is_some(), place.is_some_and(|place| place.required()));
        let (who, outdated) = match self.desk.upgrade() {
            Some(desk) => desk.seated().await?,
            None => return Ok(SignInStanding::default()),
        };
        let state = self.state();
        Ok(SignInStanding {
            known,
            required,
            person: who.standing.person().map(shown),
            ended: who.standing == Standing::Ended,
            outdated,
            actor: who.actor,
            waiting: state.waiting.clone(),
            failure: state.failure.clone(),
            unkept: state.unkept.map(str::to_owned),
        })
    }

    async fn begin(&self, with_browser: bool) -> Result<(), WireError> {
        let place = self.known()?;
        let (number, stop) = self.clear();
        let by = if with_browser { By::Browser } else { By::Code };
        let begun = Begun::at(&place, by).await.map_err(|error| WireError::from(Failure::from(error)))?;
        let waiting = WaitingSignIn {
            by: if with_browser { "browser" } else { "code" }.to_owned(),
            address: begun.address().to_owned(),
            code: begun.code().map(str::to_owned),
            // Where a code is entered, any browser is as good; the person chooses the machine.
            opened: with_browser && open(begun.address()),
            until: (place.client().clock().now() + begun.life()).to_string(),
        };
        if !self.end(number, |state| state.waiting = Some(waiting)) {
            return Ok(());
        }
        let own = self.own.clone();
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        while work.try_join_next().is_some() {}
        work.spawn(async move {
            let answered = tokio::select! {
                () = stop.cancelled() => return,
                answered = begun.wait() => answered,
            };
            let Some(reception) = own.upgrade() else { return };
            match answered {
                Ok(session) => reception.finish(place, session, number).await,
                Err(error) => {
                    let failure = WireError::from(Failure::from(error));
                    reception.end(number, |state| state.failure = Some(failure));
                }
            }
        });
        Ok(())
    }

    fn cancel(&self) {
        self.clear();
    }

    async fn sign_out(&self) -> Result<(), WireError> {
        let place = self.known()?;
        self.clear();
        let out = tokio::task::spawn_blocking(move || place.sign_out()).await;
        out.unwrap_or_else(|error| Err(ComposeError::Unusable(format!("it was cut off: {error}"))))
            .map_err(told)?;
        if let Some(desk) = self.desk.upgrade() {
            desk.look_again().await?;
        }
        Ok(())
    }
}

fn shown(signed_in: &SignedIn) -> SignedInPerson {
    let role = |role: &ProductRole| serde_json::to_value(role).ok()?.as_str().map(str::to_owned);
    SignedInPerson {
        account: signed_in.person.account.clone(),
        name: signed_in.person.name.clone(),
        roles: signed_in.roles.iter().filter_map(role).collect(),
        confirmed_at: signed_in.confirmed_at.to_string(),
    }
}
