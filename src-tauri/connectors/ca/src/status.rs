//! What authorities say about certificates, read from where the certificates say that it can be had: revocation lists
//! first, since one list tells of all certificates of its issuer, then OCSP responders.
//!
//! Plain HTTP is what RFC 5280 section 8 expects here: what comes is signed. No redirect is followed.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use crypto::X509Certificate;
use crypto::status::{NONCE_OCTETS, RevocationList, ocsp_answer, ocsp_question, status_addresses};
use model::{Clock, Entropy, Span, Timestamp};
use net::{Client, NetError, Request};
use ports::{StatusDoor, StatusError, Told};
use tokio::sync::Mutex;
use url::{Host, Url};

/// Longest list that is read, in bytes: a hundred and fifty thousand entries. For the client's settings.
pub const LONGEST_LIST: usize = 10 * 1_024 * 1_024;

/// How long a list that was read, and an address that could not be, are good for: one reading of all certificates.
const REMEMBERED: Span = Span::minutes(10);
/// Most lists that are held at a time; most addresses of which something is remembered.
const MOST_LISTS: usize = 4;
const MOST_REMEMBERED: usize = 256;

/// The door, over the ordinary HTTP client without any token.
pub struct AuthorityStatus {
    client: Client,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    lists: Mutex<Lists>,
    /// Responders that did not answer.
    silent: Mutex<BTreeMap<String, (Timestamp, StatusError)>>,
}

/// A list is told apart by its address and by who signs it.
type Whose = (String, [u8; 32]);

#[derive(Default)]
struct Lists {
    /// What was read, and when; kept beyond that moment, so that no older one takes its place.
    read: BTreeMap<Whose, (Timestamp, Arc<RevocationList>)>,
    failed: BTreeMap<Whose, (Timestamp, StatusError)>,
}

impl std::fmt::Debug for AuthorityStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthorityStatus")
    }
}

impl AuthorityStatus {
    /// Asks with this client. Its limit on answers is the limit on lists ([`LONGEST_LIST`]).
    pub fn new(client: Client, entropy: Arc<dyn Entropy>) -> Self {
        let clock = Arc::clone(client.clock());
        Self { client, clock, entropy, lists: Mutex::default(), silent: Mutex::default() }
    }

    /// The list at an address, of one issuer. Whoever wants it meanwhile waits, and takes it from here.
    async fn list(
        &self,
        address: &str,
        issuer: &X509Certificate,
        now: Timestamp,
    ) -> Result<Arc<RevocationList>, StatusError> {
        let whose = (address.to_owned(), issuer.sha256());
        let mut lists = self.lists.lock().await;
        if let Some((at, list)) = lists.read.get(&whose)
            && is_fresh(*at, now)
            && now < list.until()
        {
            return Ok(Arc::clone(list));
        }
        if let Some((at, error)) = lists.failed.get(&whose)
            && is_fresh(*at, now)
        {
            return Err(error.clone());
        }
        let fetched = self.fetch_list(address, issuer, now).await.and_then(|list| {
            let before = lists.read.get(&whose).map(|(_, before)| before);
            if before.is_some_and(|before| list.is_older_than(before)) {
                return Err(unreadable(
                    address,
                    "an older list than the one that was there before came from it: ask whoever runs the authority".to_owned(),
                ));
            }
            Ok(Arc::new(list))
        });
        match &fetched {
            Ok(list) => {
                lists.failed.remove(&whose);
                if lists.read.len() >= MOST_LISTS && !lists.read.contains_key(&whose) {
                    let oldest = lists.read.iter().min_by_key(|(_, (at, _))| *at);
                    if let Some(oldest) = oldest.map(|(whose, _)| whose.clone()) {
                        lists.read.remove(&oldest);
                    }
                }
                lists.read.insert(whose, (now, Arc::clone(list)));
            }
            Err(error) => remember(&mut lists.failed, whose, error, now),
        }
        fetched
    }

    async fn fetch_list(
        &self,
        address: &str,
        issuer: &X509Certificate,
        now: Timestamp,
    ) -> Result<RevocationList, StatusError> {
        let request = Request::get(url(address)?).header("accept", "application/pkix-crl");
        let answer = self.client.send(&request).await.map_err(|error| unanswered(address, &error))?;
        RevocationList::read(answer.body(), address, issuer, now)
            .map_err(|error| unreadable(address, error.to_string()))
    }

