//! `sealwright gal`: what the global address list shows of our certificates.

use std::path::PathBuf;

use clap::Subcommand;
use lifecycle::{Difference, compare, publish_again, withhold};
use model::{Publication, PublicationState, Service, Subscriber, SubscriberId};
use serde_json::{Value, json};
use store::{PublicationRow, Store as _};

use super::Outcome;
use super::output::{Failure, Output, table};
use crate::address_script;
use crate::compose::Program;
use crate::handout::must_be_new;
use crate::person::Deed;
use crate::settings::write_new_private;

/// The global address list
#[derive(Debug, Subcommand)]
pub(super) enum GalCommand {
    /// Show how far publishing came, and which entries wait or need a person
    Status {
        /// Most lines of each state
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: u32,
    },
    /// Read every mailbox's entry in Exchange and list those that do not show what they should. Changes nothing
    Check {
        /// Have such entries put right by the service that runs
        #[arg(long)]
        repair: bool,
    },
    /// Have certificates published: those of the named, or whatever is lacking
    Publish {
        /// Sign-in name or mail address; also lifts an earlier `withdraw`
        #[arg(long = "person", value_name = "NAME")]
        people: Vec<String>,
    },
    /// Have the certificates of the named taken out; they stay out until `publish` names them
    Withdraw {
        /// Sign-in name or mail address
        #[arg(long = "person", value_name = "NAME", required = true)]
        people: Vec<String>,
    },
    /// Write a PowerShell script with which an Exchange administrator publishes everything by hand
    ///
    /// For tenants where this program gets no role in Exchange. The script keeps what others published and can be run again.
    Script {
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

impl GalCommand {
    /// What it is, as far as roles go.
    pub(super) const fn deed(&self) -> Deed {
        match self {
            Self::Status { .. } | Self::Check { repair: false } | Self::Script { .. } => Deed::Look,
            Self::Check { repair: true } | Self::Publish { .. } | Self::Withdraw { .. } => Deed::Certificates,
        }
    }
}

pub(super) async fn run(program: &Program, command: GalCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        GalCommand::Status { limit } => status(program, limit, output).await,
        GalCommand::Check { repair } => check(program, repair, output).await,
        GalCommand::Publish { people } => publish(program, &people, output).await,
        GalCommand::Withdraw { people } => withdraw(program, &people, output).await,
        GalCommand::Script { out } => {
            must_be_new(&out)?;
            let script = address_script::write(program.store.as_ref(), program.clock.now()).await?;
            write_new_private(&out, script.text.as_bytes())?;
            output.result(&json!({ "script": out, "entries": script.entries }), || {
                format!(
                    "{} is for {} entries; an Exchange administrator runs it in PowerShell 7",
                    out.display(),
                    script.entries
                )
            })?;
            Ok(Outcome::Done)
        }
    }
}

/// States about which somebody may want to know more than how many there are.
const TOLD: [PublicationState; 6] = [
    PublicationState::Wanted,
    PublicationState::Accepted,
    PublicationState::Unwanted,
    PublicationState::NeedsOnPremises,
    PublicationState::NoMailbox,
    PublicationState::Refused,
];

async fn status(program: &Program, limit: u32, output: &Output) -> Result<Outcome, Failure> {
    let book = Publication::EXCHANGE;
    let is_on = program.tenant.as_ref().is_some_and(|doors| doors.address_book.is_some());
    let mut work = program.store.read().await?;
    let counts = work.publications().counts(book).await?;
    let services = work.services().list().await?;
    let finding = services
        .into_iter()
        .find(|status| status.service == Service::AddressBook && status.failed)
        .and_then(|status| status.last_result);
    let mut rows: Vec<PublicationRow> = Vec::new();
    for state in TOLD {
        rows.extend(work.publications().list(book, state, None, limit).await?);
    }
    drop(work);
    let told: serde_json::Map<String, Value> =
        counts.iter().map(|(state, count)| (state.name().to_owned(), json!(count))).collect();
    let entries: Vec<Value> = rows
        .iter()
        .map(|row| {
            let one = &row.publication;
            json!({ "mail": row.mail, "thumbprint": row.thumbprint, "state": one.state.name(), "why": one.detail, "since": one.at })
        })
        .collect();
    let value = json!({ "publishes": is_on, "finding": finding, "counts": told, "entries": entries });
    output.result(&value, || {
        let mut text = String::new();
        if !is_on {
            text.push_str(
                "nothing is published here: write publish = true into [exchange] of sealwright.toml\n",
            );
        }
        if let Some(finding) = &finding {
            text.push_str(&format!("nothing can be published at present: {finding}\n"));
        }
        for (state, count) in &counts {
            text.push_str(&format!("{:<16} {count}\n", state.name()));
        }
        if !rows.is_empty() {
            let lines: Vec<Vec<String>> = rows
                .iter()
                .map(|row| {
                    let one = &row.publication;
                    let why = one.detail.clone().unwrap_or_default();
                    vec![
                        one.state.name().to_owned(),
                        row.mail.clone(),
                        row.thumbprint.to_string(),
                        one.at.to_string(),
                        why,
                    ]
                })
                .collect();
            text.push('\n');
            text.push_str(&table(&["STATE", "E-MAIL", "THUMBPRINT", "SINCE", "WHY"], &lines));
        }
        text
    })?;
    let needs = |state: PublicationState| {
        matches!(
            state,
            PublicationState::NeedsOnPremises | PublicationState::NoMailbox | PublicationState::Refused
        )
    };
    let is_hindered = finding.is_some() || rows.iter().any(|row| needs(row.publication.state));
    Ok(if is_hindered { Outcome::NeedsPerson } else { Outcome::Done })
}

async fn check(program: &Program, repair: bool, output: &Output) -> Result<Outcome, Failure> {
    let book = program.tenant.as_ref().and_then(|doors| doors.address_book.clone()).ok_or_else(|| {
        Failure::with_hint(
            "nothing is published here",
            "write publish = true into [exchange] of sealwright.toml; docs/gal.md shows what else it takes",
        )
    })?;
    let (mut differences, mut entries, mut after): (Vec<Difference>, u64, Option<String>) =
        (Vec::new(), 0, None);
    loop {
        let page =
            book.list(after.as_deref()).await.map_err(|error| Failure::new(crate::works::chain(&error)))?;
        for entry in &page.entries {
            entries += 1;
            let now = program.clock.now();
            differences.extend(compare(program.store.as_ref(), book.name(), entry, now).await?);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut ordered = 0_u64;
    if repair {
        for one in differences.iter().filter(|one| !one.is_synchronised) {
            let now = program.clock.now();
            let done: Result<(), store::StoreError> = store::in_unit!(program.store, work => {
                enroll::order_publication(work.as_mut(), &program.ids, one.holder, now).await?;
            });
            done?;
            ordered += 1;
        }
    }
    let value = |one: &Difference| {
        json!({
            "mail": one.address, "holder": one.holder, "lacks": one.lacks, "hasTooMany": one.has_too_many,
            "staleSmime": one.stale_smime, "onPremises": one.is_synchronised,
        })
    };
    let told: Vec<Value> = differences.iter().map(value).collect();
    output.result(&json!({ "entries": entries, "differences": told, "ordered": ordered }), || {
        let mut text = String::new();
        if !differences.is_empty() {
            let list = |list: &[model::Thumbprint]| {
                list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            };
            let lines: Vec<Vec<String>> = differences
                .iter()
                .map(|one| {
                    let place = if one.is_synchronised { "on premises" } else { "Exchange" };
                    let mut many = list(&one.has_too_many);
                    if one.stale_smime > 0 {
                        many.push_str(&format!(" and {} S/MIME values", one.stale_smime));
                    }
                    vec![one.address.clone(), place.to_owned(), list(&one.lacks), many]
                })
                .collect();
            text.push_str(&table(&["E-MAIL", "CHANGED IN", "LACKS", "HAS TOO MANY"], &lines));
        }
        text.push_str(&format!("{} of {entries} entries do not show what they should\n", differences.len()));
        if ordered > 0 {
            text.push_str(&format!("{ordered} are put right by the service that runs\n"));
        } else if !differences.is_empty() {
            text.push_str("`sealwright gal check --repair` has them put right\n");
        }
        text
    })?;
    Ok(if differences.is_empty() || ordered > 0 { Outcome::Done } else { Outcome::NeedsPerson })
}

async fn publish(program: &Program, people: &[String], output: &Output) -> Result<Outcome, Failure> {
    let now = program.clock.now();
    if people.is_empty() {
        let woken: Result<(), store::StoreError> = store::in_unit!(program.store, work => {
            work.services().ensure(Service::AddressBook, now).await?;
            work.services().wake(Service::AddressBook, now).await?;
        });
        woken?;
        output.result(&json!({ "service": Service::AddressBook.name(), "due": now }), || {
            "the service that runs publishes what is lacking".to_owned()
        })?;
        return Ok(Outcome::Done);
    }
    let holders = named(program, people).await?;
    let mut told = 0_u32;
    for holder in holders {
        told += store::in_unit!(program.store, work => {
            publish_again(work.as_mut(), &program.ids, holder, now).await?
        })
        .map_err(|error: store::StoreError| error)?;
    }
    output.result(&json!({ "certificates": told }), || {
        format!("{told} certificates are looked at by the service that runs")
    })?;
    Ok(Outcome::Done)
}

async fn withdraw(program: &Program, people: &[String], output: &Output) -> Result<Outcome, Failure> {
    let now = program.clock.now();
    let holders = named(program, people).await?;
    let mut told = 0_u32;
    for holder in holders {
        told += store::in_unit!(program.store, work => {
            withhold(work.as_mut(), &program.ids, holder, now).await?
        })
        .map_err(|error: store::StoreError| error)?;
    }
    output.result(&json!({ "certificates": told }), || {
        format!("{told} certificates are taken out by the service that runs, and stay out")
    })?;
    Ok(Outcome::Done)
}

/// Whom the names mean, all of them or nobody.
async fn named(program: &Program, names: &[String]) -> Result<Vec<SubscriberId>, Failure> {
    let mut work = program.store.read().await?;
    let mut holders = Vec::with_capacity(names.len());
    for name in names {
        let found: Vec<Subscriber> = work.subscribers().find_by_name(name).await?;
        match found.as_slice() {
            [one] => holders.push(one.id),
            [] => {
                return Err(Failure::with_hint(
                    format!("nobody is called {name}"),
                    "`sealwright people list` shows who is known",
                ));
            }
            several => {
                return Err(Failure::new(format!(
                    "{name} means {} people; write the sign-in name",
                    several.len()
                )));
            }
        }
    }
    Ok(holders)
}
