//! Which crate may use which: the drawing of docs/ARCHITECTURE.md as a table, and the check against it.
//!
//! An arrow that is not in the table is forbidden. Tests of a crate may look further than the crate itself
//! (a saga's test wants a real store), so only what is *built* is held to the table; but nothing at all may
//! use the program or this tool. A permission that no crate uses is reported too, so that the table says what is
//! so and not what once was.

use crate::graph::Graph;

/// One crate's place in the house.
pub(crate) struct Rule {
    name: &'static str,
    /// Where it lives, below the repository.
    folder: &'static str,
    /// Our crates that it may be built from.
    may_use: &'static [&'static str],
    /// The sentence an offender reads.
    because: &'static str,
    /// When given, the only outside crates it may be built from.
    outside: Option<&'static [&'static str]>,
}

/// An outside crate (or, with a final `*`, a family of them) that only some of ours may be built from.
pub(crate) struct Reserved {
    name: &'static str,
    to: &'static [&'static str],
    because: &'static str,
}

const GROUND: &str = "the ground knows the nouns and nothing above itself";
const FLOW: &str =
    "flow decides and remembers; the network, SQL and the doors themselves are composed around it";
const DOOR: &str = "a door implements a port; it knows neither the flow nor another door";

const fn rule(
    name: &'static str,
    folder: &'static str,
    may_use: &'static [&'static str],
    because: &'static str,
) -> Rule {
    Rule { name, folder, may_use, because, outside: None }
}

/// The house, from the ground up.
pub(crate) static RULES: &[Rule] = &[
    rule("model", "src-tauri/base/model", &[], "model is the bottom: it uses none of ours"),
    rule("crypto", "src-tauri/base/crypto", &["model"], GROUND),
    rule("ports", "src-tauri/base/ports", &["model"], GROUND),
    rule("store", "src-tauri/base/store", &["model"], "the store's traits know the nouns only"),
    rule("store-sql", "src-tauri/base/store-sql", &["model", "store"], GROUND),
    // Both know how often others may be called (ports::Pace): one process alone, or all through the database.
    rule("jobs", "src-tauri/base/jobs", &["model", "ports", "store"], GROUND),
    rule("net", "src-tauri/base/net", &["model", "ports", "crypto"], GROUND),
    Rule {
        name: "plan",
        folder: "src-tauri/flow/plan",
        may_use: &["model"],
        because: "plan is a pure function over the nouns: no store, no door, no clock of its own",
        outside: Some(&["serde", "unicode-normalization"]),
    },
    rule("admit", "src-tauri/flow/admit", &["model", "store", "crypto"], FLOW),
    // What homes remember of sets they keep as they keep the admission log's pin. Of a recovery key (ports) it asks a signature.
    rule("custody", "src-tauri/flow/custody", &["model", "ports", "store", "crypto", "admit"], FLOW),
    rule("observe", "src-tauri/flow/observe", &["model", "ports", "store"], FLOW),
    // Keys in flight are sealed to those whom admit knows (docs/decisions/0011). Before a key is made and before money is
    // spent, enroll asks the plan whether it would still decide so.
    rule(
        "enroll",
        "src-tauri/flow/enroll",
        &["model", "ports", "store", "crypto", "plan", "admit", "custody"],
        FLOW,
    ),
    // What the plan orders, lifecycle starts as an enrollment.
    rule(
        "lifecycle",
        "src-tauri/flow/lifecycle",
        &["model", "ports", "store", "crypto", "plan", "enroll"],
        FLOW,
    ),
    rule(
        "recover",
        "src-tauri/flow/recover",
        &["model", "ports", "store", "crypto", "admit", "custody"],
        FLOW,
    ),
    // Who may sign the head of the audit log is told by the admission log.
    rule("evidence", "src-tauri/flow/evidence", &["model", "store", "crypto", "admit"], FLOW),
    rule("directory", "src-tauri/connectors/directory", &["model", "ports", "net"], DOOR),
    rule("exchange", "src-tauri/connectors/exchange", &["model", "ports", "net"], DOOR),
    rule("intune", "src-tauri/connectors/intune", &["model", "ports", "net", "crypto"], DOOR),
    // Recovery keys in vaults are reached over the network, signed in by the officer (docs/decisions/0017).
    rule("kra", "src-tauri/connectors/kra", &["model", "ports", "crypto", "net"], DOOR),
    // The built-in authority keeps its ledger in the shared database (docs/decisions/0007). How certificates stand is read over
    // the network, from where they say.
    rule("ca", "src-tauri/connectors/ca", &["model", "ports", "crypto", "store", "net"], DOOR),
    rule(
        "api",
        "src-tauri/api",
        // `crypto` to show what stands in a certificate, `custody` for the names of recovery agents, `plan` to say what is wrong
        // with a template. Not `recover`: what the page asks about recoveries is answered by a host that the program brings along.
        &["model", "crypto", "store", "custody", "plan", "enroll", "lifecycle"],
        "api is what the window may ask; the adapters and recovery are handed to it",
    ),
    rule(
        "sealwright",
        "",
        &[
            "model",
            "crypto",
            "ports",
            "store",
            "store-sql",
            "jobs",
            "net",
            "admit",
            "custody",
            "observe",
            "plan",
            "enroll",
            "lifecycle",
            "recover",
            "evidence",
            "directory",
            "exchange",
            "ca",
            "intune",
            "kra",
            "api",
            "sim",
        ],
        "the program composes the product; test support and tools are no part of it",
    ),
    rule(
        "sim",
        "tests/sim",
        &[],
        "the simulated outside world shares no code with the product, or it would prove nothing",
    ),
    rule(
        "support",
        "tests/support",
        &["model", "store", "store-sql"],
        "test support builds worlds from the parts below the program",
    ),
    rule(
        "xtask",
        "xtask",
        // The rights of the database's roles are a table of the store.
        &["api", "store-sql"],
        "the tool reads the repository; of the product it knows only what it writes down",
    ),
];

