//! The crates of the workspace and what each one's manifest asks for, as `cargo metadata` tells it.
//!
//! Only manifests are read (`--no-deps`, offline): what a dependency pulls in by itself is the business of
//! `deny.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// All crates of the workspace by name.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) crates: BTreeMap<String, Crate>,
}

/// One crate's manifest.
#[derive(Debug, Default)]
pub(crate) struct Crate {
    /// Its folder below the repository, with forward slashes; empty for the root package.
    pub(crate) folder: String,
    /// What it is built from: normal and build dependencies, for every target, optional ones too.
    pub(crate) uses: BTreeSet<String>,
    /// What its tests and benches add.
    pub(crate) tests_use: BTreeSet<String>,
}

impl Graph {
    /// How many dependencies lead from one of our crates to another.
    pub(crate) fn arrows(&self) -> usize {
        self.crates
            .values()
            .flat_map(|one| one.uses.union(&one.tests_use))
            .filter(|to| self.is_ours(to))
            .count()
    }

    pub(crate) fn is_ours(&self, name: &str) -> bool {
        self.crates.contains_key(name)
    }
}

/// Asks cargo for the manifests of the workspace at `root`.
pub(crate) fn of_workspace(root: &Path) -> Result<Graph, String> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("`cargo metadata` did not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("`cargo metadata` failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    of_metadata(&String::from_utf8_lossy(&output.stdout))
}

/// Reads the JSON that `cargo metadata --no-deps --format-version 1` prints.
pub(crate) fn of_metadata(json: &str) -> Result<Graph, String> {
    let metadata: Value =
        serde_json::from_str(json).map_err(|error| format!("cargo's answer is no JSON: {error}"))?;
    let root = text(&metadata, "workspace_root")?;
    let mut graph = Graph::default();
    for package in list(&metadata, "packages")? {
        let manifest = text(package, "manifest_path")?;
        let mut one = Crate { folder: folder(root, manifest), ..Crate::default() };
        for dependency in list(package, "dependencies")? {
            let to = text(dependency, "name")?.to_owned();
            // `kind` is null for a normal dependency, else "build" or "dev".
            if dependency.get("kind").and_then(Value::as_str) == Some("dev") {
                one.tests_use.insert(to);
            } else {
                one.uses.insert(to);
            }
        }
        graph.crates.insert(text(package, "name")?.to_owned(), one);
    }
    if graph.crates.is_empty() {
        return Err("cargo knows no crate in this workspace".to_owned());
    }
    Ok(graph)
}

fn folder(root: &str, manifest: &str) -> String {
    let below = manifest.strip_prefix(root).unwrap_or(manifest).replace('\\', "/");
    below.trim_start_matches('/').trim_end_matches("Cargo.toml").trim_end_matches('/').to_owned()
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, String> {
    value.get(key).and_then(Value::as_str).ok_or_else(|| format!("cargo's answer has no text `{key}`"))
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a [Value], String> {
    let items = value
        .get(key)
        .and_then(Value::as_array)
        .ok_or_else(|| format!("cargo's answer has no list `{key}`"))?;
    Ok(items.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_build_and_optional_dependencies_count_and_those_of_tests_stand_apart() {
        let graph = of_metadata(
            r#"{ "workspace_root": "/somewhere", "packages": [
                { "name": "plan", "manifest_path": "/somewhere/src-tauri/flow/plan/Cargo.toml", "dependencies": [
                    { "name": "model", "kind": null, "optional": false },
                    { "name": "tauri-build", "kind": "build", "optional": true },
                    { "name": "proptest", "kind": "dev", "optional": false } ] },
                { "name": "sealwright", "manifest_path": "/somewhere/Cargo.toml", "dependencies": [] } ] }"#,
        )
        .unwrap();

        let plan = &graph.crates["plan"];
        assert_eq!(plan.folder, "src-tauri/flow/plan");
        assert_eq!(plan.uses, BTreeSet::from(["model".to_owned(), "tauri-build".to_owned()]));
        assert_eq!(plan.tests_use, BTreeSet::from(["proptest".to_owned()]));
        assert_eq!(graph.crates["sealwright"].folder, "");
    }

    #[test]
    fn an_answer_without_crates_is_an_error_and_not_a_clean_bill() {
        assert!(of_metadata(r#"{ "workspace_root": "/somewhere", "packages": [] }"#).is_err());
        assert!(of_metadata("cargo: command not found").is_err());
    }

    #[test]
    fn this_workspace_is_found_with_its_bottom_and_its_front_door() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let graph = of_workspace(root).unwrap();
        assert_eq!(graph.crates["model"].folder, "src-tauri/base/model");
        assert!(graph.crates["sealwright"].uses.contains("model"));
    }
}
