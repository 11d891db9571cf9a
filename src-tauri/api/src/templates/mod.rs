//! Templates: the list, one in full, and saving under the version it was read as: the shapes. Bodies are beside this file.

mod change;
mod examine;
mod show;

pub use change::put_template;
pub(crate) use change::save_template;
pub use examine::examine_template;
pub(crate) use examine::{check_template, line_of};
pub(crate) use show::{template_details, template_version, templates};

use model::{Assignment, DeliveryPolicy, EndingPolicy, Organization, Template, TemplateId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::activity::word;
use crate::error::Changed;
use crate::{ErrorCode, WireError};

/// Asks for [`Templates`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TemplatesRequest {}

/// All templates.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Templates {
    /// When this was read, RFC 3339.
    pub at: String,
    /// By name.
    pub templates: Vec<TemplateLine>,
}

/// A row of the list.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TemplateLine {
    /// Id.
    pub id: String,
    /// The recipe.
    pub fields: TemplateFields,
    /// Last change.
    pub changed: Changed,
    /// Things that must be mended before it can be used.
    pub faults: u32,
}

/// What of a template can be edited. Words are those of template files.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "independent choices, each by its name")]
pub struct TemplateFields {
    /// Short unique name.
    pub name: String,
    /// What it is for, in a sentence.
    pub description: String,
    /// A disabled template enrols and renews nobody.
    pub enabled: bool,
    /// `smime` or `cba`.
    pub purpose: String,
    /// `display-name` or `mail`.
    pub common_name: String,
    /// Organisation in the subject of sponsor-validated S/MIME certificates.
    pub organization: Option<TemplateOrganization>,
    /// `rsa-2048`, `rsa-3072`, `rsa-4096`, `p-256` or `p-384`.
    pub key: String,
    /// Name of the authority account that issues.
    pub authority: String,
    /// Validity asked for, in days.
    pub validity_days: u32,
    /// Renewal is due when fewer than this many days are left.
    pub renew_before_days: u32,
    /// Whether private keys are archived to the recovery agents.
    pub archive: bool,
    /// Whether they are archived only where it takes the agents' ML-KEM keys as well.
    #[serde(default)]
    pub post_quantum: bool,
    /// `unassigned`, `smime-encryption` or `smime-signing`.
    pub intended_purpose: String,
    /// Encryption inside the PKCS#12: `modern` or `compatible`.
    pub pfx: String,
    /// Name of the Intune connector to whose key passwords are encrypted; empty for the default one.
    #[serde(default)]
    pub connector: String,
    /// Former certificates that stay on devices beside the present one; all when absent.
    #[serde(default)]
    pub former_on_devices: Option<u32>,
    /// Object ids of enrollment groups.
    pub include: Vec<String>,
    /// Object ids of groups whose members get none.
    pub exclude: Vec<String>,
    /// Whether shared mailboxes in the groups get one too.
    pub shared_mailboxes: bool,
    /// Days after somebody left until the certificates are revoked; never when absent.
    pub leaver_days: Option<u32>,
    /// Days after a change of name until the former certificate is revoked; without it, a change brings no new one.
    pub renamed_days: Option<u32>,
    /// What becomes of the certificates of a blocked account: `nothing`, `hold` or `revoke`.
    #[serde(default = "nothing")]
    pub disabled: String,
}

fn nothing() -> String {
    word(model::WhenDisabled::Nothing)
}

/// Organisation fields of sponsor-validated S/MIME certificates.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TemplateOrganization {
    /// Registered name.
    pub name: String,
    /// `organizationIdentifier`, e.g. `NTRDE-DEK1101R.HRB123456`.
    pub identifier: String,
    /// ISO 3166 country code.
    pub country: String,
}

/// Asks for [`TemplateDetails`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TemplateDetailsRequest {
    /// Id.
    pub id: String,
}

/// One template in full.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TemplateDetails {
    /// Id.
    pub id: String,
    /// The recipe.
    pub fields: TemplateFields,
    /// Last change; its version is what [`SaveTemplate`] names.
    pub changed: Changed,
    /// What must or should be mended.
    pub findings: Vec<FindingLine>,
}

/// Asks for [`TemplateVersion`]: cheap enough to be asked every few seconds while an editor is open.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TemplateVersionRequest {
    /// Id.
    pub id: String,
}

/// Whether somebody changed a template.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TemplateVersion {
    /// Last change.
    pub changed: Changed,
}

/// Asks what is wrong with a template that is being edited.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CheckTemplate {
    /// What was typed.
    pub fields: TemplateFields,
}

/// What is wrong with a template.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TemplateFindings {
    /// What must or should be mended.
    pub findings: Vec<FindingLine>,
}

