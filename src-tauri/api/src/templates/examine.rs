//! What is wrong with a template: by itself, and by what a certificate can hold.

use model::names::Profile;
use model::{CertificateNames, Purpose, Template, TemplateId};
use plan::{Finding, lint};
use store::Work;

use super::{CheckTemplate, FindingLine, TemplateFindings};
use crate::{Host, WireError};

/// Examines a template. `authorities` are the names of the accounts that exist.
pub fn examine_template(template: &Template, authorities: &[String]) -> Vec<Finding> {
    let mut findings = lint(template, authorities);
    let Some(organization) = &template.organization else { return findings };
    if template.purpose == Purpose::Smime && !findings.iter().any(|finding| finding.field == "organization") {
        let names = CertificateNames {
            common_name: "Trial".to_owned(),
            given_name: Some("Trial".to_owned()),
            organization: Some(organization.name.clone()),
            organization_identifier: Some(organization.identifier.clone()),
            country: Some(organization.country.clone()),
            mail_addresses: vec!["trial@example.com".to_owned()],
            ..CertificateNames::default()
        };
        if let Err(error) = crypto::issue::check_names(Profile::SmimeSponsor, &names) {
            findings.push(Finding { fatal: true, field: "organization", text: error.to_string() });
        }
    }
    findings
}

pub(crate) fn line_of(finding: Finding) -> FindingLine {
    FindingLine { fatal: finding.fatal, field: finding.field.to_owned(), text: finding.text }
}

pub(super) async fn authority_names(work: &mut dyn Work) -> Result<Vec<String>, store::StoreError> {
    Ok(work.authorities().list().await?.into_iter().map(|authority| authority.name).collect())
}

pub(crate) async fn check_template(
    host: &dyn Host,
    request: CheckTemplate,
) -> Result<TemplateFindings, WireError> {
    let template = request.fields.template(host.ids().next::<TemplateId>())?;
    let mut work = host.store().read().await?;
    let authorities = authority_names(work.as_mut()).await?;
    let findings = examine_template(&template, &authorities).into_iter().map(line_of).collect();
    Ok(TemplateFindings { findings })
}
