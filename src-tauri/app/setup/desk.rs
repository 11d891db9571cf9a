//! What window and bridge show: the assistant while there is nothing else, the program afterwards. One is exchanged for
//! the other without a restart.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use admit::AdmitError;
use api::{ErrorCode, WireError};
use serde_json::Value;
use uuid::Uuid;

use super::assistant::Assistant;
use super::sign_in::Reception;
use super::tenant::TenantDesk;
use crate::compose::{ComposeError, Program};
use crate::daemon::{self, Background};
use crate::host::ProgramHost;
use crate::person::{self, Deed, Who, deed};
use crate::recovery::Room;
use crate::settings::Home;

/// The place where a person sits.
pub(crate) struct Desk {
    home: Home,
    own: Weak<Self>,
    assistant: Arc<Assistant>,
    reception: Arc<Reception>,
    /// Whether the database may be moved from here.
    is_movable: bool,
    /// Who sits here, and when that was looked at.
    seat: Option<Seat>,
    shown: Mutex<Option<Shown>>,
    /// Held while what is shown is exchanged: who signs in meanwhile is not overtaken by an exchange that began as another.
    exchange: tokio::sync::Mutex<()>,
}

/// How long who sits here is not looked at anew.
const LOOKED_AT: Duration = Duration::from_mins(5);

/// Who sits here. A role that is taken away ends while the window is open, too.
struct Seat {
    home: Home,
    seen: tokio::sync::Mutex<Seen>,
}

struct Seen {
    who: Who,
    at: Instant,
    /// As whom the program was opened, by account and object id: the audit log goes on naming them.
    opened_by: (String, Option<Uuid>),
}

impl Seen {
    fn of(who: Who) -> Self {
        Self { opened_by: who.identity(), who, at: Instant::now() }
    }

    /// Whether somebody else is here than whom the audit log names, or nobody any more.
    fn is_outdated(&self) -> bool {
        self.who.identity() != self.opened_by
    }
}

impl Seat {
    fn of(home: &Home, who: Who) -> Self {
        Self { home: home.clone(), seen: tokio::sync::Mutex::new(Seen::of(who)) }
    }

    /// Who sits here, looked at anew where that is due or wanted.
    async fn seen(&self, at_once: bool) -> Result<tokio::sync::MutexGuard<'_, Seen>, WireError> {
        let mut seen = self.seen.lock().await;
        if at_once || seen.at.elapsed() > LOOKED_AT {
            let who = person::who(&self.home).await.map_err(super::told)?;
            (seen.who, seen.at) = (who, Instant::now());
        }
        Ok(seen)
    }

    /// Nobody else sits down before what is given back is dropped.
    async fn may(&self, deed: Deed) -> Result<tokio::sync::MutexGuard<'_, Seen>, WireError> {
        let seen = self.seen(false).await?;
        if deed != Deed::Look && seen.is_outdated() {
            return Err(WireError::new(
                ErrorCode::Forbidden,
                "somebody else is signed in here than when this window was opened, or nobody any more",
                "close the window and open it again",
            ));
        }
        seen.who.may(deed).map_err(|refused| {
            WireError::new(ErrorCode::Forbidden, refused.message, refused.hint.unwrap_or_default())
        })?;
        Ok(seen)
    }
}

/// The program that is shown.
struct Shown {
    program: Arc<Program>,
    host: Arc<ProgramHost>,
    worker: Option<Background>,
}

