//! `sealwright campaign`: many certificates replaced in a short time.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use lifecycle::{CampaignFigures, Estimate, Preview};
use model::{
    Campaign, CampaignState, CampaignTerms, CertificateId, MemberStage, Selection, SerialNumber, Span,
    Thumbprint,
};
use serde_json::{Value, json};
use store::Store as _;

use super::Outcome;
use super::campaign_arguments::{CampaignCommand, Create};
use super::import::agrees;
use super::output::{Failure, Output, table};
use crate::campaign::Wanted;
use crate::campaign::evidence::CampaignEvidence;
use crate::compose::Program;
use crate::settings::write_new_private;

pub(super) async fn run(
    program: &Program,
    command: CampaignCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    let (store, clock) = (program.store.as_ref(), program.clock.as_ref());
    let actor = &program.actor;
    match command {
        CampaignCommand::Create(wanted) => create(program, *wanted, output).await,
        CampaignCommand::Preview { name } => {
            let campaign = program.campaign(&name).await?;
            let (preview, estimate) = program.look_at_campaign(&campaign.selection, &campaign.terms).await?;
            show_preview(program, &campaign, &preview, &estimate, output).await
        }
        CampaignCommand::Approve { name, yes } => {
            let campaign = program.campaign(&name).await?;
            let (preview, estimate) = program.look_at_campaign(&campaign.selection, &campaign.terms).await?;
            let selected_by = program.selected_by(&campaign).await?;
            asked(yes, &preview_text(&campaign, &selected_by, &preview, &estimate), output)?;
            let approvers = program.approve_campaign(&campaign).await?;
            output.result(&json!({ "name": campaign.name, "approved": approvers }), || {
                format!(
                    "approved: written down by {}, approved by {}",
                    campaign.created_by,
                    approvers.join(", ")
                )
            })?;
            Ok(Outcome::Done)
        }
        CampaignCommand::List => list(program, output).await,
        CampaignCommand::Status { name, members } => status(program, &name, members, output).await,
        CampaignCommand::Start { name, yes } => {
            let campaign = program.campaign(&name).await?;
            let (preview, estimate) = program.look_at_campaign(&campaign.selection, &campaign.terms).await?;
            let selected_by = program.selected_by(&campaign).await?;
            asked(yes, &preview_text(&campaign, &selected_by, &preview, &estimate), output)?;
            let begun = program.begin_campaign(&campaign).await?;
            told(&begun, output)
        }
        CampaignCommand::Pause { name } => {
            let campaign = program.campaign(&name).await?;
            lifecycle::pause_campaign(store, clock, &campaign, actor).await?;
            told(&program.campaign(&name).await?, output)
        }
        CampaignCommand::Resume { name } => {
            let campaign = program.campaign(&name).await?;
            lifecycle::resume_campaign(store, clock, &program.ids, &campaign, actor).await?;
            told(&program.campaign(&name).await?, output)
        }
        CampaignCommand::Stop { name, reason } => {
            let campaign = program.campaign(&name).await?;
            lifecycle::stop_campaign(store, clock, &campaign, actor, &reason).await?;
            told(&program.campaign(&name).await?, output)
        }
        CampaignCommand::Exclude { name, certificates, reason } => {
            let campaign = program.campaign(&name).await?;
            let ids = named(program, &certificates).await?;
            let out = lifecycle::exclude_members(store, clock, &campaign, &ids, actor, &reason).await?;
            output.result(&json!({ "name": campaign.name, "excluded": out }), || {
                format!("{out} taken out of the campaign {}", campaign.name)
            })?;
            Ok(if out < ids.len() as u64 { Outcome::NeedsPerson } else { Outcome::Done })
        }
        CampaignCommand::Evidence { name, out } => {
            let campaign = program.campaign(&name).await?;
            if out.exists() {
                return Err(Failure::new(format!("{} exists already", out.display())));
            }
            let evidence = CampaignEvidence::make(program, &campaign).await?;
            let text = serde_json::to_string_pretty(&evidence)
                .map_err(|error| Failure::new(format!("the evidence cannot be written: {error}")))?;
            write_new_private(&out, text.as_bytes())?;
            let (report, _) = evidence.check().map_err(Failure::new)?;
            output.result(
                &json!({ "file": out, "members": report.members.len(), "stages": report.stages }),
                || {
                    format!(
                        "{} certificates written to {}; `sealwright audit check {}` verifies it",
                        report.members.len(),
                        out.display(),
                        out.display()
                    )
                },
            )?;
            Ok(Outcome::Done)
        }
    }
}

