//! Many daemons on one database server, while everything goes wrong that can: processes die and sleep, connections are
//! cut, clocks are minutes apart, the server is killed, a server of a cluster loses its cable.
//!
//! At the end the outside world must look as if nothing had happened. `SEALWRIGHT_PEOPLE=2000` makes these stories as
//! long as a company's first day; each leaves a report that says what befell it and how long work stood still.

mod fleet;
mod havoc;
pub(crate) mod report;
mod stories;

/// How many people a story serves: so many as are asked for by the environment, or few.
#[expect(clippy::disallowed_methods, reason = "how long a test runs is its environment's business")]
fn people(few: usize) -> usize {
    match std::env::var("SEALWRIGHT_PEOPLE") {
        Ok(asked) => asked.parse().expect("SEALWRIGHT_PEOPLE is a number"),
        Err(_) => few,
    }
}
