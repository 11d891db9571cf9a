//! `sealwright kra set …`: the set of recovery agents, proposed by one, signed by officers, trusted by each installation.

use std::path::{Path, PathBuf};

use admit::{Digest, Fingerprint};
use clap::{Args, Subcommand};
use crypto::MlKemPublicKey;
use custody::{
    Candidate, CustodyError, Draft, Line, Policy, Proposal, SetVersion, Signer, Standing, Withdrawal,
    officer_name,
};
use kra::Address;
use model::Thumbprint;
use model::text::printable;
use serde_json::{Value, json};

use super::agent::KeyArguments;
use super::import::agrees;
use super::key_vault::VaultArguments;
use super::kra::certificate_of;
use super::output::{Failure, Output};
use super::{Outcome, agent};
use crate::compose::Program;
use crate::officers::{candidate, kept_officers, wake_waiting};
use crate::works::chain;

/// The set of recovery agents to whom keys are sealed.
#[derive(Debug, Subcommand)]
pub(super) enum KraSetCommand {
    /// Show versions, officers, signatures, and which version this installation goes by
    Show,
    /// Propose the first or the next version; it is in force once enough officers have signed it
    Propose(Box<Propose>),
    /// Sign a proposed version with an officer's key, after a look at it
    Sign(Box<Sign>),
    /// Take back a proposed version, so that nobody is asked to sign it any more; whoever proposed it does
    ///
    /// It stays visible as taken back, by whom and when, and is on record. What enough officers have signed is in force, and not
    /// taken back by anybody. A version that another one has overtaken may be put aside by anybody of the fleet.
    Withdraw {
        /// Which version, where you proposed more than one, or somebody else did
        #[arg(long, value_name = "FINGERPRINT")]
        fingerprint: Option<Fingerprint>,
    },
    /// Let this installation go by the version with this fingerprint, which you have compared with the officers
    Trust {
        /// Fingerprint, as `kra set show` tells it
        #[arg(num_args = 1.., required = true, value_name = "FINGERPRINT")]
        fingerprint: Vec<String>,
    },
}

/// A version to be proposed.
#[derive(Debug, Args)]
pub(super) struct Propose {
    /// Name of the set; the first version needs one
    #[arg(long)]
    name: Option<String>,
    /// Any one officer opens a key (the way of the first version, unless another is named)
    #[arg(long, conflicts_with = "quorum")]
    any_one: bool,
    /// So many officers together open a key, and fewer cannot
    #[arg(long, value_name = "M")]
    quorum: Option<u8>,
    /// With any one officer: how many people, besides who asks, must agree to a recovery
    #[arg(long, value_name = "K", conflicts_with = "quorum")]
    approvals: Option<u8>,
    /// An officer: certificate file, PEM or DER, or the address of the key on a token or in Azure Key Vault
    #[arg(long = "officer", value_name = "CERT", conflicts_with = "keep", required_unless_present = "keep")]
    officers: Vec<Address>,
    /// Begin with the officers of the version in force, or with the list of agents
    #[arg(long)]
    keep: bool,
    /// With --keep: one officer more
    #[arg(long, value_name = "CERT", requires = "keep")]
    add: Vec<Address>,
    /// With --keep: without the officer of this certificate (SHA-1)
    #[arg(long, value_name = "THUMBPRINT", requires = "keep")]
    remove: Vec<String>,
    /// The ML-KEM key of an officer, by the officer's name or thumbprint: keys are sealed to it as well once each officer has
    /// one. `sealwright kra ml-kem` makes it; whoever is an officer already keeps theirs
    #[arg(long, value_name = "OFFICER=FILE", value_parser = officers_ml_kem)]
    ml_kem: Vec<(String, PathBuf)>,
    /// How to sign in to a vault
    #[command(flatten)]
    vault: VaultArguments,
}

