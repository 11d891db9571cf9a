//! Whether those who have a mailbox's key are those who may use the mailbox.
//!
//! The key of a certificate that was delivered is in the archive, which only recovery agents open, and nowhere else: nobody can
//! be given it later, and nobody who has it loses it. So a change of people wants a new key. Somebody who came gets it with
//! all the others at once. That somebody went is acted upon when a later complete reading has shown it again.

use std::collections::BTreeSet;

use model::{Certificate, EndingCause, Handover, SubscriberId, SubscriberKind, Template, Timestamp};

use crate::decide::{Situation, short};
use crate::text::shown;

/// What follows from who has the key.
pub(crate) enum Change {
    /// Nothing.
    None,
    /// It is said, and nothing is done.
    Told {
        /// What, and what would help.
        why: String,
        /// Look again at the next cycle, though nothing changes until then.
        revisit: bool,
    },
    /// A new certificate with a new key; the reason.
    Rekey(String),
}

/// Looks whether the certificate's key is with those who may use the mailbox, and decides what follows.
pub(crate) fn change(situation: &Situation<'_>, certificate: &Certificate, template: &Template) -> Change {
    if situation.subscriber.kind != SubscriberKind::SharedMailbox {
        return Change::None;
    }
    // Somebody who went, lost the record and came back is as somebody new.
    let given = handovers(situation, certificate).filter(|handover| !handover.withdrawn);
    let given: BTreeSet<SubscriberId> = given.map(|handover| handover.person).collect();
    let came: Vec<String> = situation
        .holders
        .iter()
        .filter(|holder| !given.contains(&holder.person))
        .map(|holder| shown(&holder.user_principal_name))
        .collect();
    let came = enumerated(&came);
    if template.ending.leaver_days.is_none() {
        return match came {
            None => Change::None,
            Some(people) => Change::Told { why: told_only(&people), revisit: false },
        };
    }
    let went = went(situation, certificate).count();
    if went == 0 {
        return match came {
            None => Change::None,
            Some(people) => Change::Rekey(format!(
                "{people} may use this mailbox since the key of {} was delivered; all who may use it get a new one",
                short(certificate)
            )),
        };
    }
    // One new key for those who came and went together.
    let who = if went == 1 { "somebody who has".to_owned() } else { format!("{went} people who have") };
    let noted = situation
        .endings
        .iter()
        .find(|ending| ending.certificate == certificate.id && ending.cause == EndingCause::HolderLeft);
    let is_confirmed = noted.is_some_and(|noted| is_confirmed(situation, noted.since));
    if is_confirmed {
        return Change::Rekey(format!(
            "{who} the key of {} may no longer use this mailbox; those who may get a new one",
            short(certificate)
        ));
    }
    Change::Told {
        why: format!(
            "{who} the key of {} may no longer use this mailbox; those who may get a new key when the next complete reading \
             shows the same",
            short(certificate)
        ),
        revisit: true,
    }
}

fn told_only(people: &str) -> String {
    format!(
        "{people} may use this mailbox and got no key, since it was delivered before; give the template `leaver-days`, so that \
         mailboxes get a new key by themselves, or renew the mailbox's certificate, or let a key recovery agent recover it"
    )
}

/// Whether what was noticed then has been read once more.
pub(crate) fn is_confirmed(situation: &Situation<'_>, since: Timestamp) -> bool {
    situation.holders_confirmed_at.is_some_and(|confirmed| since < confirmed)
}

/// Those who have the certificate's key, or are getting it, and may not use the mailbox.
pub(crate) fn went<'a>(
    situation: &'a Situation<'_>,
    certificate: &'a Certificate,
) -> impl Iterator<Item = SubscriberId> + 'a {
    let served: BTreeSet<SubscriberId> = handovers(situation, certificate).map(|one| one.person).collect();
    served.into_iter().filter(|person| situation.holders.iter().all(|holder| holder.person != *person))
}

/// To whom it was delivered, or is going to be.
fn handovers<'a>(
    situation: &'a Situation<'_>,
    certificate: &'a Certificate,
) -> impl Iterator<Item = &'a Handover> + 'a {
    situation.delivered_to.iter().filter(|handover| handover.certificate == certificate.id)
}

/// Most people that one sentence names.
const NAMED: usize = 8;

/// `a, b and c`; `None` when there is nobody.
fn enumerated(people: &[String]) -> Option<String> {
    let (last, first) = people.split_last()?;
    Some(match people.len() {
        1 => last.clone(),
        2..=NAMED => format!("{} and {last}", first.join(", ")),
        many => format!("{} and {} others", people[..NAMED - 1].join(", "), many + 1 - NAMED),
    })
}
