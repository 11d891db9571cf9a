//! Saved plans: what was seen is what is carried out, or nothing is.
//!
//! A plan is signed by the installation that made it, together with who made it; a second person puts another signature under
//! it where it goes past the limits. It ends after `[limits] plan-hours`, and is refused as a whole when the world has moved.

use admit::{Digest, Fleet, Installation};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{InstallationId, Span, Timestamp, is_same_person};
use plan::Plan;
use serde::{Deserialize, Serialize};

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
    signatures: Vec<PlanSignature>,
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

/// Somebody's signature.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlanSignature {
    /// On which installation it was made.
    installation: InstallationId,
    /// By whom.
    by: String,
    /// When.
    at: Timestamp,
    /// RSASSA-PSS with SHA-256 in base64.
    signature: String,
}

impl PlanSignature {
    fn statement(body: &str, installation: InstallationId, by: &str, at: Timestamp) -> Vec<u8> {
        // Length before text: no two statements read alike.
        format!("{CONTEXT}\n{installation}\n{at}\n{}\n{by}{body}", by.len()).into_bytes()
    }

    fn make(body: &str, installation: &Installation, by: &str, at: Timestamp) -> Result<Self, String> {
        let statement = Self::statement(body, installation.id(), by, at);
        let signature = installation
            .key
            .sign_ps256(&statement)
            .map_err(|error| format!("the plan cannot be signed: {error}"))?;
        Ok(Self {
            installation: installation.id(),
            by: by.to_owned(),
            at,
            signature: STANDARD.encode(signature),
        })
    }

    fn fits(&self, body: &str, fleet: &Fleet) -> bool {
        let statement = Self::statement(body, self.installation, &self.by, self.at);
        let signature = STANDARD.decode(&self.signature).unwrap_or_default();
        fleet
            .member(self.installation)
            .is_some_and(|member| member.certificate.verifies_ps256(&statement, &signature))
    }
}

/// Whose signatures count: each person once, and where the fleet has several machines each machine once. A fleet of one machine
/// has nothing but accounts to tell persons apart.
fn counted<'a>(first: &'a PlanSignature, others: &'a [PlanSignature], alone: bool) -> Vec<&'a PlanSignature> {
    let mut counted = vec![first];
    for signature in others {
        let is_another = counted.iter().all(|known| {
            !is_same_person(&known.by, &signature.by)
                && (alone || known.installation != signature.installation)
        });
        if is_another {
            counted.push(signature);
        }
    }
    counted
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
        let signature = PlanSignature::make(&body, installation, by, now)?;
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
            if !signature.fits(&self.body, fleet) {
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
        let counted = counted(first, others, fleet.admitted().len() == 1);
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
        let signature = PlanSignature::make(&self.body, installation, by, now)?;
        self.signatures.push(signature);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(machine: u128, person: &str) -> PlanSignature {
        PlanSignature {
            installation: InstallationId::from(uuid::Uuid::from_u128(machine)),
            by: person.to_owned(),
            at: Timestamp::from_seconds(1_772_438_400),
            signature: String::new(),
        }
    }

    #[test]
    fn a_second_signature_counts_from_another_person_at_another_machine() {
        let first = by(1, "susi@desk-1");
        for (other, alone, counts) in [
            (by(2, "anna@desk-2"), false, true),
            (by(1, "anna@desk-1"), false, false),
            (by(1, "anna@desk-1"), true, true),
            (by(2, "susi@desk-2"), false, false),
            (by(2, "SUSI@desk-2"), false, false),
            (by(2, "susi"), true, false),
        ] {
            let others = [other];
            let so_many = counted(&first, &others, alone).len();
            assert_eq!(so_many == 2, counts, "{} alone: {alone}", others[0].by);
        }
        let others = [by(2, "anna@desk-2"), by(3, "anna@desk-3"), by(2, "otto@desk-2"), by(3, "otto@desk-3")];
        let names: Vec<&str> = counted(&first, &others, false).iter().map(|one| one.by.as_str()).collect();
        assert_eq!(names, ["susi@desk-1", "anna@desk-2", "otto@desk-3"]);
    }

    #[test]
    fn no_two_statements_read_alike() {
        let (one, at) = (by(1, "a"), Timestamp::from_seconds(0));
        let statement = |by: &str, body: &str| PlanSignature::statement(body, one.installation, by, at);
        assert_ne!(statement("a", "bc"), statement("ab", "c"));
    }

    #[test]
    fn what_is_no_plan_is_called_what_it_is() {
        for (text, why) in [("", "it is empty"), (" <html>", "a web page"), ("{}", "no saved plan")] {
            let told = PlanFile::read(text).map(|_| ()).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
