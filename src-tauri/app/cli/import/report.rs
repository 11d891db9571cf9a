//! What people and scripts read about an import: first what would be done, then what was done.

use crypto::X509Certificate;
use model::text::printable;
use recover::import::{Carried, Found, Line, Verdict};
use serde_json::{Value, json};

use crate::cli::output::table;

/// Lines that are listed to people; `--json` lists all.
const MOST_LINES: usize = 40;

/// What came of one line.
#[derive(Debug)]
pub(super) enum Done {
    /// Nothing was to be done, or nothing was done yet.
    Nothing,
    /// It was carried out.
    Carried(Carried),
    /// It failed; why.
    Failed(String),
    /// Not tried, because something before it went wrong that would go wrong again.
    NotTried,
}

/// Figures over all lines.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) imported: usize,
    pub(super) handed_over: usize,
    pub(super) not_handed_over: usize,
    pub(super) present: usize,
    pub(super) failed: usize,
    pub(super) not_tried: usize,
    /// Lines about which a person must decide.
    pub(super) open: usize,
}

impl Counts {
    pub(super) fn of(lines: &[Line], done: &[Done]) -> Self {
        let mut counts = Self::default();
        for (line, done) in lines.iter().zip(done) {
            counts.open += usize::from(line.verdict.needs_person());
            counts.present += usize::from(matches!(line.verdict, Verdict::Present(_)));
            match done {
                Done::Nothing => {}
                Done::Carried(carried) => {
                    counts.imported += usize::from(carried.is_new);
                    counts.present += usize::from(!carried.is_new);
                    counts.handed_over += carried.handed_over.len();
                    counts.not_handed_over += carried.not_handed_over.len();
                }
                Done::Failed(_) => counts.failed += 1,
                Done::NotTried => counts.not_tried += 1,
            }
        }
        counts
    }

    /// Whether somebody has to look at something.
    pub(super) const fn needs_person(&self) -> bool {
        self.open + self.failed + self.not_tried + self.not_handed_over > 0
    }

    fn json(&self) -> Value {
        json!({
            "imported": self.imported, "handedOver": self.handed_over, "notHandedOver": self.not_handed_over,
            "present": self.present, "failed": self.failed, "notTried": self.not_tried, "needPerson": self.open,
        })
    }
}

/// Everything, for scripts.
pub(super) fn value(lines: &[Line], done: &[Done], stopped: Option<&str>) -> Value {
    let items: Vec<Value> = lines.iter().zip(done).map(|(line, done)| item(line, done)).collect();
    json!({ "items": items, "counts": Counts::of(lines, done).json(), "stopped": stopped })
}

fn item(line: &Line, done: &Done) -> Value {
    let mut value = json!({
        "file": line.source,
        "verdict": line.verdict.code(),
        "why": line.verdict.why(),
        "notes": line.notes,
        "certificate": line.found.as_ref().map(certificate),
        "subscriber": line.owner.as_ref().map(|owner| json!({
            "id": owner.id, "userPrincipalName": owner.user_principal_name, "sharedMailbox": owner.is_mailbox,
            "gone": owner.is_gone,
        })),
    });
    let more = match done {
        Done::Nothing => return value,
        Done::Carried(carried) => json!({
            "outcome": if carried.is_new { "imported" } else { "present" }, "id": carried.certificate,
            "handedOver": carried.handed_over, "notHandedOver": carried.not_handed_over,
        }),
        Done::Failed(why) => json!({ "outcome": "failed", "failure": why }),
        Done::NotTried => json!({ "outcome": "notTried" }),
    };
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    value
}

fn certificate(found: &Found) -> Value {
    let certificate = &found.certificate;
    json!({
        "subject": certificate.subject(), "issuer": certificate.issuer(), "serial": certificate.serial(),
        "thumbprint": certificate.thumbprint(), "mailAddresses": printed(&certificate.mail_addresses()),
        "userPrincipalName": certificate.user_principal_name().map(|name| printable(&name)),
        "issuers": found.chain.iter().map(X509Certificate::subject).collect::<Vec<_>>(), "notBefore": certificate.not_before(),
        "notAfter": certificate.not_after(), "key": certificate.key_kind().ok(),
    })
}

