//! The global address list: what mailboxes show in `userCertificate` and `userSMIMECertificate`.
//!
//! `Set-Mailbox` replaces whole lists, and Microsoft does not say how byte values are to be written. So each change is read
//! back; where it came out otherwise, the next way of writing is tried, and what was there before is put back in the end.

mod encoding;
mod error;

use std::sync::Arc;

use async_trait::async_trait;
use model::{Publication, SubscriberId};
use net::{Exchange, NetError, Rows};
use ports::{AddressBook, BookChange, BookEntry, BookError, BookPage, BookReceipt, Probe};
use serde_json::{Value, json};

use encoding::Way;
use error::{Asked, Failed};

use crate::row;

const GET: &str = "Get-Mailbox";
const SET: &str = "Set-Mailbox";
/// What is read of an entry.
const ENTRY: &str =
    "ExternalDirectoryObjectId,PrimarySmtpAddress,UserCertificate,UserSMimeCertificate,IsDirSynced";
/// Certificates make rows long: a page of so many stays below what one answer may hold.
const SHORT_PAGES: &str = "odata.maxpagesize=200";
/// An object that nobody has: asking for its change shows whether the cmdlet may be called, and changes nothing.
const NOBODY: &str = "5ea1f00d-0000-4000-8000-0000006a1000";
/// The kinds of mailboxes that are listed.
const KINDS: [&str; 2] = ["UserMailbox", "SharedMailbox"];

/// Exchange Online's address list through `InvokeCommand`.
#[derive(Clone)]
pub struct ExchangeBook {
    exchange: Arc<Exchange>,
    probe: Arc<dyn Probe>,
}

impl std::fmt::Debug for ExchangeBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExchangeBook").field("exchange", &self.exchange).finish_non_exhaustive()
    }
}

impl ExchangeBook {
    /// A door that reads and writes with the session's application. `probe` is where tests make the process die.
    pub fn new(exchange: Arc<Exchange>, probe: Arc<dyn Probe>) -> Self {
        Self { exchange, probe }
    }

    async fn failed(&self, asked: &Asked, error: NetError) -> Failed {
        // What is refused without a word is told apart by what the token carries.
        let is_refused = matches!(error, NetError::Unauthorized { .. } | NetError::Forbidden { .. });
        let facts = if is_refused { self.exchange.token_facts().await.ok().flatten() } else { None };
        asked.failed(error, facts.as_ref())
    }

    async fn page(
        &self,
        asked: &Asked,
        parameters: &Value,
        link: Option<&str>,
    ) -> Result<(Rows, Option<String>), BookError> {
        match self.exchange.read_page(asked.cmdlet, parameters, ENTRY, link, SHORT_PAGES).await {
            Ok(page) => Ok(page),
            Err(error) => match self.failed(asked, error).await {
                Failed::Error(error) => Err(error),
                Failed::Refused(told) => Err(asked.garbled(&told)),
            },
        }
    }

    /// Sends one change, in one way. `Some` is why it was refused.
    async fn write(
        &self,
        seen: &BookEntry,
        (certificates, smime): (&[Vec<u8>], &[Vec<u8>]),
        way: Way,
    ) -> Result<Option<String>, BookError> {
        let mut parameters = json!({ "Identity": seen.holder.to_string() });
        if !same(certificates, &seen.certificates) {
            parameters["UserCertificate"] = way.list(certificates);
        }
        if !same(smime, &seen.smime) {
            parameters["UserSMimeCertificate"] = way.list(smime);
        }
        let asked = Asked {
            cmdlet: SET,
            holder: Some(seen.holder),
            address: Some(seen.address.clone()),
            writes: true,
        };
        match self.exchange.write(SET, &parameters).await {
            Ok(warnings) => {
                for warning in &warnings {
                    tracing::debug!(entry = seen.address, warning, "Exchange warns");
                }
                Ok(None)
            }
            Err(error) => match self.failed(&asked, error).await {
                Failed::Error(error) => Err(error),
                Failed::Refused(told) => Ok(Some(told)),
            },
        }
    }