    async fn ask(
        &self,
        address: &str,
        certificate: &X509Certificate,
        issuer: &X509Certificate,
        now: Timestamp,
    ) -> Result<Told, StatusError> {
        if let Some((at, error)) = self.silent.lock().await.get(address)
            && is_fresh(*at, now)
        {
            return Err(error.clone());
        }
        let mut nonce = [0_u8; NONCE_OCTETS];
        self.entropy.fill(&mut nonce);
        let question = ocsp_question(certificate, issuer, &nonce)
            .map_err(|error| StatusError::Unaskable(error.to_string()))?;
        let request = Request::post_bytes(url(address)?, "application/ocsp-request", question)
            .header("accept", "application/ocsp-response")
            .that_reads();
        match self.client.send(&request).await {
            Ok(answer) => ocsp_answer(answer.body(), certificate, issuer, &nonce, now)
                .map(|word| Told { word, address: model::text::printable(address) })
                .map_err(|error| unreadable(address, error.to_string())),
            Err(error) => {
                let error = unanswered(address, &error);
                remember(&mut *self.silent.lock().await, address.to_owned(), &error, now);
                Err(error)
            }
        }
    }
}

/// Notes a failure, so that the address is left alone for the rest of this reading.
fn remember<K: Ord>(
    failures: &mut BTreeMap<K, (Timestamp, StatusError)>,
    key: K,
    error: &StatusError,
    now: Timestamp,
) {
    failures.retain(|_, (at, _)| is_fresh(*at, now));
    if failures.len() < MOST_REMEMBERED {
        failures.insert(key, (now, error.clone()));
    }
}

#[async_trait]
impl StatusDoor for AuthorityStatus {
    async fn word(&self, certificate: &[u8], chain: &[Vec<u8>]) -> Result<Option<Told>, StatusError> {
        let unaskable = |error: crypto::CryptoError| StatusError::Unaskable(error.to_string());
        let certificate = X509Certificate::from_der(certificate).map_err(unaskable)?;
        let addresses = status_addresses(&certificate);
        if addresses.lists.is_empty() && addresses.responders.is_empty() {
            return Ok(None);
        }
        let issuer = chain
            .iter()
            .filter_map(|der| X509Certificate::from_der(der).ok())
            .find(|issuer| certificate.is_issued_by(issuer))
            .ok_or_else(|| StatusError::Unaskable("its issuer's certificate is not known here".to_owned()))?;
        let now = self.clock.now();
        let mut failed = None;
        for address in &addresses.lists {
            match self.list(address, &issuer, now).await {
                Ok(list) => {
                    let word = list.word(&certificate).map_err(unaskable)?;
                    return Ok(Some(Told { word, address: model::text::printable(address) }));
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        for address in &addresses.responders {
            match self.ask(address, &certificate, &issuer, now).await {
                Ok(told) => return Ok(Some(told)),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(None), Err)
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    at <= now && now < at + REMEMBERED
}

/// An address that may be asked: certificates are made by others, and name what they like. Private networks are where private
/// authorities publish; link-local addresses are where clouds hand out credentials to whoever asks, and nobody publishes there.
fn url(address: &str) -> Result<Url, StatusError> {
    let unusable = |why: &str| unreadable(address, why.to_owned());
    let url = Url::parse(address).map_err(|_| unusable("it is no address"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(unusable(
            "only http and https are read; where it is a directory, publish the list on the web too",
        ));
    }
    let is_link_local = match url.host() {
        Some(Host::Ipv4(v4)) => is_link_local(IpAddr::V4(v4)),
        Some(Host::Ipv6(v6)) => is_link_local(IpAddr::V6(v6)),
        Some(Host::Domain(_)) | None => false,
    };
    if is_link_local {
        return Err(unusable("it is a link-local address, which is not asked"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.host_str().is_none() {
        return Err(unusable("it is not an address that anybody may read"));
    }
    Ok(url)
}

fn is_link_local(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

fn unreadable(address: &str, why: String) -> StatusError {
    StatusError::Unreadable { address: model::text::printable(address), why }
}

fn unanswered(address: &str, error: &NetError) -> StatusError {
    unreadable(address, error.to_string())
}
