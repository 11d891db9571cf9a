//! Commands about the audit log.

use std::io::Write as _;

use model::{AuditRecord, Timestamp};
use serde_json::json;
use store::{PageRequest, Store as _};

use super::Outcome;
use super::arguments::AuditCommand;
use super::output::{Failure, Output, table};
use crate::compose::Program;

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
        AuditCommand::Verify => match program.store.read().await?.audit().verify().await? {
            Ok(count) => {
                output.result(&json!({ "intact": true, "entries": count }), || {
                    format!("all {count} entries are as they were written")
                })?;
                Ok(Outcome::Done)
            }
            Err((seq, why)) => {
                output.result(&json!({ "intact": false, "entry": seq, "why": why }), || {
                    format!("entry {seq} is not as it was written: {why}")
                })?;
                Ok(Outcome::NeedsPerson)
            }
        },
        AuditCommand::Export { out, since } => {
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
                    let written = std::fs::File::create(&path).and_then(|mut file| {
                        file.write_all(text.as_bytes())?;
                        file.sync_all()
                    });
                    written.map_err(|error| {
                        Failure::new(format!("{} cannot be written: {error}", path.display()))
                    })?;
                    output.result(&json!({ "file": path, "entries": records.len() }), || {
                        format!("{} entries written to {}", records.len(), path.display())
                    })?;
                }
            }
            Ok(Outcome::Done)
        }
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