/// Outside crates that open a way around the arrows.
pub(crate) static RESERVED: &[Reserved] = &[
    Reserved { name: "tauri*", to: &["sealwright"], because: "only the program opens a window" },
    Reserved {
        name: "reqwest",
        to: &["net"],
        because: "there is one HTTP client, with time-outs and redaction",
    },
    Reserved { name: "sqlx*", to: &["store-sql"], because: "SQL lives behind the store's traits" },
    Reserved {
        name: "openssl*",
        to: &["crypto", "sim"],
        because: "the product's cryptography is in one crate",
    },
    Reserved { name: "tokio-openssl", to: &["sim"], because: "only the simulator serves TLS" },
    Reserved { name: "native-tls", to: &["net"], because: "there is one HTTP client" },
    Reserved { name: "cms", to: &["crypto"], because: "the product's cryptography is in one crate" },
    Reserved { name: "cryptoki*", to: &["kra"], because: "recovery keys are the only keys on tokens" },
    Reserved { name: "getrandom", to: &["model"], because: "randomness is passed in as model::Entropy" },
    Reserved { name: "rand*", to: &["support", "sim"], because: "randomness is passed in as model::Entropy" },
    Reserved {
        name: "axum",
        to: &["sealwright", "sim"],
        because: "only the program and the simulator listen",
    },
    Reserved {
        name: "hyper*",
        to: &["sim"],
        because: "only the program and the simulator listen, the program through axum",
    },
    Reserved { name: "clap", to: &["sealwright", "sim"], because: "only programs have a command line" },
    Reserved { name: "ts-rs", to: &["api"], because: "the window's types come from api" },
];

impl Reserved {
    fn covers(&self, outside: &str) -> bool {
        match self.name.strip_suffix('*') {
            Some(family) => {
                outside == family
                    || outside.strip_prefix(family).is_some_and(|rest| rest.starts_with(['-', '_']))
            }
            None => outside == self.name,
        }
    }
}

/// One sentence for every arrow, place or crate that the table does not know.
pub(crate) fn violations(graph: &Graph, rules: &[Rule], reserved: &[Reserved]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, one) in &graph.crates {
        let Some(rule) = rules.iter().find(|rule| rule.name == name) else {
            found.push(format!(
                "crate `{name}` has no place: draw it in docs/ARCHITECTURE.md and add its row to xtask/src/arrows.rs"
            ));
            continue;
        };
        if rule.folder != one.folder {
            found.push(format!("crate `{name}` lives in `{}`, its place is `{}`", one.folder, rule.folder));
        }
        for to in &one.uses {
            if graph.is_ours(to) {
                if !rule.may_use.contains(&to.as_str()) {
                    found.push(format!("`{name}` may not use `{to}`: {}", rule.because));
                }
                continue;
            }
            if let Some(outside) = rule.outside
                && !outside.contains(&to.as_str())
            {
                found.push(format!("`{name}` may not use the outside crate `{to}`: {}", rule.because));
            }
            for reservation in reserved {
                if reservation.covers(to) && !reservation.to.contains(&name.as_str()) {
                    let owners = reservation.to.join(", ");
                    found.push(format!(
                        "`{name}` may not use the outside crate `{to}`, which is for {owners}: {}",
                        reservation.because
                    ));
                }
            }
        }
        for to in &one.tests_use {
            if to == "sealwright" || to == "xtask" {
                found.push(format!(
                    "the tests of `{name}` may not use `{to}`: nothing uses the program or the tool"
                ));
            }
        }
    }
    for rule in rules {
        if let Some(one) = graph.crates.get(rule.name) {
            for to in rule.may_use.iter().chain(rule.outside.unwrap_or_default()) {
                if !one.uses.contains(*to) {
                    found.push(format!(
                        "`{}` does not use `{to}`: take the permission out of xtask/src/arrows.rs",
                        rule.name
                    ));
                }
            }
        } else {
            found.push(format!(
                "the table in xtask/src/arrows.rs has a row for `{}`, which is no crate here",
                rule.name
            ));
        }
    }
    found
}

#[cfg(test)]
#[path = "arrows_tests.rs"]
mod tests;
