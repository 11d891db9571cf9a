//! `sealwright sign-in`, `sign-out` and `whoami`; and what each command takes of those who are signed in.

use std::io::Write as _;

use clap::Args;
use net::entra::Session;
use serde_json::{Value, json};

use super::Outcome;
use super::arguments::{
    AuditCommand, AuthorityCommand, CertificateCommand, Command, RecoveryCommand, TemplateCommand,
};
use super::ceremony::CeremonyCommand;
use super::kra::KraCommand;
use super::kra_set::KraSetCommand;
use super::output::{Failure, Output};
use super::plan::ServiceCommand;
use super::sharing::{DatabaseCommand, InstallationCommand};
use super::tenant_arguments::TenantCommand;
use crate::person::{Deed, Keeping, Place, SignedIn, Standing, who};
use crate::settings::{Home, Settings};
use crate::signing_in::{Begun, By, open};

/// Sign in with your own account of the tenant
#[derive(Debug, Args)]
pub(super) struct SignInArguments {
    /// Show a code that is entered in a browser on any machine, instead of opening one here
    #[arg(long)]
    pub device_code: bool,
    /// Show the address, which is good once and on this machine, and open no browser
    #[arg(long, conflicts_with = "device_code")]
    pub no_browser: bool,
}

fn place(home: &Home) -> Result<Place, Failure> {
    let settings = Settings::load(home)?;
    Place::of(home, &settings)?.ok_or_else(|| {
        Failure::with_hint(
            "this installation does not know to which application people sign in",
            "name it as client-id under [sign-in] in sealwright.toml; docs/tenant.md says how it is registered",
        )
    })
}

pub(super) async fn sign_in(
    home: &Home,
    arguments: &SignInArguments,
    output: &Output,
) -> Result<Outcome, Failure> {
    let place = place(home)?;
    let session = session(&place, arguments).await?;
    let unkept = || place.signed_in(session.person.clone(), place.client().clock().now());
    let then = if place.required() {
        "; nothing but looking is possible without one ([sign-in] required)"
    } else {
        "; commands act as the account of the operating system"
    };
    let (signed_in, is_kept, how) = match place.keep(&session)? {
        Keeping::Kept(signed_in) => {
            (signed_in, true, "kept in the keyring of your account, until `sealwright sign-out`".to_owned())
        }
        Keeping::NoKeyring => (
            unkept(),
            false,
            format!(
                "not kept: this installation has no keyring, and a refresh token goes nowhere else{then}. `sealwright installation \
                 protect` moves its secrets into a keyring where there is one"
            ),
        ),
        Keeping::NoRefreshToken => (
            unkept(),
            false,
            format!(
                "not kept: the tenant gives no refresh token to this application, and nobody is signed in here now{then}. Let the \
                 registration have the permission offline_access, and look whether a conditional-access policy forbids sessions \
                 that last"
            ),
        ),
    };
    output.result(&told(Some(&signed_in), is_kept), || {
        // Who it is comes first: it is for the person to see that it is nobody else.
        format!(
            "signed in as {}\nif this is not your account, run `sealwright sign-out` and begin again\n{}\n{how}",
            signed_in.person.account,
            words(&signed_in)
        )
    })?;
    Ok(if is_kept { Outcome::Done } else { Outcome::NeedsPerson })
}

/// Begins it, tells the person what to open, and waits.
async fn session(place: &Place, arguments: &SignInArguments) -> Result<Session, Failure> {
    let by = if arguments.device_code { By::Code } else { By::Browser };
    let begun = Begun::at(place, by).await?;
    let address = begun.address();
    let told = match begun.code() {
        Some(code) => format!(
            "sign in with your own account, in a browser on any machine:\n  open   {address}\n  enter  {code}\nwaiting; the code \
             is good for {} minutes",
            begun.life().as_millis() / 60_000
        ),
        None if !arguments.no_browser && open(address) => format!(
            "sign in with your own account in the browser that opens; only if none does, open on this machine\n  {address}\nthe \
             address is good once, and here alone; for a browser on another machine: sealwright sign-in --device-code"
        ),
        None => format!(
            "sign in with your own account in a browser on this machine: open\n  {address}\nthe address is good once, and here \
             alone; for a browser on another machine: sealwright sign-in --device-code"
        ),
    };
    let _ = writeln!(std::io::stderr().lock(), "{told}");
    Ok(begun.wait().await?)
}

pub(super) fn sign_out(home: &Home, output: &Output) -> Result<Outcome, Failure> {
    let place = place(home)?;
    let was_there = place.sign_out()?;
    output.result(&json!({ "signedOut": was_there }), || {
        match (was_there, place.required()) {
            (true, true) => "signed out; nothing but looking is possible until somebody signs in",
            (true, false) => "signed out; nothing of the sign-in is kept here",
            (false, _) => "nobody was signed in",
        }
        .to_owned()
    })?;
    Ok(Outcome::Done)
}

