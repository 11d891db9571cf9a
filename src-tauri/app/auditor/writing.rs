//! Files for auditors. None replaces another, and none is there before it is whole.

use std::path::PathBuf;

use api::{CSV_COLUMNS, ErrorCode, WireError, Written, csv_line};
use model::AuditRecord;
use serde::Serialize;
use store::{AuditFilter, PageRequest, Store as _};

use super::proof::{bundle, entry};
use super::{told, unproven, unwritten};
use crate::compose::Program;
use crate::settings::NewFile;

/// Entries read at once.
const CHUNK: u32 = 500;

pub(super) async fn prove(program: &Program, seq: i64, path: PathBuf) -> Result<Written, WireError> {
    let file = NewFile::at(&path).map_err(|error| unwritten(&error))?;
    let (proof, _) = entry(program, seq).await.map_err(unproven)?;
    whole(file, &serde_json::to_string_pretty(&proof).map_err(|error| unwritable(&error))?)?;
    Ok(Written { file: path, entries: 1, unsigned: 0 })
}

pub(super) async fn page(program: &Program, path: PathBuf) -> Result<Written, WireError> {
    let file = NewFile::at(&path).map_err(|error| unwritten(&error))?;
    let (bundle, newest) = bundle(program).await.map_err(unproven)?;
    whole(file, &evidence::page(&bundle).map_err(told)?)?;
    let entries = i64::try_from(bundle.entries.len()).unwrap_or(i64::MAX);
    Ok(Written { file: path, entries, unsigned: newest.unsigned })
}

pub(super) async fn csv(program: &Program, filter: AuditFilter, path: PathBuf) -> Result<Written, WireError> {
    // Spreadsheets take a file without this mark for another character set.
    let head = format!("\u{feff}{}\r\n", CSV_COLUMNS.join(","));
    lines(program, filter, path, &head, |record| Ok(csv_line(record))).await
}

pub(super) async fn json(
    program: &Program,
    filter: AuditFilter,
    path: PathBuf,
) -> Result<Written, WireError> {
    lines(program, filter, path, "", |record| json_line(&record)).await
}

/// One line for each entry that the filter wants.
async fn lines(
    program: &Program,
    filter: AuditFilter,
    path: PathBuf,
    head: &str,
    line: impl Fn(AuditRecord) -> Result<String, WireError> + Send,
) -> Result<Written, WireError> {
    let mut file = NewFile::at(&path).map_err(|error| unwritten(&error))?;
    file.write(head.as_bytes()).map_err(|error| unwritten(&error))?;
    let mut work = program.store.read().await?;
    let mut request = PageRequest::first(CHUNK);
    let mut entries = 0;
    loop {
        let found = work.audit().search(&filter, &request).await?;
        for record in found.page.rows {
            entries += 1;
            file.write(line(record)?.as_bytes()).map_err(|error| unwritten(&error))?;
        }
        request.after = found.page.next;
        if request.after.is_none() {
            break;
        }
    }
    file.keep().map_err(|error| unwritten(&error))?;
    Ok(Written { file: path, entries, unsigned: 0 })
}

fn json_line(record: &impl Serialize) -> Result<String, WireError> {
    let mut line = serde_json::to_string(record).map_err(|error| unwritable(&error))?;
    line.push('\n');
    Ok(line)
}

fn whole(mut file: NewFile, text: &str) -> Result<(), WireError> {
    file.write(text.as_bytes()).and_then(|()| file.keep()).map_err(|error| unwritten(&error))
}

fn unwritable(error: &serde_json::Error) -> WireError {
    let message = format!("the entry cannot be written as JSON: {error}");
    WireError::new(ErrorCode::NotPossible, message, "report this as a defect")
}
