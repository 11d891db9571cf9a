//! No source file longer than a reader can hold in mind.

use std::fs;
use std::path::Path;

/// The most lines a source file may have.
pub(crate) const LONGEST: usize = 600;

/// Folders without sources of ours: made by tools, or generated and checked elsewhere.
const SKIPPED: &[&str] =
    &["target", "node_modules", "dist", "gen", "permissions", "artefacts", "bindings", "__pycache__"];
const SOURCES: &[&str] = &["rs", "ts", "tsx", "js", "mjs", "py", "sh", "java", "css"];

/// A source file, its path below the repository with forward slashes.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) lines: usize,
}

/// Every source file below `root`, in the order of their paths.
pub(crate) fn sources(root: &Path) -> Result<Vec<Source>, String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).map_err(|error| format!("cannot list {}: {error}", folder.display()))?;
        for entry in entries {
            let entry = entry.map_err(|error| format!("cannot list {}: {error}", folder.display()))?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            let kind =
                entry.file_type().map_err(|error| format!("cannot look at {}: {error}", path.display()))?;
            if kind.is_dir() {
                if !name.starts_with('.') && !SKIPPED.contains(&name.as_ref()) {
                    folders.push(path);
                }
                continue;
            }
            let is_source = path.extension().is_some_and(|end| SOURCES.iter().any(|source| end == *source));
            if kind.is_file() && (is_source || name == "dev") {
                let bytes =
                    fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
                let below = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                found.push(Source { path: below, lines: String::from_utf8_lossy(&bytes).lines().count() });
            }
        }
    }
    if found.is_empty() {
        return Err(format!("no source file below {}", root.display()));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// One sentence for each file past [`LONGEST`].
pub(crate) fn too_long(sources: &[Source]) -> Vec<String> {
    let long = sources.iter().filter(|source| source.lines > LONGEST);
    long.map(|source| format!("{} has {} lines; split it below {LONGEST}", source.path, source.lines))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, lines: usize) -> Source {
        Source { path: path.to_owned(), lines }
    }

    #[test]
    fn six_hundred_lines_pass_and_one_more_is_named() {
        let found = too_long(&[source("src/a.rs", 600), source("src/b.rs", 601)]);
        assert_eq!(found, ["src/b.rs has 601 lines; split it below 600"]);
    }

    #[test]
    fn the_repository_is_walked_without_what_tools_make() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let found = sources(root).unwrap();
        assert!(found.iter().any(|one| one.path == "src-tauri/base/model/src/lib.rs"));
        assert!(found.iter().any(|one| one.path == "xtask/src/files.rs"));
        assert!(
            !found.iter().any(|one| one.path.contains("node_modules/") || one.path.starts_with("target/"))
        );
    }

    #[test]
    fn an_empty_folder_is_an_error_and_not_a_clean_bill() {
        assert!(sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/no-such-folder"))).is_err());
    }
}
