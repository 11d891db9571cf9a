//! The page's TypeScript, written from the list of commands in `api` and committed; stale bindings fail the checks.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Findings;

/// Writes the bindings, and nothing when they are fresh: the page is rebuilt when a source of it changes.
pub(crate) fn write(root: &Path) -> Result<Findings, String> {
    let fresh = api::typescript();
    let place = place(root);
    if fs::read_to_string(&place).is_ok_and(|committed| committed == fresh) {
        return Ok(found(&fresh, Vec::new()));
    }
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    }
    fs::write(&place, &fresh).map_err(|error| format!("cannot write {}: {error}", place.display()))?;
    Ok(found(&fresh, Vec::new()))
}

/// One sentence when what is committed is not what the commands say.
pub(crate) fn check(root: &Path) -> Result<Findings, String> {
    let fresh = api::typescript();
    let place = place(root);
    let committed =
        fs::read_to_string(&place).map_err(|error| format!("cannot read {}: {error}", place.display()))?;
    Ok(found(&fresh, stale(&fresh, &committed).into_iter().collect()))
}

fn stale(fresh: &str, committed: &str) -> Option<String> {
    if fresh == committed {
        return None;
    }
    let same = fresh.lines().zip(committed.lines()).take_while(|(one, other)| one == other).count();
    Some(format!(
        "ui/src/bindings/api.ts is stale from line {} on; run `./dev bindings` and commit it",
        same + 1
    ))
}

fn found(fresh: &str, violations: Vec<String>) -> Findings {
    Findings { violations, looked_at: format!("{} lines of TypeScript", fresh.lines().count()) }
}

fn place(root: &Path) -> PathBuf {
    root.join("ui/src/bindings/api.ts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_stale_line_is_named_with_what_to_do() {
        assert_eq!(stale("one\ntwo\n", "one\ntwo\n"), None);
        let said = stale("one\ntwo\nthree\n", "one\nzwei\nthree\n").unwrap();
        assert!(said.contains("from line 2 on") && said.contains("./dev bindings"), "{said}");
    }
}
