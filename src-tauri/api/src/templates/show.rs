//! Reading templates.

use model::TemplateId;
use store::{VersionedTemplate, Work};

use super::examine::authority_names;
use super::{
    TemplateDetails, TemplateDetailsRequest, TemplateFields, TemplateLine, TemplateVersion,
    TemplateVersionRequest, Templates, TemplatesRequest, examine_template, line_of,
};
use crate::activity::parse_id;
use crate::error::Changed;
use crate::overview::clamp;
use crate::unit::Trouble;
use crate::{Host, WireError};

pub(super) fn changed(found: &VersionedTemplate) -> Changed {
    Changed {
        version: u32::try_from(found.version).unwrap_or(u32::MAX),
        at: found.changed_at.to_string(),
        by: found.changed_by.clone(),
    }
}

pub(super) async fn existing(work: &mut dyn Work, id: TemplateId) -> Result<VersionedTemplate, Trouble> {
    Ok(work.templates().lookup(id).await?.ok_or_else(|| WireError::not_found("template"))?)
}

pub(crate) async fn templates(host: &dyn Host, _: TemplatesRequest) -> Result<Templates, WireError> {
    let mut work = host.store().read().await?;
    let authorities = authority_names(work.as_mut()).await?;
    let templates = work.templates().list().await?;
    Ok(Templates {
        at: host.clock().now().to_string(),
        templates: templates
            .iter()
            .map(|found| {
                let findings = examine_template(&found.template, &authorities);
                TemplateLine {
                    id: found.template.id.to_string(),
                    fields: TemplateFields::of(&found.template),
                    changed: changed(found),
                    faults: clamp(
                        u64::try_from(findings.iter().filter(|finding| finding.fatal).count()).unwrap_or(0),
                    ),
                }
            })
            .collect(),
    })
}

pub(crate) async fn template_details(
    host: &dyn Host,
    request: TemplateDetailsRequest,
) -> Result<TemplateDetails, WireError> {
    let id: TemplateId = parse_id("template", &request.id)?;
    let mut work = host.store().read().await?;
    let found = existing(work.as_mut(), id).await?;
    let authorities = authority_names(work.as_mut()).await?;
    Ok(TemplateDetails {
        id: id.to_string(),
        fields: TemplateFields::of(&found.template),
        changed: changed(&found),
        findings: examine_template(&found.template, &authorities).into_iter().map(line_of).collect(),
    })
}

pub(crate) async fn template_version(
    host: &dyn Host,
    request: TemplateVersionRequest,
) -> Result<TemplateVersion, WireError> {
    let id: TemplateId = parse_id("template", &request.id)?;
    let mut work = host.store().read().await?;
    Ok(TemplateVersion { changed: changed(&existing(work.as_mut(), id).await?) })
}
