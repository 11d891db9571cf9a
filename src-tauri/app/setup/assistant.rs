//! Where the assistant stands, and what each of its steps does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use admit::AdmitError;
use api::{
    ErrorCode, Password, SetupCopying, SetupFinished, SetupFound, SetupFounded, SetupHost, SetupJoining,
    SetupPlan, SetupRoles, SetupStatus, SetupTarget, SetupTested, WireError,
};
use async_trait::async_trait;
use model::{Clock, Entropy, Ids, SystemClock, SystemEntropy};
use store::StoreError;
use store_sql::roles::{Role, grants, role_name};
use store_sql::{Options, SchemaInfo, SqlStore};

use super::carry::{Carrying, Left};
use super::desk::Desk;
use super::target::{Target, forget_password};
use super::{found, join, look, not_possible, told};
use crate::compose::{ComposeError, Program};
use crate::database::migration_script;
use crate::foundation::Foundation;
use crate::installation::host_name;
use crate::settings::Home;

/// What the assistant is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Purpose {
    #[default]
    First,
    Move,
}

/// The next step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Stage {
    #[default]
    Choose,
    Schema,
    Keys,
    Waiting,
    Copy,
    Ready,
}

impl Stage {
    const fn name(self) -> &'static str {
        match self {
            Self::Choose => "choose",
            Self::Schema => "schema",
            Self::Keys => "keys",
            Self::Waiting => "waiting",
            Self::Copy => "copy",
            Self::Ready => "ready",
        }
    }
}

/// Where it stands. Nothing of this outlives the process but what is in the home.
#[derive(Default)]
pub(super) struct State {
    pub(super) purpose: Purpose,
    pub(super) stage: Stage,
    pub(super) target: Option<Arc<Target>>,
    tested: Option<SetupTested>,
    joining: Option<SetupJoining>,
    /// The database in which this installation waits.
    waiting: Option<Arc<Foundation>>,
    pub(super) copying: Option<SetupCopying>,
    pub(super) copy: Option<Carrying>,
}

/// The assistant of one home.
pub(crate) struct Assistant {
    pub(super) home: Home,
    actor: Mutex<String>,
    ids: Ids,
    pub(super) desk: Weak<Desk>,
    pub(super) own: Weak<Self>,
    pub(super) state: Mutex<State>,
    /// One step at a time.
    step: tokio::sync::Mutex<()>,
}

