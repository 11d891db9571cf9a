//! The door to people's devices: imported PFX certificates of Microsoft Intune (Graph beta, `userPfxCertificates`).
//!
//! ```text
//!  PKCS#12 ───────────────────────────► Intune ──► device          as it is
//!  its password ──► connector's key ──► Intune ──► connector ──► device
//! ```
//!
//! Only the password is encrypted here, to the public key of the certificate connector; the private half never comes near us.
//! A record is never changed in place: the new one is created beside the old one, which stays for old mail. What
//! the service would answer with its opaque 400 is found before anything is sent. Reading back tells that a record is there and nothing
//! about its contents: the service shows one zero byte and an empty password for all of them.
#![warn(missing_docs)]

mod connector;
mod error;
mod fitness;
mod receiver;
mod record;

use std::sync::Arc;

use async_trait::async_trait;
use model::{Clock, Thumbprint};
use net::{Graph, LocalPace, NetError, Page, Request, Version, odata};
use ports::{DeliveryDoor, DeliveryError, DeliveryRecord, ListedPage, ListedRecord, Pace, Package, Unpaced};
use serde_json::Value;
use url::Url;

pub use crate::connector::{Connector, Connectors};

const COLLECTION: [&str; 2] = ["deviceManagement", "userPfxCertificates"];

/// One person and certificate have one record; a list of more pages than this is no answer to our filter.
const MOST_PAGES: usize = 100;

/// What must be known about the tenant's certificate connectors, and how fast records are written.
#[derive(Clone, Debug)]
pub struct Settings {
    /// To whose keys passwords are encrypted.
    pub connectors: Connectors,
    /// At most so many records are created and removed per second, over all installations where they share a pace; `None`
    /// leaves it to the service's throttling.
    pub writes_per_second: Option<f32>,
}

/// A setting that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the Intune setting `{setting}` cannot be used: {why}")]
pub struct UnusableSetting {
    /// Its name.
    pub setting: &'static str,
    /// What is wrong and what to do.
    pub why: String,
}

/// Intune's imported PFX certificates.
pub struct IntuneDelivery {
    graph: Arc<Graph>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    writes: Arc<dyn Pace>,
}

impl IntuneDelivery {
    /// A door that writes with the session's application.
    ///
    /// # Errors
    /// [`UnusableSetting`] for empty names, and for a rate that is not a positive number.
    pub fn new(
        graph: Arc<Graph>,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<Self, UnusableSetting> {
        settings.connectors.check()?;
        let writes: Arc<dyn Pace> = match settings.writes_per_second {
            None => Arc::new(Unpaced),
            Some(rate) => Arc::new(LocalPace::per_second(rate).ok_or_else(|| UnusableSetting {
                setting: "writes_per_second",
                why: format!("{rate} is not a number between 0.001 and 1000"),
            })?),
        };
        Ok(Self { graph, clock, settings, writes })
    }

    /// Writes at a pace that is shared with other installations, in place of this door's own.
    #[must_use]
    pub fn at_pace(self, writes: Arc<dyn Pace>) -> Self {
        Self { writes, ..self }
    }

    fn address(&self, id: Option<&str>, query: &[(&str, &str)]) -> Url {
        let mut segments = COLLECTION.to_vec();
        segments.extend(id);
        self.graph.address(Version::Beta, &segments, query)
    }

    async fn page(&self, url: Url) -> Result<Page, NetError> {
        self.graph.read(&Request::get(url)).await
    }

    /// Shows each record of a list that can be read, page by page, until `enough` says so or the list ends.
    async fn walk(
        &self,
        mut url: Url,
        of: &str,
        enough: &mut (dyn FnMut(ListedRecord) -> bool + Send),
    ) -> Result<(), DeliveryError> {
        for _ in 0..MOST_PAGES {
            let page = self.page(url).await.map_err(|error| error::reading(of, error))?;
            for value in &page.value {
                match record::listed(value, &self.settings.connectors) {
                    Some(listed) => {
                        if enough(listed) {
                            return Ok(());
                        }
                    }
                    None => tracing::warn!(of, "a record at Intune was skipped: it cannot be read"),
                }
            }
            match page.next_link {
                Some(link) => url = self.graph.follow(&link).map_err(|error| error::reading(of, error))?,
                None => return Ok(()),
            }
        }
        Err(error::endless())
    }

    async fn create(&self, package: &Package, body: &Value) -> Result<DeliveryRecord, DeliveryError> {
        let request = Request::post_json(self.address(None, &[]), body)
            .map_err(|error| error::unfit(package, error.to_string()))?;
        self.writes.draw().await.map_err(error::spent)?;
        match self.graph.send(&request).await {
            // Whatever is wrong with a positive answer, the record is likely to be there.
            Ok(answer) => {
                // What Microsoft's support asks for, should the certificate never come to a device.
                tracing::info!(
                    thumbprint = %package.thumbprint,
                    user_principal_name = package.user_principal_name,
                    request_id = answer.request_id(),
                    "Intune took a certificate"
                );
                answer
                    .json()
                    .and_then(|value: Value| record::read(&value).ok_or_else(|| record::incomplete(&answer)))
                    .map_err(|error| error::outcome_unknown(package, error))
            }
            Err(error) if error::may_mean_duplicate(&error) => {
                match self.find(&package.user_principal_name, package.thumbprint).await? {
                    Some(earlier) => Ok(earlier),
                    None => {
                        let known = receiver::look(&self.graph, &package.user_principal_name).await;
                        Err(error::refused_for(package, error, known.as_deref()))
                    }
                }
            }
            Err(error) => Err(error::refused(package, error)),
        }
    }
}

#[async_trait]
impl DeliveryDoor for IntuneDelivery {
    async fn check(&self) -> Result<String, DeliveryError> {
        let mut known = Vec::new();
        for (name, Connector { key, provider_name, key_name }) in self.settings.connectors.all() {
            key.encrypt_password("check").map_err(|error| DeliveryError::NotSetUp {
                hint: format!("the public key of the connector `{name}` cannot be used: {error}"),
            })?;
            known.push(format!("`{key_name}` in `{provider_name}` (SHA-256 {})", key.fingerprint()));
        }
        self.page(self.address(None, &[("$top", "1")])).await.map_err(|error| error::reading("", error))?;
        Ok(format!(
            "imported certificates can be read; passwords go to the connector's key {}",
            known.join(", or where a template says so to ")
        ))
    }

