//! Who stands for what is more than one person may have done: signatures under saved plans and under campaigns.
//!
//! Each is made by an installation of the fleet, together with who sat before it. Whose count is told here, for both alike.

use admit::{Fleet, Installation};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{Approval, InstallationId, Timestamp, is_same_person};

/// What is signed. `context` names the kind of thing, so that a signature over another kind never passes for one.
fn statement(context: &str, body: &str, installation: InstallationId, by: &str, at: Timestamp) -> Vec<u8> {
    // Length before text: no two statements read alike.
    format!("{context}\n{installation}\n{at}\n{}\n{by}{body}", by.len()).into_bytes()
}

/// Signs.
pub(crate) fn sign(
    context: &str,
    body: &str,
    installation: &Installation,
    by: &str,
    at: Timestamp,
) -> Result<Approval, String> {
    let signature = installation
        .key
        .sign_ps256(&statement(context, body, installation.id(), by, at))
        .map_err(|error| format!("it cannot be signed: {error}"))?;
    Ok(Approval {
        installation: installation.id(),
        by: by.to_owned(),
        at,
        signature: STANDARD.encode(signature),
    })
}

/// Whether an installation that is in the fleet made this signature over this.
pub(crate) fn fits(context: &str, approval: &Approval, body: &str, fleet: &Fleet) -> bool {
    let statement = statement(context, body, approval.installation, &approval.by, approval.at);
    let signature = STANDARD.decode(&approval.signature).unwrap_or_default();
    fleet
        .member(approval.installation)
        .is_some_and(|member| member.certificate.verifies_ps256(&statement, &signature))
}

/// Whose signatures count: each person once, and where the fleet has several machines each machine once. A fleet of one machine
/// has nothing but accounts to tell persons apart.
pub(crate) fn counted<'a>(first: &'a Approval, others: &'a [Approval], alone: bool) -> Vec<&'a Approval> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn by(machine: u128, person: &str) -> Approval {
        Approval {
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
        let statement_of = |by: &str, body: &str| statement("context", body, one.installation, by, at);
        assert_ne!(statement_of("a", "bc"), statement_of("ab", "c"));
    }
}
