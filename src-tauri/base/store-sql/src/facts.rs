//! What a database server says about itself, about the connection and about this login, for people who choose one.

use store::StoreError;

use crate::columns::{Columns, Row};
use crate::roles::{Grade, Remark, Table};
use crate::schema::STEPS;
use crate::{SqlStore, mysql};

/// A server as it was met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerFacts {
    /// E.g. `MariaDB`.
    pub product: String,
    /// E.g. `10.11.6`.
    pub version: String,
    /// Version of TLS, e.g. `TLS 1.3`, or `TLS` where the server does not say which; `None` for a connection in clear.
    pub tls: Option<String>,
    /// As whom the server knows this login.
    pub login: String,
}

impl ServerFacts {
    /// Why this program cannot work with this version; `None` when it can.
    pub fn too_old(&self) -> Option<String> {
        let least: (&str, [u32; 3]) = match self.product.as_str() {
            "MariaDB" => ("MariaDB 10.6", [10, 6, 0]),
            // Earlier ones cannot be told to make a trigger unless it is there.
            "MySQL" => ("MySQL 8.0.29", [8, 0, 29]),
            // Azure SQL counts its versions in another way and is never old.
            "SQL Server" => ("SQL Server 2019", [15, 0, 0]),
            _ => return None,
        };
        let mut parts = self.version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
        let found = [(); 3].map(|()| parts.next().unwrap_or_default());
        (found < least.1)
            .then(|| format!("{} {} is too old; {} or newer is needed", self.product, self.version, least.0))
    }
}

impl SqlStore {
    /// Asks the server who it is; `None` for a file. Needs no table and no right.
    pub async fn facts(&self) -> Result<Option<ServerFacts>, StoreError> {
        match self.kind() {
            "mysql" => self.mysql_facts().await.map(Some),
            "mssql" => self.mssql_facts().await.map(Some),
            _ => Ok(None),
        }
    }

    async fn mysql_facts(&self) -> Result<ServerFacts, StoreError> {
        let doing = "asking the server who it is";
        let mut session = self.reading().await?;
        let first = session.select_one(doing, "SELECT VERSION(), CURRENT_USER()", Vec::new()).await?;
        let (version, login) = texts(first.as_ref())?;
        let said = session.select_one(doing, "SHOW SESSION STATUS LIKE 'Ssl_version'", Vec::new()).await?;
        let (_, protocol) = texts(said.as_ref())?;
        session.commit().await?;
        let product = if version.contains("MariaDB") { "MariaDB" } else { "MySQL" };
        // A replication prefix that old MariaDB servers put before their version.
        let version = version.strip_prefix("5.5.5-").unwrap_or(&version);
        Ok(ServerFacts {
            product: product.to_owned(),
            version: version.split(['-', '+']).next().unwrap_or_default().to_owned(),
            tls: (!protocol.is_empty()).then(|| protocol.replace("TLSv", "TLS ")),
            login,
        })
    }

    async fn mssql_facts(&self) -> Result<ServerFacts, StoreError> {
        let doing = "asking the server who it is";
        let mut session = self.reading().await?;
        let sql = "SELECT CAST(SERVERPROPERTY('ProductVersion') AS NVARCHAR(128)), SUSER_SNAME(), \
                   CAST(SERVERPROPERTY('EngineEdition') AS BIGINT)";
        let row = session.select_one(doing, sql, Vec::new()).await?;
        let (version, login) = texts(row.as_ref())?;
        let edition = row.map(|row| row.int(2)).transpose();
        let edition = edition.map_err(|detail| StoreError::Corrupt { what: "server", detail })?.flatten();
        session.commit().await?;
        let product = if matches!(edition, Some(5 | 8)) { "Azure SQL" } else { "SQL Server" };
        // Asking which TLS it is takes a right over the whole server, which nobody here needs otherwise.
        Ok(ServerFacts { product: product.to_owned(), version, tls: Some("TLS".to_owned()), login })
    }

    /// What the server should do for the database and does not, as far as this login can see it: triggers that keep logs
    /// from being changed (MySQL and MariaDB show them to the owner only), and versions of rows for whoever reads
    /// (SQL Server).
    pub async fn shortcomings(&self) -> Result<Vec<Remark>, StoreError> {
        match self.kind() {
            "mysql" => self.missing_triggers().await,
            "mssql" => self.missing_versions().await,
            _ => Ok(Vec::new()),
        }
    }

    /// The statements with which a migration makes triggers that the schema has and the database lacks, as far as this
    /// login can see them.
    pub async fn missing_guards(&self) -> Result<Vec<String>, StoreError> {
        if self.kind() != "mysql" {
            return Ok(Vec::new());
        }
        match self.triggers().await? {
            Some(found) => Ok(mysql::migrate::missing_triggers(STEPS, &found)),
            None => Ok(Vec::new()),
        }
    }

    /// The triggers that are there. Whoever may not make triggers is shown none, or those of some tables, so that an absence
    /// says nothing: `None`.
    async fn triggers(&self) -> Result<Option<Vec<String>>, StoreError> {
        let mut session = self.reading().await?;
        let rows = session.select("looking for triggers", mysql::migrate::TRIGGERS, Vec::new()).await?;
        session.commit().await?;
        let found: Result<Vec<String>, StoreError> =
            rows.iter().map(|row| Columns::new("trigger", row).text()).collect();
        let found = found?;
        Ok(if self.may_migrate().await? { Some(found) } else { None })
    }

