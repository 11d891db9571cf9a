//! The client against a server on loopback whose every word is scripted: cut connections, pages instead of JSON, lost answers.

mod client;
mod entra;
mod graph;
mod redaction;
mod scripted;
