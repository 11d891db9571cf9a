//! Commands about templates.

use std::path::Path;

use api::examine_template as examine;
use model::{
    Assignment, AuditEvent, AuditKind, AuditOutcome, CommonName, DeliveryPolicy, IntendedPurpose,
    KeyAlgorithm, PfxProfile, Purpose, Template, TemplateId, Timestamp,
};
use plan::Finding;
use serde_json::json;
use store::{Store as _, StoreError, VersionedTemplate, Work};

use super::Outcome;
use super::arguments::TemplateCommand;
use super::output::{Failure, Output, table};
use crate::compose::Program;

pub(super) async fn run(
    program: &Program,
    command: TemplateCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        TemplateCommand::List => list(program, output).await,
        TemplateCommand::Show { name } => {
            let found = named(program, &name).await?;
            let text = to_toml(&found.template)?;
            output.result(&found.template, || text)?;
            Ok(Outcome::Done)
        }
        TemplateCommand::Export { name, out } => {
            let text = to_toml(&named(program, &name).await?.template)?;
            match out {
                None => output.result(&json!({ "name": name, "toml": text }), || text.clone())?,
                Some(path) => {
                    std::fs::write(&path, text).map_err(|error| {
                        Failure::new(format!("{} cannot be written: {error}", path.display()))
                    })?;
                    output.result(&json!({ "file": path }), || format!("written to {}", path.display()))?;
                }
            }
            Ok(Outcome::Done)
        }
        TemplateCommand::Lint { file } => lint_templates(program, file.as_deref(), output).await,
        TemplateCommand::Import { file } => import(program, &file, output).await,
        TemplateCommand::New { name, cba, group, authority } => {
            let template = Template {
                id: program.ids.next(),
                name,
                description: String::new(),
                enabled: true,
                purpose: if cba { Purpose::Cba } else { Purpose::Smime },
                common_name: CommonName::DisplayName,
                organization: None,
                key: KeyAlgorithm::Rsa2048,
                authority,
                validity_days: 365,
                renew_before_days: 28,
                archive: !cba,
                delivery: DeliveryPolicy {
                    intended_purpose: if cba {
                        IntendedPurpose::Unassigned
                    } else {
                        IntendedPurpose::SmimeEncryption
                    },
                    pfx: PfxProfile::Compatible,
                },
                assignment: Assignment {
                    include: group.into_iter().collect(),
                    exclude: Vec::new(),
                    shared_mailboxes: !cba,
                },
            };
            let text = to_toml(&template)?;
            output.result(&json!({ "name": template.name, "toml": text }), || text.clone())?;
            Ok(Outcome::Done)
        }
    }
}

async fn list(program: &Program, output: &Output) -> Result<Outcome, Failure> {
    let templates = program.store.read().await?.templates().list().await?;
    let all: Vec<&Template> = templates.iter().map(|found| &found.template).collect();
    output.result(&json!({ "templates": all }), || {
        let rows: Vec<Vec<String>> = templates
            .iter()
            .map(|found| {
                let template = &found.template;
                vec![
                    template.name.clone(),
                    if template.enabled { "on" } else { "off" }.to_owned(),
                    format!("{:?}", template.purpose).to_uppercase(),
                    template.key.label().to_owned(),
                    template.authority.clone(),
                    format!("{} days", template.validity_days),
                    if template.archive { "yes" } else { "no" }.to_owned(),
                    template.assignment.include.len().to_string(),
                    format!("{} by {}", found.changed_at, found.changed_by),
                ]
            })
            .collect();
        table(&["NAME", "ON", "PURPOSE", "KEY", "CA", "VALIDITY", "ARCHIVE", "GROUPS", "CHANGED"], &rows)
    })?;
    Ok(Outcome::Done)
}

async fn named(program: &Program, name: &str) -> Result<VersionedTemplate, Failure> {
    program.store.read().await?.templates().find(name).await?.ok_or_else(|| {
        Failure::with_hint(format!("there is no template `{name}`"), "`sealwright template list` shows them")
    })
}

fn to_toml(template: &Template) -> Result<String, Failure> {
    toml::to_string_pretty(template)
        .map_err(|error| Failure::new(format!("the template cannot be written: {error}")))
}

fn read(file: &Path) -> Result<Template, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", file.display())))?;
    toml::from_str(&text).map_err(|error| {
        Failure::with_hint(
            format!("{} is not a template: {error}", file.display()),
            "`sealwright template new NAME` prints one to start from",
        )
    })
}

