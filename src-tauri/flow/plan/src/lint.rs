//! What is wrong with a template, before anybody is enrolled by it.

use model::{
    CommonName, DeliveryPolicy, EndingPolicy, ImportOrigin, IntendedPurpose, Organization, Purpose, Template,
    WhenDisabled,
};
use serde::Serialize;

/// Longest validity of multipurpose and strict S/MIME certificates (S/MIME BR section 6.3.2).
const SMIME_MAX_DAYS: u32 = 825;

/// Longest grace, in days.
const LONGEST_GRACE: u32 = 3_650;

/// Most former certificates that are counted; Intune documents no limit for one person.
const MOST_FORMER: u32 = 100;

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

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    /// Has to be mended first.
    fn fatal(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push(Finding { fatal: true, field, text: text.into() });
    }

    /// Is to be thought about.
    fn doubtful(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push(Finding { fatal: false, field, text: text.into() });
    }
}

/// Looks at one template by itself. `authorities` are the names of the accounts that exist.
pub fn lint(template: &Template, authorities: &[String]) -> Vec<Finding> {
    if ImportOrigin::from_name(&template.authority).is_some() {
        return lint_imported(template);
    }
    let mut findings = Findings::default();
    if template.name.trim().is_empty() || template.name.chars().count() > 64 {
        findings.fatal("name", "a name of 1 to 64 characters is needed");
    }
    lint_authority(template, authorities, &mut findings);
    lint_validity(template, &mut findings);
    lint_archive(template, &mut findings);
    if template.purpose == Purpose::Cba && template.assignment.shared_mailboxes {
        findings.doubtful("assignment", "nobody signs in as a shared mailbox; they are left out");
    }
    lint_names(template, &mut findings);
    lint_delivery(&template.delivery, &mut findings);
    lint_ending(&template.ending, &mut findings);
    if template.assignment.include.is_empty() {
        findings.doubtful("assignment", "no enrollment group is named, so nobody gets a certificate");
    }
    if let Some(organization) = &template.organization {
        lint_organization(organization, &mut findings);
    }
    findings.0
}

fn lint_authority(template: &Template, authorities: &[String], findings: &mut Findings) {
    if authorities.iter().any(|name| name.eq_ignore_ascii_case(&template.authority)) {
        return;
    }
    let there_are = if authorities.is_empty() {
        "none yet (run `sealwright init`)".to_owned()
    } else {
        authorities.join(", ")
    };
    findings.fatal(
        "authority",
        format!("there is no authority `{}`; there are: {there_are}", template.authority),
    );
}

fn lint_validity(template: &Template, findings: &mut Findings) {
    if template.validity_days == 0 {
        findings.fatal("validity-days", "a validity of at least one day is needed");
    }
    if template.purpose == Purpose::Smime && template.validity_days > SMIME_MAX_DAYS {
        findings.fatal(
            "validity-days",
            format!("mail certificates may be valid for at most {SMIME_MAX_DAYS} days (S/MIME BR 6.3.2)"),
        );
    }
    // Up to a tenth of the lead is added to spread the fleet, and a day is kept for the authorities' clocks.
    if u64::from(template.renew_before_days) * 11 + 10 > u64::from(template.validity_days) * 10 {
        findings.fatal(
            "renew-before-days",
            "renewal would be due as soon as a certificate is issued; use fewer than nine tenths of the validity",
        );
    } else if template.renew_before_days < 7 {
        findings.doubtful(
            "renew-before-days",
            "less than a week leaves little time when an authority or Intune is down",
        );
    }
}

fn lint_archive(template: &Template, findings: &mut Findings) {
    if template.purpose == Purpose::Smime && !template.archive {
        findings
            .doubtful("archive", "without an archive, mail encrypted to a lost key can never be read again");
    }
    if template.post_quantum && !template.archive {
        findings.fatal(
            "post-quantum",
            "it says how keys are archived, and this template archives none; set archive = true or leave it out",
        );
    }
    if template.purpose == Purpose::Cba && template.archive {
        findings.doubtful(
            "archive",
            "an archived sign-in key lets a recovery agent sign in as the person; sign-in keys need no archive",
        );
    }
}

/// What certificates say of whom they belong to.
fn lint_names(template: &Template, findings: &mut Findings) {
    if template.purpose == Purpose::Smime
        && template.organization.is_none()
        && template.common_name == CommonName::DisplayName
    {
        findings.doubtful(
            "organization",
            "without [organization] (name, identifier, country) certificates name the mail address only, not the person \
             (S/MIME BR, mailbox-validated); set common-name to \"mail\" if that is meant",
        );
    }
}

/// What devices keep.
fn lint_delivery(delivery: &DeliveryPolicy, findings: &mut Findings) {
    let Some(former) = delivery.former_on_devices else { return };
    if former > MOST_FORMER {
        findings.fatal(
            "former-on-devices",
            format!("at most {MOST_FORMER}; leave it empty to let all former certificates stay on devices"),
        );
    }
    if former == 0 && delivery.intended_purpose == IntendedPurpose::SmimeEncryption {
        findings.doubtful(
            "former-on-devices",
            "with 0, mail that was encrypted to a former certificate can no longer be read on devices a week after a renewal; \
             the key stays in the archive",
        );
    }
}

/// How long certificates of leavers and former names run on.
fn lint_ending(ending: &EndingPolicy, findings: &mut Findings) {
    for (field, days) in [("leaver-days", ending.leaver_days), ("renamed-days", ending.renamed_days)] {
        if days.is_some_and(|days| days > LONGEST_GRACE) {
            findings.fatal(
                field,
                format!("at most {LONGEST_GRACE} days; leave it empty to let certificates run on"),
            );
        }
    }
    if ending.disabled == WhenDisabled::Revoke && ending.leaver_days.is_none() {
        findings.fatal(
            "disabled",
            "certificates of blocked accounts are revoked after as many days as those of people who left: say how many",
        );
    }
    if ending.disabled == WhenDisabled::Hold {
        findings.doubtful(
            "disabled",
            "while a certificate is on hold at its authority, what its owner signed before looks revoked to everybody; where the \
             authority knows no holds, as public ones must not, it is suspended here only",
        );
    }
    if ending.leaver_days.is_none() {
        findings.doubtful(
            "leaver-days",
            "certificates of people who leave run on until they end; most authorities ask for their revocation, so say after \
             how many days",
        );
    }
}

fn lint_organization(organization: &Organization, findings: &mut Findings) {
    if organization.country.len() != 2 || !organization.country.chars().all(|c| c.is_ascii_uppercase()) {
        findings.fatal("organization", "the country is a code of two capital letters (ISO 3166)");
    }
    if organization.name.trim().is_empty() || organization.name.chars().count() > 64 {
        findings.fatal("organization", "the organisation's name has 1 to 64 characters");
    }
    if organization.identifier.trim().is_empty() {
        findings.fatal(
            "organization",
            "the organisation's identifier is needed, such as NTRDE-DEK1101R.HRB123456 (S/MIME BR 7.1.4.2.2)",
        );
    }
}

/// One that only says where certificates came from, and how they are handed over.
fn lint_imported(template: &Template) -> Vec<Finding> {
    if !template.enabled && template.assignment.include.is_empty() {
        return Vec::new();
    }
    let text = format!("`{}` issues no certificates; name an authority that does", template.authority);
    vec![Finding { fatal: true, field: "authority", text }]
}