/// Something to be mended or thought about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FindingLine {
    /// The template cannot be saved until this is mended.
    pub fatal: bool,
    /// The field it is about, as in template files: `validity-days`.
    pub field: String,
    /// What is wrong and what to do.
    pub text: String,
}

/// Saves a template.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SaveTemplate {
    /// Id; a new template when absent.
    pub id: Option<String>,
    /// The version that was edited; 0 for a new one. When another one is there by now, the answer is
    /// [`ErrorCode::Stale`] with who made it, and nothing is changed.
    pub version: u32,
    /// The recipe.
    pub fields: TemplateFields,
}

/// The template is saved.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TemplateSaved {
    /// Id.
    pub id: String,
    /// This change; the one before when nothing was different.
    pub changed: Changed,
}

fn unknown(what: &str, text: &str) -> WireError {
    WireError::new(
        ErrorCode::Invalid,
        format!("`{text}` is not a {what}"),
        "update the console and the program together",
    )
}

fn from_word<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> Result<T, WireError> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|_| unknown(what, text))
}

fn groups<T: std::str::FromStr>(ids: &[String]) -> Result<Vec<T>, WireError> {
    ids.iter()
        .map(|id| {
            id.trim().parse().map_err(|_| {
                WireError::new(
                    ErrorCode::Invalid,
                    format!("`{id}` is not the object id of a group"),
                    "copy the object id of the group from the Entra admin centre",
                )
            })
        })
        .collect()
}

impl TemplateFields {
    fn of(template: &Template) -> Self {
        Self {
            name: template.name.clone(),
            description: template.description.clone(),
            enabled: template.enabled,
            purpose: word(template.purpose),
            common_name: word(template.common_name),
            organization: template.organization.as_ref().map(|found| TemplateOrganization {
                name: found.name.clone(),
                identifier: found.identifier.clone(),
                country: found.country.clone(),
            }),
            key: word(template.key),
            authority: template.authority.clone(),
            validity_days: template.validity_days,
            renew_before_days: template.renew_before_days,
            archive: template.archive,
            post_quantum: template.post_quantum,
            intended_purpose: word(template.delivery.intended_purpose),
            pfx: word(template.delivery.pfx),
            connector: template.delivery.connector.clone().unwrap_or_default(),
            former_on_devices: template.delivery.former_on_devices,
            include: template.assignment.include.iter().map(ToString::to_string).collect(),
            exclude: template.assignment.exclude.iter().map(ToString::to_string).collect(),
            shared_mailboxes: template.assignment.shared_mailboxes,
            leaver_days: template.ending.leaver_days,
            renamed_days: template.ending.renamed_days,
            disabled: word(template.ending.disabled),
        }
    }

    fn template(&self, id: TemplateId) -> Result<Template, WireError> {
        Ok(Template {
            id,
            name: self.name.trim().to_owned(),
            description: self.description.trim().to_owned(),
            enabled: self.enabled,
            purpose: from_word("purpose", &self.purpose)?,
            common_name: from_word("choice for the common name", &self.common_name)?,
            organization: self.organization.as_ref().map(|typed| Organization {
                name: typed.name.trim().to_owned(),
                identifier: typed.identifier.trim().to_owned(),
                country: typed.country.trim().to_owned(),
            }),
            key: from_word("kind of key", &self.key)?,
            authority: self.authority.trim().to_owned(),
            validity_days: self.validity_days,
            renew_before_days: self.renew_before_days,
            archive: self.archive,
            post_quantum: self.post_quantum,
            delivery: DeliveryPolicy {
                intended_purpose: from_word("purpose at Intune", &self.intended_purpose)?,
                pfx: from_word("kind of PKCS#12", &self.pfx)?,
                connector: Some(self.connector.trim().to_owned()).filter(|name| !name.is_empty()),
                former_on_devices: self.former_on_devices,
            },
            assignment: Assignment {
                include: groups(&self.include)?,
                exclude: groups(&self.exclude)?,
                shared_mailboxes: self.shared_mailboxes,
            },
            ending: EndingPolicy {
                leaver_days: self.leaver_days,
                renamed_days: self.renamed_days,
                disabled: from_word("choice for blocked accounts", &self.disabled)?,
            },
        })
    }

    /// Names of the fields in which two recipes differ.
    fn differences(&self, other: &Self) -> Vec<String> {
        let (Ok(serde_json::Value::Object(one)), Ok(serde_json::Value::Object(two))) =
            (serde_json::to_value(self), serde_json::to_value(other))
        else {
            return Vec::new();
        };
        one.into_iter().filter(|(name, value)| two.get(name) != Some(value)).map(|(name, _)| name).collect()
    }
}
