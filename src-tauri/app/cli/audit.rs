//! Commands about the audit log.

use std::path::{Path, PathBuf};

use admit::Fingerprint;
use evidence::{EntryProof, EvidenceError, GrowthProof, Proven, Report, SignedHead, Watch};
use model::{AuditRecord, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{PageRequest, Store as _};

use super::arguments::AuditCommand;
use super::output::{Failure, Output, table};
use super::{Outcome, receipt};
use crate::auditor::proof::{self, Examined, Newest, Unproven, whole};
use crate::auditor::reading::oldest_first;
use crate::campaign::evidence::CampaignEvidence;
use crate::compose::Program;
use crate::handout::must_be_new;
use crate::mistaken::other_than_text;
use crate::receipt::Receipt;
use crate::settings::{NewFile, write_new_private};

pub(super) async fn run(
    program: &Program,
    command: AuditCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        AuditCommand::List { limit } => list(program, limit, output).await,
        AuditCommand::Verify { heads } => verify(program, &heads, output).await,
        AuditCommand::Head { out } => head(program, out.as_deref(), output).await,
        AuditCommand::Prove { seq: Some(seq), out, .. } => prove(program, seq, out.as_deref(), output).await,
        AuditCommand::Prove { since, out, .. } => {
            prove_growth(program, &since.unwrap_or_default(), out.as_deref(), output).await
        }
        AuditCommand::Check { proof } => check(&proof, output),
        AuditCommand::Export { out: Some(out), html: true, .. } => export_page(program, &out, output).await,
        AuditCommand::Export { out: Some(out), since, .. } => {
            export_lines(program, &out, since, output).await
        }
        AuditCommand::Export { since, .. } => {
            let (mut records, mut lines) = (Vec::new(), String::new());
            oldest_first(program, since, |record| {
                lines.push_str(&line(&record)?);
                records.push(record);
                Ok(())
            })
            .await?;
            output.result(&json!({ "entries": records }), || lines)?;
            Ok(Outcome::Done)
        }
    }
}

/// One JSON object a line, the oldest entry first.
async fn export_lines(
    program: &Program,
    out: &Path,
    since: Option<Timestamp>,
    output: &Output,
) -> Result<Outcome, Failure> {
    must_be_new(out)?;
    let mut file = NewFile::at(out)?;
    let mut entries = 0_u64;
    oldest_first(program, since, |record| {
        entries += 1;
        Ok(file.write(line(&record)?.as_bytes())?)
    })
    .await?;
    file.keep()?;
    output.result(&json!({ "file": out, "entries": entries }), || {
        format!("{entries} entries written to {}", out.display())
    })?;
    Ok(Outcome::Done)
}

fn line(record: &AuditRecord) -> Result<String, Failure> {
    let entry = serde_json::to_string(record)
        .map_err(|error| Failure::new(format!("entry {} cannot be written: {error}", record.seq)))?;
    Ok(format!("{entry}\n"))
}

async fn list(program: &Program, limit: u32, output: &Output) -> Result<Outcome, Failure> {
    let records = newest(program, limit as usize).await?;
    output.result(&json!({ "entries": records }), || {
        let rows: Vec<Vec<String>> = records
            .iter()
            .map(|record| {
                vec![
                    record.seq.to_string(),
                    record.at.to_string(),
                    record
                        .foreign
                        .as_ref()
                        .map_or_else(|| record.event.kind.name(), |words| words.kind.clone()),
                    record.foreign.as_ref().map_or_else(
                        || format!("{:?}", record.event.outcome).to_lowercase(),
                        |words| words.outcome.clone(),
                    ),
                    record.event.actor.clone(),
                    record.event.object.clone(),
                    record.event.detail.clone(),
                ]
            })
            .collect();
        table(&["SEQ", "AT", "EVENT", "OUTCOME", "ACTOR", "OBJECT", "DETAIL"], &rows)
    })?;
    Ok(Outcome::Done)
}

