//! The audit log: entries as they are looked for, whether they are as they were written, and what is handed to an auditor.
//!
//! Reading it needs a right of the database login and no admission to the fleet.

mod host;
mod name;

use model::{AuditOutcome, AuditRecord, Timestamp};
use serde::{Deserialize, Serialize};
use store::{AuditFilter, PageRequest};
use ts_rs::TS;

pub use host::{Auditor, Export, Written};
pub use name::FileName;

use crate::activity::word;
use crate::{ErrorCode, Host, WireError};

/// Most rows of a page.
const MOST: u32 = 500;

/// Asks for a page of the log.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ListAudit {
    /// Which entries.
    pub filter: AuditWish,
    /// Where to go on, from the answer before.
    pub after: Option<String>,
    /// Most rows wanted.
    pub limit: u32,
}

/// Which entries are wanted.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditWish {
    /// Words that all stand in the entry; a number is also its position.
    pub search: Option<String>,
    /// Names as they stand in the log, one of which it has; empty for any.
    pub kinds: Vec<String>,
    /// `success` or `failure`.
    pub outcome: Option<String>,
    /// Not before, RFC 3339.
    pub from: Option<String>,
    /// Before, RFC 3339.
    pub until: Option<String>,
    /// Only positions up to this one.
    #[ts(type = "number | null")]
    pub up_to: Option<i64>,
}

/// A page of the log, newest first.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditPage {
    /// When this was read, RFC 3339.
    pub at: String,
    /// Entries; they may be fewer than wanted although there is a next page.
    pub entries: Vec<AuditLine>,
    /// For the next page.
    pub next: Option<String>,
    /// The lowest position that was looked at.
    #[ts(type = "number | null")]
    pub looked_back_to: Option<i64>,
}

/// An entry of the log.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditLine {
    /// Position, from 1.
    #[ts(type = "number")]
    pub seq: i64,
    /// When, RFC 3339.
    pub at: String,
    /// What happened, as it stands in the log: `KEY_RECOVERY_REQUEST`.
    pub kind: String,
    /// How it ended, as it stands in the log: `success`, `failure`.
    pub outcome: String,
    /// Who.
    pub actor: String,
    /// What it was done to.
    pub object: String,
    /// What else there is to say.
    pub detail: String,
    /// SHA-256 over the entry and the hash before it, hexadecimal.
    pub hash: String,
}

/// Asks for [`AuditEntry`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntryRequest {
    /// Position.
    #[ts(type = "number")]
    pub seq: i64,
}

/// One entry with its place in the chain.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// The line.
    pub line: AuditLine,
    /// Hash of the entry before it; zeros before the first.
    pub previous: String,
}

/// Asks for [`AuditStanding`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditStandingRequest {}

/// Who vouches for the log, and what the last verification found.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditStanding {
    /// When this was read, RFC 3339.
    pub at: String,
    /// Position of the newest entry.
    #[ts(type = "number")]
    pub entries: i64,
    /// What was signed.
    pub signatures: AuditSignatures,
    /// The verification that runs, or ran last since the program was started.
    pub verification: Option<AuditVerification>,
    /// The folder that exports and proofs are written into.
    pub folder: String,
}

/// What installations signed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditSignatures {
    /// The newest signature of each installation that signed lately, the one that covers most first.
    pub signers: Vec<AuditSigner>,
    /// So many of the first entries are under a signature.
    #[ts(type = "number")]
    pub covered: i64,
    /// When the oldest entry behind them was written, RFC 3339; `None` when there is none.
    pub uncovered_since: Option<String>,
    /// Whether a signature is long due.
    pub overdue: bool,
    /// Why it is not known here who may sign, in words; then there are no signers.
    pub unknown: Option<String>,
}

/// The newest signature of an installation.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditSigner {
    /// Id.
    pub installation: String,
    /// Name.
    pub name: String,
    /// How many entries it covers.
    #[ts(type = "number")]
    pub size: i64,
    /// When, by the signer's clock, RFC 3339.
    pub at: String,
    /// Whether it is this installation.
    pub here: bool,
}

/// A verification of the whole log, under way or done.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditVerification {
    /// `running`; `intact` when everything fits; `broken` when something was altered; `stopped`; `failed` when it could not be
    /// told.
    pub state: String,
    /// `chain` while entries are compared with their hashes, `heads` while they are with signatures.
    pub stage: String,
    /// Entries looked at in this stage.
    #[ts(type = "number")]
    pub done: i64,
    /// Entries to look at in each stage; 0 before that is known.
    #[ts(type = "number")]
    pub of: i64,
    /// When it began, RFC 3339.
    pub since: String,
    /// When it ended, RFC 3339.
    pub ended_at: Option<String>,
    /// When intact: entries.
    #[ts(type = "number")]
    pub entries: i64,
    /// When intact: the first so many are those that installations have signed.
    #[ts(type = "number")]
    pub vouched: i64,
    /// When intact: signatures that fit; `None` when none were compared, because it is not known here who may sign.
    pub heads: Option<u32>,
    /// Signatures in the database that count for nothing.
    pub disregarded: u32,
    /// Why the first of them does not, in words.
    pub disregarded_why: Option<String>,
    /// When broken: the first entry that is altered, missing or in the wrong place.
    #[ts(type = "number | null")]
    pub seq: Option<i64>,
    /// When broken or failed: why, in words.
    pub why: Option<String>,
}