async fn create(program: &Program, wanted: Create, output: &Output) -> Result<Outcome, Failure> {
    let mut work = program.store.read().await?;
    let authority = match &wanted.authority {
        None => None,
        Some(name) => Some(work.authorities().find(name).await?.map(|found| found.id).ok_or_else(|| {
            Failure::with_hint(
                format!("there is no authority `{name}`"),
                "`sealwright authority list` lists them",
            )
        })?),
    };
    let templates = work.templates().list().await?;
    drop(work);
    let template = |name: &Option<String>| match name {
        None => Ok(None),
        Some(name) => {
            let found =
                templates.iter().find(|known| known.template.name.to_lowercase() == name.to_lowercase());
            found.map(|known| Some(known.template.id)).ok_or_else(|| {
                Failure::with_hint(
                    format!("there is no template `{name}`"),
                    "`sealwright template list` lists them",
                )
            })
        }
    };
    let serials = match &wanted.serials {
        None => Vec::new(),
        Some(path) => serials(path, output)?,
    };
    let selection = Selection {
        authority,
        template: template(&wanted.template)?,
        issued_from: wanted.issued_from,
        issued_until: wanted.issued_until,
        serials,
        superseded: wanted.superseded,
    };
    let is_all = Selection { superseded: selection.superseded, ..Selection::default() } == selection;
    if is_all {
        return Err(Failure::usage(
            "this would select every certificate that there is",
            "name an authority, a template, a time or serial numbers",
        ));
    }
    let now = program.clock.now();
    let in_hours = |hours: u32| now + Span::hours(i64::from(hours));
    let terms = CampaignTerms {
        deadline: wanted.deadline.unwrap_or_else(|| in_hours(wanted.hours.unwrap_or_default())),
        wave_size: wanted.wave,
        pause_minutes: wanted.pause_minutes,
        failures_percent: wanted.failures_percent,
        to_template: template(&wanted.to_template)?,
        revoke: (!wanted.keep_old).then_some(wanted.revoke),
        revocations_per_hour: wanted.revocations_per_hour,
        settle_minutes: wanted.settle_minutes,
        revoke_at_deadline: wanted.revoke_at_deadline,
    };
    let wanted = Wanted { name: wanted.name, why: wanted.why, selection, terms };
    let (campaign, preview, estimate) = program.write_campaign(wanted).await?;
    show_preview(program, &campaign, &preview, &estimate, output).await
}

/// Most pasted lines that a warning names.
const NAMED: usize = 5;

fn serials(path: &Path, output: &Output) -> Result<Vec<SerialNumber>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::new(format!("{} cannot be read: {error}", path.display()));
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(unreadable)?;
        text
    } else {
        std::fs::read_to_string(path).map_err(unreadable)?
    };
    let (serials, others) = model::read_serials(&text);
    if !others.is_empty() {
        let named: Vec<&str> = others.iter().take(NAMED).map(String::as_str).collect();
        return Err(Failure::with_hint(
            format!("{} of the lines hold no serial number, such as: {}", others.len(), named.join(" | ")),
            "write one a line, hexadecimal, or decimal with `dec:` before it; nothing was written down",
        ));
    }
    if serials.is_empty() {
        return Err(Failure::new("there is no serial number in it; nothing was written down"));
    }
    output.note(&format!("{} serial numbers were read", serials.len()));
    Ok(serials)
}

