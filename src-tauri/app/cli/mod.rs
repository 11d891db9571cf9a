//! The command line: everything the console can do, and more, for people and for scripts.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage, 3 something needs a person. With `--json` standard output carries one
//! JSON value and nothing else; progress and logs go to standard error.

mod agent;
mod arguments;
mod audit;
mod bundle;
mod campaign;
mod campaign_arguments;
mod ceremony;
mod certificate;
mod connector;
mod database;
mod delivery;
mod drift;
mod drill;
mod enrollment;
mod gal;
#[cfg(test)]
mod hints;
mod import;
mod installation;
mod inventory;
mod key_vault;
mod kra;
mod kra_set;
mod mails;
mod ml_kem;
mod output;
mod people;
mod person;
mod plan;
mod plan_text;
mod rearchive;
mod receipt;
mod recovery;
mod refresh;
mod run;
mod setup;
mod sharing;
mod template;
mod tenant;
mod tenant_arguments;
mod tenant_use;
mod tokens;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;

use self::kra::KraCommand;
use arguments::{Arguments, AuditCommand, Command, RecoveryCommand};
use bundle::Offline;
use ceremony::CeremonyCommand;
use output::{Failure, Output};
use tenant_arguments::TenantCommand;

use crate::compose::Program;
use crate::person::who;
use crate::settings::Home;

/// What a command came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Everything was done.
    Done,
    /// Done as far as possible; a person must decide about the rest.
    NeedsPerson,
}

/// Runs the program.
pub fn main() -> ExitCode {
    no_core_dumps();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(misuse) => return output::misuse(&misuse),
    };
    #[cfg(feature = "gui")]
    if arguments.opens_window() {
        crate::window::with_safe_renderer();
    }
    output::start_log(&arguments);
    let output = Output::new(arguments.json);
    match execute(arguments, &output) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NeedsPerson) => ExitCode::from(3),
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.code)
        }
    }
}

fn execute(arguments: Arguments, output: &Output) -> Result<Outcome, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("the program cannot start its threads: {error}")))?;
    // The database's connections are given back on the runtime, also when the program is taken apart at the end.
    let _inside = runtime.enter();
    let home = Home::find(arguments.home.clone())?;
    if arguments.daemon {
        return runtime.block_on(run::daemon(home));
    }
    match arguments.command {
        None => run::window(&runtime, home),
        Some(Command::Demo(demo)) => run::demo(&runtime, demo, output),
        #[cfg(debug_assertions)]
        Some(Command::Bridge(bridge)) => runtime.block_on(run::bridge(home, bridge)),
        Some(command) => runtime.block_on(one(command, home, output)),
    }
}