impl Desk {
    /// Opens a home. One that holds nothing yet, or that waits to be let into a fleet, shows the assistant.
    pub(crate) async fn open(home: Home, who: Who) -> Result<Arc<Self>, ComposeError> {
        let opened = Program::open(home.clone(), who.actor.clone()).await;
        let desk = Self::empty(home, who.actor.clone(), Some(who));
        match opened {
            // Whoever may not ask is not waiting: it looks.
            Ok(program)
                if matches!(program.outside, Some(AdmitError::NotAdmitted { .. }))
                    && program.rights.may_ask() =>
            {
                desk.assistant.wait_on(program.foundation).await?;
            }
            Ok(program) => desk.show(&Arc::new(program)),
            Err(ComposeError::Empty(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(desk)
    }

    /// Shows a program whose home goes away with it.
    pub(crate) fn of(program: &Arc<Program>) -> Arc<Self> {
        let desk = Self::empty(program.home.clone(), program.actor.clone(), None);
        desk.show(program);
        desk
    }

    fn empty(home: Home, actor: String, who: Option<Who>) -> Arc<Self> {
        let home_of_seat = home.clone();
        Arc::new_cyclic(|own| Self {
            home: home.clone(),
            own: own.clone(),
            reception: Reception::of(&home, own.clone()),
            assistant: Assistant::new(home, actor, own.clone()),
            is_movable: who.is_some(),
            seat: who.map(|who| Seat::of(&home_of_seat, who)),
            shown: Mutex::default(),
            exchange: tokio::sync::Mutex::default(),
        })
    }

    /// Runs a command of the page.
    pub(crate) async fn call(&self, name: &str, payload: Value) -> Result<Value, WireError> {
        let seated = match &self.seat {
            Some(seat) => Some(seat.may(deed(name)).await?),
            None => None,
        };
        let host = self.shown().as_ref().map(|shown| Arc::clone(&shown.host));
        drop(seated);
        match host {
            Some(host) => api::dispatch(host.as_ref(), name, payload).await,
            None => api::dispatch_setup(self.assistant.as_ref(), name, payload).await,
        }
    }

    /// The program that is shown.
    pub(super) fn program(&self) -> Option<Arc<Program>> {
        self.shown().as_ref().map(|shown| Arc::clone(&shown.program))
    }

    /// Shows a program in place of what was shown. With the embedded database this process also works the queue off, so
    /// that one machine needs no service beside it; leases keep a service that runs all the same out of its way.
    pub(super) fn show(&self, program: &Arc<Program>) {
        let worker = daemon::worker(program, program.tenant.is_some());
        let is_shared = program.store.is_shared();
        let mut host = program.host(worker.waker()).with_recovery(Arc::new(Room::of(program)));
        if self.is_movable && (!is_shared || self.assistant.is_moving()) {
            host = host.with_setup(Arc::clone(&self.assistant) as Arc<dyn api::SetupHost>);
        }
        // The home of a demo goes away, and its tenant with it.
        if self.seat.is_some() {
            host = host
                .with_tenant_setup(Arc::new(TenantDesk::of(program, self.own.clone())))
                .with_sign_in(Arc::clone(&self.reception) as Arc<dyn api::SignInHost>);
        }
        let shown = Shown {
            program: Arc::clone(program),
            host: Arc::new(host),
            worker: (!is_shared).then(|| Background::start(worker)),
        };
        // A worker that was there has been stopped by `rest`.
        *self.shown() = Some(shown);
    }

    /// Goes on with what the settings say by now. Where that cannot be opened, what was shown goes on.
    ///
    /// # Errors
    /// Why it could not be opened.
    pub(super) async fn reopen(&self) -> Result<(), ComposeError> {
        let _exchange = self.exchange.lock().await;
        let Some(before) = self.program() else { return Ok(()) };
        self.reopen_as(&before, before.actor.clone()).await
    }

    async fn reopen_as(&self, before: &Arc<Program>, actor: String) -> Result<(), ComposeError> {
        let opened = Program::open(self.home.clone(), actor).await;
        self.rest().await;
        match opened {
            Ok(program) => {
                self.show(&Arc::new(program));
                Ok(())
            }
            Err(error) => {
                self.show(before);
                Err(error)
            }
        }
    }

    /// Somebody has signed in here: from now on the console acts and is asked as they are.
    ///
    /// # Errors
    /// Why the program could not be opened as them; then it acts as before, and nothing but looking is possible.
    pub(super) async fn seat_anew(&self) -> Result<(), ComposeError> {
        let Some(seat) = &self.seat else { return Ok(()) };
        // Whoever is in the middle of something is let finish, and nothing begins meanwhile.
        let mut seen = seat.seen.lock().await;
        let _exchange = self.exchange.lock().await;
        let Some(before) = self.program() else { return Ok(()) };
        let who = person::who(&self.home).await?;
        (seen.who, seen.at) = (who.clone(), Instant::now());
        self.reopen_as(&before, who.actor.clone()).await?;
        self.assistant.act_as(&who.actor);
        *seen = Seen::of(who);
        Ok(())
    }

    /// Who sits here, and whether the audit log still names somebody else.
    pub(super) async fn seated(&self) -> Result<(Who, bool), WireError> {
        let Some(seat) = &self.seat else { return Err(super::not_possible("nobody signs in here")) };
        let seen = seat.seen(false).await?;
        Ok((seen.who.clone(), seen.is_outdated()))
    }

    /// Looks anew who sits here: they may have signed out.
    pub(super) async fn look_again(&self) -> Result<(), WireError> {
        let Some(seat) = &self.seat else { return Ok(()) };
        seat.seen(true).await.map(drop)
    }

    /// Stops the worker of this process; running work is finished or parked.
    pub(super) async fn rest(&self) {
        let worker = self.shown().as_mut().and_then(|shown| shown.worker.take());
        if let Some(worker) = worker {
            worker.stop().await;
        }
    }

    /// Ends everything in order.
    pub(crate) async fn close(&self) {
        self.assistant.stop_copy().await;
        self.rest().await;
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Option<Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
