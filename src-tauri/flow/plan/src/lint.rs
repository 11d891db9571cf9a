//! What is wrong with a template, before anybody is enrolled by it.

use model::{CommonName, ImportOrigin, Purpose, Template};
use serde::Serialize;

/// Longest validity of multipurpose and strict S/MIME certificates (S/MIME BR section 6.3.2).
const SMIME_MAX_DAYS: u32 = 825;

/// Longest grace, in days.
const LONGEST_GRACE: u32 = 3_650;

/// Something to be mended or thought about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The template cannot be used until this is mended.
    pub fatal: bool,
    /// The field it is about.
    pub field: &'static str,
    /// What is wrong and what to do.
    pub text: String,
}

/// Looks at one template by itself. `authorities` are the names of the accounts that exist.
#[expect(clippy::too_many_lines, reason = "one list of rules")]
pub fn lint(template: &Template, authorities: &[String]) -> Vec<Finding> {
    if ImportOrigin::from_name(&template.authority).is_some() {
        return lint_imported(template);
    }
    let mut findings = Vec::new();
    let mut find =
        |fatal: bool, field: &'static str, text: String| findings.push(Finding { fatal, field, text });
    if template.name.trim().is_empty() || template.name.chars().count() > 64 {
        find(true, "name", "a name of 1 to 64 characters is needed".to_owned());
    }
    if !authorities.iter().any(|name| name.eq_ignore_ascii_case(&template.authority)) {
        find(
            true,
            "authority",
            format!(
                "there is no authority `{}`; there are: {}",
                template.authority,
                if authorities.is_empty() {
                    "none yet (run `sealwright init`)".to_owned()
                } else {
                    authorities.join(", ")
                }
            ),
        );
    }
    if template.validity_days == 0 {
        find(true, "validity-days", "a validity of at least one day is needed".to_owned());
    }
    if template.purpose == Purpose::Smime && template.validity_days > SMIME_MAX_DAYS {
        find(
            true,
            "validity-days",
            format!("mail certificates may be valid for at most {SMIME_MAX_DAYS} days (S/MIME BR 6.3.2)"),
        );
    }
    // Up to a tenth of the lead is added to spread the fleet, and a day is kept for the authorities' clocks.
    if u64::from(template.renew_before_days) * 11 + 10 > u64::from(template.validity_days) * 10 {
        find(
            true,
            "renew-before-days",
            "renewal would be due as soon as a certificate is issued; use fewer than nine tenths of the validity"
                .to_owned(),
        );
    } else if template.renew_before_days < 7 {
        find(
            false,
            "renew-before-days",
            "less than a week leaves little time when an authority or Intune is down".to_owned(),
        );
    }
    if template.purpose == Purpose::Smime && !template.archive {
        find(
            false,
            "archive",
            "without an archive, mail encrypted to a lost key can never be read again".to_owned(),
        );
    }
    if template.post_quantum && !template.archive {
        find(
            true,
            "post-quantum",
            "it says how keys are archived, and this template archives none; set archive = true or leave it out"
                .to_owned(),
        );
    }
    if template.purpose == Purpose::Cba && template.archive {
        find(
            false,
            "archive",
            "an archived sign-in key lets a recovery agent sign in as the person; sign-in keys need no archive"
                .to_owned(),
        );
    }
    if template.purpose == Purpose::Cba && template.assignment.shared_mailboxes {
        find(false, "assignment", "nobody signs in as a shared mailbox; they are left out".to_owned());
    }
    if template.purpose == Purpose::Smime
        && template.organization.is_none()
        && template.common_name == CommonName::DisplayName
    {
        find(
            false,
            "organization",
            "without [organization] (name, identifier, country) certificates name the mail address only, not the person \
             (S/MIME BR, mailbox-validated); set common-name to \"mail\" if that is meant"
                .to_owned(),
        );
    }
    for (field, days) in
        [("leaver-days", template.ending.leaver_days), ("renamed-days", template.ending.renamed_days)]
    {
        if days.is_some_and(|days| days > LONGEST_GRACE) {
            find(
                true,
                field,
                format!("at most {LONGEST_GRACE} days; leave it empty to let certificates run on"),
            );
        }
    }
    if template.ending.leaver_days.is_none() {
        find(
            false,
            "leaver-days",
            "certificates of people who leave run on until they end; most authorities ask for their revocation, so say after \
             how many days"
                .to_owned(),
        );
    }
    if template.assignment.include.is_empty() {
        find(false, "assignment", "no enrollment group is named, so nobody gets a certificate".to_owned());
    }
    if let Some(organization) = &template.organization {
        if organization.country.len() != 2 || !organization.country.chars().all(|c| c.is_ascii_uppercase()) {
            find(true, "organization", "the country is a code of two capital letters (ISO 3166)".to_owned());
        }
        if organization.name.trim().is_empty() || organization.name.chars().count() > 64 {
            find(true, "organization", "the organisation's name has 1 to 64 characters".to_owned());
        }
        if organization.identifier.trim().is_empty() {
            find(
                true,
                "organization",
                "the organisation's identifier is needed, such as NTRDE-DEK1101R.HRB123456 (S/MIME BR 7.1.4.2.2)".to_owned(),
            );
        }
    }
    findings
}

/// One that only says where certificates came from, and how they are handed over.
fn lint_imported(template: &Template) -> Vec<Finding> {
    if !template.enabled && template.assignment.include.is_empty() {
        return Vec::new();
    }
    let text = format!("`{}` issues no certificates; name an authority that does", template.authority);
    vec![Finding { fatal: true, field: "authority", text }]
}
