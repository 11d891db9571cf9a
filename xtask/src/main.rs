//! Checks of the repository that a shell script would get wrong.
//!
//! `cargo run -p xtask -- <command>`; `./dev check` and `./dev test` call them. Nothing here is shipped,
//! and nothing here may need more than a second once it is built: no command reads the network.

mod arrows;
#[cfg(feature = "bindings")]
mod bindings;
mod files;
#[cfg(feature = "grants")]
mod grants;
mod graph;
mod migrations;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo run -p xtask -- <command>

  arrows   every dependency between our crates, and on reserved outside crates, is one that docs/ARCHITECTURE.md draws
  files    no source file is longer than 600 lines, and every database dialect has the same migrations

usage: cargo run -p xtask --features bindings -- bindings [--check]

  writes the page's TypeScript from the commands of api; with --check says whether it is stale

usage: cargo run -p xtask --features grants -- grants [--check]

  writes packaging/database from the rights of the roles; with --check says whether it is stale
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["arrows"] => report("arrows", arrows(&root())),
        #[cfg(feature = "bindings")]
        ["bindings"] => report("bindings", bindings::write(&root())),
        #[cfg(feature = "bindings")]
        ["bindings", "--check"] => report("bindings", bindings::check(&root())),
        #[cfg(feature = "grants")]
        ["grants"] => report("grants", grants::write(&root())),
        #[cfg(feature = "grants")]
        ["grants", "--check"] => report("grants", grants::check(&root())),
        ["files"] => report("files", files(&root())),
        _ => {
            say(USAGE);
            ExitCode::from(2)
        }
    }
}

/// What a check found: sentences about violations (none is good), and what was looked at.
struct Findings {
    violations: Vec<String>,
    looked_at: String,
}

fn arrows(root: &Path) -> Result<Findings, String> {
    let graph = graph::of_workspace(root)?;
    let looked_at = format!("{} crates, {} arrows", graph.crates.len(), graph.arrows());
    Ok(Findings { violations: arrows::violations(&graph, arrows::RULES, arrows::RESERVED), looked_at })
}

fn files(root: &Path) -> Result<Findings, String> {
    let sources = files::sources(root)?;
    let dialects = migrations::dialects(&root.join("src-tauri/base/store-sql/migrations"))?;
    let mut violations = files::too_long(&sources);
    violations.extend(migrations::differences(&dialects));
    let looked_at = format!("{} source files, {} database dialects", sources.len(), dialects.len());
    Ok(Findings { violations, looked_at })
}

fn report(check: &str, outcome: Result<Findings, String>) -> ExitCode {
    match outcome {
        Ok(found) if found.violations.is_empty() => {
            say(&format!("{check}: {} looked at, nothing to say\n", found.looked_at));
            ExitCode::SUCCESS
        }
        Ok(found) => {
            for violation in &found.violations {
                say(&format!("{check}: {violation}\n"));
            }
            say(&format!("{check}: {} looked at, {} violations\n", found.looked_at, found.violations.len()));
            ExitCode::FAILURE
        }
        Err(why) => {
            say(&format!("{check}: could not look: {why}\n"));
            ExitCode::FAILURE
        }
    }
}

/// A closed pipe is no reason to fail: the exit code carries the answer.
fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// The repository: the folder above this crate.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