    async fn deliver(&self, package: &Package) -> Result<DeliveryRecord, DeliveryError> {
        fitness::check(package).await.map_err(|why| error::unfit(package, why))?;
        let connector = self.settings.connectors.of(package)?;
        let password = connector
            .key
            .encrypt_password(&package.password)
            .map_err(|error| error::unfit(package, error.to_string()))?;
        let body = record::write(package, &password, connector, self.clock.now());
        self.create(package, &body).await
    }

    async fn find(
        &self,
        user_principal_name: &str,
        thumbprint: Thumbprint,
    ) -> Result<Option<DeliveryRecord>, DeliveryError> {
        let name = user_principal_name.to_lowercase();
        let filter = format!(
            "tolower(userPrincipalName) eq {} and tolower(thumbprint) eq {}",
            odata::literal(&name),
            odata::literal(&thumbprint.to_string())
        );
        let url = self.address(None, &[("$filter", &filter)]);
        let mut found = None;
        self.walk(url, user_principal_name, &mut |listed| {
            // The filter is trusted no further than it can be seen.
            let is_it = listed.record.thumbprint == thumbprint
                && listed.record.user_principal_name.to_lowercase() == name;
            if is_it {
                found = Some(listed.record);
            }
            is_it
        })
        .await?;
        Ok(found)
    }

    async fn list(&self, after: Option<&str>) -> Result<ListedPage, DeliveryError> {
        let url = match after {
            None => self.address(None, &[]),
            Some(link) => self.graph.follow(link).map_err(|error| error::reading("", error))?,
        };
        let page = self.page(url).await.map_err(|error| error::reading("", error))?;
        let listed = page.value.iter().map(|value| record::listed(value, &self.settings.connectors));
        let records: Vec<ListedRecord> = listed.flatten().collect();
        let unreadable = page.value.len() - records.len();
        if unreadable > 0 {
            tracing::warn!(unreadable, "records at Intune were skipped: they cannot be read");
        }
        Ok(ListedPage { records, unreadable, next: page.next_link })
    }

    async fn withdraw(&self, record: &DeliveryRecord) -> Result<(), DeliveryError> {
        let request = Request::delete(self.address(Some(&record.id), &[]));
        self.writes.draw().await.map_err(error::spent)?;
        // The answer proves nothing either way: 204 also comes when nothing was removed. The list decides.
        let lost = match self.graph.send(&request).await {
            Ok(answer) => {
                tracing::info!(
                    record = record.id,
                    request_id = answer.request_id(),
                    "Intune was asked to remove a record"
                );
                None
            }
            Err(NetError::NotFound { .. }) => None,
            Err(error) if error::may_have_happened(&error) => Some(error),
            Err(error) => return Err(error::reading(&record.user_principal_name, error)),
        };
        match self.find(&record.user_principal_name, record.thumbprint).await? {
            Some(found) if found.id == record.id => Err(error::still_there(record, lost)),
            Some(_) | None => Ok(()),
        }
    }
}
