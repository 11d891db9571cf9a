//! What people and scripts read.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use serde_json::{Value, json};
use tracing_subscriber::EnvFilter;

use super::arguments::{Arguments, LogFormat};
pub(super) use crate::failure::Failure;

/// Standard output of one command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    json: bool,
}

impl Output {
    /// For people, or as JSON.
    pub(super) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether a script reads.
    pub(super) const fn is_json(self) -> bool {
        self.json
    }

    /// Gives the result: `value` to scripts, `text` to people.
    pub(super) fn result(self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.json {
            let rendered = serde_json::to_string_pretty(value)
                .map_err(|error| Failure::new(format!("the result cannot be written as JSON: {error}")))?;
            line(&rendered);
        } else {
            line(&printable(text().trim_end()));
        }
        Ok(())
    }

    /// A line for people while a command works; scripts do not see it.
    pub(super) fn note(self, text: &str) {
        if !self.json {
            line(&printable(text));
        }
    }

    /// A warning on standard error; the command goes on.
    #[expect(clippy::unused_self, reason = "everything that is said goes through the output")]
    pub(super) fn warning(self, text: &str) {
        let mut errors = std::io::stderr().lock();
        let _ = writeln!(errors, "sealwright: warning: {}", printable(text));
    }

    /// Tells why the command failed.
    pub(super) fn failure(self, failure: &Failure) {
        let mut errors = std::io::stderr().lock();
        let _ = writeln!(errors, "sealwright: {}", printable(&failure.message));
        if let Some(hint) = &failure.hint {
            let _ = writeln!(errors, "  {}", printable(hint));
        }
        if self.json {
            let value: Value = json!({ "error": failure.message, "hint": failure.hint });
            line(&value.to_string());
        }
    }
}

/// Says what was typed wrongly. What was typed is repeated, but for a PIN in an address: this may be somebody's log.
pub(super) fn misuse(error: &clap::Error) -> ExitCode {
    let told = error.render().to_string();
    let Some(shown) = without_secrets(&told) else { error.exit() };
    let _ = write!(std::io::stderr().lock(), "{shown}");
    ExitCode::from(2)
}

/// The text with nothing behind a PIN in an address, or before the host of one, up to the end of the line; `None` when there is
/// neither.
fn without_secrets(told: &str) -> Option<String> {
    const PIN: &str = "pin-value=";
    let lines: Vec<String> = told
        .lines()
        .map(|line| {
            if let Some(at) = line.to_ascii_lowercase().find(PIN) {
                return format!(
                    "{}…'\n  a PIN in an address stays in the shell's history; leave it out: you are asked, or name a file \
                     with --password-file",
                    &line[..at + PIN.len()]
                );
            }
            match line.split_once("://") {
                Some((before, after)) if after.contains('@') => format!("{before}://…"),
                _ => line.to_owned(),
            }
        })
        .collect();
    let shown = lines.join("\n") + "\n";
    (shown.trim_end() != told.trim_end()).then_some(shown)
}

/// Writes a line to standard output. A reader that has gone away (`| head`) is no failure.
pub(super) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// Each line as a terminal may see it: whatever somebody wrote into the database moves no cursor and paints over nothing.
fn printable(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(model::text::printable).collect();
    lines.join("\n")
}

/// Rows under headings, aligned.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|heading| heading.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    let headings: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
    for row in std::iter::once(&headings).chain(rows) {
        let mut written = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let padding = width - cell.chars().count();
            // Whatever somebody wrote into the database: a cell begins no line and paints over none.
            written.push_str(&model::text::printable(cell));
            written.extend(std::iter::repeat_n(' ', padding + 2));
        }
        text.push_str(written.trim_end());
        text.push('\n');
    }
    text
}

/// Starts the log on standard error. The service tells what it does; commands only what goes wrong.
pub(super) fn start_log(arguments: &Arguments) {
    // The driver for SQL Server takes every unique value that exists already for an error, the one for tokens every mechanism
    // that it has no name for.
    let default =
        if arguments.daemon { "info,tiberius=off,cryptoki=off" } else { "error,tiberius=off,cryptoki=off" };
    let chosen = arguments.log.as_deref().unwrap_or(default);
    let filter = EnvFilter::try_new(chosen).unwrap_or_else(|_| EnvFilter::new(default));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    let started = match arguments.log_format {
        LogFormat::Json => builder.json().try_init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    if let Err(error) = started {
        let mut errors = std::io::stderr().lock();
        let _ = writeln!(errors, "sealwright: the log could not be started: {error}");
    }
}
