//! The scripts below packaging/database, written from the table of rights in `store-sql` and committed, so that a server's
//! administrator reads and runs them without the program; stale scripts fail the checks.

use std::fs;
use std::path::{Path, PathBuf};

use store_sql::ServerKind;
use store_sql::roles::{grants, prepare};

use crate::Findings;

/// The name of the database in the committed scripts; the program writes them for any other.
const DATABASE: &str = "sealwright";

/// Writes the scripts.
pub(crate) fn write(root: &Path) -> Result<Findings, String> {
    for (place, fresh) in scripts(root) {
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)
                .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        }
        fs::write(&place, &fresh).map_err(|error| format!("cannot write {}: {error}", place.display()))?;
    }
    Ok(found(root, Vec::new()))
}

/// One sentence for each script that is not what the table says.
pub(crate) fn check(root: &Path) -> Result<Findings, String> {
    let mut stale = Vec::new();
    for (place, fresh) in scripts(root) {
        let committed = fs::read_to_string(&place)
            .map_err(|error| format!("cannot read {}: {error}", place.display()))?;
        if committed != fresh {
            let name = place.strip_prefix(root).unwrap_or(&place).display();
            stale.push(format!("{name} is stale; run `./dev grants` and commit it"));
        }
    }
    Ok(found(root, stale))
}

fn scripts(root: &Path) -> Vec<(PathBuf, String)> {
    let of = |kind, folder: &str| {
        let folder = root.join("packaging/database").join(folder);
        [
            (folder.join("prepare.sql"), prepare(kind, DATABASE)),
            (folder.join("grants.sql"), grants(kind, DATABASE)),
        ]
    };
    of(ServerKind::MySql, "mysql").into_iter().chain(of(ServerKind::SqlServer, "mssql")).collect()
}

fn found(root: &Path, violations: Vec<String>) -> Findings {
    Findings { violations, looked_at: format!("{} scripts", scripts(root).len()) }
}
