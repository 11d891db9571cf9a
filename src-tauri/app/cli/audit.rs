//! Commands about the audit log.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use admit::{AdmitError, Fingerprint};
use evidence::{Bundle, EntryProof, EvidenceError, SignedHead};
use model::{AuditRecord, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use store::{PageRequest, Store as _};

use super::Outcome;
use super::arguments::AuditCommand;
use super::output::{Failure, Output, table};
use crate::compose::Program;
use crate::works::chain;

pub(super) async fn run(
    program: &Program,
    command: AuditCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        AuditCommand::List { limit } => {
            let records = newest(program, limit as usize, None).await?;
            output.result(&json!({ "entries": records }), || {
                let rows: Vec<Vec<String>> = records
                    .iter()
                    .map(|record| {
                        vec![
                            record.seq.to_string(),
                            record.at.to_string(),
                            record.event.kind.name(),
                            format!("{:?}", record.event.outcome).to_lowercase(),
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
        AuditCommand::Verify { heads } => verify(program, &heads, output).await,
        AuditCommand::Head { out } => {
            let signed = program.notary().sign().await?;
            let text = json_text(&signed.head)?;
            let said = &signed.said;
            deliver(
                &text,
                out.as_deref(),
                &json!({ "file": out, "head": signed.head, "size": said.size }),
                output,
                |file| {
                    format!(
                        "signed: {} entries, root {}\nkept in {file}; give it to whoever shall be able to prove later that none of \
                     them was changed: `sealwright audit verify --head FILE`",
                        said.size, said.root
                    )
                },
            )
        }
        AuditCommand::Prove { seq, out } => {
            let fleet = program.gate.fleet().await?;
            let signed = program.notary().sign().await?;
            let proof = EntryProof::of(program.store.as_ref(), &fleet, &signed.head, seq).await?;
            let text = json_text(&proof)?;
            deliver(&text, out.as_deref(), &json!({ "file": out, "proof": proof }), output, |file| {
                format!(
                    "the proof of entry {seq} is in {file}; anybody checks it with `sealwright audit check FILE`"
                )
            })
        }
        AuditCommand::Check { proof } => check(&proof, output),
        AuditCommand::Export { out: Some(out), html: true, .. } => {
            // Signed up to the last entry, where this installation may sign.
            if let Err(error) = program.notary().sign().await {
                output.warning(&format!("the log was not signed anew: {}", chain(&error)));
            }
            let fleet = program.gate.fleet().await?;
            let bundle = Bundle::read(program.store.as_ref(), &fleet, program.clock.now()).await?;
            let page = evidence::page(&bundle)?;
            write(&out, &page)?;
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
        AuditCommand::Export { out, since, .. } => {
            let mut records = newest(program, usize::MAX, since).await?;
            records.reverse();
            let mut text = String::new();
            for record in &records {
                let entry = serde_json::to_string(record).map_err(|error| {
                    Failure::new(format!("entry {} cannot be written: {error}", record.seq))
                })?;
                text.push_str(&entry);
                text.push('\n');
            }
            match out {
                None => output.result(&json!({ "entries": records }), || text.clone())?,
                Some(path) => {
                    write(&path, &text)?;
                    output.result(&json!({ "file": path, "entries": records.len() }), || {
                        format!("{} entries written to {}", records.len(), path.display())
                    })?;
                }
            }
            Ok(Outcome::Done)
        }
    }
}

/// Verifies the log: by every signed head where the fleet is known here, by the chain alone otherwise.
async fn verify(program: &Program, heads: &[PathBuf], output: &Output) -> Result<Outcome, Failure> {
    let mut kept = Vec::new();
    for path in heads {
        kept.push(read_json::<SignedHead>(
            path,
            "a signed head",
            "`sealwright audit head --out FILE` writes one",
        )?);
    }
    let fleet = match program.gate.fleet().await {
        Ok(fleet) => fleet,
        Err(AdmitError::Unpinned { .. }) if kept.is_empty() => return chain_only(program, output).await,
        Err(error) => return Err(error.into()),
    };
    kept.extend(program.notary().remembered(&fleet)?);
    match evidence::verify(program.store.as_ref(), &fleet, &kept).await {
        Ok(report) => {
            let mut value = json!({ "intact": true });
            merge(&mut value, &report);
            output.result(&value, || {
                let mut text = format!("all {} entries are as they were written\n", report.entries);
                for signer in &report.signers {
                    text.push_str(&format!(
                        "`{}` signed the first {} on {}\n",
                        signer.name, signer.size, signer.at
                    ));
                }
                if report.heads == 0 {
                    text.push_str(
                        "nobody has signed the log yet: whoever could write the database could have written it anew\n\
                         `sealwright audit head --out FILE` signs it; a daemon does so every hour",
                    );
                } else {
                    text.push_str(&format!(
                        "{} signed heads fit; {} entries are behind the newest one",
                        report.heads, report.unsigned
                    ));
                }
                text
            })?;
            Ok(Outcome::Done)
        }
        Err(EvidenceError::Broken { seq, why }) => touched(seq, &why, output),
        Err(error) => Err(error.into()),
    }
}

async fn chain_only(program: &Program, output: &Output) -> Result<Outcome, Failure> {
    match program.store.read().await?.audit().verify().await? {
        Ok(count) => {
            let value = json!({ "intact": true, "entries": count, "heads": null });
            output.result(&value, || {
                format!(
                    "the chain of all {count} entries holds\nsigned heads were not compared: this home does not know the fleet \
                     yet; `sealwright installation trust` makes it known"
                )
            })?;
            Ok(Outcome::Done)
        }
        Err((seq, why)) => touched(seq, &why, output),
    }
}

fn touched(seq: i64, why: &str, output: &Output) -> Result<Outcome, Failure> {
    output.result(&json!({ "intact": false, "entry": seq, "why": why }), || {
        format!("entry {seq} is not as it was written: {why}")
    })?;
    Ok(Outcome::NeedsPerson)
}

/// Checks a proof with nothing but the file.
pub(super) fn check(path: &Path, output: &Output) -> Result<Outcome, Failure> {
    let proof: EntryProof = read_json(path, "a proof", "`sealwright audit prove N --out FILE` writes one")?;
    match proof.check() {
        Ok(proven) => {
            let fingerprint = Fingerprint::of(&proven.signer);
            let value = json!({
                "proven": true, "entry": proof.entry, "signer": fingerprint, "size": proven.head.size,
                "signedAt": proven.head.at, "root": proven.head.root, "fleet": proven.head.fleet,
            });
            output.result(&value, || {
                format!(
                    "entry {} of {} is proven: {} {} by {} on {}\n  {}\n  {}\nsigned on {} by the installation {fingerprint} of \
                     the fleet {}; compare both with `sealwright installation list`",
                    proof.entry.seq,
                    proven.head.size,
                    proof.entry.event.kind.name(),
                    format!("{:?}", proof.entry.event.outcome).to_lowercase(),
                    proof.entry.event.actor,
                    proof.entry.at,
                    proof.entry.event.object,
                    proof.entry.event.detail,
                    proven.head.at,
                    proven.head.fleet.fingerprint(),
                )
            })?;
            Ok(Outcome::Done)
        }
        Err(EvidenceError::Broken { why, .. }) => {
            output.result(&json!({ "proven": false, "why": why }), || format!("it proves nothing: {why}"))?;
            Ok(Outcome::NeedsPerson)
        }
        Err(error) => Err(error.into()),
    }
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
            write(path, text)?;
            output.result(value, || told(&path.display().to_string()))?;
        }
    }
    Ok(Outcome::Done)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = std::fs::File::create(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| Failure::new(format!("{} cannot be written: {error}", path.display())))
}

fn read_json<T: DeserializeOwned>(path: &Path, what: &str, hint: &str) -> Result<T, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Failure::with_hint(format!("{} is not {what}: {error}", path.display()), hint))
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

async fn newest(
    program: &Program,
    wanted: usize,
    since: Option<Timestamp>,
) -> Result<Vec<AuditRecord>, Failure> {
    let mut work = program.store.read().await?;
    let mut records: Vec<AuditRecord> = Vec::new();
    let mut after = None;
    while records.len() < wanted {
        let limit = u32::try_from((wanted - records.len()).min(500)).unwrap_or(500);
        let page = work.audit().list(&PageRequest { after, limit }).await?;
        let count = page.rows.len();
        records.extend(page.rows.into_iter().filter(|record| since.is_none_or(|since| record.at >= since)));
        after = page.next;
        if after.is_none() || count == 0 {
            break;
        }
    }
    Ok(records)
}
