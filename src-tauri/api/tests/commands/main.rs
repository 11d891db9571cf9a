//! The commands as the window sends them, against a database: who is faster, who may not, what is set up.

mod commands {
    mod host;
    mod setup;
    mod templates;
}