    async fn missing_triggers(&self) -> Result<Vec<Remark>, StoreError> {
        let Some(found) = self.triggers().await? else { return Ok(Vec::new()) };
        let wanted = Table::all().filter(|table| table.append_only);
        let wanted = wanted
            .flat_map(|table| ["update", "delete"].map(|what| format!("{}_no_{what}", table.name)))
            .filter(|name| !found.contains(name));
        let missing: Vec<String> = wanted.collect();
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let hint = "have the server allow them (`SET GLOBAL log_bin_trust_function_creators = 1`, on Azure the server \
                    parameter of that name, or SUPER for the owner) and run `sealwright migrate` with the owner's account \
                    once more: it makes what is missing";
        Ok(vec![Remark {
            area: "triggers",
            grade: Grade::Wrong,
            found: format!(
                "only the rights of the roles keep the logs from being changed; missing: {}",
                missing.join(", ")
            ),
            hint: Some(hint.to_owned()),
        }])
    }

    async fn missing_versions(&self) -> Result<Vec<Remark>, StoreError> {
        let sql = "SELECT CAST(snapshot_isolation_state AS BIGINT), CAST(is_read_committed_snapshot_on AS BIGINT) \
                   FROM sys.databases WHERE database_id = DB_ID()";
        let mut session = self.reading().await?;
        let row = session.select_one("looking at the database's settings", sql, Vec::new()).await?;
        session.commit().await?;
        let is_off = |column| {
            row.as_ref().and_then(|row| row.int(column).ok().flatten()).is_some_and(|state| state != 1)
        };
        Ok(versions(is_off(0), is_off(1)))
    }

    /// Whether this login may make and change tables. Asked by a statement that the server lets through or denies, and
    /// that fails for another reason in any case: nothing is made.
    pub async fn may_migrate(&self) -> Result<bool, StoreError> {
        let doing = "asking what the login may do";
        match self.kind() {
            "mysql" => {
                let sql = "CREATE TABLE sealwright_probe LIKE sealwright_no_such_table";
                let mut session = self.writing().await?;
                match session.run(doing, sql, Vec::new()).await {
                    Err(StoreError::Denied { .. }) => Ok(false),
                    // There is no such table, says a server that would have obeyed.
                    Ok(_) | Err(StoreError::Driver { .. }) => Ok(true),
                    Err(error) => Err(error),
                }
            }
            "mssql" => {
                let sql = "SELECT CAST(HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE TABLE') AS BIGINT) \
                           * CAST(HAS_PERMS_BY_NAME('dbo', 'SCHEMA', 'ALTER') AS BIGINT)";
                let mut session = self.reading().await?;
                let may = session.number(doing, sql, Vec::new()).await?;
                session.commit().await?;
                Ok(may > 0)
            }
            _ => Ok(true),
        }
    }
}

/// What to say about a database on SQL Server that does not keep versions of rows.
fn versions(no_snapshots: bool, readers_wait: bool) -> Vec<Remark> {
    let remark = |found: &str, hint: &str| Remark {
        area: "readers",
        grade: Grade::Wrong,
        found: found.to_owned(),
        hint: Some(hint.to_owned()),
    };
    let mut remarks = Vec::new();
    if no_snapshots {
        remarks.push(remark(
            "lists may change while they are read: the database gives readers no snapshots",
            "have its owner run ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON",
        ));
    }
    if readers_wait {
        remarks.push(remark(
            "readers and writers wait for each other: the database keeps no versions of rows",
            "have its owner run ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON while nobody uses it",
        ));
    }
    remarks
}

fn texts(row: Option<&Row>) -> Result<(String, String), StoreError> {
    let Some(row) = row else { return Ok((String::new(), String::new())) };
    let mut columns = Columns::new("server", row);
    Ok((columns.opt_text()?.unwrap_or_default(), columns.opt_text()?.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(product: &str, version: &str) -> ServerFacts {
        ServerFacts {
            product: product.to_owned(),
            version: version.to_owned(),
            tls: None,
            login: String::new(),
        }
    }

    #[test]
    fn servers_that_are_too_old_are_named_with_what_is_needed() {
        for (product, version) in [
            ("MariaDB", "10.5.28"),
            ("MySQL", "5.7.44"),
            ("MySQL", "8.0.28"),
            ("SQL Server", "14.0.3456.2"),
            ("MariaDB", ""),
        ] {
            let why = server(product, version).too_old().unwrap();
            assert!(why.starts_with(product) && why.ends_with("or newer is needed"), "{why}");
        }
        for (product, version) in [
            ("MariaDB", "10.6.0"),
            ("MariaDB", "11.4.2"),
            ("MySQL", "8.0.36"),
            ("SQL Server", "15.0.2000.5"),
            ("Azure SQL", "12.0.2000.8"),
        ] {
            assert_eq!(server(product, version).too_old(), None, "{product} {version}");
        }
    }

    #[test]
    fn a_database_without_versions_of_rows_is_told_with_what_its_owner_does() {
        assert_eq!(versions(false, false), []);
        let told = versions(true, true);
        let hints: Vec<&str> = told.iter().filter_map(|remark| remark.hint.as_deref()).collect();
        assert!(hints[0].contains("ALLOW_SNAPSHOT_ISOLATION ON"), "{hints:?}");
        assert!(hints[1].contains("READ_COMMITTED_SNAPSHOT ON"), "{hints:?}");
        assert_eq!(versions(false, true).len(), 1);
    }
}
