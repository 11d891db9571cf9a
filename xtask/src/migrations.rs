//! Every database dialect walks through the same migrations: equal file names in each dialect's folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The file names of each dialect's folder; none at all when there is no such folder.
pub(crate) fn dialects(folder: &Path) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let mut found = BTreeMap::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for dialect in names(folder)? {
        let files = folder.join(&dialect);
        if files.is_dir() {
            found.insert(dialect, names(&files)?);
        }
    }
    Ok(found)
}

/// One sentence for each migration that a dialect lacks and another has.
pub(crate) fn differences(dialects: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut found = Vec::new();
    for (has, files) in dialects {
        for (lacks, others) in dialects {
            for file in files.difference(others) {
                found.push(format!("migration `{file}` exists for {has} and not for {lacks}"));
            }
        }
    }
    found
}

fn names(folder: &Path) -> Result<BTreeSet<String>, String> {
    let told = |error: std::io::Error| format!("cannot list {}: {error}", folder.display());
    fs::read_dir(folder)
        .map_err(told)?
        .map(|entry| Ok(entry.map_err(told)?.file_name().to_string_lossy().into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialect(name: &str, files: &[&str]) -> (String, BTreeSet<String>) {
        (name.to_owned(), files.iter().map(|&file| file.to_owned()).collect())
    }

    #[test]
    fn equal_names_have_nothing_to_say() {
        let both = [dialect("mysql", &["0001_start.sql"]), dialect("sqlite", &["0001_start.sql"])];
        assert_eq!(differences(&BTreeMap::from(both)), Vec::<String>::new());
    }

    #[test]
    fn a_migration_that_one_dialect_lacks_is_told_once() {
        let both =
            [dialect("mysql", &["0001_start.sql"]), dialect("sqlite", &["0001_start.sql", "0002_more.sql"])];
        assert_eq!(
            differences(&BTreeMap::from(both)),
            ["migration `0002_more.sql` exists for sqlite and not for mysql"]
        );
    }
}
