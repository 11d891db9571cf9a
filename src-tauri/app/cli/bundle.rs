//! `recovery export --for`, `recovery approve --bundle`, `recovery import`: an officer without a network.
//!
//! The officer's program needs the file and the officer's key. It opens no database and no connection, and writes one file:
//! the answer.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use admit::{Fingerprint, PinFile};
use crypto::X509Certificate;
use model::{Clock as _, RecoveryRequestId, Span, SystemClock, Thumbprint};
use recover::ceremony::{Bundle, Desk, Known, LARGEST_BUNDLE, SealedBundle};
use serde_json::json;

use super::Outcome;
use super::agent::{self, KeyArguments, sign_log};
use super::ceremony::{progress, summary, wire};
use super::import::agrees;
use super::output::{Failure, Output};
use crate::compose::Program;
use crate::foundation::PIN_FILE;
use crate::handout::must_be_new;
use crate::installation::actor;
use crate::mistaken::mistaken_for;
use crate::officers::{agent as agent_of, desk};
use crate::settings::{Home, write_new_private};

/// What an officer without a network has.
pub(super) struct Offline {
    pub file: PathBuf,
    pub out: PathBuf,
    pub fleet: Option<Fingerprint>,
    /// The request's fingerprint, which was compared.
    pub fingerprint: Option<Fingerprint>,
    pub key: KeyArguments,
    pub yes: bool,
}

/// Writes a request out for one officer.
pub(super) async fn export(
    program: &Program,
    what: &str,
    officer: &str,
    days: i64,
    out: &Path,
    output: &Output,
) -> Result<Outcome, Failure> {
    let id: RecoveryRequestId = what.parse().map_err(|_| {
        Failure::with_hint(
            format!("`{what}` is no recovery request"),
            "`sealwright recovery requests` lists them; without --for, an archived key is written out",
        )
    })?;
    must_be_new(out)?;
    let officer = officer_of(program, officer).await?;
    let exported = desk(program).await?.export(id, &officer, Span::days(days)).await;
    sign_log(program, output).await;
    let exported = exported?;
    write_new_private(out, &exported.cms)?;
    let value = json!({
        "request": id, "bundle": exported.id, "file": out, "officer": officer.subject(), "expiresAt": exported.expires_at,
        "fleet": exported.fleet, "fingerprint": exported.request.fingerprint(),
    });
    output.result(&value, || {
        format!(
            "recovery request {id} for {} is in {}\nbring it to that officer, who answers before {}:\n  sealwright recovery \
             approve --bundle FILE --kra KEY --out RESPONSE\nand tell the officer by another way what to compare:\n  fleet    {}\n  \
             request  {}\nthe answer comes back with `sealwright recovery import RESPONSE`",
            officer.subject(),
            out.display(),
            exported.expires_at,
            exported.fleet,
            exported.request.fingerprint()
        )
    })?;
    Ok(Outcome::Done)
}

/// The officer's certificate: of an agent by its thumbprint, or from a file.
async fn officer_of(program: &Program, typed: &str) -> Result<X509Certificate, Failure> {
    let file = Path::new(typed);
    let Ok(thumbprint) = typed.parse::<Thumbprint>() else {
        let bytes = std::fs::read(file).map_err(|error| {
            Failure::with_hint(
                format!("{typed} is no thumbprint, and cannot be read as a file: {error}"),
                "`sealwright kra set show` and `sealwright kra list` show the officers' thumbprints",
            )
        })?;
        return Ok(X509Certificate::from_bytes(&bytes)?);
    };
    agent_of(program, thumbprint).await
}

