//! Commands about the workstations and daemons that share the database.

use std::io::Read as _;
use std::path::Path;

use admit::{AdmitError, Exposure, Fingerprint, Resealed, Standing, Status};
use model::{AuditEvent, AuditKind, AuditOutcome, InstallationId};
use serde_json::{Value, json};
use store::Store as _;
use zeroize::Zeroizing;

use super::Outcome;
use super::output::{Failure, Output, table};
use super::sharing::InstallationCommand;
use crate::foundation::{Foundation, about};
use crate::installation;
use crate::person::who;
use crate::rights::Rights;
use crate::settings::{Home, write_new_private};

pub(super) async fn run(
    home: Home,
    command: InstallationCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        InstallationCommand::Protect { place } => return protect(&home, place.into(), output).await,
        InstallationCommand::Backup { file, password_stdin } => {
            return backup(&home, &file, password_stdin, output).await;
        }
        InstallationCommand::Restore { file, password_stdin } => {
            return restore(&home, &file, password_stdin, output).await;
        }
        InstallationCommand::Join { fleet } => return join(home, fleet, output).await,
        InstallationCommand::List
        | InstallationCommand::Admit { .. }
        | InstallationCommand::Refuse { .. }
        | InstallationCommand::Remove { .. }
        | InstallationCommand::Reseal
        | InstallationCommand::Trust { .. } => {}
    }
    if let InstallationCommand::Trust { fleet } = &command {
        return trust(home, fleet, output).await;
    }
    let foundation = Foundation::open(home.clone(), who(&home).await?.actor).await?;
    foundation.enter("console").await?;
    match command {
        InstallationCommand::List => list(&foundation, output).await,
        InstallationCommand::Admit { id, fingerprint } => {
            let resealed = foundation.gate.admit(read_id(&id)?, read_fingerprint(&fingerprint)?).await?;
            told(&resealed, "it is admitted", None, output)
        }
        InstallationCommand::Refuse { id } => {
            foundation.gate.refuse(read_id(&id)?).await?;
            output.result(&json!({ "refused": id }), || "it was turned away".to_owned())?;
            Ok(Outcome::Done)
        }
        InstallationCommand::Remove { id, myself } => {
            let (exposure, resealed) = foundation.gate.remove(read_id(&id)?, myself).await?;
            told(&resealed, &format!("it is out. {exposure}"), Some(&exposure), output)
        }
        InstallationCommand::Reseal => {
            let resealed = foundation.gate.reseal().await?;
            let text =
                if resealed.in_flight_unseen { "it was looked through" } else { "everything was looked at" };
            told(&resealed, text, None, output)
        }
        InstallationCommand::Join { .. }
        | InstallationCommand::Trust { .. }
        | InstallationCommand::Protect { .. }
        | InstallationCommand::Backup { .. }
        | InstallationCommand::Restore { .. } => Ok(Outcome::Done),
    }
}

fn read_id(text: &str) -> Result<InstallationId, Failure> {
    text.parse().map_err(|_| {
        Failure::with_hint("this is no id of an installation", "`sealwright installation list` shows them")
    })
}

fn read_fingerprint(text: &str) -> Result<Fingerprint, Failure> {
    text.parse().map_err(|error: String| {
        Failure::with_hint(
            error,
            "a fingerprint has eight groups of four digits; quote it, or leave the blanks out",
        )
    })
}

