//! Single enrollments: finding them for the command line, and giving up one that is stuck.

use std::collections::BTreeMap;

use enroll::GiveUpError;
use model::{Enrollment, EnrollmentId, EnrollmentState, TemplateId};
use serde::{Deserialize, Serialize};
use store::{PageRequest, Store, StoreError};
use ts_rs::TS;

use crate::activity::{enrollment_line, enrollment_state, line_of, parse_id};
use crate::unit::{Trouble, in_unit};
use crate::{EnrollmentLine, ErrorCode, Host, WireError};

/// Enrollments that are read at once.
const PAGE: u32 = 500;

/// Ends a stuck enrollment for good.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GiveUpEnrollment {
    /// Id.
    pub id: String,
    /// Why, for the audit log.
    pub reason: String,
}

/// The enrollment has ended.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GivenUp {
    /// The line as it is afterwards.
    pub line: EnrollmentLine,
    /// Whether its key is gone already; otherwise a daemon removes it.
    pub key_removed: bool,
}

impl From<GiveUpError> for Trouble {
    fn from(error: GiveUpError) -> Self {
        let text = error.to_string();
        let refused = |code, hint: &str| Self::Refused(WireError::new(code, text.as_str(), hint));
        match error {
            GiveUpError::Store(error) => Self::Store(error),
            GiveUpError::Unknown(_) => Self::Refused(WireError::not_found("enrollment")),
            GiveUpError::NotStuck => {
                refused(ErrorCode::NotPossible, "refresh; it may have moved on, or has ended already")
            }
            GiveUpError::NoReason => {
                refused(ErrorCode::Invalid, "say in a sentence why nobody wants to go on with it")
            }
            GiveUpError::Issued { certificate } => refused(
                ErrorCode::NotPossible,
                &format!(
                    "mend it and try again (`sealwright enrollment retry`); if nobody may use the certificate, revoke it: \
                     `sealwright certificate revoke {certificate}`"
                ),
            ),
        }
    }
}

pub(crate) async fn give_up_enrollment(
    host: &dyn Host,
    request: GiveUpEnrollment,
) -> Result<GivenUp, WireError> {
    let id: EnrollmentId = parse_id("enrollment", &request.id)?;
    let now = host.clock().now();
    let line = in_unit!(host, work => {
        let given_up =
            enroll::give_up(work.as_mut(), host.ids(), id, &request.reason, &host.actor(), now).await?;
        enrollment_line(work.as_mut(), &given_up).await?
    })?;
    let key_removed = match enroll::forget_key(host.store(), id).await {
        Ok(()) => true,
        Err(StoreError::Denied { .. }) => false,
        Err(error) => {
            tracing::warn!(%error, enrollment = %id, "the key of an enrollment that was given up is left to a daemon");
            false
        }
    };
    host.work_queued();
    Ok(GivenUp { line, key_removed })
}

/// Enrollments in a state (or any) about whom or what the text says something, last moved first: `limit` at most, and
/// whether there are more. The text is looked for in names, addresses and the template's name, without regard to case.
///
/// # Errors
/// [`ErrorCode::Invalid`] for a word that is no state; whatever the database reports.
pub async fn find_enrollments(
    store: &dyn Store,
    state: Option<&str>,
    search: Option<&str>,
    limit: usize,
) -> Result<(Vec<EnrollmentLine>, bool), WireError> {
    let state: Option<EnrollmentState> = state.map(enrollment_state).transpose()?;
    let search = search.map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
    let mut work = store.read().await?;
    let listed = work.templates().list().await?;
    let names: BTreeMap<TemplateId, String> =
        listed.into_iter().map(|found| (found.template.id, found.template.name)).collect();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = work.enrollments().list(state, &PageRequest { after, limit: PAGE }).await?;
        for enrollment in &page.rows {
            let template =
                names.get(&enrollment.template).cloned().unwrap_or_else(|| enrollment.template.to_string());
            if search.as_ref().is_some_and(|text| !is_about(enrollment, &template, text)) {
                continue;
            }
            if found.len() == limit {
                return Ok((found, true));
            }
            found.push(line_of(enrollment, template));
        }
        after = page.next;
        if after.is_none() {
            return Ok((found, false));
        }
    }
}

fn is_about(enrollment: &Enrollment, template: &str, text: &str) -> bool {
    let names = &enrollment.names;
    let said = [names.common_name.as_str(), enrollment.user_principal_name.as_str(), template];
    let mut said = said.into_iter().chain(names.mail_addresses.iter().map(String::as_str));
    said.any(|one| one.to_lowercase().contains(text))
}