async fn authority_names(program: &Program) -> Result<Vec<String>, Failure> {
    let authorities = program.store.read().await?.authorities().list().await?;
    Ok(authorities.into_iter().map(|authority| authority.name).collect())
}

async fn lint_templates(program: &Program, file: Option<&Path>, output: &Output) -> Result<Outcome, Failure> {
    let authorities = authority_names(program).await?;
    let templates: Vec<Template> = match file {
        Some(file) => vec![read(file)?],
        None => {
            let stored = program.store.read().await?.templates().list().await?;
            stored.into_iter().map(|found| found.template).collect()
        }
    };
    let findings: Vec<(String, Finding)> = templates
        .iter()
        .flat_map(|template| {
            examine(template, &authorities).into_iter().map(|finding| (template.name.clone(), finding))
        })
        .collect();
    let values: Vec<_> = findings
        .iter()
        .map(|(name, finding)| json!({ "template": name, "fatal": finding.fatal, "field": finding.field, "text": finding.text }))
        .collect();
    output.result(&json!({ "findings": values }), || {
        if findings.is_empty() {
            return format!("nothing to say about {} templates", templates.len());
        }
        let rows: Vec<Vec<String>> = findings
            .iter()
            .map(|(name, finding)| {
                let weight = if finding.fatal { "must" } else { "should" };
                vec![name.clone(), weight.to_owned(), finding.field.to_owned(), finding.text.clone()]
            })
            .collect();
        table(&["TEMPLATE", "WEIGHT", "FIELD", "FINDING"], &rows)
    })?;
    let fatal = findings.iter().any(|(_, finding)| finding.fatal);
    Ok(if fatal { Outcome::NeedsPerson } else { Outcome::Done })
}

async fn import(program: &Program, file: &Path, output: &Output) -> Result<Outcome, Failure> {
    let mut template = read(file)?;
    let findings = examine(&template, &authority_names(program).await?);
    if let Some(fatal) = findings.iter().find(|finding| finding.fatal) {
        return Err(Failure::with_hint(
            format!("{}: {}: {}", file.display(), fatal.field, fatal.text),
            "`sealwright template lint FILE` says all that is wrong",
        ));
    }
    let now = program.clock.now();
    let stored = store::in_unit!(program.store, work => {
        put(work.as_mut(), template.clone(), &program.actor, now).await?
    })?;
    let (id, is_replaced) = stored.map_err(|other| {
        Failure::with_hint(
            format!(
                "the id in {} belongs to the template `{other}`, which would be replaced by `{}`",
                file.display(),
                template.name
            ),
            "give the file an id of its own (`sealwright template new NAME` prints one) to add a template",
        )
    })?;
    template.id = id;
    let verb = if is_replaced { "replaced" } else { "added" };
    output.result(&json!({ "template": template.id, "name": template.name, "outcome": verb }), || {
        format!("{verb} `{}`; `sealwright plan` shows what follows from it", template.name)
    })?;
    Ok(Outcome::Done)
}

/// Adds a template or replaces the one with its id or name. Answers under which id, and whether one was replaced;
/// otherwise the name of another template that has its id.
async fn put(
    work: &mut dyn Work,
    mut template: Template,
    actor: &str,
    now: Timestamp,
) -> Result<Result<(TemplateId, bool), String>, StoreError> {
    let by_id = work.templates().lookup(template.id).await?;
    let by_name = work.templates().find(&template.name).await?;
    let replaced = match (by_id, by_name) {
        (Some(found), _) if !found.template.name.eq_ignore_ascii_case(&template.name) => {
            return Ok(Err(found.template.name));
        }
        (Some(found), _) => Some(found),
        (None, Some(found)) => {
            // The same name from another installation: certificates refer to the id that is here.
            template.id = found.template.id;
            Some(found)
        }
        (None, None) => None,
    };
    match &replaced {
        Some(found) => work.templates().set(&template, found.version, actor, now).await?,
        None => work.templates().add(&template, actor, now).await?,
    }
    // Who is entitled may have changed for everybody.
    work.subscribers().mark_all_due().await?;
    let event = AuditEvent {
        kind: AuditKind::TemplateChanged,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("template {}", template.name),
        detail: if replaced.is_some() { "replaced" } else { "added" }.to_owned(),
    };
    work.audit().append(&event, now).await?;
    Ok(Ok((template.id, replaced.is_some())))
}