fn printed(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| printable(text)).collect()
}

/// What would be done, for people.
pub(super) fn preview(authorities: &[X509Certificate], lines: &[Line]) -> String {
    let (wanted, others): (Vec<&Line>, Vec<&Line>) = lines.iter().partition(|line| line.verdict.is_wanted());
    let mut text = String::new();
    for authority in authorities {
        let (name, thumbprint) = (printable(&authority.subject()), authority.thumbprint());
        text.push_str(&format!("believed: {name} (SHA-1 {thumbprint})\n"));
    }
    let rows: Vec<Vec<String>> = wanted.iter().take(MOST_LINES).map(|line| row(line)).collect();
    if !rows.is_empty() {
        text.push_str(&table(&["FILE", "WHOSE", "SUBJECT", "KEY", "VALID UNTIL", "WILL BE"], &rows));
    }
    if wanted.len() > rows.len() {
        text.push_str(&format!("… and {} more; --json lists all\n", wanted.len() - rows.len()));
    }
    let present = others.iter().filter(|line| !line.verdict.needs_person()).count();
    for line in others.iter().filter(|line| line.verdict.needs_person()) {
        text.push_str(&sentence(&line.source, line.verdict.why().unwrap_or_default(), line.found.as_ref()));
    }
    let open = others.len() - present;
    text.push_str(&format!(
        "{} to be imported or handed over, {present} there already, {open} for a person to look at\n",
        wanted.len()
    ));
    text
}

fn row(line: &Line) -> Vec<String> {
    let cell = |text: Option<String>| text.unwrap_or_default();
    let certificate = line.found.as_ref().map(|found| &found.certificate);
    let owner = line.owner.as_ref().map(|owner| {
        let kind = match (owner.is_mailbox, owner.is_gone) {
            (true, _) => " (shared mailbox)",
            (false, true) => " (left)",
            (false, false) => "",
        };
        format!("{}{kind}", printable(&owner.user_principal_name))
    });
    let will = if matches!(line.verdict, Verdict::HandOver(_)) { "handed over" } else { "imported" };
    let notes = if line.notes.is_empty() {
        String::new()
    } else {
        format!(" ({})", printable(&line.notes.join("; ")))
    };
    vec![
        line.source.clone(),
        cell(owner),
        cell(certificate.map(|one| printable(&one.subject()))),
        cell(certificate.and_then(|one| one.key_kind().ok())),
        cell(certificate.map(|one| one.not_after().to_string().chars().take(10).collect())),
        format!("{will}{notes}"),
    ]
}

fn sentence(source: &str, why: &str, found: Option<&Found>) -> String {
    match found {
        Some(found) => {
            format!("{source} ({}): {}\n", printable(&found.certificate.subject()), printable(why))
        }
        None => format!("{source}: {}\n", printable(why)),
    }
}

/// What was done, for people.
pub(super) fn summary(lines: &[Line], done: &[Done], stopped: Option<&str>) -> String {
    let counts = Counts::of(lines, done);
    let mut text = String::new();
    for (line, done) in lines.iter().zip(done) {
        match done {
            Done::Failed(why) => text.push_str(&sentence(&line.source, why, line.found.as_ref())),
            Done::Carried(carried) => {
                for why in &carried.not_handed_over {
                    text.push_str(&format!(
                        "{}: imported, not handed over: {}\n",
                        line.source,
                        printable(why)
                    ));
                }
            }
            Done::Nothing | Done::NotTried => {}
        }
    }
    text.push_str(&format!("{} imported, {} there already", counts.imported, counts.present));
    for (count, what) in [
        (counts.handed_over, "handed over to devices"),
        (counts.not_handed_over, "not handed over"),
        (counts.failed, "failed"),
        (counts.not_tried, "not tried"),
        (counts.open, "for a person to look at"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text.push('\n');
    if let Some(why) = stopped {
        text.push_str(&format!(
            "stopped: {}\nrun it again when that is mended; what is done stays done\n",
            printable(why)
        ));
    }
    text
}