pub(super) async fn whoami(home: &Home, output: &Output) -> Result<Outcome, Failure> {
    let who = who(home).await?;
    let person = who.standing.person();
    let mut value = told(person, person.is_some());
    value["actor"] = json!(who.actor);
    value["ended"] = json!(who.standing == Standing::Ended);
    output.result(&value, || {
        let person = match &who.standing {
            Standing::SignedIn(signed_in) => words(signed_in),
            Standing::Ended => {
                "the sign-in has ended, and nothing but looking is possible: run `sealwright sign-in`"
                    .to_owned()
            }
            Standing::Nobody => {
                "nobody is signed in; commands act as the account of the operating system".to_owned()
            }
        };
        format!("{person}\nin the audit log: {}", who.actor)
    })?;
    Ok(Outcome::Done)
}

fn told(signed_in: Option<&SignedIn>, is_kept: bool) -> Value {
    json!({
        "person": signed_in.map(|signed_in| &signed_in.person),
        "roles": signed_in.map(|signed_in| &signed_in.roles),
        "confirmedAt": signed_in.map(|signed_in| signed_in.confirmed_at),
        "kept": is_kept,
    })
}

fn words(signed_in: &SignedIn) -> String {
    let roles: Vec<&str> = signed_in.roles.iter().map(|role| role.words()).collect();
    let roles = if roles.is_empty() { "no role here".to_owned() } else { roles.join(", ") };
    let name = signed_in.person.name.as_deref().unwrap_or_default();
    format!("{} {name}: {roles}", signed_in.person.account)
}

/// What a command is, as far as roles go; `None` for what has to do with no home, or with signing in itself.
pub(super) const fn deed(command: &Command) -> Option<Deed> {
    Some(match command {
        Command::SignIn(_) | Command::SignOut | Command::Whoami | Command::Demo(_) | Command::Config(_) => {
            return None;
        }
        #[cfg(debug_assertions)]
        Command::Bridge(_) => return None,
        // Reading the directory writes down what was seen, and a file names who made it.
        Command::Plan(plan) if plan.approve.is_some() || plan.out.is_some() || !plan.offline => {
            Deed::Certificates
        }
        Command::Doctor | Command::Plan(_) => Deed::Look,
        Command::Init(_) | Command::Migrate(_) => Deed::Administer,
        Command::Apply(_) => Deed::Certificates,
        Command::Database(DatabaseCommand::Status | DatabaseCommand::Grants { .. }) => Deed::Look,
        Command::Database(_) => Deed::Administer,
        Command::Installation(InstallationCommand::List) => Deed::Look,
        Command::Installation(_) => Deed::Administer,
        Command::Tenant(TenantCommand::Show) => Deed::Look,
        Command::Tenant(_) => Deed::Administer,
        Command::Connector(command) => command.deed(),
        Command::Certificate(
            CertificateCommand::List(_) | CertificateCommand::Show(_) | CertificateCommand::Export { .. },
        ) => Deed::Look,
        Command::Certificate(CertificateCommand::Refresh(_)) => Deed::TryAgain,
        Command::Certificate(_) => Deed::Certificates,
        Command::Delivery(command) => command.deed(),
        Command::Gal(command) => command.deed(),
        Command::Drift(command) => command.deed(),
        Command::People(_) => Deed::Look,
        Command::Enrollment(command) => command.deed(),
        Command::Template(TemplateCommand::Import { .. }) => Deed::Certificates,
        Command::Template(_) => Deed::Look,
        Command::Authority(AuthorityCommand::List | AuthorityCommand::Check { .. }) => Deed::Look,
        Command::Authority(_) => Deed::Administer,
        Command::Kra(KraCommand::List | KraCommand::Tokens { .. } | KraCommand::Set(KraSetCommand::Show)) => {
            Deed::Look
        }
        Command::Kra(
            KraCommand::MlKem(_)
            | KraCommand::Rearchive(_)
            | KraCommand::Set(KraSetCommand::Sign(_) | KraSetCommand::Trust { .. }),
        ) => Deed::Recover,
        Command::Kra(_) => Deed::Administer,
        Command::Recovery(
            RecoveryCommand::List { .. }
            | RecoveryCommand::Drills
            | RecoveryCommand::Inventory
            | RecoveryCommand::Ceremony(CeremonyCommand::Requests { .. }),
        ) => Deed::Look,
        Command::Recovery(_) => Deed::Recover,
        Command::Import(_) => Deed::Certificates,
        Command::Audit(
            AuditCommand::List { .. } | AuditCommand::Verify { .. } | AuditCommand::Check { .. },
        ) => Deed::Look,
        Command::Audit(_) => Deed::Evidence,
        Command::Campaign(command) => command.deed(),
        Command::Service(ServiceCommand::List) => Deed::Look,
        Command::Service(_) => Deed::TryAgain,
    })
}