/// `Anna Ahrens=anna.pub.pem`
fn officers_ml_kem(typed: &str) -> Result<(String, PathBuf), String> {
    match typed.split_once('=') {
        Some((officer, file)) if !officer.trim().is_empty() && !file.is_empty() => {
            Ok((officer.trim().to_owned(), PathBuf::from(file)))
        }
        _ => Err("name the officer and the file of the public key: OFFICER=FILE".to_owned()),
    }
}

/// A version to be signed, and with which key.
#[derive(Debug, Args)]
pub(super) struct Sign {
    /// Whose key
    #[command(flatten)]
    key: KeyArguments,
    /// Which version, where more than one waits
    #[arg(long, value_name = "FINGERPRINT")]
    fingerprint: Option<Fingerprint>,
    /// Sign without asking: for scripts that have compared the fingerprint
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(
    program: &Program,
    command: KraSetCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        KraSetCommand::Show => show(program, output).await,
        KraSetCommand::Propose(wanted) => propose(program, *wanted, output).await,
        KraSetCommand::Sign(wanted) => sign(program, *wanted, output).await,
        KraSetCommand::Withdraw { fingerprint } => withdraw(program, fingerprint, output).await,
        KraSetCommand::Trust { fingerprint } => trust(program, &fingerprint.join(" "), output).await,
    }
}

async fn propose(program: &Program, wanted: Propose, output: &Output) -> Result<Outcome, Failure> {
    let any_vault = |list: &[Address]| list.iter().any(|one| matches!(one, Address::KeyVault(_)));
    if !any_vault(&wanted.officers) && !any_vault(&wanted.add) {
        wanted.vault.only_for_vaults()?;
    }
    let before = program.custody.to_follow().await?;
    let mut officers: Vec<Candidate> = Vec::new();
    if wanted.keep {
        officers = kept_officers(program, before.as_ref()).await?;
        for thumbprint in &wanted.remove {
            let thumbprint: Thumbprint =
                thumbprint.parse().map_err(|error| Failure::new(format!("{error}")))?;
            let count = officers.len();
            officers.retain(|officer| officer.certificate.thumbprint() != thumbprint);
            if officers.len() == count {
                return Err(Failure::with_hint(
                    format!("there is no officer {thumbprint} to be left out"),
                    "`sealwright kra set show` and `sealwright kra list` show them",
                ));
            }
        }
    }
    for address in wanted.officers.iter().chain(&wanted.add) {
        let (certificate, _) = certificate_of(program, address, &wanted.vault).await?;
        officers.push(candidate(program, certificate, before.as_ref()).await?);
    }
    for (officer, file) in &wanted.ml_kem {
        give_ml_kem(&mut officers, officer, file)?;
    }
    let policy = match (wanted.quorum, wanted.any_one || wanted.approvals.is_some(), &before) {
        (Some(threshold), _, _) => Policy::Quorum { threshold },
        (None, false, Some(before)) => before.policy,
        (None, _, _) => Policy::AnyOne { approvals: wanted.approvals.unwrap_or(0) },
    };
    let draft = Draft { name: wanted.name, policy, officers };
    let proposal = program.custody.propose(&draft).await?;
    agent::sign_log(program, output).await;
    output.result(&proposal_value(&proposal), || {
        let next = if proposal.set.is_hybrid() {
            "; after that, `sealwright kra rearchive` seals what is archived already to the ML-KEM keys too"
        } else {
            ""
        };
        format!(
            "{}\nit is not in force yet: {} sign it with `sealwright kra set sign --kra KEY`, here or on another \
             installation{next}",
            described(&proposal),
            who_signs(&proposal)
        )
    })?;
    Ok(Outcome::Done)
}

