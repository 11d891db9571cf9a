//! What it means when Entra ID gives no token, and what to do about it.

use std::fmt;

use model::Span;

use crate::reply::ErrorReply;

/// Entra ID forgives clocks that are off by less than so many minutes.
const FORGIVEN_MINUTES: u64 = 5;

/// Entra ID's refusal of a login. Repeating the login cannot help; a person must change something first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The closed error code (RFC 6749 section 5.2), such as `invalid_client`.
    pub error: String,
    /// The number behind `AADSTS`, when it was told. For people only.
    pub number: Option<u64>,
    /// The first line of Entra ID's own description.
    pub description: String,
    /// What to do.
    pub hint: String,
    /// Entra ID's id of the login, for support calls.
    pub trace_id: Option<String>,
}

impl Refusal {
    pub(crate) fn from_reply(reply: ErrorReply) -> Self {
        let number = reply.numbers.first().copied().or_else(|| number_in(&reply.message));
        let mut hint = number.and_then(for_number).unwrap_or_else(|| for_error(&reply.code)).to_owned();
        if let Some(clock) = reply.clock_ahead.and_then(clock_is_off) {
            // The one cause that nobody looks for, and that looks like all others.
            hint = format!("{clock}; if that is not it: {hint}");
        }
        Self { error: reply.code, number, description: reply.message, hint, trace_id: reply.request_id }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entra ID refused the login: {} ({}", self.hint, self.error)?;
        if let Some(number) = self.number {
            write!(f, ", AADSTS{number}")?;
        }
        if let Some(trace) = &self.trace_id {
            write!(f, ", trace id {trace}")?;
        }
        f.write_str(")")
    }
}

/// What is said of a clock that Entra ID would not forgive.
fn clock_is_off(ahead: Span) -> Option<String> {
    let minutes = (ahead.as_millis().unsigned_abs() + 30_000) / 60_000;
    if minutes < FORGIVEN_MINUTES {
        return None;
    }
    let (ours, time) = (
        if ahead.as_millis() > 0 { "slow" } else { "fast" },
        if minutes < 120 { format!("{minutes} minutes") } else { format!("{} hours", minutes / 60) },
    );
    Some(format!("this machine's clock is {time} {ours}, compared with Entra ID's; set it by NTP"))
}

/// `AADSTS7000215: …` when the list of numbers is missing.
fn number_in(description: &str) -> Option<u64> {
    let digits = description.strip_prefix("AADSTS")?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}

const fn for_number(number: u64) -> Option<&'static str> {
    Some(match number {
        7_000_215 => "the client secret is wrong; copy the secret's value (not its id), or make a new one",
        7_000_222 => "the client secret has expired; make a new one at the application's registration",
        700_027 => {
            "the certificate is not registered at the application, or has expired; upload it at the registration"
        }
        700_021 => "the assertion names another application; check the client id",
        700_023 => {
            "the assertion is addressed to another authority; check the cloud and the authority's address"
        }
        700_016 => {
            "the application does not exist in this tenant; check the client id, the tenant id and the cloud"
        }
        90_002 => "the tenant does not exist; check the tenant id and the cloud",
        70_011 => "the scope is wrong; it must be the resource's address followed by /.default",
        7_000_218 => {
            "people cannot sign in to this application: switch on \"Allow public client flows\" at its registration \
             (Authentication), and give it no secret"
        }
        500_011 => "the tenant does not know the resource; check the cloud",
        50_105 => {
            "nobody assigned this person to the application; assign a person or group under Enterprise applications, Users and \
             groups"
        }
        700_211 | 700_212 | 700_213 | 70_021 => {
            "no federated credential of the application fits this token; compare issuer, subject and audience at the \
             registration (Certificates & secrets, Federated credentials)"
        }
        65_001 | 650_056 => {
            "an administrator has not consented to the application's permissions; grant admin consent"
        }
        50_011 => "the redirect address is not registered at the application",
        50_076 | 50_079 | 50_097 | 53_003 => {
            "a conditional-access policy blocks this login; exempt the application or log in interactively"
        }
        700_024 | 50_013 => "the assertion is outside its time; set this machine's clock by NTP",
        _ => return None,
    })
}

fn for_error(error: &str) -> &'static str {
    match error {
        "invalid_client" => {
            "the client id or its secret or certificate is not accepted; check the application's registration"
        }
        "unauthorized_client" => {
            "the application may not log in this way; check its registration in this tenant"
        }
        "invalid_scope" | "invalid_resource" => "the requested resource is not known here; check the cloud",
        "invalid_tenant" => "the tenant does not exist; check the tenant id and the cloud",
        "authorization_declined" | "access_denied" => {
            "the sign-in was declined; run the command again to begin anew"
        }
        "expired_token" | "authorization_pending" | "slow_down" => {
            "nobody entered the code in time; run the command again for a new one"
        }
        "bad_verification_code" => "the code is not known any more; run the command again for a new one",
        _ => "check the tenant id, the client id and the cloud",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(error: &str, description: &str, numbers: &[u64]) -> Refusal {
        Refusal::from_reply(ErrorReply {
            code: error.to_owned(),
            message: description.to_owned(),
            request_id: Some("t-1".to_owned()),
            numbers: numbers.to_vec(),
            ..ErrorReply::default()
        })
    }

    #[test]
    fn known_numbers_choose_the_hint() {
        let wrong = refusal("invalid_client", "AADSTS7000215: Invalid client secret provided.", &[7_000_215]);
        assert_eq!(
            wrong.to_string(),
            "Entra ID refused the login: the client secret is wrong; copy the secret's value (not its id), or make a new one \
             (invalid_client, AADSTS7000215, trace id t-1)"
        );
        assert!(refusal("invalid_client", "", &[7_000_222]).hint.contains("expired"));
        assert!(refusal("invalid_client", "", &[700_027]).hint.contains("upload"));
        assert!(refusal("invalid_request", "", &[90_002]).hint.contains("tenant id"));
        assert!(refusal("invalid_client", "", &[700_024]).hint.contains("NTP"));
    }

    #[test]
    fn the_number_is_found_in_the_description_when_the_list_is_missing() {
        assert_eq!(refusal("invalid_client", "AADSTS700016: no such application", &[]).number, Some(700_016));
        assert_eq!(refusal("invalid_client", "no number here", &[]).number, None);
    }

    #[test]
    fn a_clock_that_is_off_is_told_before_anything_else() {
        let at = |ahead| {
            Refusal::from_reply(ErrorReply {
                numbers: vec![700_024],
                clock_ahead: Some(ahead),
                ..ErrorReply::default()
            })
        };
        assert!(
            at(Span::hours(2)).hint.starts_with("this machine's clock is 2 hours slow"),
            "{}",
            at(Span::hours(2))
        );
        assert!(at(Span::minutes(-7)).hint.starts_with("this machine's clock is 7 minutes fast"));
        assert!(at(Span::minutes(4)).hint.starts_with("the assertion is outside its time"));
    }

    #[test]
    fn unknown_numbers_fall_back_to_the_error() {
        assert!(refusal("invalid_scope", "", &[123]).hint.contains("resource"));
        assert!(refusal("something_new", "", &[]).hint.contains("tenant id"));
    }
}