fn told(
    resealed: &Resealed,
    text: &str,
    exposure: Option<&Exposure>,
    output: &Output,
) -> Result<Outcome, Failure> {
    let unseen = if resealed.in_flight_unseen { vec!["keys in flight"] } else { Vec::new() };
    let knew = exposure.map(|exposure| {
        json!({ "secrets": exposure.secrets, "authorities": exposure.authorities, "inFlight": exposure.in_flight,
            "certificates": exposure.certificates })
    });
    let value = json!({ "told": text, "secrets": resealed.secrets, "authorities": resealed.authorities,
        "inFlight": resealed.in_flight, "closed": resealed.closed, "damaged": resealed.damaged, "notLookedAt": unseen,
        "whole": resealed.is_whole(), "knew": knew });
    output.result(&value, || {
        let mut text = format!(
            "{text}\nsealed anew: {} secrets, {} authorities, {} keys in flight",
            resealed.secrets, resealed.authorities, resealed.in_flight
        );
        if !resealed.closed.is_empty() {
            text.push_str(&format!(
                "\nnot sealed to this installation, run `sealwright installation reseal` on another: {}",
                resealed.closed.join(", ")
            ));
        }
        if !resealed.damaged.is_empty() {
            text.push_str(&format!(
                "\nDAMAGED, somebody wrote into the database: {}",
                resealed.damaged.join(", ")
            ));
        }
        if resealed.in_flight_unseen {
            text.push_str("\nnot looked at: keys in flight; a daemon reseals them at its next pass");
        }
        text
    })?;
    Ok(if resealed.needs_person() { Outcome::NeedsPerson } else { Outcome::Done })
}

async fn list(foundation: &Foundation, output: &Output) -> Result<Outcome, Failure> {
    let status = foundation.gate.status().await?;
    let rights = Rights::of(&foundation.store).await?;
    output.result(&as_json(&status), || {
        let mut rows = Vec::new();
        for (member, says) in &status.members {
            rows.push(vec![
                member.name.clone(),
                "admitted".to_owned(),
                member.id.to_string(),
                member.fingerprint().to_string(),
                says.as_ref().map_or(String::new(), |row| format!("{} {}", row.role, row.seen_at)),
            ]);
        }
        for one in &status.waiting {
            rows.push(vec![
                one.name.clone(),
                "WAITING".to_owned(),
                one.id.to_string(),
                one.fingerprint.to_string(),
                format!("asked {}", one.asked_at),
            ]);
        }
        for former in &status.removed {
            rows.push(vec![
                former.member.name.clone(),
                "removed".to_owned(),
                former.member.id.to_string(),
                former.member.fingerprint().to_string(),
                format!("by {} {}", former.by, former.at),
            ]);
        }
        let own = match &status.standing {
            Standing::Admitted => "admitted".to_owned(),
            Standing::Waiting => "waiting to be admitted".to_owned(),
            Standing::Stranger if !rights.may_ask() => format!("not admitted; {}", rights.onlooker().found),
            Standing::Stranger => "not admitted; `sealwright installation join` asks".to_owned(),
            Standing::Removed { at, by } => format!("removed by {by} on {at}"),
        };
        format!(
            "fleet              {}\nits log            {}   {} entries\nthis installation  {}   {own}\n\n{}",
            status.fleet,
            status.head.fingerprint(),
            status.entries,
            status.own,
            table(&["NAME", "STATE", "ID", "FINGERPRINT", "SEEN"], &rows)
        )
    })?;
    Ok(if status.waiting.is_empty() { Outcome::Done } else { Outcome::NeedsPerson })
}

fn as_json(status: &Status) -> Value {
    let members = status.members.iter().map(|(member, says)| {
        json!({ "id": member.id, "name": member.name, "state": "admitted", "fingerprint": member.fingerprint().to_string(),
            "since": member.since, "by": member.by, "seenAt": says.as_ref().map(|row| row.seen_at),
            "version": says.as_ref().map(|row| row.version.clone()), "role": says.as_ref().map(|row| row.role.clone()) })
    });
    let waiting = status.waiting.iter().map(|one| {
        json!({ "id": one.id, "name": one.name, "state": "waiting", "fingerprint": one.fingerprint.to_string(),
            "askedAt": one.asked_at })
    });
    let removed = status.removed.iter().map(|former| {
        json!({ "id": former.member.id, "name": former.member.name, "state": "removed",
            "fingerprint": former.member.fingerprint().to_string(), "at": former.at, "by": former.by })
    });
    let standing = match &status.standing {
        Standing::Admitted => "admitted",
        Standing::Waiting => "waiting",
        Standing::Stranger => "stranger",
        Standing::Removed { .. } => "removed",
    };
    json!({ "fleet": status.fleet.to_string(), "entries": status.entries, "head": status.head.fingerprint().to_string(),
        "own": status.own.to_string(), "standing": standing,
        "installations": members.chain(waiting).chain(removed).collect::<Vec<_>>() })
}

