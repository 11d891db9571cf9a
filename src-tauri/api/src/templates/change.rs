//! Storing a template, and saving one on top of the version that was edited.

use model::{AuditEvent, AuditKind, AuditOutcome, Template, TemplateId, Timestamp};
use store::{StoreError, VersionedTemplate, Work};

use super::examine::authority_names;
use super::show::{changed, existing};
use super::{SaveTemplate, TemplateFields, TemplateSaved, examine_template};
use crate::activity::parse_id;
use crate::unit::in_unit;
use crate::{ErrorCode, Host, WireError};

/// Stores a template in a unit of work: a new one, or the next version of `replaced`. Everybody is planned anew, and the
/// audit log says what changed. Whether it may be stored (what is wrong with it, whose version it builds upon) is the
/// caller's to decide.
///
/// # Errors
/// [`StoreError::Stale`] when `replaced` is not the version that is there, [`StoreError::Conflict`] when another template
/// has the name.
pub async fn put_template(
    work: &mut dyn Work,
    template: &Template,
    replaced: Option<&VersionedTemplate>,
    actor: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let detail = match replaced {
        Some(found) => {
            work.templates().set(template, found.version, actor, now).await?;
            let fields = TemplateFields::of(&found.template).differences(&TemplateFields::of(template));
            format!("changed: {}", fields.join(", "))
        }
        None => {
            work.templates().add(template, actor, now).await?;
            "added".to_owned()
        }
    };
    // Who is entitled may have changed for everybody.
    work.subscribers().mark_all_due().await?;
    let event = AuditEvent {
        kind: AuditKind::TemplateChanged,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("template {}", template.name),
        detail,
    };
    work.audit().append(&event, now).await?;
    Ok(())
}

pub(crate) async fn save_template(
    host: &dyn Host,
    request: SaveTemplate,
) -> Result<TemplateSaved, WireError> {
    let known: Option<TemplateId> = request.id.as_deref().map(|id| parse_id("template", id)).transpose()?;
    let id = known.unwrap_or_else(|| host.ids().next());
    let template = request.fields.template(id)?;
    let now = host.clock().now();
    let saved = in_unit!(host, work => {
        let authorities = authority_names(work.as_mut()).await?;
        if let Some(fatal) = examine_template(&template, &authorities).into_iter().find(|finding| finding.fatal) {
            Err(WireError::new(
                ErrorCode::Invalid,
                format!("{}: {}", fatal.field, fatal.text),
                "mend the field and save again",
            ))?;
        }
        let before = match known {
            None => None,
            Some(id) => Some(existing(work.as_mut(), id).await?),
        };
        let taken = work.templates().find(&template.name).await?;
        if taken.is_some_and(|other| other.template.id != id) {
            Err(WireError::new(
                ErrorCode::NotPossible,
                format!("there is a template `{}` already", template.name),
                "choose another name",
            ))?;
        }
        match &before {
            // What was typed is there already, whoever typed it.
            Some(found) if TemplateFields::of(&found.template) == TemplateFields::of(&template) => {}
            Some(found) if changed(found).version != request.version => {
                Err(WireError::stale("this template", changed(found)))?;
            }
            _ => {
                put_template(work.as_mut(), &template, before.as_ref(), &host.actor(), now).await?;
            }
        }
        changed(&existing(work.as_mut(), id).await?)
    });
    match saved {
        Ok(changed) => {
            host.work_queued();
            Ok(TemplateSaved { id: id.to_string(), changed })
        }
        // Somebody was faster between our reading and our writing.
        Err(error) if error.code == ErrorCode::Stale && error.changed.is_none() => {
            let mut work = host.store().read().await?;
            Err(WireError::stale("this template", changed(&existing(work.as_mut(), id).await?)))
        }
        Err(error) => Err(error),
    }
}
