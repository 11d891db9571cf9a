//! `template import`: a file becomes a template, or a change of one, unless somebody else was faster.

use std::path::Path;

use api::{examine_template as examine, put_template};
use model::{Template, TemplateId, Timestamp};
use serde_json::json;
use store::{Store as _, StoreError, VersionedTemplate, Work};

use super::super::Outcome;
use super::super::output::{Failure, Output};
use super::authority_names;
use super::file::TemplateFile;
use crate::compose::Program;

/// What storing came to.
enum Stored {
    Added(TemplateId),
    Replaced(TemplateId),
    /// It was there, exactly so.
    Unchanged(TemplateId),
    /// The id belongs to a template of another name.
    OtherName(String),
    /// The stored one is not the one that the file was written from.
    Newer(Box<VersionedTemplate>),
}

pub(super) async fn run(
    program: &Program,
    path: &Path,
    force: bool,
    output: &Output,
) -> Result<Outcome, Failure> {
    let file = TemplateFile::read(path)?;
    let findings = examine(&file.template, &authority_names(program).await?);
    if let Some(fatal) = findings.iter().find(|finding| finding.fatal) {
        return Err(Failure::with_hint(
            format!("{}: {}: {}", path.display(), fatal.field, fatal.text),
            "`sealwright template lint FILE` says all that is wrong",
        ));
    }
    let now = program.clock.now();
    let stored = store::in_unit!(program.store, work => {
        put(work.as_mut(), &file, force, &program.actor, now).await?
    })?;
    let name = &file.template.name;
    let (id, outcome) = match stored {
        Stored::Added(id) => (id, "added"),
        Stored::Replaced(id) => (id, "replaced"),
        Stored::Unchanged(id) => (id, "unchanged"),
        Stored::OtherName(other) => {
            return Err(Failure::with_hint(
                format!(
                    "the id in {} belongs to the template `{other}`, which would be replaced by `{name}`",
                    path.display()
                ),
                "give the file an id of its own (`sealwright template new NAME` prints one) to add a template",
            ));
        }
        Stored::Newer(found) => return Err(newer(path, &file, &found)),
    };
    output.result(&json!({ "template": id, "name": name, "outcome": outcome }), || match outcome {
        "unchanged" => format!("`{name}` is stored exactly so"),
        "added" => format!("added `{name}`; `sealwright plan` shows what follows from it"),
        _ => format!(
            "replaced `{name}`; `sealwright plan` shows what follows from it (export it again before the next change)"
        ),
    })?;
    Ok(Outcome::Done)
}

fn newer(path: &Path, file: &TemplateFile, found: &VersionedTemplate) -> Failure {
    let name = &found.template.name;
    let saved = format!("{} saved it {}", found.changed_by, found.changed_at);
    let said = match file.version {
        Some(version) if file.template.id == found.template.id => format!(
            "`{name}` was changed since {} was exported: {saved} (version {}, the file shows {version})",
            path.display(),
            found.version
        ),
        Some(_) => {
            format!(
                "`{name}` is here already, and {} was exported from another database; {saved}",
                path.display()
            )
        }
        None => format!(
            "`{name}` is here already, and {} does not say which version of it is to be changed; {saved}",
            path.display()
        ),
    };
    Failure::with_hint(
        said,
        format!(
            "export it (`sealwright template export \"{name}\"`) and make your changes there, or replace it with --force"
        ),
    )
}

/// Adds a template or replaces the one with its id or name.
async fn put(
    work: &mut dyn Work,
    file: &TemplateFile,
    force: bool,
    actor: &str,
    now: Timestamp,
) -> Result<Stored, StoreError> {
    let mut template: Template = file.template.clone();
    let by_id = work.templates().lookup(template.id).await?;
    let is_same_id = by_id.is_some();
    let replaced = match by_id {
        Some(found) if found.template.name.to_lowercase() != template.name.to_lowercase() => {
            return Ok(Stored::OtherName(found.template.name));
        }
        Some(found) => Some(found),
        None => work.templates().find(&template.name).await?,
    };
    Ok(match replaced {
        Some(found) => {
            // The same name from elsewhere: certificates refer to the id that is here.
            template.id = found.template.id;
            if template == found.template {
                return Ok(Stored::Unchanged(template.id));
            }
            let is_known = is_same_id && file.version == Some(found.version);
            if !is_known && !force {
                return Ok(Stored::Newer(Box::new(found)));
            }
            put_template(work, &template, Some(&found), actor, now).await?;
            Stored::Replaced(template.id)
        }
        None => {
            put_template(work, &template, None, actor, now).await?;
            Stored::Added(template.id)
        }
    })
}
