//! Every text that is sent to SQL Server is read by a parser that is not ours. It knows T-SQL's grammar, not its rules; what
//! it cannot know (reserved words, the width of index entries, what the driver binds) is looked at besides.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use model::CertificateState;
use sqlparser::ast::{ColumnOption, Statement, TableConstraint};
use sqlparser::dialect::{MsSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;
use store::{CertificateFilter, CertificateOrder, PageRequest, StoreError};

use super::migrate::batches;
use super::translate::translate;
use crate::dialect::Dialect;
use crate::keyset::{Bounds, KeyKind, Place};
use crate::listing;
use crate::roles::{self, Examiner};
use crate::schema::STEPS;
use crate::server::ServerKind;
use crate::value::Value;

/// What the parser does not know, word for word as Microsoft documents it.
const BEYOND: [&str; 5] = [
    "ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON",
    "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE",
    "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH NO_WAIT",
    "GRANT CREATE TABLE TO [sealwright_owner]",
    "GRANT SELECT, INSERT, UPDATE, DELETE, ALTER, REFERENCES ON SCHEMA::dbo TO [sealwright_owner]",
];

/// What the parser says about a text; all statements of it.
pub(super) fn parse(sql: &str) -> Result<Vec<Statement>, String> {
    let read = BEYOND.iter().fold(sql.to_owned(), |text, beyond| text.replace(beyond, "SELECT 1"));
    let parsed = Parser::parse_sql(&MsSqlDialect {}, &read).map_err(|error| format!("{error}\n{sql}"))?;
    if parsed.is_empty() {
        return Err(format!("nothing was found in it\n{sql}"));
    }
    Ok(parsed)
}

/// The portable texts that are no T-SQL after their translation, with what the parser says.
pub(crate) fn unreadable(portable: impl IntoIterator<Item = String>) -> Vec<String> {
    let translated = portable.into_iter().map(|text| translate(&text));
    let wrong = |sql: String| match parse(&sql) {
        Err(said) => Some(said),
        Ok(statements) if statements.len() != 1 => Some(format!("it is more than one statement\n{sql}")),
        Ok(_) if sql.contains(['?', '{']) || sql.to_uppercase().contains("LIMIT ") => {
            Some(format!("something was left untranslated\n{sql}"))
        }
        Ok(_) => None,
    };
    translated.filter_map(wrong).collect()
}

#[test]
fn a_text_that_is_no_statement_is_found() {
    let texts = ["SELECT id FROM job WHERE", "SELECT a FROM b LIMIT", "DELETE FROM job WHERE id = ?"];
    assert_eq!(unreadable(texts.map(str::to_owned)).len(), 2);
    assert!(!unreadable(["SELECT 1; DELETE FROM job".to_owned()]).is_empty());
}

#[test]
fn every_batch_of_every_migration_is_t_sql() {
    for step in STEPS {
        for batch in batches(step.sql(Dialect::SqlServer)) {
            if let Err(said) = parse(&batch) {
                panic!("{}: {said}", step.name);
            }
        }
    }
}

/// Remembers what it is asked.
struct Questions(Vec<String>);

#[async_trait]
impl Examiner for Questions {
    async fn allowed(&mut self, sql: &str) -> Result<bool, StoreError> {
        self.0.push(sql.to_owned());
        Ok(true)
    }
}

#[tokio::test]
async fn every_question_about_rights_and_every_grant_is_t_sql() {
    let mut questions = Questions(Vec::new());
    roles::probe(&mut questions).await.unwrap();
    assert!(questions.0.len() > 100);
    let grants = roles::grant_statements(ServerKind::SqlServer, "sealwright");
    let wrong: Vec<String> = questions.0.iter().chain(&grants).filter_map(|sql| parse(sql).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_scripts_for_administrators_are_t_sql_as_a_whole() {
    let idle = include_str!("../../../../../packaging/database/mssql/idle.sql").to_owned();
    let of = |script: fn(ServerKind, &str) -> String| script(ServerKind::SqlServer, "seal]wright");
    for (script, least) in [(of(roles::prepare), 5), (of(roles::grants), 150), (idle, 3)] {
        let statements = parse(&script).unwrap_or_else(|said| panic!("{said}"));
        assert!(statements.len() >= least, "{} statements\n{script}", statements.len());
    }
}

#[test]
fn every_list_with_every_filter_is_t_sql() {
    let now = model::Timestamp::from_seconds(1_772_438_400);
    let orders = [
        (CertificateOrder::CommonName, Value::Text("m".to_owned()), KeyKind::Text),
        (CertificateOrder::Mail, Value::Text("m".to_owned()), KeyKind::Text),
        (CertificateOrder::NotAfter, Value::Int(5), KeyKind::Int),
        (CertificateOrder::Newest, Value::Null, KeyKind::None),
    ];
    let mut texts = BTreeSet::new();
    for bits in 0..256_u32 {
        let on = |bit: u32| bits & (1 << bit) != 0;
        let filter = CertificateFilter {
            search: on(0).then(|| "0abc".to_owned()),
            states: [CertificateState::Valid, CertificateState::Revoked][..usize::from(on(1)) * 2].to_vec(),
            template: on(2).then(|| uuid::Uuid::nil().into()),
            authority: on(3).then(|| uuid::Uuid::nil().into()),
            subscriber: on(4).then(|| uuid::Uuid::nil().into()),
            expires_from: on(5).then_some(now),
            expires_until: on(6).then_some(now),
            archived: on(7).then_some(true),
        };
        for (order, key, kind) in &orders {
            for after in [None, Some(Place { key: key.clone(), id: [7; 16] }.to_cursor())] {
                let bounds = Bounds::read(&PageRequest { after, limit: 50 }, *kind).unwrap();
                texts.extend(listing::walks(&filter, *order, &bounds).into_iter().map(|query| query.sql));
            }
            if listing::is_picked(&filter) {
                texts.extend(listing::picks(&filter, *order, 100).into_iter().map(|query| query.sql));
            }
        }
    }
    assert!(texts.len() > 1_000);
    let wrong = unreadable(texts);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Tables and their columns, with whether each may be NULL.
type Tables = BTreeMap<String, BTreeMap<String, bool>>;

fn tables(statements: &[Statement]) -> Tables {
    let mut tables = Tables::new();
    for statement in statements {
        let Statement::CreateTable(table) = statement else { continue };
        let name = table.name.0.last().unwrap().to_string();
        let columns = table.columns.iter().map(|column| {
            let mut options = column.options.iter().map(|option| &option.option);
            let is_filled = options.any(|option| matches!(option, ColumnOption::NotNull));
            (column.name.value.clone(), !is_filled)
        });
        tables.insert(name, columns.collect());
    }
    tables
}

fn migrations() -> Vec<Statement> {
    let batches = STEPS.iter().flat_map(|step| batches(step.sql(Dialect::SqlServer)));
    batches.flat_map(|batch| parse(&batch).unwrap()).collect()
}

/// Triggers of SQLite are not what this is about, and the parser knows another kind.
fn without_triggers(sql: &str) -> String {
    let mut parts = sql.split("CREATE TRIGGER");
    let before = parts.next().unwrap_or_default().to_owned();
    parts.fold(before, |text, part| text + part.split_once("END;").map_or("", |(_, rest)| rest))
}

#[test]
fn the_tables_have_the_columns_that_they_have_elsewhere() {
    let mut sqlite = Tables::new();
    for step in STEPS {
        let text = without_triggers(step.sql(Dialect::Sqlite))
            .replace(" STRICT, WITHOUT ROWID", "")
            .replace(" STRICT", "");
        sqlite.extend(tables(&Parser::parse_sql(&SQLiteDialect {}, &text).unwrap()));
    }
    assert!(sqlite.len() > 25);
    assert_eq!(tables(&migrations()), sqlite);
}

/// Reserved words of T-SQL and of ODBC that would need brackets, as far as anybody might name a column so.
const RESERVED: &str = "add all alter and any as asc authorization backup begin between break browse bulk by cascade case \
    check checkpoint close clustered coalesce collate column commit compute constraint contains continue convert create \
    cross current cursor database deallocate declare default delete deny desc disk distinct distributed double drop dump \
    else end errlvl escape except exec execute exists exit external fetch file fillfactor for foreign freetext from full \
    function goto grant group having holdlock identity if in index inner insert intersect into is join key kill left like \
    lineno load merge national nocheck nonclustered not null nullif of off offsets on open option or order outer over \
    percent pivot plan precision primary print proc procedure public raiserror read readtext reconfigure references \
    replication restore restrict return revert revoke right rollback rowcount rowguidcol rule save schema select set \
    setuser shutdown some statistics table tablesample textsize then to top tran transaction trigger truncate tsequal \
    union unique unpivot update updatetext use user values varying view waitfor when where while with writetext";

#[test]
fn no_name_is_a_reserved_word() {
    let reserved: BTreeSet<&str> = RESERVED.split_whitespace().collect();
    for (table, columns) in tables(&migrations()) {
        for name in std::iter::once(&table).chain(columns.keys()) {
            assert!(!reserved.contains(name.as_str()), "{table}.{name}");
        }
    }
}

/// Bytes that a column takes at most in an index; `None` for one that cannot be in any.
fn width(kind: &str) -> Option<usize> {
    match kind {
        "BIGINT" => Some(8),
        "INT" => Some(4),
        "SMALLINT" => Some(2),
        _ => {
            let (name, length) = kind.trim_end_matches(')').split_once('(').unwrap();
            let length: usize = length.parse().ok()?;
            Some(if name == "NVARCHAR" { 2 * length } else { length })
        }
    }
}

/// An entry that is too wide makes the server refuse the row, not the table.
#[test]
fn every_index_entry_fits() {
    let statements = migrations();
    let mut widths = BTreeMap::new();
    let mut indexes: Vec<(String, Vec<String>, usize)> = Vec::new();
    for statement in &statements {
        if let Statement::CreateTable(table) = statement {
            let name = table.name.0.last().unwrap().to_string();
            for column in &table.columns {
                widths
                    .insert((name.clone(), column.name.value.clone()), width(&column.data_type.to_string()));
                for option in &column.options {
                    let most = if matches!(option.option, ColumnOption::PrimaryKey(_)) {
                        900
                    } else if matches!(option.option, ColumnOption::Unique(_)) {
                        1_700
                    } else {
                        continue;
                    };
                    indexes.push((name.clone(), vec![column.name.value.clone()], most));
                }
            }
            for constraint in &table.constraints {
                let (columns, most) = if let TableConstraint::PrimaryKey(key) = constraint {
                    (&key.columns, 900)
                } else if let TableConstraint::Unique(key) = constraint {
                    (&key.columns, 1_700)
                } else {
                    continue;
                };
                let columns = columns.iter().map(|column| column.column.expr.to_string()).collect();
                indexes.push((name.clone(), columns, most));
            }
        }
        if let Statement::CreateIndex(index) = statement {
            let columns = index.columns.iter().map(|column| column.column.expr.to_string()).collect();
            indexes.push((index.table_name.0.last().unwrap().to_string(), columns, 1_700));
        }
    }
    assert!(indexes.len() > 50, "{}", indexes.len());
    for (table, columns, most) in indexes {
        let widths = columns.iter().map(|column| widths[&(table.clone(), column.clone())]);
        let width: usize = widths.map(|width| width.unwrap_or(usize::MAX / 100)).sum();
        assert!(width <= most, "{table} ({}): {width} bytes of {most}", columns.join(", "));
    }
}