/// The certificates that somebody means by thumbprint or serial number.
async fn named(program: &Program, typed: &[String]) -> Result<Vec<CertificateId>, Failure> {
    let mut work = program.store.read().await?;
    let mut ids = Vec::new();
    for one in typed {
        if let Ok(thumbprint) = one.parse::<Thumbprint>()
            && let Some(found) = work.certificates().find_by_thumbprint(thumbprint).await?
        {
            ids.push(found.id);
            continue;
        }
        let found = match one.parse::<SerialNumber>() {
            Ok(serial) => work.certificates().find_by_serial(&serial).await?,
            Err(_) => Vec::new(),
        };
        if found.is_empty() {
            return Err(Failure::new(format!(
                "there is no certificate with the thumbprint or serial number `{one}`"
            )));
        }
        ids.extend(found.into_iter().map(|certificate| certificate.id));
    }
    Ok(ids)
}

fn asked(yes: bool, shown: &str, output: &Output) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if output.is_json() || !std::io::stdin().is_terminal() {
        return Err(Failure::usage(
            "nobody can be asked whether this is to be done",
            "look at it with `sealwright campaign preview`, then add --yes",
        ));
    }
    output.note(shown);
    if agrees()? { Ok(()) } else { Err(Failure::new("nothing was done")) }
}

fn told(campaign: &Campaign, output: &Output) -> Result<Outcome, Failure> {
    output.result(&campaign_value(campaign), || {
        format!("the campaign {} is {}", campaign.name, campaign.state.name())
    })?;
    Ok(Outcome::Done)
}

fn campaign_value(campaign: &Campaign) -> Value {
    json!({
        "name": campaign.name, "why": campaign.why, "state": campaign.state, "note": campaign.note,
        "deadline": campaign.terms.deadline, "createdAt": campaign.created_at, "createdBy": campaign.created_by,
        "startedAt": campaign.started_at, "startedBy": campaign.started_by, "endedAt": campaign.ended_at,
        "wave": campaign.wave, "waves": campaign.waves, "selected": campaign.looked_at, "terms": campaign.terms,
        "selection": campaign.selection,
    })
}

async fn show_preview(
    program: &Program,
    campaign: &Campaign,
    preview: &Preview,
    estimate: &Estimate,
    output: &Output,
) -> Result<Outcome, Failure> {
    let sums: Vec<String> = preview.cost.sums().map(|sum| sum.to_string()).collect();
    let mut value = campaign_value(campaign);
    value["preview"] = json!({
        "selected": preview.selected, "people": preview.people, "mailboxes": preview.mailboxes,
        "orders": preview.orders, "adopted": preview.adopted, "waiting": preview.waiting, "hindered": preview.hindered,
        "hindrances": preview.hindrances.iter().map(|one| json!({
            "serial": one.serial, "mail": one.mail, "why": one.why,
        })).collect::<Vec<_>>(),
        "leftOut": preview.left_out.iter().map(|one| json!({ "serial": one.serial, "why": one.why })).collect::<Vec<_>>(),
        "notArchived": preview.not_archived, "cost": sums, "withoutPrice": preview.cost.unpriced(),
        "byAuthority": preview.by_authority, "fromTheSame": preview.from_the_same,
        "orderingMinutes": estimate.ordering.map(|span| span.as_millis() / 60_000),
        "revokingMinutes": estimate.revoking.as_millis() / 60_000,
        "until": estimate.until, "inTime": estimate.in_time,
    });
    let selected_by = program.selected_by(campaign).await?;
    output.result(&value, || preview_text(campaign, &selected_by, preview, estimate))?;
    let needs_person = preview.hindered > 0 || !preview.left_out.is_empty() || !estimate.in_time;
    Ok(if needs_person { Outcome::NeedsPerson } else { Outcome::Done })
}

