//! `people list` and `people show`: who has a certificate, who has none, and why.

use std::sync::Arc;

use api::{EndingLine, PeoplePage, PersonDetails, find_person};
use clap::Subcommand;
use serde_json::json;

use super::Outcome;
use super::certificate::{ask, host};
use super::output::{Failure, Output, table};
use crate::compose::Program;

/// People and shared mailboxes
#[derive(Debug, Subcommand)]
pub(super) enum PeopleCommand {
    /// List people and shared mailboxes by name
    List {
        /// Beginning of name, sign-in name or mail address
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// person or sharedMailbox
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
        /// covered (has every certificate), partly (some, not all), lacking (has none), hindered (something stands in the way) or leaving (or left)
        #[arg(long, value_name = "STANDING")]
        standing: Option<String>,
        /// Most lines
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: u32,
    },
    /// Show one in full: why there is a certificate or not, by template
    Show {
        /// Sign-in name, mail address or Entra object id
        #[arg(value_name = "PERSON")]
        person: String,
    },
}

pub(super) async fn run(
    program: &Arc<Program>,
    command: PeopleCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    let host = host(program);
    match command {
        PeopleCommand::List { search, kind, standing, limit } => {
            let mut rows = Vec::new();
            let mut after: Option<String> = None;
            let mut total = None;
            let wanted = limit as usize;
            while rows.len() < wanted {
                let payload = json!({
                    "search": search, "kind": kind, "standing": standing, "after": after,
                    "limit": (wanted - rows.len()).min(500),
                });
                let page: PeoplePage = ask(&host, "list_people", payload).await?;
                total = total.or(page.total);
                rows.extend(page.rows);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            output.result(&json!({ "people": rows, "total": total, "more": after.is_some() }), || {
                let lines: Vec<Vec<String>> = rows
                    .iter()
                    .map(|row| {
                        vec![
                            row.standing.clone(),
                            row.name.clone(),
                            row.mail.clone().unwrap_or_else(|| row.user_principal_name.clone()),
                            row.kind.clone(),
                            format!("{} of {}", row.held, row.wanted),
                            row.ends_at.as_deref().map(day).unwrap_or_default(),
                            row.hindrances.join("; "),
                        ]
                    })
                    .collect();
                let headings = ["STANDING", "NAME", "E-MAIL", "KIND", "HAS", "FIRST ENDS", "IN THE WAY"];
                let mut text = table(&headings, &lines);
                if let Some(total) = total {
                    text.push_str(&format!("{} of {total}\n", rows.len()));
                }
                text
            })?;
        }
        PeopleCommand::Show { person } => {
            let id = find_person(&host, &person).await?;
            let details: PersonDetails =
                ask(&host, "person_details", json!({ "id": id.to_string() })).await?;
            output.result(&details, || describe(&details))?;
        }
    }
    Ok(Outcome::Done)
}

fn day(at: &str) -> String {
    at.chars().take(10).collect()
}

fn describe(details: &PersonDetails) -> String {
    let line = &details.line;
    let groups = details.groups.iter().map(|group| {
        let mut told = vec![group.id.clone()];
        if !group.includes.is_empty() {
            told.push(format!("gives {}", group.includes.join(", ")));
        }
        if !group.excludes.is_empty() {
            told.push(format!("excludes from {}", group.excludes.join(", ")));
        }
        ("group", told.join(": "))
    });
    let rows = [
        ("name", line.name.clone()),
        ("kind", line.kind.clone()),
        ("sign-in name", line.user_principal_name.clone()),
        ("mail", line.mail.clone().unwrap_or_default()),
        ("further mail", details.aliases.join(", ")),
        ("object id", line.id.clone()),
        ("standing", line.standing.clone()),
        ("certificates", format!("{} of {}", line.held, line.wanted)),
        ("left", line.gone_at.clone().unwrap_or_default()),
        ("last read", details.seen_at.clone()),
        ("who may use it", details.holders.join(", ")),
    ];
    let mut text = String::new();
    for (name, value) in rows.into_iter().chain(groups).filter(|(_, value)| !value.is_empty()) {
        text.push_str(&format!("{name:<16} {value}\n"));
    }
    let verdicts: Vec<Vec<String>> = details
        .verdicts
        .iter()
        .map(|verdict| vec![verdict.template.clone(), verdict.answer.clone(), verdict.reason.clone()])
        .collect();
    text.push_str("\nwhat the plan says:\n");
    text.push_str(&table(&["TEMPLATE", "ANSWER", "WHY"], &verdicts));
    if !details.endings.is_empty() {
        text.push_str("\nto be revoked or put on hold before their time:\n");
        let rows: Vec<Vec<String>> = details.endings.iter().map(ending).collect();
        text.push_str(&table(&["CERTIFICATE", "STATE", "BECAUSE", "SINCE", "NOT BEFORE"], &rows));
    }
    if !details.certificates.is_empty() {
        text.push_str("\ncertificates:\n");
        let rows: Vec<Vec<String>> = details
            .certificates
            .iter()
            .map(|one| {
                let delivered =
                    one.deliveries.iter().map(|to| format!("{}: {}", to.user_principal_name, to.state));
                vec![
                    one.line.status.clone(),
                    one.line.template.clone(),
                    one.thumbprint.clone(),
                    day(&one.line.not_after),
                    delivered.collect::<Vec<_>>().join(", "),
                    one.published.clone().unwrap_or_default(),
                ]
            })
            .collect();
        text.push_str(&table(
            &["STATUS", "TEMPLATE", "THUMBPRINT", "EXPIRES", "DELIVERED", "ADDRESS LIST"],
            &rows,
        ));
    }
    text
}

fn ending(line: &EndingLine) -> Vec<String> {
    vec![
        line.thumbprint.chars().take(8).collect(),
        line.state.clone(),
        line.cause.clone(),
        line.since.clone(),
        line.due_at.clone(),
    ]
}
