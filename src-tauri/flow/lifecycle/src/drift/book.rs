//! Entries of the address list against what publishing says that they show.

use model::{
    CertificateId, Clock, DriftObject, DriftSide, DriftSighting, PublicationState, SubscriberId, Timestamp,
};
use ports::{AddressBook, BookError};
use store::Store;

use super::{ASKED, Count, PAGE, Recognised, next_page, note};
use crate::LifecycleError;
use crate::publish::{Apart, look, missed};

/// Compares the address list; how many entries, and how many certificates of others they show.
pub(super) async fn compare(
    store: &dyn Store,
    book: &dyn AddressBook,
    began: Timestamp,
    clock: &dyn Clock,
) -> Result<Count, LifecycleError> {
    let mut recognised = Recognised::default();
    let (mut count, mut after) = (Count::default(), None);
    loop {
        let page = book.list(after.as_deref()).await?;
        let mut seen = Vec::new();
        let mut work = store.read().await?;
        for entry in &page.entries {
            recognised.add(entry.holder.as_bytes());
            let looked = look(work.as_mut(), book.name(), entry, clock.now()).await?;
            count.compared += 1;
            count.others += looked.others;
            seen.extend(looked.apart.into_iter().map(|one| sighting(entry.holder, &entry.address, one)));
        }
        drop(work);
        note(store, &seen, began).await?;
        match next_page(after.as_deref(), page.next, "entries in the address list")? {
            None => break,
            next => after = next,
        }
    }
    unlisted(store, book, began, clock, (&mut recognised, &mut count)).await?;
    Ok(count)
}

/// What was published and whose entry the list did not show. Kinds of mailboxes that are not listed are looked at one by one; but
/// a list that left out more than are asked for proves nothing about the rest.
async fn unlisted(
    store: &dyn Store,
    book: &dyn AddressBook,
    began: Timestamp,
    clock: &dyn Clock,
    (recognised, count): (&mut Recognised, &mut Count),
) -> Result<(), LifecycleError> {
    let (mut after, mut asked, mut leaves_out): (Option<CertificateId>, u32, bool) = (None, 0, false);
    loop {
        let mut work = store.read().await?;
        let ours = work.publications().list(book.name(), PublicationState::Published, after, PAGE).await?;
        let Some(last) = ours.last() else { return Ok(()) };
        after = Some(last.publication.certificate);
        let mut gone = Vec::new();
        for row in &ours {
            if !recognised.knows(row.publication.subscriber.as_bytes())
                && let Some(missed) = missed(work.as_mut(), &row.publication, clock.now()).await?
            {
                gone.push((missed, row.mail.as_str()));
            }
        }
        drop(work);
        let mut seen = Vec::with_capacity(gone.len());
        for ((holder, apart), mail) in gone {
            if asked >= ASKED {
                if leaves_out {
                    let why =
                        "the address list left out entries that are there; nothing is concluded from it";
                    return Err(LifecycleError::NotPossible(why.to_owned()));
                }
                seen.push(sighting(holder, mail, apart));
                continue;
            }
            asked += 1;
            match book.read(holder).await {
                Ok(entry) => {
                    leaves_out = true;
                    let looked = look(store.read().await?.as_mut(), book.name(), &entry, clock.now()).await?;
                    count.compared += 1;
                    count.others += looked.others;
                    seen.extend(looked.apart.into_iter().map(|one| sighting(holder, &entry.address, one)));
                }
                Err(BookError::NoMailbox { .. }) => seen.push(sighting(holder, mail, apart)),
                Err(error) => return Err(error.into()),
            }
        }
        note(store, &seen, began).await?;
    }
}

fn sighting(holder: SubscriberId, address: &str, apart: Apart) -> DriftSighting {
    DriftSighting {
        side: DriftSide::AddressBook,
        kind: apart.kind,
        object: DriftObject::Entry { holder, thumbprint: apart.thumbprint, address: address.to_owned() },
        certificate: Some(apart.certificate),
        sentence: apart.sentence,
    }
}