    /// Puts back what was there before a change that came out wrongly.
    async fn restore(&self, seen: &BookEntry, tried: &[String]) -> BookError {
        let damaged = |told: String| BookError::Damaged {
            address: seen.address.clone(),
            detail: format!(
                "{told}; before, it showed {} certificates and {} S/MIME values; look at it with `Get-Mailbox -Identity {} | \
                 Format-List User*Certificate`",
                seen.certificates.len(),
                seen.smime.len(),
                seen.holder
            ),
        };
        let mut now = match self.read(seen.holder).await {
            Ok(now) => now,
            Err(error) => {
                return damaged(format!("a change came out wrongly, and it cannot be read: {error}"));
            }
        };
        let lists: [&[Vec<u8>]; 2] = [&seen.certificates, &seen.smime];
        for way in Way::to_try(None, &lists) {
            if shows(&now, &seen.certificates, &seen.smime) {
                break;
            }
            if let Err(error) = self.write(&now, (&seen.certificates, &seen.smime), way).await {
                return damaged(format!("a change came out wrongly, and it could not be put back: {error}"));
            }
            now = match self.read(seen.holder).await {
                Ok(now) => now,
                Err(error) => return damaged(format!("whether it was put back cannot be read: {error}")),
            };
        }
        if shows(&now, &seen.certificates, &seen.smime) {
            return BookError::Rejected {
                address: seen.address.clone(),
                reason: format!(
                    "no way of writing was taken as it was meant ({}); what was there is there",
                    tried.join("; ")
                ),
            };
        }
        damaged("a change came out wrongly, and no way of writing put back what was there".to_owned())
    }
}

