//! Copies a whole database into an empty one, table by table, and compares the two afterwards.
//!
//! The source is locked against writers for the duration, so that what is copied is one state and nothing is lost between
//! copy and switch. The target must be empty: nothing there is ever overwritten.

use sha2::{Digest, Sha256};
use store::StoreError;

use crate::columns::Row;
use crate::dialect::places;
use crate::roles::{Column, Kind, TABLES, Table};
use crate::schema::SchemaInfo;
use crate::session::Session;
use crate::value::Value;

/// Rows read at once.
const CHUNK: i64 = 500;
/// Values of one statement; SQL Server takes 2100.
const VALUES: usize = 1_800;
/// Bytes of one statement; servers refuse packets of some megabytes.
const BYTES: usize = 1 << 20;

/// How far a copy is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CopyStep {
    /// The table under way.
    pub table: &'static str,
    /// Rows written so far, or compared once all are written.
    pub rows: u64,
    /// Rows in all.
    pub of: u64,
    /// Whether the rows are being compared.
    pub comparing: bool,
}

/// What was copied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Copied {
    /// Rows.
    pub rows: u64,
    /// Tables.
    pub tables: usize,
}

/// A sum over the rows of a table that does not depend on their order.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Sum {
    rows: u64,
    parts: [u64; 4],
}

impl Sum {
    fn add(&mut self, row: &[Value]) {
        let mut hash = Sha256::new();
        for value in row {
            match value {
                Value::Null => hash.update([0]),
                Value::Int(number) => {
                    hash.update([1]);
                    hash.update(number.to_be_bytes());
                }
                Value::Text(text) => {
                    hash.update([2]);
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text.as_bytes());
                }
                Value::Bytes(bytes) => {
                    hash.update([3]);
                    hash.update((bytes.len() as u64).to_be_bytes());
                    hash.update(bytes);
                }
            }
        }
        let digest: [u8; 32] = hash.finalize().into();
        let (chunks, _) = digest.as_chunks::<8>();
        for (part, chunk) in self.parts.iter_mut().zip(chunks) {
            *part = part.wrapping_add(u64::from_be_bytes(*chunk));
        }
        self.rows += 1;
    }
}

/// Copies all tables of `from` into `to`, in one unit of work on each side.
pub(crate) async fn copy(
    from: &mut Session,
    to: &mut Session,
    tell: &(dyn Fn(CopyStep) -> bool + Send + Sync),
) -> Result<Copied, StoreError> {
    require_empty(to).await?;
    let mut of = 0;
    for table in TABLES {
        of += from.number("counting rows", count(table), Vec::new()).await?;
    }
    let mut copied = Copied { rows: 0, tables: TABLES.len() };
    let mut sums = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        let mut sum = Sum::default();
        if table.name == "audit_head" {
            to.run("copying", "DELETE FROM audit_head", Vec::new()).await?;
        }
        let mut after: Option<Vec<Value>> = None;
        loop {
            let rows = page(from, table, after.as_deref()).await?;
            let Some(last) = rows.last() else { break };
            after = Some(key_of(table, last));
            for row in &rows {
                sum.add(row);
            }
            write(to, table, &rows).await?;
            copied.rows += rows.len() as u64;
            go_on(tell(CopyStep { table: table.name, rows: copied.rows, of, comparing: false }))?;
        }
        sums.push(sum);
    }
    fill_in_later(from, to).await?;
    let mut compared = 0;
    for (table, sum) in TABLES.iter().zip(sums) {
        let mut found = Sum::default();
        let mut after: Option<Vec<Value>> = None;
        loop {
            let rows = page(to, table, after.as_deref()).await?;
            let Some(last) = rows.last() else { break };
            after = Some(key_of(table, last));
            for row in &rows {
                found.add(row);
            }
            compared += rows.len() as u64;
            go_on(tell(CopyStep { table: table.name, rows: compared, of, comparing: true }))?;
        }
        if found != sum {
            return Err(StoreError::Corrupt {
                what: "copy",
                detail: format!(
                    "table {} does not hold what was written ({} rows instead of {}); nothing was kept",
                    table.name, found.rows, sum.rows
                ),
            });
        }
    }
    Ok(copied)
}

fn go_on(wanted: bool) -> Result<(), StoreError> {
    if wanted { Ok(()) } else { Err(StoreError::Stopped) }
}

/// Shuts the source after a copy: whatever still has it open can neither take work, nor order, issue or revoke anything,
/// nor write anything that is audited.
pub(crate) async fn shut(from: &mut Session) -> Result<(), StoreError> {
    for sql in [
        "ALTER TABLE job RENAME TO job_moved_away",
        "ALTER TABLE service RENAME TO service_moved_away",
        "ALTER TABLE audit_head RENAME TO audit_head_moved_away",
        "ALTER TABLE issued RENAME TO issued_moved_away",
        "ALTER TABLE revocation RENAME TO revocation_moved_away",
        "ALTER TABLE crl_number RENAME TO crl_number_moved_away",
        "ALTER TABLE enrollment RENAME TO enrollment_moved_away",
        "ALTER TABLE budget RENAME TO budget_moved_away",
    ] {
        from.run("closing the old database", sql, Vec::new()).await?;
    }
    let sql = "UPDATE schema_info SET version = ?, min_client = ?";
    let shut = Value::Int(SchemaInfo::MOVED_AWAY);
    from.run("closing the old database", sql, vec![shut.clone(), shut]).await?;
    Ok(())
}