async fn head(program: &Program, out: Option<&Path>, output: &Output) -> Result<Outcome, Failure> {
    out.map_or(Ok(()), must_be_new)?;
    let fleet = program.gate.fleet().await?;
    // Whoever asks for a head wants to rely on all that is under it.
    whole(program, &fleet, Vec::new(), &Watch::default()).await.map_err(Unproven::from)?;
    let signed = program.notary().sign().await?;
    let text = json_text(&signed.head)?;
    let said = &signed.said;
    let value = json!({ "file": out, "head": signed.head, "size": said.size });
    deliver(&text, out, &value, output, |file| {
        format!(
            "signed: {} entries, root {}\nkept in {file}; give it to whoever shall be able to prove later that none of \
                     them was changed: `sealwright audit verify --head FILE`",
            said.size, said.root
        )
    })
}

async fn prove(program: &Program, seq: i64, out: Option<&Path>, output: &Output) -> Result<Outcome, Failure> {
    out.map_or(Ok(()), must_be_new)?;
    let (proof, newest) = proof::entry(program, seq).await?;
    note(&newest, output);
    let text = json_text(&proof)?;
    deliver(&text, out, &json!({ "file": out, "proof": proof }), output, |file| {
        format!("the proof of entry {seq} is in {file}; anybody checks it with `sealwright audit check FILE`")
    })
}

async fn prove_growth(
    program: &Program,
    since: &Path,
    out: Option<&Path>,
    output: &Output,
) -> Result<Outcome, Failure> {
    out.map_or(Ok(()), must_be_new)?;
    let (proof, newest) = proof::growth(program, &read_head(since)?).await?;
    note(&newest, output);
    let text = json_text(&proof)?;
    deliver(&text, out, &json!({ "file": out, "proof": proof }), output, |file| {
        format!(
            "the proof that the log only grew is in {file}; anybody checks it with `sealwright audit check FILE`"
        )
    })
}

async fn export_page(program: &Program, out: &Path, output: &Output) -> Result<Outcome, Failure> {
    must_be_new(out)?;
    let (bundle, newest) = proof::bundle(program).await?;
    note(&newest, output);
    let page = evidence::page(&bundle)?;
    write_new_private(out, page.as_bytes())?;
    output.result(
        &json!({ "file": out, "entries": bundle.entries.len(), "heads": bundle.heads.len() }),
        || {
            format!(
                "{} entries and {} signed heads written to {}; open it in a browser",
                bundle.entries.len(),
                bundle.heads.len(),
                out.display()
            )
        },
    )?;
    Ok(Outcome::Done)
}

/// Says how far the signature reaches, where this installation may not make a new one.
pub(super) fn note(newest: &Newest, output: &Output) {
    if newest.unsigned > 0 {
        output.note(&format!(
            "this installation or its login may not sign; the newest signature covers the first {} of {} entries",
            newest.covered,
            newest.covered + newest.unsigned
        ));
    }
}

/// Verifies the log: by every signed head where the fleet is known here, by the chain alone otherwise.
async fn verify(program: &Program, heads: &[PathBuf], output: &Output) -> Result<Outcome, Failure> {
    let kept = heads.iter().map(|path| read_head(path)).collect::<Result<Vec<_>, _>>()?;
    match proof::examine(program, kept, &Watch::default()).await {
        Ok(Examined::Heads(report)) => {
            let mut value = json!({ "intact": true });
            merge(&mut value, &report);
            output.result(&value, || told(&report))?;
            Ok(Outcome::Done)
        }
        Ok(Examined::Chain(count)) => {
            let value = json!({ "intact": true, "entries": count, "heads": null });
            output.result(&value, || {
                format!(
                    "the chain of all {count} entries holds\nsigned heads were not compared: this home does not know the fleet \
                     yet; `sealwright installation trust` makes it known"
                )
            })?;
            Ok(Outcome::Done)
        }
        Err(EvidenceError::Broken { seq, why }) => touched(seq, &why, output),
        Err(EvidenceError::Admit(error)) => Err(error.into()),
        Err(error) => Err(error.into()),
    }
}

