//! Saved plans: what was seen is what is carried out, or nothing is.
//!
//! A plan is signed by the installation that made it, together with who made it; a second person puts another signature under
//! it where it goes past the limits. It ends after `[limits] plan-hours`, and is refused as a whole when the world has moved.

use admit::{Digest, Fleet, Installation};
use model::{Approval, Span, Timestamp};
use plan::Plan;
use serde::{Deserialize, Serialize};

use crate::consent;
use crate::mistaken::other_than_text;

/// What is signed with each statement, so that a signature over something else never passes for one.
const CONTEXT: &str = "sealwright plan 1";
/// Most signatures that are looked at.
const MOST_SIGNATURES: usize = 16;

/// A saved plan, as it lies in its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PlanFile {
    /// [`Body`] as JSON, octet for octet as it was signed.
    body: String,
    /// Whoever made it first, then those who approved it.
    signatures: Vec<Approval>,
}

/// What a plan says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Body {
    /// For which fleet.
    fleet: Digest,
    /// From then on it is not carried out.
    pub(crate) expires_at: Timestamp,
    /// What is to be done.
    pub(crate) plan: Plan,
}

/// A plan that is believed.
#[derive(Debug)]
pub(crate) struct Believed {
    /// What it says.
    pub(crate) body: Body,
    /// Who made it.
    pub(crate) maker: String,
    /// Who else approved it, each once.
    pub(crate) approvers: Vec<String>,
}

impl PlanFile {
    /// Signs a plan.
    pub(crate) fn make(
        plan: Plan,
        lasts: Span,
        fleet: &Fleet,
        installation: &Installation,
        by: &str,
        now: Timestamp,
    ) -> Result<Self, String> {
        let body = Body { fleet: fleet.digest(), expires_at: now + lasts, plan };
        let body =
            serde_json::to_string(&body).map_err(|error| format!("the plan cannot be written: {error}"))?;
        let signature = consent::sign(CONTEXT, &body, installation, by, now)?;
        Ok(Self { body, signatures: vec![signature] })
    }

    /// Reads a file.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| match other_than_text(text.as_bytes()) {
            Some(is) => format!("it is no saved plan: it is {is}"),
            None => format!("it is no saved plan ({error})"),
        })
    }

    /// As it is written.
    pub(crate) fn text(&self) -> Result<String, String> {
        serde_json::to_string_pretty(self).map_err(|error| format!("the plan cannot be written: {error}"))
    }

    /// Believes it, if the fleet has signed it and its time has not passed, neither as its maker said nor after `lasts`, as this
    /// installation says.
    pub(crate) fn believed(&self, fleet: &Fleet, lasts: Span, now: Timestamp) -> Result<Believed, String> {
        let body: Body =
            serde_json::from_str(&self.body).map_err(|error| format!("it is no plan ({error})"))?;
        if body.fleet != fleet.digest() {
            return Err("it was made for another fleet".to_owned());
        }
        let [first, others @ ..] = self.signatures.as_slice() else {
            return Err("nobody has signed it".to_owned());
        };
        if others.len() >= MOST_SIGNATURES {
            return Err("it has more signatures than anybody needs".to_owned());
        }
        for signature in &self.signatures {
            if !consent::fits(CONTEXT, signature, &self.body, fleet) {
                return Err(format!(
                    "the signature of {} does not fit: the file was altered, or the installation is not in the fleet any more",
                    signature.by
                ));
            }
        }
        let ended = body.expires_at.min(body.plan.made_at + lasts);
        if ended <= now {
            return Err(format!("it ended on {ended}; make a new one"));
        }
        if body.plan.made_at > now + Span::minutes(10) {
            return Err(format!("it was made on {}, in the future: set the clocks right", body.plan.made_at));
        }
        let counted = consent::counted(first, others, fleet.admitted().len() == 1);
        let approvers = counted.iter().skip(1).map(|signature| signature.by.clone()).collect();
        Ok(Believed { maker: first.by.clone(), approvers, body })
    }

    /// Puts another signature under it.
    pub(crate) fn approve(
        &mut self,
        installation: &Installation,
        by: &str,
        now: Timestamp,
    ) -> Result<(), String> {
        let signature = consent::sign(CONTEXT, &self.body, installation, by, now)?;
        self.signatures.push(signature);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plan_is_called_what_it_is() {
        for (text, why) in [("", "it is empty"), (" <html>", "a web page"), ("{}", "no saved plan")] {
            let told = PlanFile::read(text).map(|_| ()).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
