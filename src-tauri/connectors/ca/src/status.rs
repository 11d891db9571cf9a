//! What authorities say about certificates, read from where the certificates say that it can be had: revocation lists
//! first, since one list tells of all certificates of its issuer, then OCSP responders.
//!
//! Plain HTTP is what RFC 5280 section 8 expects here: what comes is signed. No redirect is followed.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use crypto::X509Certificate;
use crypto::status::{Edition, NONCE_OCTETS, RevocationList, ocsp_answer, ocsp_question, status_addresses};
use model::{Clock, Entropy, Span, Timestamp};
use net::{Client, NetError, Request};
use ports::{StatusDoor, StatusError, Told};
use tokio::sync::Mutex;
use url::{Host, Url};

/// Longest list that is read, in bytes: a hundred and fifty thousand entries. For the client's settings.
pub const LONGEST_LIST: usize = 10 * 1_024 * 1_024;

/// How long a list that was read, and an address that could not be, are good for: one reading of all certificates.
const REMEMBERED: Span = Span::minutes(10);
/// Bytes of all lists that are held at a time, as they came over the network; taken apart they are a few times as many.
const MOST_HELD: usize = 64 * 1_024 * 1_024;
/// Counted for each list beside its bytes, so that a great many small ones are bounded too.
const BESIDES: usize = 4 * 1_024;
/// Most lists of which is remembered which one was read.
const MOST_SEEN: usize = 1_024;
/// Most addresses of which is remembered that they failed.
const MOST_REMEMBERED: usize = 256;
/// Most that is told of why something could not be read, in UTF-16 units.
const LONGEST_WHY: usize = 300;

/// The door, over the ordinary HTTP client without any token.
pub struct AuthorityStatus {
    client: Client,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// Bytes of lists that are held.
    room: usize,
    lists: Mutex<Lists>,
    /// Responders that did not answer.
    silent: Mutex<BTreeMap<String, (Timestamp, StatusError)>>,
}

/// A list is told apart by its address and by who signs it.
type Whose = (String, [u8; 32]);

#[derive(Default)]
struct Lists {
    seen: BTreeMap<Whose, Seen>,
    failed: BTreeMap<Whose, (Timestamp, StatusError)>,
}

/// A list that was read.
struct Seen {
    at: Timestamp,
    /// Kept when the list itself is not, so that no older one takes its place.
    edition: Edition,
    held: Option<Held>,
}

struct Held {
    list: Arc<RevocationList>,
    octets: usize,
}

impl Lists {
    /// The list, where it is held and good for another certificate.
    fn fresh(&self, whose: &Whose, now: Timestamp) -> Option<Arc<RevocationList>> {
        let seen = self.seen.get(whose).filter(|seen| is_fresh(seen.at, now))?;
        let held = seen.held.as_ref().filter(|held| now < held.list.until())?;
        Some(Arc::clone(&held.list))
    }

