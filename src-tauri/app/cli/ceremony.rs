//! Recoveries that several persons carry: `recovery request`, `requests`, `approve`, `refuse`, `withdraw`, `complete`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use admit::Fingerprint;
use clap::{Args, Subcommand};
use custody::SetVersion;
use model::{PfxProfile, RecoveryRequestId, Span, Timestamp};
use recover::ceremony::{Desk, Given, Granted, Listed, Opened, Request, Wanted, Wish};
use serde_json::{Value, json};

use super::agent::{self, KeyArguments, sign_log};
use super::certificate::find;
use super::import::agrees;
use super::output::{Failure, Output, table};
use super::recovery::no_password_in_json;
use super::{Outcome, bundle, mails, receipt};
use crate::compose::Program;
use crate::handout::{Mails, file_name, must_be_writable, write_keys};
use crate::officers::{approvals, desk, signed, waiting};
use crate::receipt::making::write;

/// Requests that are listed.
const LISTED: u32 = 200;

/// Recoveries that several persons carry
#[derive(Debug, Subcommand)]
pub(super) enum CeremonyCommand {
    /// Ask for keys; officers agree with `recovery approve`, then you go on with `recovery complete`
    Request {
        /// Whose keys: id, thumbprint or serial number in any spelling. With --seal-anew those that wait for it, when none is named
        #[arg(required_unless_present = "seal_anew")]
        certificates: Vec<String>,
        /// The case it belongs to
        #[arg(long = "case", value_name = "NUMBER")]
        case_number: String,
        /// What allows it, e.g. a clause of a works agreement
        #[arg(long = "basis", value_name = "TEXT")]
        legal_basis: String,
        /// Why
        #[arg(long, value_name = "TEXT", value_parser = super::agent::reason)]
        reason: String,
        /// What shall come of it
        #[command(flatten)]
        wanted: WantedArguments,
        /// Days until it expires
        #[arg(long, default_value_t = 7, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=30))]
        days: i64,
    },
    /// List requests with who has agreed
    Requests {
        /// Closed and expired ones too
        #[arg(long)]
        all: bool,
    },
    /// Agree to a request with your own key, on your own machine; recorded before it happens
    ///
    /// With --bundle on any machine, without database, network and home: the bundle is what `recovery export REQUEST --for OFFICER`
    /// wrote, and your answer goes back to `recovery import`. Nothing is recorded there, only when the answer is imported.
    Approve {
        /// Which, as `recovery requests` shows it
        #[arg(required_unless_present = "bundle", conflicts_with_all = ["bundle", "out", "fleet", "fingerprint"])]
        request: Option<RecoveryRequestId>,
        /// A request that was exported for you
        #[arg(long, value_name = "FILE", requires = "out")]
        bundle: Option<PathBuf>,
        /// With --bundle: the file for your answer
        #[arg(long, value_name = "RESPONSE", requires = "bundle")]
        out: Option<PathBuf>,
        /// With --bundle: the fleet's fingerprint, which you have compared
        #[arg(long, value_name = "FINGERPRINT", requires = "bundle")]
        fleet: Option<Fingerprint>,
        /// With --bundle: the request's fingerprint, which you have compared
        #[arg(long, value_name = "FINGERPRINT", requires = "bundle")]
        fingerprint: Option<Fingerprint>,
        /// Your key
        #[command(flatten)]
        key: Box<KeyArguments>,
        /// Agree without being asked: you have read the request
        #[arg(long)]
        yes: bool,
    },
    /// Take in what an officer without a network answered; recorded, and good once
    Import {
        /// What `recovery approve --bundle` wrote
        response: PathBuf,
    },
    /// Refuse a request, for everybody
    Refuse {
        /// Which, as `recovery requests` shows it
        request: RecoveryRequestId,
        /// Why; whoever asked reads it in the audit log
        #[arg(long, value_name = "TEXT", value_parser = super::agent::reason)]
        reason: String,
    },
    /// Take your own request back
    Withdraw {
        /// Which, as `recovery requests` shows it
        request: RecoveryRequestId,
    },
    /// Do what was asked, once enough officers have agreed; on the machine where it was asked
    Complete {
        /// Which, as `recovery requests` shows it
        request: RecoveryRequestId,
        /// Where mails are to be decrypted: which (`.eml`, `.p7m`)
        mails: Vec<PathBuf>,
        /// Where files or mails are wanted: a folder for them, which is made
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        /// File for the passwords of the PKCS#12 files, in place of showing them
        #[arg(long, value_name = "FILE")]
        out_passwords: Option<PathBuf>,
        /// For old clients: Triple DES and SHA-1 inside the PKCS#12
        #[arg(long)]
        compatible: bool,
        /// File for the receipt, as `recovery receipt --out` writes it
        #[arg(long, value_name = "FILE")]
        receipt: Option<PathBuf>,
    },
    /// Tell who asked, who agreed, what was disclosed to whom and when, of a request that was opened; with proof
    ///
    /// The file proves itself with `sealwright audit check FILE`, without the database.
    Receipt {
        /// Which, as `recovery requests` shows it
        request: RecoveryRequestId,
        /// File for the receipt with its proofs, JSON
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// File for a notice to the owner, a text that you look over and send: nothing is sent by this program
        #[arg(long, value_name = "FILE")]
        notice: Option<PathBuf>,
        /// With --notice, where keys of several owners were asked for: to whom, by the mail address
        #[arg(long, value_name = "MAIL", requires = "notice")]
        owner: Option<String>,
    },
}

