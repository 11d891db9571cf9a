//! Prepares the window: reads tauri.conf.json and states which commands the page may call at all.
//!
//! Without the feature `gui` there is nothing to prepare, and no webview library is asked for.

fn main() {
    #[cfg(feature = "gui")]
    window();
}

/// Only `call` exists for the page; what it may do inside is decided per command and role in `api`.
#[cfg(feature = "gui")]
fn window() {
    let manifest = tauri_build::AppManifest::new().commands(&["call"]);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error=the window cannot be prepared: {error:#}");
    }
}