async fn one(command: Command, home: Home, output: &Output) -> Result<Outcome, Failure> {
    // An officer without a network has no tenant to ask either; their key decides.
    if let Some(deed) = person::deed(&command).filter(|_| !is_offline(&command)) {
        who(&home).await?.may(deed)?;
    }
    match command {
        Command::SignIn(arguments) => person::sign_in(&home, &arguments, output).await,
        Command::SignOut => person::sign_out(&home, output),
        Command::Whoami => person::whoami(&home, output).await,
        Command::Init(options) => setup::init(&home, options, output).await,
        Command::Migrate(options) => database::migrate(&home, &options, output).await,
        Command::Database(command) => database::run(home, command, output).await,
        Command::Installation(command) => installation::run(home, command, output).await,
        // The way to sign in is chosen before there may be one that works.
        Command::Tenant(TenantCommand::Use { which, way }) => {
            tenant_use::choose(&home, which, way, output).await
        }
        Command::Tenant(TenantCommand::Test) => tenant_use::test(home, output).await,
        Command::Tenant(TenantCommand::Check { features, script }) => {
            tenant_use::check(home, &features, script.as_deref(), output).await
        }
        Command::Tenant(command) => tenant::run(open(home).await?.as_ref(), command, output).await,
        Command::Delivery(command) => delivery::run(&open(home).await?, command, output).await,
        Command::Gal(command) => gal::run(open(home).await?.as_ref(), command, output).await,
        Command::Drift(command) => drift::run(open(home).await?.as_ref(), command, output).await,
        Command::Connector(command) => connector::run(home, command, output).await,
        Command::Config(setup) => setup::config(&home, &setup, output),
        Command::Doctor => setup::doctor(home, output).await,
        Command::Plan(options) => plan::plan(open(home).await?.as_ref(), options, output).await,
        Command::Apply(options) => plan::apply(open(home).await?.as_ref(), options, output).await,
        Command::Certificate(command) => certificate::run(&open(home).await?, command, output).await,
        Command::People(command) => people::run(&open(home).await?, command, output).await,
        Command::Enrollment(command) => enrollment::run(&open(home).await?, command, output).await,
        Command::Template(command) => template::run(open(home).await?.as_ref(), command, output).await,
        Command::Authority(command) => setup::authority(open(home).await?.as_ref(), command, output).await,
        // An officer looks at a card on any machine; no home is needed for that.
        Command::Kra(KraCommand::Tokens { module }) => {
            tokens::show(module, output).await?;
            Ok(Outcome::Done)
        }
        // An officer makes an ML-KEM key on whichever machine is theirs.
        Command::Kra(KraCommand::MlKem(wanted)) => {
            ml_kem::create(&wanted, output)?;
            Ok(Outcome::Done)
        }
        // Nor does a future officer need a home.
        Command::Kra(KraCommand::Create { name, mail, out, out_password, only_file: true, ml_kem }) => {
            let ml_kem = ml_kem.then(|| ml_kem::Files::beside(&out));
            let who = (name.as_str(), mail.as_deref());
            kra::create(None, who, &out, out_password.as_ref(), ml_kem, output).await?;
            Ok(Outcome::Done)
        }
        Command::Kra(command) => kra::run(open(home).await?.as_ref(), command, output).await,
        // An officer without a network has the bundle and a key, and nothing else.
        Command::Recovery(RecoveryCommand::Ceremony(CeremonyCommand::Approve {
            bundle: Some(file),
            out: Some(out),
            fleet,
            fingerprint,
            key,
            yes,
            ..
        })) => {
            bundle::approve(&home, &Offline { file, out, fleet, fingerprint, key: *key, yes }, output).await
        }
        Command::Recovery(command) => recovery::run(&open(home).await?, command, output).await,
        // What is checked comes from elsewhere.
        Command::Audit(AuditCommand::Check { proof }) => audit::check(&proof, output),
        Command::Import(command) => import::run(&open(home).await?, command, output).await,
        Command::Audit(command) => audit::run(open(home).await?.as_ref(), command, output).await,
        Command::Campaign(command) => campaign::run(open(home).await?.as_ref(), command, output).await,
        Command::Service(command) => plan::service(open(home).await?.as_ref(), command, output).await,
        Command::Demo(_) => Err(Failure::new("the demo starts before a home is opened")),
        #[cfg(debug_assertions)]
        Command::Bridge(_) => Err(Failure::new("the bridge starts before a home is opened")),
    }
}

/// Whether this is what an officer does with a bundle alone.
const fn is_offline(command: &Command) -> bool {
    matches!(
        command,
        Command::Recovery(RecoveryCommand::Ceremony(CeremonyCommand::Approve {
            bundle: Some(_),
            out: Some(_),
            ..
        })) | Command::Audit(AuditCommand::Check { .. })
            | Command::Kra(
                KraCommand::Tokens { .. } | KraCommand::MlKem(_) | KraCommand::Create { only_file: true, .. }
            )
    )
}

async fn open(home: Home) -> Result<Arc<Program>, Failure> {
    let actor = who(&home).await?.actor;
    Ok(Arc::new(Program::open(home, actor).await?))
}

/// A core dump would hold keys in clear.
fn no_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // A system that refuses has its own, stricter limit.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
        // Handlers behind a pipe do not heed the limit; this also keeps other programs of the account from looking in.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }
}