fn count(table: &Table) -> String {
    format!("SELECT COUNT(*) FROM {}", table.name)
}

async fn require_empty(to: &mut Session) -> Result<(), StoreError> {
    for table in TABLES {
        let rows = to.number("looking into the new database", count(table), Vec::new()).await?;
        let of_itself = u64::from(table.name == "audit_head");
        if rows > of_itself {
            return Err(StoreError::Schema(format!(
                "the new database is not empty: its table {} holds {rows} rows; have it dropped and made anew, or choose \
                 another one",
                table.name
            )));
        }
    }
    Ok(())
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// The rows behind a key, in order of the key. T-SQL has no row values, so the order is spelled out.
async fn page(
    session: &mut Session,
    table: &Table,
    after: Option<&[Value]>,
) -> Result<Vec<Vec<Value>>, StoreError> {
    let mut sql = format!("SELECT {} FROM {}", names(table.columns), table.name);
    let mut args = Vec::new();
    if let Some(after) = after {
        let mut ways = Vec::new();
        for end in 0..table.key.len() {
            let mut way: Vec<String> =
                table.key[..end].iter().map(|column| format!("{column} = ?")).collect();
            way.push(format!("{} > ?", table.key[end]));
            args.extend_from_slice(&after[..=end]);
            ways.push(format!("({})", way.join(" AND ")));
        }
        sql.push_str(&format!(" WHERE {}", ways.join(" OR ")));
    }
    sql.push_str(&format!(" ORDER BY {} LIMIT ?", table.key.join(", ")));
    args.push(Value::Int(CHUNK));
    let rows = session.select("copying", sql, args).await?;
    rows.iter().map(|row| read(table, row)).collect()
}

fn read(table: &Table, row: &Row) -> Result<Vec<Value>, StoreError> {
    let cell = |(place, column): (usize, &Column)| {
        let value = match column.kind {
            Kind::Int => row.int(place).map(Value::from),
            Kind::Text => row.text(place).map(Value::from),
            Kind::Bytes => row.bytes(place).map(Value::from),
        };
        value.map_err(|detail| StoreError::Corrupt { what: table.name, detail })
    };
    table.columns.iter().enumerate().map(cell).collect()
}

fn key_of(table: &Table, row: &[Value]) -> Vec<Value> {
    let place = |name: &&str| table.columns.iter().position(|column| column.name == *name);
    table.key.iter().filter_map(place).map(|place| row[place].clone()).collect()
}

async fn write(to: &mut Session, table: &Table, rows: &[Vec<Value>]) -> Result<(), StoreError> {
    let most = (VALUES / table.columns.len()).max(1);
    let size = |row: &[Value]| -> usize {
        row.iter()
            .map(|value| match value {
                Value::Null | Value::Int(_) => 8,
                Value::Text(text) => text.len(),
                Value::Bytes(bytes) => bytes.len(),
            })
            .sum()
    };
    let mut rest = rows;
    while !rest.is_empty() {
        let (mut taken, mut bytes) = (0, 0);
        while taken < rest.len() && taken < most && (taken == 0 || bytes + size(&rest[taken]) <= BYTES) {
            bytes += size(&rest[taken]);
            taken += 1;
        }
        let (some, behind) = rest.split_at(taken);
        let lines = vec![places(table.columns.len()); taken].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES {lines}", table.name, names(table.columns));
        let later = |column: &Column| table.later.contains(&column.name);
        let args = some
            .iter()
            .flat_map(|row| row.iter().zip(table.columns))
            .map(|(value, column)| if later(column) { Value::Null } else { value.clone() });
        to.insert(table.name, sql, args.collect()).await?;
        rest = behind;
    }
    Ok(())
}

/// Columns that refer to tables further down.
async fn fill_in_later(from: &mut Session, to: &mut Session) -> Result<(), StoreError> {
    for table in TABLES.iter().filter(|table| !table.later.is_empty()) {
        let mut after: Option<Vec<Value>> = None;
        loop {
            let rows = page(from, table, after.as_deref()).await?;
            let Some(last) = rows.last() else { break };
            after = Some(key_of(table, last));
            for row in &rows {
                let places = table.columns.iter().zip(row);
                let set: Vec<(&str, &Value)> = places
                    .filter(|(column, value)| table.later.contains(&column.name) && **value != Value::Null)
                    .map(|(column, value)| (column.name, value))
                    .collect();
                if set.is_empty() {
                    continue;
                }
                let assigned: Vec<String> = set.iter().map(|(name, _)| format!("{name} = ?")).collect();
                let chosen: Vec<String> = table.key.iter().map(|name| format!("{name} = ?")).collect();
                let sql = format!(
                    "UPDATE {} SET {} WHERE {}",
                    table.name,
                    assigned.join(", "),
                    chosen.join(" AND ")
                );
                let mut args: Vec<Value> = set.into_iter().map(|(_, value)| value.clone()).collect();
                args.extend(key_of(table, row));
                to.run("copying", sql, args).await?;
            }
        }
    }
    Ok(())
}