/// What shall come of a recovery
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own, and one of them is given")]
pub(super) struct WantedArguments {
    /// Mails that are given later are decrypted; the key is not handed out
    #[arg(long)]
    decrypt: bool,
    /// The key goes to its owner's devices again, where it is missing
    #[arg(long)]
    to_devices: bool,
    /// The key goes to its owner as a PKCS#12 file
    #[arg(long)]
    to_owner: bool,
    /// The key goes to somebody else as a PKCS#12 file: who, in words. Takes one approval more
    #[arg(long, value_name = "WHOM")]
    to_other: Option<String>,
    /// The keys are sealed anew to the set of recovery agents in force; nothing is handed out. For keys that only several
    /// officers open together; for others one officer runs `sealwright kra rearchive`
    #[arg(long)]
    seal_anew: bool,
}

impl WantedArguments {
    fn wanted(self, set: Option<&SetVersion>) -> Result<Wanted, Failure> {
        Ok(match self.to_other {
            Some(to) => Wanted::FileForOther { to },
            None if self.seal_anew => Wanted::sealed_anew(signed(set)?),
            None if self.to_devices => Wanted::OwnersDevices,
            None if self.decrypt => Wanted::DecryptedMails,
            None => Wanted::FileForOwner,
        })
    }
}

pub(super) async fn run(
    program: &Arc<Program>,
    command: CeremonyCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    let desk = desk(program).await?;
    match command {
        CeremonyCommand::Request { certificates, case_number, legal_basis, reason, wanted, days } => {
            let set = program.custody.in_force().await?;
            let wanted = wanted.wanted(set.as_ref())?;
            let mut ids = Vec::with_capacity(certificates.len());
            for typed in &certificates {
                ids.push(find(program, typed).await?);
            }
            if ids.is_empty() {
                ids = waiting(program, &desk, signed(set.as_ref())?).await?;
            }
            let wish =
                Wish { certificates: ids, case_number, legal_basis, reason, wanted, lasts: Span::days(days) };
            let asked = desk.ask(&wish).await?;
            sign_log(program, output).await;
            let told = format!(
                "recovery request {id}\n{}\nwaits for {} {}: each runs `sealwright recovery approve {id} --kra KEY`\nthen go on \
                 here with `sealwright recovery complete {id}`, before {}",
                summary(&asked),
                asked.approvals,
                officers(asked.approvals.into()),
                asked.expires_at,
                id = asked.id,
            );
            output.result(&wire(&asked), || told)?;
            Ok(Outcome::Done)
        }
        CeremonyCommand::Requests { all } => {
            let now = program.clock.now();
            let mut listed = desk.list(LISTED).await?;
            if !all {
                listed.retain(|one| {
                    one.request.as_ref().map_or(true, |request| request.check_open(now).is_ok())
                });
            }
            list(&listed, now, output)?;
            Ok(Outcome::Done)
        }
        CeremonyCommand::Approve { request: Some(request), key, yes, .. } => {
            approve(program, &desk, request, &key, yes, output).await
        }
        CeremonyCommand::Approve { .. } => {
            Err(Failure::new("a bundle is answered before a database is opened"))
        }
        CeremonyCommand::Import { response } => bundle::import(program, &desk, &response, output).await,
        CeremonyCommand::Refuse { request, reason } => {
            desk.refuse(request, &reason).await?;
            sign_log(program, output).await;
            output
                .result(&json!({ "refused": request }), || format!("refused recovery request {request}"))?;
            Ok(Outcome::Done)
        }
        CeremonyCommand::Withdraw { request } => {
            desk.withdraw(request).await?;
            sign_log(program, output).await;
            output.result(&json!({ "withdrawn": request }), || {
                format!("withdrew recovery request {request}")
            })?;
            Ok(Outcome::Done)
        }
        CeremonyCommand::Complete { request, mails, out, out_passwords, compatible, receipt } => {
            let places = Places {
                mails: &mails,
                out: out.as_deref(),
                passwords: out_passwords.as_deref(),
                receipt: receipt.as_deref(),
            };
            complete(program, &desk, request, places, compatible, output).await
        }
        CeremonyCommand::Receipt { request, out, notice, owner } => {
            let wanted =
                receipt::Wanted { out: out.as_deref(), notice: notice.as_deref(), owner: owner.as_deref() };
            receipt::show(program, &desk, request, &wanted, output).await
        }
    }
}