/// Trusts the fleet whose fingerprint was compared. A new installation that only looks begins with it.
async fn trust(home: Home, fleet: &str, output: &Output) -> Result<Outcome, Failure> {
    let compared = read_fingerprint(fleet)?;
    if crate::settings::Settings::load(&home)?.database.is_some() {
        make_key(&home)?;
    }
    let foundation = Foundation::open(home.clone(), who(&home).await?.actor).await?;
    let trusted = foundation.gate.trust(compared).await?;
    foundation.notary().forget()?;
    output.result(&json!({ "trusted": true, "recorded": trusted.is_recorded }), || {
        let silent = if trusted.is_recorded {
            ""
        } else {
            "; this login writes no audit log, so that nothing says so"
        };
        format!("this installation trusts the fleet in the database as it is now{silent}")
    })?;
    Ok(Outcome::Done)
}

fn make_key(home: &Home) -> Result<(), Failure> {
    use model::Clock as _;
    home.create()?;
    installation::create(home, model::SystemClock.now(), &model::SystemEntropy)?;
    Ok(())
}

/// For whoever asks to be admitted with a login that may not.
fn only_looks(rights: &Rights, shown: &Fingerprint) -> Failure {
    let onlooker = rights.onlooker();
    Failure::with_hint(
        onlooker.found,
        format!(
            "to look, compare the fleet's fingerprint with what an admitted installation shows and run `sealwright installation \
             trust FINGERPRINT` (the database shows {shown}); {}",
            onlooker.hint
        ),
    )
}

/// Makes this installation's key pair, shows what is to be compared, and asks once the fleet's fingerprint is given.
async fn join(home: Home, fleet: Option<String>, output: &Output) -> Result<Outcome, Failure> {
    let settings = crate::settings::Settings::load(&home)?;
    if settings.database.is_none() {
        return Err(Failure::with_hint(
            "this home uses an embedded database, which nobody else shares",
            "run `sealwright database use URL` first",
        ));
    }
    make_key(&home)?;
    let foundation = Foundation::open(home.clone(), who(&home).await?.actor).await?;
    let own = foundation.installation.fingerprint();
    let Some(shown) = foundation.gate.look().await? else {
        return Err(Failure::with_hint(
            "nobody has founded a fleet in this database yet",
            "run `sealwright init` here to found it",
        ));
    };
    let rights = Rights::of(&foundation.store).await?;
    if !rights.may_ask() {
        return Err(only_looks(&rights, &shown));
    }
    let Some(typed) = fleet else {
        let value = json!({ "own": own.to_string(), "fleet": shown.to_string(), "asked": false });
        output.result(&value, || {
            format!(
                "the database shows the fleet  {shown}\nNobody vouches for that yet: read the fleet's fingerprint on an admitted \
                 installation (`sealwright installation list`), and type what stands there:\n  sealwright installation join \
                 \"FINGERPRINT FROM THE OTHER SCREEN\""
            )
        })?;
        return Ok(Outcome::NeedsPerson);
    };
    if matches!(foundation.gate.status().await.map(|status| status.standing), Ok(Standing::Admitted)) {
        output
            .result(&json!({ "own": own.to_string(), "fleet": shown.to_string(), "asked": false }), || {
                "this installation is admitted already".to_owned()
            })?;
        return Ok(Outcome::Done);
    }
    let asked = foundation.gate.ask(&about("console"), Some(read_fingerprint(&typed)?)).await?;
    let id = foundation.installation.id();
    let value =
        json!({ "own": asked.own.to_string(), "fleet": asked.fleet.to_string(), "id": id, "asked": true });
    output.result(&value, || {
        format!(
            "asked to be admitted\nthis installation  {}\nOn an admitted installation, compare this fingerprint and run\n  \
             sealwright installation admit {id} \"{}\"",
            asked.own, asked.own
        )
    })?;
    Ok(Outcome::NeedsPerson)
}