/// Shows what is asked, asks the officer, and writes the answer. Without database, network and home.
pub(super) async fn approve(home: &Home, wanted: &Offline, output: &Output) -> Result<Outcome, Failure> {
    let usage = |message: &str, hint: &str| Failure {
        code: 2,
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
    };
    must_be_new(&wanted.out)?;
    if wanted.yes && (wanted.fleet.is_none() || wanted.fingerprint.is_none()) {
        return Err(usage(
            "nobody compared what is asked, and the fleet that it comes from",
            "add --fleet FINGERPRINT, as `sealwright installation list` tells it, and --fingerprint FINGERPRINT, as `recovery \
             requests` tells it on a machine of the fleet",
        ));
    }
    if output.is_json() && !wanted.yes {
        return Err(usage(
            "nobody was shown what is to be agreed to",
            "read it without --json first, then add --yes with --fleet and --fingerprint",
        ));
    }
    // Before a password or PIN is asked for: whether it is a bundle at all.
    let sealed = SealedBundle::read(&read(&wanted.file)?)?;
    let known = Known {
        fingerprint: wanted.fleet,
        pin: PinFile::new(home.path().join(PIN_FILE)).load().map_err(recover::RecoverError::from)?,
    };
    let clock = SystemClock;
    let key = agent::at_hand(&wanted.key.address, &wanted.key.unlock, output).await?;
    let bundle = sealed.open(key.as_ref(), &known, clock.now()).await?;
    if wanted.fingerprint.is_some_and(|compared| compared != bundle.request.fingerprint()) {
        return Err(Failure::with_hint(
            "this is another request than the one with that fingerprint; nothing was given",
            "find out who wrote the bundle out, and have the request exported again",
        ));
    }
    output.note(&shown(&bundle));
    if !wanted.yes && !agrees()? {
        return Err(Failure::new("nothing was given"));
    }
    let response = bundle.agree(key.as_ref(), &actor(), clock.now()).await?;
    write_new_private(&wanted.out, &response)?;
    let mut value = wire(&bundle.request);
    value["bundle"] = json!(bundle.id);
    value["fleet"] = json!(bundle.fleet());
    value["file"] = json!(wanted.out);
    output.result(&value, || {
        format!(
            "your answer to recovery request {} is in {}\nit is taken in by `sealwright recovery import FILE` on a machine of the \
             fleet, before {}; until then nothing of this is on record",
            bundle.request.id,
            wanted.out.display(),
            bundle.expires_at
        )
    })?;
    Ok(Outcome::Done)
}

/// What the officer reads before agreeing.
fn shown(bundle: &Bundle) -> String {
    format!(
        "recovery request {}\n{}\nexported by: {} on {}, at the machine `{}`, for {}\nhas to be answered before {}\ncompare by another \
         way than this file, with a machine of the fleet:\n  fleet    {}  (`sealwright installation list`)\n  request  {}  (`sealwright \
         recovery requests`)",
        bundle.request.id,
        summary(&bundle.request),
        bundle.exported_by,
        bundle.created_at,
        bundle.exporter,
        bundle.officer(),
        bundle.expires_at,
        bundle.fleet(),
        bundle.request.fingerprint()
    )
}

/// Takes an answer in.
pub(super) async fn import(
    program: &Program,
    desk: &Desk<'_>,
    file: &Path,
    output: &Output,
) -> Result<Outcome, Failure> {
    let response = read(file)?;
    let imported = desk.import(&response).await;
    sign_log(program, output).await;
    let imported = imported?;
    let granted = &imported.granted;
    let value = json!({
        "request": granted.request.id, "officer": imported.officer, "agreed": granted.given.counted(),
        "needed": granted.request.approvals,
    });
    output.result(&value, || {
        format!(
            "{} agreed to recovery request {}: {}",
            imported.officer,
            granted.request.id,
            progress(granted)
        )
    })?;
    Ok(Outcome::Done)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::new(format!("{} cannot be read: {error}", file.display()));
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|open| open.take(LARGEST_BUNDLE + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_BUNDLE {
        return Err(Failure::new(format!(
            "{} is larger than {} MB, which neither a bundle nor an answer is",
            file.display(),
            LARGEST_BUNDLE >> 20
        )));
    }
    match mistaken_for(&bytes) {
        Some(what) => Err(Failure::with_hint(
            format!("{} is {what}, neither a bundle nor an answer", file.display()),
            "take the file itself, as `recovery export` or `recovery approve` wrote it; a page in its place often means that a \
             sign-in came instead of the download",
        )),
        None => Ok(bytes),
    }
}