#[async_trait]
impl AddressBook for ExchangeBook {
    fn name(&self) -> &'static str {
        Publication::EXCHANGE
    }

    async fn check(&self) -> Result<String, BookError> {
        let asked = Asked { cmdlet: GET, holder: None, address: None, writes: false };
        self.page(&asked, &json!({ "RecipientTypeDetails": KINDS, "ResultSize": 1 }), None).await?;
        let asked = Asked { cmdlet: SET, holder: NOBODY.parse().ok(), address: None, writes: true };
        let parameters =
            json!({ "Identity": NOBODY, "UserCertificate": Way::to_try(None, &[&[]])[0].list(&[]) });
        let able = || Ok("certificates can be read and published in the address list".to_owned());
        match self.exchange.write(SET, &parameters).await {
            Ok(_) => able(),
            Err(error) => match self.failed(&asked, error).await {
                // The cmdlet was called and found nobody, or did not like what it was given: it may be called.
                Failed::Error(BookError::NoMailbox { .. }) | Failed::Refused(_) => able(),
                Failed::Error(error) => Err(error),
            },
        }
    }

    async fn read(&self, holder: SubscriberId) -> Result<BookEntry, BookError> {
        let asked = Asked { cmdlet: GET, holder: Some(holder), address: None, writes: false };
        let (rows, next) = self.page(&asked, &json!({ "Identity": holder.to_string() }), None).await?;
        // A cmdlet that is asked for an unknown mailbox may answer with all.
        let [row] = rows.value.as_slice() else {
            return Err(asked.garbled(&format!("{} rows instead of one", rows.value.len())));
        };
        let entry = entry(row).map_err(|flaw| asked.garbled(&flaw))?;
        if entry.holder != holder || next.is_some() {
            return Err(asked.garbled(&format!("the answer is about {}", entry.holder)));
        }
        Ok(entry)
    }

    async fn change(&self, change: &BookChange, habit: Option<&str>) -> Result<BookReceipt, BookError> {
        let BookChange { seen, certificates, smime } = change;
        let mut changed: Vec<&[Vec<u8>]> = Vec::new();
        changed.extend((!same(certificates, &seen.certificates)).then_some(certificates.as_slice()));
        changed.extend((!same(smime, &seen.smime)).then_some(smime.as_slice()));
        if changed.is_empty() {
            return Ok(BookReceipt { entry: seen.clone(), habit: habit.map(str::to_owned) });
        }
        let known = habit.and_then(Way::named);
        let (mut tried, mut is_spoilt, mut is_taken) = (Vec::new(), false, false);
        let mut now = seen.clone();
        for way in Way::to_try(known, &changed) {
            if let Some(why) = self.write(&now, (certificates, smime), way).await? {
                tried.push(format!("{}: {why}", way.name()));
                continue;
            }
            is_taken = true;
            let unknown = |source| BookError::OutcomeUnknown { address: seen.address.clone(), source };
            self.probe.reach("publish.written").map_err(|text| unknown(text.into()))?;
            now = self.read(seen.holder).await.map_err(|error| unknown(error.into()))?;
            if shows(&now, certificates, smime) {
                let learned = way.learned(known, &changed).map(Way::name);
                return Ok(BookReceipt { entry: now, habit: learned });
            }
            let is_as_before = shows(&now, &seen.certificates, &seen.smime);
            if is_as_before && known == Some(way) {
                return Err(BookError::NotShown { address: seen.address.clone() });
            }
            is_spoilt |= !is_as_before;
            tried.push(format!(
                "{}: accepted, and {}",
                way.name(),
                if is_as_before { "nothing changed" } else { "something else is there" }
            ));
        }
        if is_spoilt {
            return Err(self.restore(seen, &tried).await);
        }
        if is_taken {
            return Err(BookError::NotShown { address: seen.address.clone() });
        }
        Err(BookError::Rejected { address: seen.address.clone(), reason: tried.join("; ") })
    }

    async fn list(&self, after: Option<&str>) -> Result<BookPage, BookError> {
        let asked = Asked { cmdlet: GET, holder: None, address: None, writes: false };
        let parameters = json!({ "RecipientTypeDetails": KINDS, "ResultSize": "Unlimited" });
        let (rows, next) = self.page(&asked, &parameters, after).await?;
        let mut entries = Vec::with_capacity(rows.value.len());
        for row in &rows.value {
            match entry(row) {
                Ok(entry) => entries.push(entry),
                Err(flaw) => {
                    tracing::warn!(
                        mailbox = row::shown(row),
                        flaw,
                        "an entry of the address list was skipped"
                    );
                }
            }
        }
        if entries.is_empty() && !rows.value.is_empty() {
            return Err(asked.garbled("none of the rows is a mailbox with an id and certificates"));
        }
        Ok(BookPage { entries, next })
    }
}

/// Reads an entry. What is not told is not empty: a list that was not read would be lost with the next change.
fn entry(row: &Value) -> Result<BookEntry, String> {
    let holder = row::text(row, "ExternalDirectoryObjectId")
        .and_then(|id| id.parse().ok())
        .ok_or("it has no object id in Entra ID")?;
    let list = |name: &str| -> Result<Vec<Vec<u8>>, String> {
        let value = row.get(name).ok_or_else(|| format!("{name} is not told"))?;
        encoding::read(value).ok_or_else(|| format!("{name} cannot be read"))
    };
    Ok(BookEntry {
        holder,
        address: row::text(row, "PrimarySmtpAddress").unwrap_or_else(|| holder.to_string()),
        certificates: list("UserCertificate")?,
        smime: list("UserSMimeCertificate")?,
        is_synchronised: row::flag(row, "IsDirSynced")?,
    })
}

/// Whether two lists hold the same values; Exchange keeps no order.
fn same(one: &[Vec<u8>], other: &[Vec<u8>]) -> bool {
    let sorted = |list: &[Vec<u8>]| {
        let mut list: Vec<Vec<u8>> = list.to_vec();
        list.sort_unstable();
        list
    };
    sorted(one) == sorted(other)
}

fn shows(entry: &BookEntry, certificates: &[Vec<u8>], smime: &[Vec<u8>]) -> bool {
    same(&entry.certificates, certificates) && same(&entry.smime, smime)
}
