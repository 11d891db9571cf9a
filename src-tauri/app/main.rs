//! Starts Sealwright: a window, a service (`--daemon`), or one command.

// Without this, Windows opens a console beside the window. The server build keeps the console: it is all it has.
#![cfg_attr(all(windows, feature = "gui", not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    sealwright::cli::main()
}