async fn approve(
    program: &Program,
    desk: &Desk<'_>,
    request: RecoveryRequestId,
    own: &KeyArguments,
    yes: bool,
    output: &Output,
) -> Result<Outcome, Failure> {
    let asked = desk.request(request).await?;
    asked.check_open(program.clock.now())?;
    // Read before the key is unlocked.
    output.note(&format!("recovery request {request}\n{}", summary(&asked)));
    if !yes {
        if output.is_json() {
            return Err(Failure {
                code: 2,
                message: "nobody was shown what is to be agreed to".to_owned(),
                hint: Some("read it with `sealwright recovery requests`, then add --yes".to_owned()),
            });
        }
        if !agrees()? {
            return Err(Failure::new("nothing was given"));
        }
    }
    let key = agent::open(program, own, output).await?;
    let granted = desk.approve(&asked, key.as_ref()).await;
    sign_log(program, output).await;
    let granted = granted?;
    let value = json!({ "request": request, "agreed": granted.given.counted(), "keys": granted.given.keys,
        "needed": granted.request.approvals,
    });
    output.result(&value, || format!("agreed to recovery request {request}: {}", progress(&granted)))?;
    Ok(Outcome::Done)
}

/// `2 of 3; 1 more officer has to agree`
pub(super) fn progress(granted: &Granted) -> String {
    let needed = usize::from(granted.request.approvals);
    let (keys, counted) = (granted.given.keys, granted.given.counted());
    let next = match needed.saturating_sub(counted) {
        0 if granted.given.persons.is_some() || needed < 2 => {
            format!("whoever asked ({}) can complete it", granted.request.requester)
        }
        0 => format!(
            "whoever asked ({}) can complete it, if each key was another person's: this login cannot read who gave them",
            granted.request.requester
        ),
        1 => "1 more officer has to agree".to_owned(),
        rest => format!("{rest} more officers have to agree"),
    };
    let one_person = if keys > counted {
        format!(
            " ({keys} officers' keys have given, and {counted} {}: one person counts once, whoever's keys are at hand)",
            if counted == 1 { "person" } else { "persons" }
        )
    } else {
        String::new()
    };
    format!("{counted} of {needed}{one_person}; {next}")
}

/// One officer opens a key alone, where the set in force leaves it to one. The cryptography guards what is sealed to a
/// quorum; this guards the rest, before a password or PIN is asked for.
///
/// # Errors
/// With what to do, where others have to agree.
pub(super) async fn check_alone(program: &Program) -> Result<(), Failure> {
    match approvals(program).await? {
        0 => Ok(()),
        needed => Err(Failure {
            code: 3,
            message: format!(
                "nobody opens an archived key alone here: {needed} {} have to agree, says the set of recovery agents in force",
                officers(needed.into())
            ),
            hint: Some(
                "ask with `sealwright recovery request CERTIFICATE --to-owner --case … --basis … --reason …`"
                    .to_owned(),
            ),
        }),
    }
}

/// Where files go.
#[derive(Clone, Copy)]
struct Places<'a> {
    mails: &'a [PathBuf],
    out: Option<&'a Path>,
    passwords: Option<&'a Path>,
    receipt: Option<&'a Path>,
}