fn preview_text(campaign: &Campaign, selected_by: &str, preview: &Preview, estimate: &Estimate) -> String {
    let mut lines = vec![
        format!("campaign {} ({}): {}", campaign.name, campaign.state.name(), campaign.why),
        format!(
            "{} certificates of {} people and {} mailboxes, until {}",
            preview.selected, preview.people, preview.mailboxes, campaign.terms.deadline
        ),
        format!(
            "{} are ordered, {} have a successor on its way or there, {} wait for something, {} cannot be replaced",
            preview.orders, preview.adopted, preview.waiting, preview.hindered
        ),
        format!("cost: {}", preview.cost),
        format!("selected by: {selected_by}"),
    ];
    for (authority, count) in &preview.by_authority {
        lines.push(format!("{count} from the authority {authority}"));
    }
    if preview.from_the_same > 0 {
        lines.push(format!(
            "warning: {} are ordered from the authority that issued them; if that one is not to be trusted any more, let the \
             template order from another first, or name one with --to-template",
            preview.from_the_same
        ));
    }
    if preview.not_archived > 0 {
        lines.push(format!(
            "{} keys are not in the archive: mail that was encrypted to them stays readable where the key is, and nowhere else",
            preview.not_archived
        ));
    }
    let waves = preview.orders.div_ceil(u64::from(campaign.terms.wave_size.max(1)));
    lines.push(match estimate.ordering {
        Some(span) => format!("{waves} waves; ordering takes {} at the authority's limit", hours(span)),
        None => format!("{waves} waves; how many orders the authority takes in a minute is not known"),
    });
    lines.push(match campaign.terms.revoke {
        Some(reason) => format!(
            "the old certificates are revoked ({}) {} after their successors were read back, {} in an hour at most: {}",
            reason.name(),
            hours(campaign.terms.settle()),
            campaign.terms.revocations_per_hour,
            hours(estimate.revoking)
        ),
        None => "the old certificates are left to the authority".to_owned(),
    });
    if campaign.terms.revoke_at_deadline {
        lines.push(format!(
            "WARNING: on {} everything that has no successor by then is REVOKED all the same, however many they are",
            campaign.terms.deadline
        ));
    }
    lines.push(if estimate.in_time {
        format!("by what is known, all is done on {}, before the deadline", estimate.until)
    } else {
        format!(
            "WARNING: by what is known, all is done on {}, AFTER THE DEADLINE: larger waves, shorter rests, more revocations in an \
             hour, or another authority",
            estimate.until
        )
    });
    let mut text = lines.join("\n");
    text.push('\n');
    if !preview.hindrances.is_empty() {
        let rows: Vec<Vec<String>> = preview
            .hindrances
            .iter()
            .map(|one| vec![one.serial.to_string(), one.mail.clone(), one.why.clone()])
            .collect();
        text.push_str("\ncannot be replaced; the old certificate is kept until the deadline:\n");
        text.push_str(&table(&["SERIAL", "OF", "WHY"], &rows));
    }
    if !preview.left_out.is_empty() {
        let rows: Vec<Vec<String>> =
            preview.left_out.iter().map(|one| vec![one.serial.to_string(), one.why.to_owned()]).collect();
        text.push_str("\nserial numbers that are not in it:\n");
        text.push_str(&table(&["SERIAL", "WHY"], &rows));
    }
    text
}

/// `31 h 20 min`.
fn hours(span: Span) -> String {
    let minutes = span.as_millis() / 60_000;
    format!("{} h {} min", minutes / 60, minutes % 60)
}

async fn list(program: &Program, output: &Output) -> Result<Outcome, Failure> {
    let campaigns = program.store.read().await?.campaigns().list().await?;
    let values: Vec<Value> = campaigns.iter().map(campaign_value).collect();
    output.result(&json!({ "campaigns": values }), || {
        let rows: Vec<Vec<String>> = campaigns
            .iter()
            .map(|one| {
                vec![
                    one.name.clone(),
                    one.state.name().to_owned(),
                    one.looked_at.to_string(),
                    format!("{}/{}", one.wave, one.waves),
                    one.terms.deadline.to_string(),
                    one.why.clone(),
                ]
            })
            .collect();
        table(&["CAMPAIGN", "STATE", "CERTIFICATES", "WAVE", "DEADLINE", "WHY"], &rows)
    })?;
    Ok(Outcome::Done)
}

/// Most members that are listed.
const LISTED: u32 = 100;