fn told(report: &Report) -> String {
    let Report { entries, vouched, heads, .. } = report;
    let mut text = if report.heads == 0 {
        format!(
            "the chain of all {entries} entries holds\nnobody has signed the log yet: whoever could write the database could \
             have written it anew\n`sealwright audit head --out FILE` signs it; a daemon does so every hour"
        )
    } else if vouched == entries {
        format!("all {entries} entries are as they were written; {heads} signed heads fit")
    } else {
        format!(
            "the first {vouched} of {entries} entries are as they were written; {heads} signed heads fit\nthe chain of the others \
             holds, and nobody has signed them yet"
        )
    };
    for signer in &report.signers {
        text.push_str(&format!("\n`{}` signed the first {} on {}", signer.name, signer.size, signer.at));
    }
    if let Some(why) = &report.disregarded_why {
        let count = report.disregarded;
        text.push_str(&format!("\n{count} heads in the database count for nothing; of the first: {why}"));
    }
    text
}

fn touched(seq: i64, why: &str, output: &Output) -> Result<Outcome, Failure> {
    output.result(&json!({ "intact": false, "entry": seq, "why": why }), || {
        format!("entry {seq} is not as it was written: {why}")
    })?;
    Ok(Outcome::NeedsPerson)
}

/// One of the kinds of proof.
#[derive(Deserialize)]
#[serde(untagged)]
enum Proof {
    Entry(EntryProof),
    Growth(GrowthProof),
    Receipt(Box<Receipt>),
    Campaign(Box<CampaignEvidence>),
}

/// Checks the evidence of a campaign with nothing but itself.
fn check_campaign(evidence: &CampaignEvidence, output: &Output) -> Result<Outcome, Failure> {
    let (report, proven) = match evidence.check() {
        Ok(checked) => checked,
        Err(why) => {
            output.result(&json!({ "proven": false, "why": why }), || format!("it proves nothing: {why}"))?;
            return Ok(Outcome::NeedsPerson);
        }
    };
    let value = json!({
        "proven": true, "campaign": report.name, "writtenAt": report.written_at, "members": report.members.len(),
        "stages": report.stages, "signer": Fingerprint::of(&proven.signer), "size": proven.head.size,
        "signedAt": proven.head.at, "fleet": proven.head.fleet,
    });
    output.result(&value, || {
        let stages: Vec<String> =
            report.stages.iter().map(|(stage, count)| format!("{count} {stage}")).collect();
        format!(
            "the report about the campaign {} of {} is proven, {} certificates: {}\n{}",
            report.name,
            report.written_at,
            report.members.len(),
            stages.join(", "),
            signed_by(&proven)
        )
    })?;
    Ok(Outcome::Done)
}