async fn complete(
    program: &Program,
    desk: &Desk<'_>,
    id: RecoveryRequestId,
    places: Places<'_>,
    compatible: bool,
    output: &Output,
) -> Result<Outcome, Failure> {
    let asked = desk.request(id).await?;
    let usage = |message: &str, hint: &str| Failure {
        code: 2,
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
    };
    if asked.wanted != Wanted::DecryptedMails && !places.mails.is_empty() {
        return Err(usage("mails were not asked for", &asked.wanted.describe()));
    }
    let writes_files = matches!(asked.wanted, Wanted::FileForOwner | Wanted::FileForOther { .. });
    if !writes_files && (places.passwords.is_some() || compatible)
        || matches!(asked.wanted, Wanted::OwnersDevices | Wanted::SealedAnew { .. }) && places.out.is_some()
    {
        return Err(usage("no such file is made here", &asked.wanted.describe()));
    }
    places.receipt.map_or(Ok(()), must_be_writable)?;
    let mut prepared = None;
    let set;
    let given = match (&asked.wanted, places.out) {
        (Wanted::FileForOwner | Wanted::FileForOther { .. } | Wanted::DecryptedMails, None) => {
            return Err(usage("where shall it go?", "--out FOLDER, which is made"));
        }
        (Wanted::FileForOwner | Wanted::FileForOther { .. }, Some(folder)) => {
            // Before anything is opened: where the keys and their passwords go must be free.
            must_be_writable(folder)?;
            match places.passwords {
                Some(file) => must_be_writable(file)?,
                None if output.is_json() => return Err(no_password_in_json("--out-passwords FILE")),
                None => {}
            }
            Given::Files(if compatible { PfxProfile::Compatible } else { PfxProfile::Modern })
        }
        (Wanted::OwnersDevices, _) => Given::Devices,
        (Wanted::SealedAnew { .. }, _) => {
            set = program.custody.in_force().await?;
            Given::SealedAnew(signed(set.as_ref())?)
        }
        (Wanted::DecryptedMails, Some(folder)) => {
            if places.mails.is_empty() {
                return Err(usage(
                    "which mails are to be decrypted?",
                    "name them behind the request: recovery complete REQUEST MAIL… --out FOLDER",
                ));
            }
            Given::Mails(&prepared.insert(Mails::read(places.mails, folder)?).given)
        }
    };
    let opened = desk.open(id, given).await;
    sign_log(program, output).await;
    let opened = opened?;
    let written = match &prepared {
        Some(prepared) => Some(mails::written(prepared, &opened.mails)?),
        None => None,
    };
    let passwords = match places.out {
        Some(folder) if !opened.files.is_empty() => write_keys(folder, places.passwords, &opened.files)?,
        _ => String::new(),
    };
    let failed = written.as_ref().map_or(0, |written| written.failed);
    if failed > 0 {
        output.warning(&format!(
            "{failed} of the mails were not decrypted: the request stays open, so that it can be completed with others"
        ));
    } else if let Err(error) = desk.finish(&opened.request).await {
        // What was wanted is there: a request that cannot be closed now ends by itself.
        output.warning(&format!("the request stays open until it expires: {error}"));
    }
    sign_log(program, output).await;
    // What was wanted is there, whatever becomes of its receipt.
    let receipt = match places.receipt {
        Some(file) => receipt::made(program, desk, id, output).await.and_then(|made| write(file, &made)),
        None => Ok(()),
    };
    if let Err(failure) = &receipt {
        output.warning(&format!(
            "the recovery is done, its receipt was not written: {}; `sealwright recovery receipt {id} --out FILE` writes it",
            failure.message
        ));
    }
    let files: Vec<Value> = opened
        .files
        .iter()
        .map(|file| json!({ "certificate": file.certificate.id, "mail": file.certificate.mail, "file": file_name(file) }))
        .collect();
    let mails = |some: &[model::Certificate]| some.iter().map(|one| one.mail.clone()).collect::<Vec<_>>();
    let value = json!({
        "request": id, "files": files, "folder": places.out, "passwordFile": places.passwords,
        "mails": written.as_ref().map(|written| &written.values),
        "onTheirWay": mails(&opened.on_their_way), "thereAlready": mails(&opened.there_already),
        "sealedAnew": opened.sealed_anew.iter().map(|one| one.thumbprint).collect::<Vec<_>>(),
        "receipt": places.receipt.filter(|file| file.exists()),
    });
    let mails = written.as_ref().map_or("", |written| written.text.as_str());
    output.result(&value, || format!("{mails}{}", told(&opened, places, &passwords)))?;
    Ok(if failed > 0 || receipt.is_err() { Outcome::NeedsPerson } else { Outcome::Done })
}

