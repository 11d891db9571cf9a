//! What window and bridge show: the assistant while there is nothing else, the program afterwards. One is exchanged for
//! the other without a restart.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use admit::AdmitError;
use api::{ErrorCode, WireError};
use serde_json::Value;
use uuid::Uuid;

use super::assistant::Assistant;
use crate::compose::{ComposeError, Program};
use crate::daemon::{self, Background};
use crate::host::ProgramHost;
use crate::person::{self, Deed, Who, deed};
use crate::recovery::Room;
use crate::settings::Home;

/// The place where a person sits.
pub(crate) struct Desk {
    assistant: Arc<Assistant>,
    /// Whether the database may be moved from here.
    is_movable: bool,
    /// Who sits here, and when that was looked at.
    seat: Option<Seat>,
    shown: Mutex<Option<Shown>>,
}

/// How long who sits here is not looked at anew.
const LOOKED_AT: Duration = Duration::from_mins(5);

/// Who sits here. A role that is taken away ends while the window is open, too.
struct Seat {
    home: Home,
    /// As whom the program was opened, by account and object id: the audit log goes on naming them.
    opened_by: (String, Option<Uuid>),
    who: tokio::sync::Mutex<(Who, Instant)>,
}

impl Seat {
    fn of(home: &Home, who: Who) -> Self {
        Self {
            home: home.clone(),
            opened_by: who.identity(),
            who: tokio::sync::Mutex::new((who, Instant::now())),
        }
    }

    async fn may(&self, deed: Deed) -> Result<(), WireError> {
        let mut seen = self.who.lock().await;
        if seen.1.elapsed() > LOOKED_AT {
            match person::who(&self.home).await {
                Ok(who) => *seen = (who, Instant::now()),
                Err(error) => return Err(super::told(error)),
            }
        }
        if deed != Deed::Look && seen.0.identity() != self.opened_by {
            return Err(WireError::new(
                ErrorCode::Forbidden,
                "somebody else is signed in here than when this window was opened, or nobody any more",
                "close the window and open it again",
            ));
        }
        seen.0.may(deed).map_err(|refused| {
            WireError::new(ErrorCode::Forbidden, refused.message, refused.hint.unwrap_or_default())
        })
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
            assistant: Assistant::new(home, actor, own.clone()),
            is_movable: who.is_some(),
            seat: who.map(|who| Seat::of(&home_of_seat, who)),
            shown: Mutex::default(),
        })
    }

    /// Runs a command of the page.
    pub(crate) async fn call(&self, name: &str, payload: Value) -> Result<Value, WireError> {
        if let Some(seat) = &self.seat {
            seat.may(deed(name)).await?;
        }
        let host = self.shown().as_ref().map(|shown| Arc::clone(&shown.host));
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
        let shown = Shown {
            program: Arc::clone(program),
            host: Arc::new(host),
            worker: (!is_shared).then(|| Background::start(worker)),
        };
        // A worker that was there has been stopped by `rest`.
        *self.shown() = Some(shown);
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
