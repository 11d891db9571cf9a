//! Whether there is a screen on this machine that something could be shown on: a window, or a page in a browser.

/// Whether a window could be shown.
#[cfg(any(feature = "gui", all(unix, not(target_os = "macos"))))]
#[expect(clippy::disallowed_methods, reason = "the display is named by the session's environment alone")]
pub(crate) fn has_display() -> bool {
    if cfg!(all(unix, not(target_os = "macos"))) {
        ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    } else {
        true
    }
}
