//! Founds a fleet with this installation as its first: key pair, authority, recovery agent.

use std::path::PathBuf;
use std::sync::Arc;

use api::{ErrorCode, SetupFound, SetupFounded, WireError};
use ca::builtin::Founding;
use model::SystemClock;
use store::Store as _;

use super::folder::{is_within, synchronised_by};
use super::target::Target;
use super::{not_possible, told};
use crate::compose::{ComposeError, Program};
use crate::foundation::Foundation;
use crate::init::{self, EXAMPLE, file_stem};
use crate::settings::{FILE, Home, write_private};

/// What is proposed to whoever founds a fleet.
pub(super) fn proposal() -> SetupFound {
    let authority = "Sealwright".to_owned();
    // No folder is proposed for the agent's key: a person's own folders are often copied to a service elsewhere.
    SetupFound {
        pki_url: format!("http://127.0.0.1:8441/pki/{}", file_stem(&authority)),
        authority,
        kra: "Recovery agent 1".to_owned(),
        ..SetupFound::default()
    }
}

/// Makes everything that is not there yet.
pub(super) async fn found(
    home: &Home,
    actor: &str,
    target: &Target,
    founding: &SetupFound,
) -> Result<SetupFounded, WireError> {
    let agent = Agent::wanted(home, founding)?;
    let prepared = prepare(home, actor, target).await;
    let foundation = prepared.map_err(told)?;
    let made = make(foundation, founding, agent).await;
    made.map_err(told)
}

async fn prepare(home: &Home, actor: &str, target: &Target) -> Result<Foundation, ComposeError> {
    home.create()?;
    let file = home.path().join(FILE);
    if !target.is_server() && !file.exists() {
        write_private(&file, EXAMPLE.as_bytes())?;
    }
    init::prepare_on(home, target.settings(home)?, &target.location, actor, Arc::new(SystemClock)).await
}

async fn make(
    foundation: Foundation,
    wanted: &SetupFound,
    agent: Option<Agent>,
) -> Result<SetupFounded, ComposeError> {
    let mut founded = SetupFounded {
        fingerprint: foundation.installation.fingerprint().to_string(),
        ..SetupFounded::default()
    };
    if foundation.store.is_shared() {
        let fleet = foundation.gate.look().await?;
        founded.fleet = fleet.map(|fleet| fleet.to_string()).unwrap_or_default();
    }
    let name = wanted.authority.trim();
    if !name.is_empty() {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut founding = Founding::new(name, wanted.pki_url.trim());
        founding.organization = text(&wanted.organization);
        founding.country = text(&wanted.country);
        init::found_authority(&foundation, founding).await?;
    }
    let program = Program::on(foundation, "console").await?;
    program.publish_first_lists().await?;
    if let Some(agent) = agent {
        agent.make(&program, &mut founded).await?;
    }
    program.store.close().await;
    Ok(founded)
}

/// A recovery agent that is to be made.
struct Agent {
    name: String,
    folder: PathBuf,
    stem: String,
}

impl Agent {
    /// Checked before anything is made.
    fn wanted(home: &Home, founding: &SetupFound) -> Result<Option<Self>, WireError> {
        let refuse = |text: String, hint: &str| Err(WireError::new(ErrorCode::Invalid, text, hint));
        let name = founding.kra.trim().to_owned();
        if name.is_empty() {
            return Ok(None);
        }
        let folder = PathBuf::from(founding.kra_folder.trim());
        if !folder.is_absolute() {
            return refuse(
                format!("`{}` does not say where the folder is", folder.display()),
                "write the whole path, beginning with the drive or with /",
            );
        }
        if is_within(&folder, home.path()) {
            return refuse(
                format!("{} is in the home folder, where a copy of everything else lies", folder.display()),
                "name another folder, such as one on a removable drive",
            );
        }
        if let Some(service) = synchronised_by(&folder) {
            return refuse(
                format!("{} is copied to {service}, with the agent's key and its password", folder.display()),
                "name a folder that is not synchronised, such as one on a USB stick",
            );
        }
        let stem = file_stem(&name);
        if stem.is_empty() {
            return refuse(
                format!("no file can be named after `{name}`"),
                "use a name with letters or digits (a to z, 0 to 9)",
            );
        }
        Ok(Some(Self { name, folder, stem }))
    }

    fn files(&self) -> (PathBuf, PathBuf) {
        let file = |extension: &str| self.folder.join(format!("{}.{extension}", self.stem));
        (file("p12"), file("password"))
    }

    async fn make(self, program: &Program, founded: &mut SetupFounded) -> Result<(), ComposeError> {
        let (file, password) = self.files();
        let known = custody::recorded_agents(program.store.read().await?.as_mut()).await?;
        if known.iter().any(|kra| kra.name == self.name) {
            // Made by an earlier try, or by the fleet that was here before.
            if file.exists() && password.exists() {
                founded.kra_file = Some(file.display().to_string());
                founded.kra_password_file = Some(password.display().to_string());
            }
            return Ok(());
        }
        if let Some(there) = [&file, &password].into_iter().find(|file| file.exists()) {
            return Err(ComposeError::Unusable(format!(
                "{} is there already and is never overwritten; choose another folder or another name for the agent",
                there.display()
            )));
        }
        let (now, entropy) = (program.clock.now(), Arc::clone(&program.entropy));
        let name = self.name.clone();
        let made =
            tokio::task::spawn_blocking(move || init::make_kra(&name, None, now, entropy.as_ref())).await;
        let made = made
            .map_err(|error| ComposeError::Unusable(format!("making the agent was cut off: {error}")))?
            .map_err(|error| ComposeError::Unusable(format!("the agent could not be made: {error}")))?;
        // First the files, then the set: an agent whose key was never written must not be sealed to.
        init::write_kra(&self.folder, &self.stem, &made)?;
        init::add_kra(program.store.as_ref(), &made.kra, &program.actor, now).await?;
        founded.kra_file = Some(file.display().to_string());
        founded.kra_password_file = Some(password.display().to_string());
        Ok(())
    }
}

/// Nothing is founded twice by one home.
pub(super) fn founded_already() -> WireError {
    not_possible("everything is made already; open the console")
}