/// Verifies the whole log in the background; one that runs already goes on.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct VerifyAudit {}

/// Stops the verification that runs.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StopAuditVerification {}

/// Writes a proof that one entry is in the log.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProveAuditEntry {
    /// Position.
    #[ts(type = "number")]
    pub seq: i64,
    /// Name of a file that is not there yet, without a folder; it ends in `.json`.
    pub name: String,
}

/// Writes the log, or the entries that are wanted, into a file.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ExportAudit {
    /// `page`: all entries and signatures as a page that verifies itself; `csv`, `json`: the entries that are wanted.
    pub form: String,
    /// Which entries; the page holds all of them.
    pub filter: AuditWish,
    /// Name of a file that is not there yet, without a folder; it ends in `.html`, `.csv` or `.jsonl`, as the form does.
    pub name: String,
}

/// A file was written.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditSaved {
    /// Its whole path.
    pub file: String,
    /// Entries in it.
    #[ts(type = "number")]
    pub entries: i64,
    /// Of a page: entries that nobody has signed yet, because this installation may not.
    #[ts(type = "number")]
    pub unsigned: i64,
}

fn line(record: AuditRecord) -> AuditLine {
    let AuditRecord { seq, at, event, hash, foreign } = record;
    let (kind, outcome) = match foreign {
        Some(words) => (words.kind, words.outcome),
        None => (event.kind.name(), word(event.outcome)),
    };
    // Whatever somebody wrote into it turns no direction and hides nothing.
    let [kind, outcome, actor, object, detail] =
        [kind, outcome, event.actor, event.object, event.detail].map(|text| model::text::printable(&text));
    AuditLine { seq, at: at.to_string(), kind, outcome, actor, object, detail, hash }
}

impl AuditWish {
    fn filter(self) -> Result<AuditFilter, WireError> {
        let moment = |text: Option<String>| -> Result<Option<Timestamp>, WireError> {
            let read = text.map(|text| text.parse().map_err(|_| not_understood("a moment", &text)));
            read.transpose()
        };
        let outcome = match self.outcome {
            None => None,
            Some(name) => Some(
                serde_json::from_value::<AuditOutcome>(serde_json::Value::String(name.clone()))
                    .map_err(|_| not_understood("an outcome", &name))?,
            ),
        };
        Ok(AuditFilter {
            search: self.search.filter(|text| !text.trim().is_empty()),
            kinds: self.kinds,
            outcome,
            from: moment(self.from)?,
            until: moment(self.until)?,
            up_to: self.up_to,
        })
    }
}

fn not_understood(what: &str, text: &str) -> WireError {
    WireError::new(ErrorCode::Invalid, format!("`{text}` is not {what}"), "clear the filter and set it anew")
}

pub(crate) async fn list_audit(host: &dyn Host, request: ListAudit) -> Result<AuditPage, WireError> {
    let filter = request.filter.filter()?;
    let page = PageRequest { after: request.after, limit: request.limit.clamp(1, MOST) };
    let found = host.store().read().await?.audit().search(&filter, &page).await?;
    Ok(AuditPage {
        at: host.clock().now().to_string(),
        entries: found.page.rows.into_iter().map(line).collect(),
        next: found.page.next,
        looked_back_to: found.looked_back_to,
    })
}

pub(crate) async fn audit_entry(
    host: &dyn Host,
    request: AuditEntryRequest,
) -> Result<AuditEntry, WireError> {
    let found = host.store().read().await?.audit().find(request.seq).await?;
    let (record, previous) = found.ok_or_else(|| {
        WireError::new(
            ErrorCode::NotFound,
            format!("the log has no entry {}", request.seq),
            "verify the log: it tells whether one is missing",
        )
    })?;
    Ok(AuditEntry { line: line(record), previous: hex::encode(previous) })
}

pub(crate) async fn audit_standing(
    host: &dyn Host,
    _: AuditStandingRequest,
) -> Result<AuditStanding, WireError> {
    let auditor = auditor(host)?;
    let newest = host.store().read().await?.audit().list(&PageRequest::first(1)).await?.rows;
    Ok(AuditStanding {
        at: host.clock().now().to_string(),
        entries: newest.first().map_or(0, |record| record.seq),
        signatures: auditor.signatures().await?,
        verification: auditor.verification(),
        folder: auditor.folder().display().to_string(),
    })
}

