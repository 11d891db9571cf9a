//! What has to be right before a recovery is asked for or agreed to.

use api::EntryCheck;
use store_sql::roles::Privilege;

use crate::compose::Program;
use crate::doctor::{self, Finding, Verdict};
use crate::officers;
use crate::works::chain;

/// Looks at role, fleet, clock and set.
pub(super) async fn entry(program: &Program) -> Vec<EntryCheck> {
    let mut checks = vec![role(program), fleet(program)];
    if let Some(found) = doctor::clock(program).await {
        checks.push(check("clock", &found));
    }
    checks.push(set(program).await);
    checks
}

fn check(what: &str, found: &Finding) -> EntryCheck {
    let verdict = match found.verdict {
        Verdict::Good => "good",
        Verdict::Warning | Verdict::NotForRole => "warning",
        Verdict::Bad => "bad",
    };
    EntryCheck {
        what: what.to_owned(),
        verdict: verdict.to_owned(),
        found: found.found.clone(),
        hint: found.hint.clone(),
    }
}

fn plain(what: &str, verdict: &str, found: impl Into<String>, hint: Option<String>) -> EntryCheck {
    EntryCheck { what: what.to_owned(), verdict: verdict.to_owned(), found: found.into(), hint }
}

/// Whoever asks or agrees reads envelopes, writes requests, and has all of it on record first.
fn role(program: &Program) -> EntryCheck {
    let Some(standing) = &program.rights.0 else {
        return plain("role", "good", "this machine's own database; the file's rights decide", None);
    };
    let lacks: Vec<&str> = [
        ("audit_log", Privilege::Insert, "seq", "write the audit log"),
        ("archived_key", Privilege::Select, "envelope", "read archived keys"),
        ("recovery_request", Privilege::Insert, "id", "write recovery requests"),
    ]
    .into_iter()
    .filter(|(table, privilege, column, _)| !standing.may(*privilege, table, column))
    .map(|(_, _, _, words)| words)
    .collect();
    if lacks.is_empty() {
        let role = program.rights.role().unwrap_or_else(|| "it may do what it takes".to_owned());
        return plain("role", "good", role, None);
    }
    plain(
        "role",
        "bad",
        format!("this database login may not {}", lacks.join(", nor ")),
        Some("ask the database's administrator for an account with the role of a KRA officer".to_owned()),
    )
}

fn fleet(program: &Program) -> EntryCheck {
    match &program.outside {
        None => {
            plain("fleet", "good", "this installation is admitted, and signs what it asks and gives", None)
        }
        Some(error) => plain(
            "fleet",
            "bad",
            chain(error),
            Some(
                "have this installation admitted: Settings, Installations, on a machine that is in"
                    .to_owned(),
            ),
        ),
    }
}

async fn set(program: &Program) -> EntryCheck {
    let findings = officers::examine(program).await;
    let worst = findings.iter().max_by_key(|found| match found.verdict {
        Verdict::Good => 0,
        Verdict::NotForRole => 1,
        Verdict::Warning => 2,
        Verdict::Bad => 3,
    });
    worst.map_or_else(
        || plain("set", "good", "", None),
        |found| EntryCheck { found: format!("{}: {}", found.what, found.found), ..check("set", found) },
    )
}
