//! The window. The only Tauri code of the program: one command, one window, one instance.

use std::sync::Arc;

use api::WireError;
use serde_json::Value;
use tauri::Manager as _;

use crate::compose::ComposeError;
use crate::display::has_display;
use crate::setup::Desk;

struct Console {
    desk: Arc<Desk>,
}

/// The only command that the page may call; what it may do inside is decided per command.
#[tauri::command]
async fn call(console: tauri::State<'_, Console>, name: String, payload: Value) -> Result<Value, WireError> {
    console.desk.call(&name, payload).await
}

/// Opens the window and returns when it is closed. Must run on the main thread; commands run on `runtime`.
///
/// # Errors
/// When there is no display, or the system's webview cannot be started.
#[expect(
    clippy::disallowed_methods,
    reason = "the generated context ends the process when the bundle is broken"
)]
pub(crate) fn open(desk: Arc<Desk>, runtime: &tokio::runtime::Handle) -> Result<(), ComposeError> {
    display()?;
    tauri::async_runtime::set(runtime.clone());
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| {
            if let Some(window) = app.get_webview_window("main") {
                // A second start raises the first window; a window manager that refuses loses nothing.
                let _ = window.unminimize();
                let _ = window.set_focus();
            }
        }))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .manage(Console { desk })
        .invoke_handler(tauri::generate_handler![call])
        .build(tauri::generate_context!());
    let app =
        built.map_err(|error| ComposeError::Unusable(format!("the window could not be opened: {error}")))?;
    // `run` ends the process by itself on some systems; `run_return` gives the worker time to stop.
    let code = app.run_return(|_, _| {});
    if code == 0 { Ok(()) } else { Err(ComposeError::Unusable(format!("the window ended with code {code}"))) }
}

/// GTK panics without a display; say one sentence instead.
fn display() -> Result<(), ComposeError> {
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        if !has_display() {
            return Err(ComposeError::Unusable(
                "there is no display; on a server start the service with `sealwright --daemon`, or use the commands \
                 (`sealwright help`)"
                    .to_owned(),
            ));
        }
    }
    Ok(())
}

/// WebKitGTK paints a white window on some graphics drivers unless told otherwise before it is loaded; a program cannot
/// change its own environment safely, so it starts itself again with the variable set. A value of the user's is kept.
#[cfg(all(unix, not(target_os = "macos")))]
#[expect(clippy::disallowed_methods, reason = "the variable belongs to the webview, not to our settings")]
pub(crate) fn with_safe_renderer() {
    use std::os::unix::process::CommandExt as _;
    const VARIABLE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(VARIABLE).is_some() || !has_display() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        let error =
            std::process::Command::new(program).args(std::env::args_os().skip(1)).env(VARIABLE, "1").exec();
        tracing::warn!(%error, "the program could not start itself again; the window may stay white");
    }
}

/// Only WebKitGTK needs this.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(crate) fn with_safe_renderer() {}