pub(crate) async fn verify_audit(host: &dyn Host, _: VerifyAudit) -> Result<AuditVerification, WireError> {
    // A login that may not read the log is told so at once.
    host.store().read().await?.audit().list(&PageRequest::first(1)).await?;
    Ok(auditor(host)?.verify())
}

pub(crate) async fn stop_audit_verification(
    host: &dyn Host,
    _: StopAuditVerification,
) -> Result<AuditVerification, WireError> {
    auditor(host)?.stop().ok_or_else(|| {
        WireError::new(ErrorCode::NotPossible, "the log is not being verified", "begin with Verify")
    })
}

pub(crate) async fn prove_audit_entry(
    host: &dyn Host,
    request: ProveAuditEntry,
) -> Result<AuditSaved, WireError> {
    let name = FileName::with_ending(&request.name, "json")?;
    Ok(saved(auditor(host)?.prove(request.seq, &name).await?))
}

pub(crate) async fn export_audit(host: &dyn Host, request: ExportAudit) -> Result<AuditSaved, WireError> {
    let (export, ending) = match request.form.as_str() {
        "page" => (Export::Page, "html"),
        "csv" => (Export::Csv(request.filter.filter()?), "csv"),
        "json" => (Export::Json(request.filter.filter()?), "jsonl"),
        other => return Err(not_understood("a form of export", other)),
    };
    let name = FileName::with_ending(&request.name, ending)?;
    Ok(saved(auditor(host)?.export(export, &name).await?))
}

fn saved(written: Written) -> AuditSaved {
    let Written { file, entries, unsigned } = written;
    AuditSaved { file: file.display().to_string(), entries, unsigned }
}

fn auditor(host: &dyn Host) -> Result<&dyn Auditor, WireError> {
    host.auditor().ok_or_else(|| {
        WireError::new(
            ErrorCode::NotPossible,
            "this program cannot examine the log",
            "use `sealwright audit` on the command line",
        )
    })
}

/// What the values of [`csv_line`] are.
pub const CSV_COLUMNS: [&str; 8] = ["seq", "at", "kind", "outcome", "actor", "object", "detail", "hash"];

/// What a formula begins with.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The entry as a line of comma-separated values (RFC 4180). What a spreadsheet would take for a formula begins with an
/// apostrophe: people write names and reasons into the log, and somebody opens it. The wide signs are those of East Asian
/// keyboards; tabs and line ends are replaced before.
pub fn csv_line(record: AuditRecord) -> String {
    let AuditLine { seq, at, kind, outcome, actor, object, detail, hash } = line(record);
    let fields = [seq.to_string(), at, kind, outcome, actor, object, detail, hash];
    let cells: Vec<String> = fields
        .into_iter()
        .map(|text| {
            let guard = if text.starts_with(FORMULA) { "'" } else { "" };
            format!("\"{guard}{}\"", text.replace('"', "\"\""))
        })
        .collect();
    format!("{}\r\n", cells.join(","))
}

#[cfg(test)]
mod tests {
    use model::{AuditEvent, AuditKind};

    use super::*;

    #[test]
    fn a_line_of_values_holds_quotes_commas_and_no_formula() {
        let record = AuditRecord {
            seq: 7,
            at: Timestamp::from_seconds(1_772_438_400),
            event: AuditEvent {
                kind: AuditKind::KeyRecoveryRequest,
                outcome: AuditOutcome::Failure,
                actor: "=cmd|'/c calc'!A0".to_owned(),
                object: "a \"quoted\", name".to_owned(),
                detail: "two\nlines \u{202e}turned".to_owned(),
            },
            hash: "ab".to_owned(),
            foreign: None,
        };
        assert_eq!(
            csv_line(record),
            "\"7\",\"2026-03-02T08:00:00Z\",\"KEY_RECOVERY_REQUEST\",\"failure\",\"'=cmd|'/c calc'!A0\",\
             \"a \"\"quoted\"\", name\",\"two\u{fffd}lines \u{fffd}turned\",\"ab\"\r\n"
        );
    }

    #[test]
    fn no_cell_begins_as_a_formula_does() {
        for text in ["=1", "+1", "-1", "@sum", "\t=1", "\r=1", "＝1", "＠x"] {
            let record = AuditRecord {
                seq: 7,
                at: Timestamp::from_seconds(1_772_438_400),
                event: AuditEvent {
                    kind: AuditKind::KeyRecoveryRequest,
                    outcome: AuditOutcome::Failure,
                    actor: text.to_owned(),
                    object: text.to_owned(),
                    detail: text.to_owned(),
                },
                hash: "ab".to_owned(),
                foreign: Some(model::ForeignWords { kind: text.to_owned(), outcome: text.to_owned() }),
            };
            let line = csv_line(record);
            let cells: Vec<&str> = line.trim_end().split(',').map(|cell| cell.trim_matches('"')).collect();
            assert_eq!(cells.len(), CSV_COLUMNS.len());
            for cell in cells {
                assert!(!cell.starts_with(FORMULA) && !cell.starts_with(['\t', '\r']), "{line}");
            }
        }
    }
}