/// Gives one of these officers an ML-KEM key, in place of the one they had.
fn give_ml_kem(officers: &mut [Candidate], named: &str, file: &Path) -> Result<(), Failure> {
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", file.display())))?;
    let key = MlKemPublicKey::from_pem(&bytes)
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    let is_meant = |officer: &Candidate| {
        officer_name(&officer.certificate) == named
            || named.parse::<Thumbprint>().is_ok_and(|typed| typed == officer.certificate.thumbprint())
    };
    let mut meant = officers.iter_mut().filter(|officer| is_meant(officer));
    match (meant.next(), meant.next()) {
        (Some(officer), None) => {
            officer.ml_kem = Some(key);
            Ok(())
        }
        (None, _) => Err(Failure::with_hint(
            format!("no officer of this version is called `{named}`"),
            "name the officer as `sealwright kra set show` does, or by the thumbprint",
        )),
        (Some(_), Some(_)) => Err(Failure::with_hint(
            format!("more than one officer of this version is called `{named}`"),
            "name the officer by the thumbprint of the certificate",
        )),
    }
}

async fn sign(program: &Program, wanted: Sign, output: &Output) -> Result<Outcome, Failure> {
    let proposal = program.custody.to_sign(wanted.fingerprint).await?;
    let digest: Digest = proposal.set.digest;
    // Before a password is asked for: what it would be given for.
    if !wanted.yes {
        if output.is_json() {
            return Err(Failure {
                code: 2,
                message: "with --json nobody is asked".to_owned(),
                hint: Some("compare the fingerprint of `sealwright kra set show`, then add --yes".to_owned()),
            });
        }
        output.note(&described(&proposal));
        output.note("compare the fingerprint with whoever proposed it, by another way than this database");
        if !agrees()? {
            return Err(Failure::new("nothing was signed"));
        }
    }
    let key = agent::open(program, &wanted.key, output).await?;
    let signed = program.custody.sign(digest, key.as_ref()).await;
    // Who signed, or tried to, stands under a signature of the log before anything else happens.
    agent::sign_log(program, output).await;
    let signed = signed?;
    if signed.in_force {
        go_on(program, output).await;
    }
    let (collected, needed) = (signed.proposal.collected, signed.proposal.needed);
    let mut value = proposal_value(&signed.proposal);
    value["officer"] = json!(signed.officer);
    value["inForce"] = json!(signed.in_force);
    output.result(&value, || {
        let told = format!(
            "`{}` signed version {} of the set `{}`",
            signed.officer, signed.proposal.set.version, signed.proposal.set.name
        );
        if signed.in_force {
            return format!("{told}; it is in force here, and new keys are sealed to it");
        }
        if collected >= needed {
            return format!(
                "{told}; enough officers signed. Run `sealwright kra set trust {}` on each installation that does not go by \
                 the set yet",
                signed.proposal.set.fingerprint()
            );
        }
        format!("{told}; {collected} of {needed} signatures are there")
    })?;
    Ok(Outcome::Done)
}

async fn withdraw(
    program: &Program,
    which: Option<Fingerprint>,
    output: &Output,
) -> Result<Outcome, Failure> {
    let set = program.custody.withdraw(which).await?;
    agent::sign_log(program, output).await;
    let value = json!({
        "name": set.name, "version": set.version, "fingerprint": set.fingerprint().to_string(),
    });
    output.result(&value, || {
        format!(
            "version {} of the set `{}` ({}) is taken back: nobody is asked to sign it any more, and nothing else changes",
            set.version,
            set.name,
            set.fingerprint()
        )
    })?;
    Ok(Outcome::Done)
}

/// What waited for a set goes on; not every officer's login may say so.
async fn go_on(program: &Program, output: &Output) {
    if let Err(error) = wake_waiting(program).await {
        output.warning(&format!("enrollments that waited go on some minutes later: {}", error.message));
    }
}

async fn trust(program: &Program, typed: &str, output: &Output) -> Result<Outcome, Failure> {
    let fingerprint: Fingerprint = typed.parse().map_err(|error: String| Failure::new(error))?;
    let set = program.custody.trust(fingerprint).await?;
    // A newer version that rightly follows is pinned with it.
    let current = program.custody.in_force().await?.unwrap_or(set);
    go_on(program, output).await;
    agent::sign_log(program, output).await;
    let value = json!({
        "name": current.name, "version": current.version, "fingerprint": current.fingerprint().to_string(),
    });
    output.result(&value, || {
        format!(
            "this installation goes by version {} of the set `{}`: {}",
            current.version,
            current.name,
            current.policy.describe(current.officers.len())
        )
    })?;
    Ok(Outcome::Done)
}