/// Checks a proof with nothing but the file.
pub(super) fn check(path: &Path, output: &Output) -> Result<Outcome, Failure> {
    let hint = "`sealwright audit prove N --out FILE` or `recovery receipt REQUEST --out FILE` writes one; a signed head is for `audit \
         verify --head FILE`";
    let checked = match read_json::<Proof>(path, "a proof", hint)? {
        Proof::Entry(proof) => proof.check().map(|proven| {
            let value = json!({
                "proven": true, "entry": proof.entry, "signer": Fingerprint::of(&proven.signer),
                "size": proven.head.size, "signedAt": proven.head.at, "root": proven.head.root,
                "fleet": proven.head.fleet,
            });
            let entry = &proof.entry;
            let text = format!(
                "entry {} of {} is proven: {} {} by {} on {}\n  {}\n  {}\n{}",
                entry.seq,
                proven.head.size,
                entry.event.kind.name(),
                format!("{:?}", entry.event.outcome).to_lowercase(),
                entry.event.actor,
                entry.at,
                entry.event.object,
                entry.event.detail,
                signed_by(&proven)
            );
            (value, text)
        }),
        Proof::Receipt(receipt) => return receipt::check(&receipt, output),
        Proof::Campaign(evidence) => return check_campaign(&evidence, output),
        Proof::Growth(proof) => proof.check().map(|[older, newer]| {
            let value = json!({
                "proven": true, "from": older.head.size, "to": newer.head.size,
                "signers": [Fingerprint::of(&older.signer), Fingerprint::of(&newer.signer)],
                "fleet": newer.head.fleet,
            });
            let text = format!(
                "the first {} of {} entries are unchanged\nthe older head: {}\nthe newer head: {}",
                older.head.size,
                newer.head.size,
                signed_by(&older),
                signed_by(&newer)
            );
            (value, text)
        }),
    };
    match checked {
        Ok((value, text)) => {
            output.result(&value, || {
                format!("{text}\ncompare the fingerprints with `sealwright installation list`")
            })?;
            Ok(Outcome::Done)
        }
        Err(EvidenceError::Broken { why, .. }) => {
            output.result(&json!({ "proven": false, "why": why }), || proves_nothing(&why))?;
            Ok(Outcome::NeedsPerson)
        }
        Err(error) => Err(error.into()),
    }
}

/// What is said of a file whose parts do not fit together. Nothing follows from it for the log.
pub(super) fn proves_nothing(why: &str) -> String {
    format!(
        "this file proves nothing, it was altered or put together wrongly: {why}\nthe log itself was not looked at; `sealwright \
         audit verify` examines it"
    )
}

pub(super) fn signed_by(proven: &Proven) -> String {
    format!(
        "signed on {} by the installation {} of the fleet {}",
        proven.head.at,
        Fingerprint::of(&proven.signer),
        proven.head.fleet.fingerprint()
    )
}

fn read_head(path: &Path) -> Result<SignedHead, Failure> {
    read_json(
        path,
        "a signed head",
        "`sealwright audit head --out FILE` writes one; a proof is for `audit check FILE`",
    )
}

/// To a file, or to standard output where a script or a person takes it from.
fn deliver(
    text: &str,
    out: Option<&Path>,
    value: &serde_json::Value,
    output: &Output,
    told: impl FnOnce(&str) -> String,
) -> Result<Outcome, Failure> {
    match out {
        None => output.result(value, || text.to_owned())?,
        Some(path) => {
            write_new_private(path, text.as_bytes())?;
            output.result(value, || told(&path.display().to_string()))?;
        }
    }
    Ok(Outcome::Done)
}

fn read_json<T: DeserializeOwned>(path: &Path, what: &str, hint: &str) -> Result<T, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let is = other_than_text(&bytes).map_or_else(|| error.to_string(), |is| format!("it is {is}"));
        Failure::with_hint(format!("{} is not {what}: {is}", path.display()), hint)
    })
}

fn json_text(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new(format!("the result cannot be written as JSON: {error}")))
}

fn merge(value: &mut serde_json::Value, more: &impl Serialize) {
    if let (Some(into), Ok(serde_json::Value::Object(fields))) =
        (value.as_object_mut(), serde_json::to_value(more))
    {
        into.extend(fields);
    }
}

async fn newest(program: &Program, wanted: usize) -> Result<Vec<AuditRecord>, Failure> {
    let mut work = program.store.read().await?;
    let mut records: Vec<AuditRecord> = Vec::new();
    let mut after = None;
    while records.len() < wanted {
        let limit = u32::try_from((wanted - records.len()).min(500)).unwrap_or(500);
        let page = work.audit().list(&PageRequest { after, limit }).await?;
        let count = page.rows.len();
        records.extend(page.rows);
        after = page.next;
        if after.is_none() || count == 0 {
            break;
        }
    }
    Ok(records)
}