/// Records what was done with this installation's key. Done it is all the same: where the database cannot be reached, or the
/// login writes no log, that is said; a key pair must be mended, and kept, while nothing else works.
async fn record(home: &Home, kind: AuditKind, detail: &str, output: &Output) -> bool {
    let recorded = async {
        let foundation = Foundation::open(home.clone(), who(home).await?.actor).await?;
        let event = AuditEvent {
            kind,
            outcome: AuditOutcome::Success,
            actor: foundation.actor.clone(),
            object: format!("installation {}", foundation.installation.id()),
            detail: detail.to_owned(),
        };
        let now = foundation.clock.now();
        store::in_unit!(foundation.store, work => { work.audit().append(&event, now).await?; })?;
        Ok::<_, crate::compose::ComposeError>(())
    };
    match recorded.await {
        Ok(()) => true,
        Err(error) => {
            output
                .warning(&format!("this is not on record in the audit log: {}", crate::works::chain(&error)));
            false
        }
    }
}

async fn protect(home: &Home, place: crate::vault::Place, output: &Output) -> Result<Outcome, Failure> {
    installation::protect(home, place)?;
    let detail = format!("its secrets are kept as: {place}");
    let recorded = record(home, AuditKind::InstallationKeyMoved, &detail, output).await;
    output.result(&json!({ "protected": true, "recorded": recorded }), || {
        "this installation's secrets are where you wanted them; keep a backup of its key: `sealwright installation backup`"
            .to_owned()
    })?;
    Ok(Outcome::Done)
}

fn password(stdin: bool, again: bool) -> Result<Zeroizing<String>, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("the password cannot be read: {error}"));
    let mut text = Zeroizing::new(String::new());
    if stdin {
        std::io::stdin().read_to_string(&mut text).map_err(failed)?;
    } else {
        *text = rpassword::prompt_password("Password of the backup: ").map_err(failed)?;
        if again {
            let second = Zeroizing::new(rpassword::prompt_password("Once more: ").map_err(failed)?);
            if *second != *text {
                return Err(Failure::new("the two are not the same; nothing was written"));
            }
        }
    }
    let trimmed = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
    if trimmed.chars().count() < 12 {
        return Err(Failure::new(
            "the password protects this installation's key: use at least 12 characters",
        ));
    }
    Ok(trimmed)
}

async fn backup(home: &Home, file: &Path, stdin: bool, output: &Output) -> Result<Outcome, Failure> {
    let pfx = installation::backup(home, &password(stdin, true)?)?;
    let recorded = record(home, AuditKind::InstallationKeyExported, "under a password", output).await;
    write_new_private(file, &pfx)?;
    output.result(&json!({ "file": file, "recorded": recorded }), || {
        format!("the key pair is in {}; keep it away from this machine and from its password", file.display())
    })?;
    Ok(Outcome::Done)
}

async fn restore(home: &Home, file: &Path, stdin: bool, output: &Output) -> Result<Outcome, Failure> {
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", file.display())))?;
    let restored = installation::restore(home, &bytes, &password(stdin, false)?)?;
    let recorded = record(home, AuditKind::InstallationKeyRestored, "from a backup", output).await;
    let value = json!({ "fingerprint": restored.fingerprint().to_string(), "recorded": recorded });
    output.result(&value, || format!("this home has its key pair again: {}", restored.fingerprint()))?;
    Ok(Outcome::Done)
}

impl From<AdmitError> for Failure {
    fn from(error: AdmitError) -> Self {
        crate::compose::ComposeError::from(error).into()
    }
}