async fn show(program: &Program, output: &Output) -> Result<Outcome, Failure> {
    let status = program.custody.status().await?;
    let trouble = status.in_force.as_ref().err().map(|error| chain(error));
    let pin = status.pin.as_ref().map(|pin| {
        json!({
            "set": pin.set, "version": pin.version, "fingerprint": pin.digest.fingerprint().to_string(),
        })
    });
    let versions: Vec<Value> = status.lines.iter().map(line_value).collect();
    let value = json!({ "pin": pin, "trouble": trouble, "versions": versions });
    output.result(&value, || {
        let mut text: Vec<String> = Vec::new();
        for line in &status.lines {
            text.push(line_text(line));
        }
        if status.lines.is_empty() && trouble.is_none() {
            text.push(
                "there is no set: keys are sealed to the unsigned list that `sealwright kra list` shows; `sealwright kra set \
                 propose --name NAME --keep` makes a set of it"
                    .to_owned(),
            );
        }
        text.push(match &status.pin {
            None => "this installation goes by no set yet".to_owned(),
            Some(pin) => format!(
                "this installation goes by version {} of `{}` ({})",
                pin.version,
                pin.set,
                pin.digest.fingerprint()
            ),
        });
        text.extend(trouble.clone());
        text.join("\n")
    })?;
    Ok(if trouble.is_some() { Outcome::NeedsPerson } else { Outcome::Done })
}

fn line_text(line: &Line) -> String {
    let mut text =
        format!("version {}: {}\n  fingerprint {}", line.version, words(&line.standing), line.fingerprint);
    if let Some(set) = &line.set {
        text.push_str(&format!("\n  `{}`: {}", set.name, set.policy.describe(set.officers.len())));
        text.push_str(&format!("\n  proposed on {} by {}", set.at, set.by));
        text.push_str(&officers_text(set));
    }
    let needed = line.needed.map_or_else(|| "?".to_owned(), |needed| needed.to_string());
    text.push_str(&format!("\n  signatures: {} of {needed}", line.collected));
    for signer in &line.signers {
        text.push_str(&match (&signer.officer, &signer.refused) {
            (Some(officer), None) => format!("\n    {officer}"),
            (_, refused) => format!("\n    counts for nothing: {}", refused.as_deref().unwrap_or("unknown")),
        });
    }
    text
}

/// What a version is to this installation, in words.
fn words(standing: &Standing) -> String {
    match standing {
        Standing::InForce => "in force; new keys are sealed to it".to_owned(),
        Standing::Superseded => "superseded; keys of its time may still be sealed to it".to_owned(),
        Standing::Proposed => "proposed; waits for signatures".to_owned(),
        Standing::Overtaken => {
            "overtaken; another version came into force in its place, and nobody has to sign it".to_owned()
        }
        Standing::Withdrawn(Withdrawal { by, at }) => format!("taken back by {} on {at}", printable(by)),
        Standing::Untrusted => {
            "signed by enough officers, and not trusted here yet: `sealwright kra set trust FINGERPRINT`"
                .to_owned()
        }
        Standing::Fork => {
            "signed by enough officers, and not the version that this installation goes by in its place"
                .to_owned()
        }
        Standing::Refused(why) => format!("not to be believed: {why}"),
    }
}

fn officers_text(set: &SetVersion) -> String {
    let lines = set.officers.iter().map(|officer| {
        let until: String = officer.certificate.not_after().to_string().chars().take(10).collect();
        let ml_kem = officer.ml_kem.as_ref();
        let ml_kem =
            ml_kem.map(|key| format!("\n      ML-KEM-768 {}", key.fingerprint())).unwrap_or_default();
        format!("\n    {}, until {until}, SHA-1 {}{ml_kem}", officer.name, officer.certificate.thumbprint())
    });
    let about = set.about_ml_kem().map(|about| format!("\n  {about}"));
    lines.chain(about).collect()
}