    /// Holds a list, and lets go of what takes more room than there is: those that were read first. Those that would be read again
    /// anyway are not held at all.
    fn hold(&mut self, whose: Whose, held: Held, now: Timestamp, room: usize) {
        for seen in self.seen.values_mut().filter(|seen| !is_fresh(seen.at, now)) {
            seen.held = None;
        }
        // The one that is wanted now is not among those that make way.
        self.seen.remove(&whose);
        let octets = |seen: &Seen| seen.held.as_ref().map_or(0, |held| held.octets + BESIDES);
        let mut taken = held.octets + BESIDES + self.seen.values().map(octets).sum::<usize>();
        while taken > room {
            let oldest = self.seen.values_mut().filter(|seen| seen.held.is_some()).min_by_key(|seen| seen.at);
            let Some(oldest) = oldest else { break };
            taken = taken.saturating_sub(octets(oldest));
            oldest.held = None;
        }
        while self.seen.len() >= MOST_SEEN {
            let oldest = self.seen.iter().min_by_key(|(_, seen)| seen.at).map(|(whose, _)| whose.clone());
            let Some(oldest) = oldest else { break };
            self.seen.remove(&oldest);
        }
        let edition = held.list.edition().clone();
        self.seen.insert(whose, Seen { at: now, edition, held: Some(held) });
    }
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
        Self { client, clock, entropy, room: MOST_HELD, lists: Mutex::default(), silent: Mutex::default() }
    }

    /// Holds so many bytes of lists at a time instead of 64 MiB; the list that is read is held in any case.
    #[must_use]
    pub fn holding(mut self, octets: usize) -> Self {
        self.room = octets;
        self
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
        if let Some(list) = lists.fresh(&whose, now) {
            return Ok(list);
        }
        if let Some((at, error)) = lists.failed.get(&whose)
            && is_fresh(*at, now)
        {
            return Err(error.clone());
        }
        let fetched = self.fetch_list(address, issuer, now).await.and_then(|held| {
            let before = lists.seen.get(&whose).map(|seen| &seen.edition);
            if before.is_some_and(|before| held.list.edition().is_older_than(before)) {
                return Err(unreadable(
                    address,
                    "an older list than the one that was there before came from it: ask whoever runs the authority",
                ));
            }
            Ok(held)
        });
        match fetched {
            Ok(held) => {
                let list = Arc::clone(&held.list);
                lists.failed.remove(&whose);
                lists.hold(whose, held, now, self.room);
                Ok(list)
            }
            Err(error) => {
                remember(&mut lists.failed, whose, &error, now);
                Err(error)
            }
        }
    }

    async fn fetch_list(
        &self,
        address: &str,
        issuer: &X509Certificate,
        now: Timestamp,
    ) -> Result<Held, StatusError> {
        let request = Request::get(url(address)?).header("accept", "application/pkix-crl");
        let answer = self.client.send(&request).await.map_err(|error| unanswered(address, &error))?;
        let list = RevocationList::read(answer.body(), address, issuer, now)
            .map_err(|error| unreadable(address, &error.to_string()))?;
        Ok(Held { list: Arc::new(list), octets: answer.body().len() })
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
                .map_err(|error| unreadable(address, &error.to_string())),
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
    let unusable = |why: &str| unreadable(address, why);
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

/// Where clouds answer their own machines, beside the link-local addresses.
const CLOUDS: [IpAddr; 2] = [
    IpAddr::V4(std::net::Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V6(std::net::Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)),
];

fn is_link_local(address: IpAddr) -> bool {
    CLOUDS.contains(&address.to_canonical())
        || match address.to_canonical() {
            IpAddr::V4(v4) => v4.is_link_local(),
            IpAddr::V6(v6) => v6.is_unicast_link_local(),
        }
}

fn unreadable(address: &str, why: &str) -> StatusError {
    let why = model::text::fitted(why, LONGEST_WHY);
    StatusError::Unreadable { address: model::text::printable(address), why }
}

/// Nothing of what stands in a refusal is told: the address is somebody else's choice, and so may the words be.
fn unanswered(address: &str, error: &NetError) -> StatusError {
    let why = match error {
        NetError::Unreachable { .. }
        | NetError::OutcomeUnknown { .. }
        | NetError::Throttled { .. }
        | NetError::TooLarge { .. } => error.to_string(),
        NetError::Server { status, .. } | NetError::Client { status, .. } => {
            format!("it refuses with status {status}")
        }
        NetError::Unauthorized { .. } => "it refuses with status 401".to_owned(),
        NetError::Forbidden { .. } => "it refuses with status 403".to_owned(),
        NetError::NotFound { .. } => "it refuses with status 404: nothing is there".to_owned(),
        NetError::Gone { .. } => "it refuses with status 410: nothing is there any more".to_owned(),
        NetError::NotJson { status: 300..=399, .. } => {
            "it leads to another place, and no redirect is followed".to_owned()
        }
        NetError::NotJson { .. }
        | NetError::Garbled { .. }
        | NetError::ForeignLink { .. }
        | NetError::LoginRefused(_)
        | NetError::Unsendable { .. } => "it gives no answer that can be read".to_owned(),
    };
    unreadable(address, &why)
}
