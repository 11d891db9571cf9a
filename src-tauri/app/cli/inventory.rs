//! `recovery inventory`: with what archived keys are sealed, to whom, and how many still lack ML-KEM.

use custody::SetVersion;
use model::text::printable;
use model::{Kra, Thumbprint};
use recover::inventory::Inventory;
use serde_json::{Value, json};

use super::Outcome;
use super::output::{Failure, Output, table};
use crate::compose::Program;
use crate::inventory::{Counted, name_of, version_of};

pub(super) async fn run(program: &Program, output: &Output) -> Result<Outcome, Failure> {
    let bar = indicatif::ProgressBar::new_spinner();
    let counted = Counted::of(program, &mut |seen| {
        bar.set_message(format!("{seen} archived keys"));
        bar.tick();
    })
    .await;
    bar.finish_and_clear();
    let Counted { inventory, agents, sets, goes_hybrid } = counted?;
    output.result(&value(&inventory, &agents, &sets), || text(&inventory, &agents, &sets, goes_hybrid))?;
    Ok(Outcome::Done)
}

fn value(inventory: &Inventory, agents: &[Kra], sets: &[SetVersion]) -> Value {
    let algorithms: Vec<Value> = inventory
        .algorithms
        .iter()
        .map(|(found, count)| json!({ "cipher": found.cipher, "wrapped": found.wrapped, "count": count }))
        .collect();
    let sealed_to: Vec<Value> = inventory
        .sealed_to
        .iter()
        .map(|(sealed, count)| {
            let officer = |thumbprint: &Thumbprint| json!({ "thumbprint": thumbprint, "name": name_of(*thumbprint, agents) });
            json!({
                "officers": sealed.officers.iter().map(officer).collect::<Vec<_>>(),
                "threshold": sealed.threshold,
                "hybrid": sealed.hybrid,
                "set": version_of(sealed, sets).map(|set| json!({ "name": set.name, "version": set.version })),
                "count": count,
            })
        })
        .collect();
    json!({
        "total": inventory.total, "hybrid": inventory.hybrid, "classicOnly": inventory.classic_only,
        "unreadable": inventory.unreadable, "algorithms": algorithms, "sealedTo": sealed_to,
    })
}

fn text(inventory: &Inventory, agents: &[Kra], sets: &[SetVersion], goes_hybrid: bool) -> String {
    let mut text = format!(
        "{} archived keys: {} take an ML-KEM key to open, {} the certificates' keys alone",
        inventory.total, inventory.hybrid, inventory.classic_only
    );
    if inventory.unreadable > 0 {
        text.push_str(&format!(", {} cannot be read", inventory.unreadable));
    }
    text.push('\n');
    let rows: Vec<Vec<String>> = inventory
        .algorithms
        .iter()
        .map(|(found, count)| vec![found.cipher.clone(), found.wrapped.clone(), count.to_string()])
        .collect();
    text.push_str(&table(&["CONTENT", "CONTENT KEY", "KEYS"], &rows));
    let rows: Vec<Vec<String>> = inventory
        .sealed_to
        .iter()
        .map(|(sealed, count)| {
            let names: Vec<String> =
                sealed.officers.iter().map(|thumbprint| name_of(*thumbprint, agents)).collect();
            let set = version_of(sealed, sets);
            let set = set.map_or_else(
                || "-".to_owned(),
                |set| format!("{}, version {}", printable(&set.name), set.version),
            );
            let many =
                sealed.threshold.map_or_else(|| "any one".to_owned(), |needed| format!("{needed} together"));
            vec![names.join(", "), many, set, count.to_string()]
        })
        .collect();
    text.push_str(&table(&["SEALED TO", "OPENED BY", "SET", "KEYS"], &rows));
    if goes_hybrid && inventory.classic_only > 0 {
        text.push_str(
            "`sealwright kra rearchive --kra KEY` seals the rest to the ML-KEM keys too; of what several open together, \
             `sealwright recovery request --seal-anew`\n",
        );
    }
    text
}