async fn status(
    program: &Program,
    name: &str,
    wanted: Option<MemberStage>,
    output: &Output,
) -> Result<Outcome, Failure> {
    let campaign = program.campaign(name).await?;
    let now = program.clock.now();
    let figures = lifecycle::campaign_figures(program.store.as_ref(), &campaign, now).await?;
    let shown = wanted.unwrap_or(MemberStage::Failed);
    let mut work = program.store.read().await?;
    let members = work.campaigns().members(campaign.id, Some(shown), None, LISTED).await?;
    let mut rows = Vec::new();
    for member in &members {
        let certificate = work.certificates().lookup(member.certificate).await?.map(|row| row.certificate);
        rows.push(json!({
            "serial": certificate.as_ref().map(|one| &one.serial), "thumbprint": certificate.as_ref().map(|one| one.thumbprint),
            "mail": certificate.as_ref().map(|one| &one.mail), "wave": member.wave, "stage": member.stage,
            "enrollment": member.enrollment, "why": member.why,
        }));
    }
    drop(work);
    let mut value = campaign_value(&campaign);
    value["stages"] =
        figures.stages.iter().map(|(stage, count)| (stage.name().to_owned(), json!(count))).collect();
    value["total"] = json!(figures.total);
    value["served"] = json!(figures.served);
    value["keeping"] = json!(figures.keeping);
    value["perHour"] = json!(figures.per_hour);
    value["forecast"] = json!(figures.forecast);
    value["inTime"] = json!(figures.in_time);
    value["hours"] = figures
        .hours
        .iter()
        .map(|hour| json!({ "from": hour.from, "ordered": hour.ordered, "present": hour.present, "revoked": hour.revoked }))
        .collect();
    value["members"] = json!(rows);
    output.result(&value, || status_text(&campaign, &figures, shown, &rows))?;
    let failed = figures.stages.get(&MemberStage::Failed).copied().unwrap_or_default();
    let needs_person =
        failed > 0 || campaign.state == CampaignState::Paused || figures.in_time == Some(false);
    Ok(if needs_person { Outcome::NeedsPerson } else { Outcome::Done })
}

fn status_text(campaign: &Campaign, figures: &CampaignFigures, shown: MemberStage, rows: &[Value]) -> String {
    let mut text = format!(
        "campaign {}: {}, wave {} of {}, deadline {}\n",
        campaign.name,
        campaign.state.name(),
        campaign.wave,
        campaign.waves,
        campaign.terms.deadline
    );
    if let Some(note) = &campaign.note {
        text.push_str(&format!("{note}\n"));
    }
    let stages: Vec<Vec<String>> = figures
        .stages
        .iter()
        .map(|(stage, count)| vec![stage.name().to_owned(), count.to_string()])
        .collect();
    text.push_str(&table(&["STAGE", "CERTIFICATES"], &stages));
    text.push_str(&burn_down(figures));
    text.push_str(&match (figures.forecast, figures.in_time) {
        (Some(at), Some(true)) => {
            format!("{} in an hour: the last is served on {at}, before the deadline\n", figures.per_hour)
        }
        (Some(at), _) => {
            format!("{} in an hour: the last is served on {at}, AFTER THE DEADLINE\n", figures.per_hour)
        }
        (None, _) => format!("{} in an hour\n", figures.per_hour),
    });
    if figures.keeping > 0 {
        text.push_str(&format!(
            "{} keep their old certificate until the deadline, for want of a successor\n",
            figures.keeping
        ));
    }
    if !rows.is_empty() {
        let cell = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| vec![cell(row, "serial"), cell(row, "mail"), cell(row, "why")]).collect();
        text.push_str(&format!("\n{}:\n", shown.name()));
        text.push_str(&table(&["SERIAL", "OF", "WHY"], &rows));
    }
    text
}

/// Width of the longest bar.
const WIDTH: u64 = 40;

/// What is left after each hour, as bars.
fn burn_down(figures: &CampaignFigures) -> String {
    if figures.hours.is_empty() {
        return String::new();
    }
    let mut left = figures.total;
    let rows: Vec<Vec<String>> = figures
        .hours
        .iter()
        .map(|hour| {
            left = left.saturating_sub(hour.present);
            let bar = usize::try_from((left * WIDTH).div_ceil(figures.total.max(1))).unwrap_or_default();
            vec![
                hour.from.to_string(),
                hour.ordered.to_string(),
                hour.present.to_string(),
                hour.revoked.to_string(),
                left.to_string(),
                "#".repeat(bar),
            ]
        })
        .collect();
    format!("\n{}", table(&["HOUR", "ORDERED", "READ BACK", "REVOKED", "LEFT", ""], &rows))
}