fn told(opened: &Opened, places: Places<'_>, passwords: &str) -> String {
    let failed = opened.mails.iter().filter(|mail| mail.is_err()).count();
    let mut lines = vec![match failed {
        0 => format!("recovery request {}: what was asked was carried out", opened.request.id),
        _ => format!(
            "recovery request {}: {} of {} mails were decrypted; it stays open until {}: complete it with others, or end it with \
             `sealwright recovery withdraw {}`",
            opened.request.id,
            opened.mails.len() - failed,
            opened.mails.len(),
            opened.request.expires_at,
            opened.request.id
        ),
    }];
    if let Some(folder) = places.out.filter(|_| !opened.files.is_empty()) {
        let (files, their) = match opened.files.len() {
            1 => ("1 PKCS#12 file".to_owned(), "its password"),
            count => (format!("{count} PKCS#12 files"), "their passwords"),
        };
        lines.push(format!("{files} in {}", folder.display()));
        lines.push(match places.passwords {
            Some(file) => format!("{their} in {}", file.display()),
            None => format!("{their}, shown this once:\n{passwords}"),
        });
    }
    for certificate in &opened.on_their_way {
        lines.push(format!(
            "{}: the service hands the key over to the devices where it is missing",
            certificate.mail
        ));
    }
    for certificate in &opened.there_already {
        lines.push(format!(
            "{}: Intune has the key for all who are to have it; `certificate redeliver` asks it again",
            certificate.mail
        ));
    }
    if !opened.sealed_anew.is_empty() {
        lines.push(format!("archived keys sealed anew: {}", opened.sealed_anew.len()));
    }
    lines.push("no certificate is revoked by this".to_owned());
    lines.push(match places.receipt {
        Some(file) => format!("the receipt is in {}", file.display()),
        None => format!(
            "what is on record, with proof, and a notice for the owner: `sealwright recovery receipt {}`",
            opened.request.id
        ),
    });
    lines.join("\n")
}

fn list(listed: &[Listed], now: Timestamp, output: &Output) -> Result<(), Failure> {
    let mut values = Vec::new();
    let mut rows = Vec::new();
    for one in listed {
        match &one.request {
            Ok(request) => {
                let agreed = one.agreement.counted();
                let mut value = wire(request);
                value["agreed"] = json!(agreed);
                value["isOpen"] = json!(request.check_open(now).is_ok());
                values.push(value);
                rows.push(vec![
                    one.id.to_string(),
                    one.standing(now).to_owned(),
                    format!("{agreed} of {}", request.approvals),
                    request.case_number.clone(),
                    request.keys.iter().map(|key| key.mail.as_str()).collect::<Vec<_>>().join(", "),
                    request.requester.clone(),
                    request.expires_at.to_string(),
                    request.fingerprint().to_string(),
                ]);
            }
            Err(error) => {
                values.push(json!({ "request": one.id, "isOpen": false, "notBelieved": error.to_string() }));
                rows.push(vec![one.id.to_string(), format!("NOT TO BE BELIEVED: {error}")]);
            }
        }
    }
    output.result(&json!({ "requests": values }), || {
        if rows.is_empty() {
            return "no request is open; `--all` shows closed ones".to_owned();
        }
        table(&["REQUEST", "STATE", "AGREED", "CASE", "KEYS OF", "ASKED BY", "EXPIRES", "FINGERPRINT"], &rows)
    })
}

/// What an officer reads before agreeing.
pub(super) fn summary(request: &Request) -> String {
    let keys: Vec<String> = request
        .keys
        .iter()
        .map(|key| format!("  {} ({}), {}", key.mail, key.subject, key.thumbprint))
        .collect();
    format!(
        "asked by: {} on {}, at the machine `{}`\ncase:     {}\nbasis:    {}\nreason:   {}\nwanted:   {}\nfingerprint of all this: {}\nkeys \
         of:\n{}",
        request.requester,
        request.created_at,
        request.installation_name,
        request.case_number,
        request.legal_basis,
        request.reason,
        request.wanted.describe(),
        request.fingerprint(),
        keys.join("\n")
    )
}

pub(super) fn wire(request: &Request) -> Value {
    json!({
        "request": request.id,
        "fingerprint": request.fingerprint(),
        "requester": request.requester,
        "installation": request.installation,
        "installationName": request.installation_name,
        "case": request.case_number,
        "basis": request.legal_basis,
        "reason": request.reason,
        "wanted": request.wanted,
        "keys": request.keys,
        "needed": request.approvals,
        "state": request.state,
        "createdAt": request.created_at,
        "expiresAt": request.expires_at,
    })
}

const fn officers(count: usize) -> &'static str {
    if count == 1 { "officer" } else { "officers" }
}
