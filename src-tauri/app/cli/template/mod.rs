//! Commands about templates.

mod file;
mod import;

use std::path::Path;

use api::examine_template as examine;
use model::{
    Assignment, CommonName, DeliveryPolicy, EndingPolicy, IntendedPurpose, KeyAlgorithm, PfxProfile, Purpose,
    Template,
};
use plan::Finding;
use serde_json::json;
use store::{Store as _, VersionedTemplate};

use super::Outcome;
use super::arguments::TemplateCommand;
use super::output::{Failure, Output, table};
use crate::compose::Program;
use file::TemplateFile;

pub(super) async fn run(
    program: &Program,
    command: TemplateCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        TemplateCommand::List => list(program, output).await,
        TemplateCommand::Show { name } => {
            let found = named(program, &name).await?;
            let text = TemplateFile::of(&found).text()?;
            output.result(&found.template, || text)?;
            Ok(Outcome::Done)
        }
        TemplateCommand::Export { name, out } => {
            let text = TemplateFile::of(&named(program, &name).await?).text()?;
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
        TemplateCommand::Import { file, force } => import::run(program, &file, force, output).await,
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
                post_quantum: false,
                delivery: DeliveryPolicy {
                    intended_purpose: if cba {
                        IntendedPurpose::Unassigned
                    } else {
                        IntendedPurpose::SmimeEncryption
                    },
                    pfx: PfxProfile::Compatible,
                    connector: None,
                    former_on_devices: None,
                },
                assignment: Assignment {
                    include: group.into_iter().collect(),
                    exclude: Vec::new(),
                    shared_mailboxes: !cba,
                },
                ending: EndingPolicy::USUAL,
            };
            let name = template.name.clone();
            let text = TemplateFile { template, version: None }.text()?;
            output.result(&json!({ "name": name, "toml": text }), || text.clone())?;
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
                    match (template.archive, template.post_quantum) {
                        (false, _) => "no",
                        (true, false) => "yes",
                        (true, true) => "post-quantum",
                    }
                    .to_owned(),
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

async fn authority_names(program: &Program) -> Result<Vec<String>, Failure> {
    let authorities = program.store.read().await?.authorities().list().await?;
    Ok(authorities.into_iter().map(|authority| authority.name).collect())
}

async fn lint_templates(program: &Program, file: Option<&Path>, output: &Output) -> Result<Outcome, Failure> {
    let authorities = authority_names(program).await?;
    let templates: Vec<Template> = match file {
        Some(file) => vec![TemplateFile::read(file)?.template],
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