impl Assistant {
    pub(super) fn new(home: Home, actor: String, desk: Weak<Desk>) -> Arc<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        Arc::new_cyclic(|own| Self {
            home,
            actor: Mutex::new(actor),
            ids: Ids::new(clock, entropy),
            desk,
            own: own.clone(),
            state: Mutex::default(),
            step: tokio::sync::Mutex::default(),
        })
    }

    /// As whom things are done here.
    pub(super) fn actor(&self) -> String {
        self.actor.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Somebody else has sat down.
    pub(super) fn act_as(&self, actor: &str) {
        actor.clone_into(&mut self.actor.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next step, and for what.
    fn place(&self) -> (Stage, Purpose) {
        let state = self.state();
        (state.stage, state.purpose)
    }

    /// Whether it is on its way to a server.
    pub(super) fn is_moving(&self) -> bool {
        self.state().purpose == Purpose::Move
    }

    /// Goes on waiting where an earlier process left off.
    pub(super) async fn wait_on(&self, foundation: Foundation) -> Result<(), ComposeError> {
        let target = Target::configured(&self.home, &foundation.settings)?;
        let joining = join::look(&foundation).await?;
        let mut state = self.state();
        state.stage = Stage::Waiting;
        state.target = Some(Arc::new(target));
        state.joining = Some(joining);
        state.waiting = Some(Arc::new(foundation));
        Ok(())
    }

    fn program(&self) -> Option<Arc<Program>> {
        self.desk.upgrade()?.program()
    }

    /// The database that was tested.
    fn target(&self) -> Result<Arc<Target>, WireError> {
        let target = self.state().target.clone();
        target.ok_or_else(|| not_possible("choose a database first"))
    }

    /// Looks again, after something was changed there.
    async fn look_again(&self, target: &Target) -> Result<SetupTested, WireError> {
        let tested = look::look(target, self.is_moving()).await?;
        self.state().tested = Some(tested.clone());
        Ok(tested)
    }

    /// A home that is in use is never founded or joined once more.
    fn first_only(&self) -> Result<(), WireError> {
        if self.is_moving() || self.program().is_some() {
            return Err(not_possible("this home is set up already"));
        }
        Ok(())
    }

    /// Whether somebody let this installation in meanwhile.
    async fn look_at_the_gate(&self) {
        let waiting = {
            let state = self.state();
            if state.stage != Stage::Waiting {
                return;
            }
            state.waiting.clone()
        };
        let Some(foundation) = waiting else { return };
        match join::look(&foundation).await {
            Ok(joining) => {
                let mut state = self.state();
                if state.stage != Stage::Waiting {
                    return;
                }
                if joining.state == "admitted" {
                    state.stage = Stage::Ready;
                }
                let since = state.joining.take().map(|before| before.asked_at);
                state.joining = Some(SetupJoining { asked_at: since.unwrap_or_default(), ..joining });
            }
            // An outage passes.
            Err(AdmitError::Store(error)) => tracing::debug!(%error, "the admission could not be looked at"),
            Err(error) => tracing::warn!(%error, "the admission cannot be believed"),
        }
    }
}

#[async_trait]
impl SetupHost for Assistant {
    fn ids(&self) -> &Ids {
        &self.ids
    }

    async fn status(&self) -> Result<SetupStatus, WireError> {
        self.look_at_the_gate().await;
        let program = self.program();
        let state = self.state();
        let is_move = state.purpose == Purpose::Move;
        let proposes =
            program.is_none() && matches!(state.stage, Stage::Choose | Stage::Schema | Stage::Keys);
        Ok(SetupStatus {
            needed: program.is_none(),
            movable: program.is_some_and(|program| is_move || !program.store.is_shared()),
            purpose: if is_move { "move" } else { "first" }.to_owned(),
            stage: state.stage.name().to_owned(),
            home: self.home.path().display().to_string(),
            machine: host_name(),
            target: state.target.as_ref().map(|target| target.wire.clone()),
            tested: state.tested.clone(),
            proposal: proposes.then(found::proposal),
            joining: state.joining.clone(),
            copying: state.copying.clone(),
        })
    }

    async fn test(&self, target: SetupTarget, password: Option<Password>) -> Result<SetupTested, WireError> {
        let _step = self.step.lock().await;
        let is_move = self.is_moving();
        if is_move && target.kind == "embedded" {
            return Err(WireError::new(
                ErrorCode::Invalid,
                "the embedded database is where everything is already",
                "choose a server",
            ));
        }
        if !is_move {
            self.first_only()?;
        }
        let (stage, copying) = {
            let state = self.state();
            (state.stage, state.copying.clone())
        };
        let is_copying = copying.is_some_and(|copying| copying.state != "failed");
        if matches!(stage, Stage::Waiting | Stage::Ready) || is_copying {
            return Err(not_possible("another database was chosen; go back to the beginning first"));
        }
        let target = Target::described(&self.home, target, password).map_err(told)?;
        let tested = look::look(&target, is_move).await?;
        let mut state = self.state();
        if tested.obstacle.is_none() {
            state.target = Some(Arc::new(target));
            state.tested = Some(tested.clone());
            state.stage = Stage::Schema;
            state.copying = None;
        }
        Ok(tested)
    }

    async fn plan(&self) -> Result<SetupPlan, WireError> {
        let _step = self.step.lock().await;
        let target = self.target()?;
        let known = u32::try_from(SchemaInfo::KNOWN).unwrap_or_default();
        if !target.is_server() {
            return Ok(SetupPlan { from: 0, to: known, sql: String::new(), may_apply: true });
        }
        let store = look::connect(&target).await?;
        let planned = async {
            let from = u32::try_from(store.schema().await?.version).unwrap_or_default();
            let steps = store.plan().await?;
            let may_apply = !steps.is_empty() && store.may_migrate().await?;
            // A compatible later schema needs nothing either.
            Ok::<_, StoreError>(SetupPlan {
                from,
                to: known.max(from),
                sql: migration_script(&steps),
                may_apply,
            })
        };
        let planned = planned.await;
        store.close().await;
        Ok(planned?)
    }

    async fn apply(&self) -> Result<(), WireError> {
        let _step = self.step.lock().await;
        let target = self.target()?;
        if target.is_server() {
            let store = look::connect(&target).await?;
            let schema = store.schema().await;
            store.close().await;
            if schema?.gate_unchanged().is_err() {
                SqlStore::migrate(&target.location, &Options::default()).await?;
            }
            self.look_again(&target).await?;
        } else {
            // The file is made together with the keys: a database without keys would look like a damaged home.
            self.home.create().map_err(|error| told(error.into()))?;
        }
        let mut state = self.state();
        if state.stage == Stage::Schema {
            state.stage = if state.purpose == Purpose::Move { Stage::Copy } else { Stage::Keys };
        }
        Ok(())
    }

    async fn roles(&self) -> Result<SetupRoles, WireError> {
        let _step = self.step.lock().await;
        let target = self.target()?;
        let Some((kind, database)) = target.server() else { return Ok(SetupRoles::default()) };
        let tested = self.look_again(&target).await?;
        Ok(SetupRoles {
            script: grants(kind, database),
            roles: Role::ALL.into_iter().map(|role| role_name(kind, database, role)).collect(),
            rights: tested.rights,
        })
    }

    async fn found(&self, founding: SetupFound) -> Result<SetupFounded, WireError> {
        let _step = self.step.lock().await;
        self.first_only()?;
        if self.state().stage == Stage::Ready {
            return Err(found::founded_already());
        }
        let target = self.target()?;
        let founded = found::found(&self.home, &self.actor(), &target, &founding).await?;
        self.state().stage = Stage::Ready;
        Ok(founded)
    }

    async fn join(&self, fleet: &str) -> Result<SetupJoining, WireError> {
        let _step = self.step.lock().await;
        self.first_only()?;
        let target = self.target()?;
        if !target.is_server() {
            return Err(not_possible("nobody shares an embedded database"));
        }
        let is_founded = {
            let state = self.state();
            state.stage == Stage::Ready && state.joining.is_none()
        };
        if is_founded {
            return Err(found::founded_already());
        }
        let (foundation, joining) = join::ask(&self.home, &self.actor(), &target, fleet).await?;
        let mut state = self.state();
        state.stage = if joining.state == "admitted" { Stage::Ready } else { Stage::Waiting };
        state.joining = Some(joining.clone());
        state.waiting = Some(foundation);
        Ok(joining)
    }

    async fn begin_move(&self) -> Result<(), WireError> {
        let _step = self.step.lock().await;
        if self.program().is_none_or(|program| program.store.is_shared()) {
            return Err(not_possible("this home uses no embedded database; there is nothing to move"));
        }
        let mut state = self.state();
        if state.purpose != Purpose::Move {
            *state = State { purpose: Purpose::Move, ..State::default() };
        }
        Ok(())
    }

    async fn copy(&self) -> Result<(), WireError> {
        let _step = self.step.lock().await;
        self.start_copy()
    }

    async fn finish(&self) -> Result<SetupFinished, WireError> {
        let _step = self.step.lock().await;
        let Some(desk) = self.desk.upgrade() else { return Err(not_possible("the program is ending")) };
        let (stage, purpose) = self.place();
        if stage != Stage::Ready {
            return Err(not_possible("there are steps to be done before"));
        }
        let opened = self.program().filter(|program| purpose == Purpose::Move && program.store.is_shared());
        let program = match opened {
            Some(moved) => moved,
            None => {
                let target = self.target()?;
                if target.is_server() && purpose == Purpose::First {
                    target.keep(&self.home).await.map_err(told)?;
                }
                let opened = Program::open(self.home.clone(), self.actor()).await;
                Arc::new(opened.map_err(told)?)
            }
        };
        let before = std::mem::take(&mut *self.state());
        desk.show(&program);
        if let Some(foundation) = before.waiting {
            foundation.store.close().await;
        }
        Ok(SetupFinished { restart: false })
    }

    async fn cancel(&self) -> Result<(), WireError> {
        // At once, whatever step is under way.
        self.ask_to_stop();
        let _step = self.step.lock().await;
        // From here on no other copy can begin.
        match self.stop_copy().await {
            Left::Nothing => {}
            Left::Moved => return Err(not_possible("everything is on the server already; open the console")),
            Left::Held => {
                return Err(not_possible(
                    "the move is not over and has no way back: finish it, or start the program again, which then ends it",
                ));
            }
        }
        let (stage, purpose) = self.place();
        if stage == Stage::Ready {
            return Err(not_possible("everything is made already; open the console"));
        }
        match purpose {
            Purpose::First if stage == Stage::Waiting => join::leave(&self.home).await.map_err(told)?,
            Purpose::Move => forget_password(&self.home).await.map_err(told)?,
            Purpose::First => {}
        }
        let before = std::mem::take(&mut *self.state());
        if let Some(foundation) = before.waiting {
            foundation.store.close().await;
        }
        Ok(())
    }
}