/// What whoever signs has to know: the version, and what it changes.
fn described(proposal: &Proposal) -> String {
    let set = &proposal.set;
    let mut text = format!(
        "version {} of the set `{}`, fingerprint {}\n  {}{}",
        set.version,
        set.name,
        set.fingerprint(),
        set.policy.describe(set.officers.len()),
        officers_text(set)
    );
    if let Some(withdrawn) = &proposal.withdrawn {
        text.push_str(&format!(
            "\ntaken back by {} on {}: sign it only if the officers want it all the same",
            withdrawn.by, withdrawn.at
        ));
    }
    if let Some(before) = &proposal.before {
        text.push_str(&format!("\nbeside version {}, which is in force:", before.version));
        for change in proposal.changes() {
            text.push_str(&format!("\n  {change}"));
        }
    }
    text
}

fn who_signs(proposal: &Proposal) -> String {
    let names: Vec<&str> = proposal.electors.iter().map(|one| one.name.as_str()).collect();
    if names.len() == 1 {
        return names.join("");
    }
    format!("{} of {}", proposal.needed, names.join(", "))
}

fn proposal_value(proposal: &Proposal) -> Value {
    let mut value = set_value(&proposal.set);
    value["fingerprint"] = json!(proposal.set.fingerprint().to_string());
    value["collected"] = json!(proposal.collected);
    value["needed"] = json!(proposal.needed);
    value
}

fn set_value(set: &SetVersion) -> Value {
    let officers: Vec<Value> = set
        .officers
        .iter()
        .map(|one| {
            json!({
                "name": one.name,
                "subject": one.certificate.subject(),
                "thumbprint": one.certificate.thumbprint(),
                "notAfter": one.certificate.not_after(),
                "mlKem": one.ml_kem.as_ref().map(MlKemPublicKey::fingerprint),
            })
        })
        .collect();
    json!({
        "name": set.name, "version": set.version, "policy": set.policy,
        "approvalsNeeded": set.policy.approvals_needed(), "officers": officers, "at": set.at, "by": set.by,
        "hybrid": set.is_hybrid(),
    })
}

fn line_value(line: &Line) -> Value {
    let mut value = line.set.as_ref().map_or_else(|| json!({ "version": line.version }), set_value);
    let signer = |one: &Signer| json!({ "officer": one.officer, "refused": one.refused });
    let signers: Vec<Value> = line.signers.iter().map(signer).collect();
    value["fingerprint"] = json!(line.fingerprint.to_string());
    value["standing"] = json!(line.standing.code());
    value["signatures"] = json!(signers);
    value["collected"] = json!(line.collected);
    value["needed"] = json!(line.needed);
    match &line.standing {
        Standing::Refused(why) => value["why"] = json!(why),
        Standing::Withdrawn(Withdrawal { by, at }) => value["withdrawn"] = json!({ "by": by, "at": at }),
        Standing::InForce
        | Standing::Superseded
        | Standing::Proposed
        | Standing::Overtaken
        | Standing::Untrusted
        | Standing::Fork => {}
    }
    value
}

/// Refuses to change the list while a set decides.
pub(super) async fn list_must_count(program: &Program) -> Result<(), Failure> {
    let hint = "`sealwright kra set propose --keep --add CERT` proposes the next version; for a key file alone, `sealwright \
                kra create NAME --out FILE --only-file`";
    match program.custody.in_force().await {
        Ok(None) => Ok(()),
        Ok(Some(set)) => Err(Failure::with_hint(
            format!(
                "keys are sealed to the signed set `{}`, version {}; the list of agents counts for nothing",
                set.name, set.version
            ),
            hint,
        )),
        Err(error @ CustodyError::Store(_)) => Err(error.into()),
        Err(error) => Err(Failure::with_hint(chain(&error), hint)),
    }
}
