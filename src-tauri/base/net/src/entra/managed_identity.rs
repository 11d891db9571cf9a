//! Managed identities: the Azure machine or service that we run on gives us tokens, and we hold no secret.
//!
//! Three places give them, each in its own way: the metadata service of virtual machines (IMDS), App Service and Container
//! Apps, and the agent of Azure Arc on machines elsewhere. All are on this machine or its link, so that no proxy is used and
//! nobody waits long for a connection. They speak plain HTTP; addresses that lead further away are refused.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use model::Timestamp;
use serde::Deserialize;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::client::{Client, Settings};
use crate::entra::endpoint::{self, login_error};
use crate::entra::{AccessToken, Refusal};
use crate::error::{NetError, SetupError};
use crate::odata;
use crate::request::Request;

/// The place answers from this machine; who does not connect within a second is not there.
const CONNECT: Duration = Duration::from_secs(1);
/// The agent may have to ask Entra ID first.
const ANSWER: Duration = Duration::from_secs(30);
/// Pauses before the second and the third try, while the place is not ready yet.
const PAUSES: [Duration; 2] = [Duration::from_millis(800), Duration::from_millis(1_600)];
/// The longest challenge of Azure Arc, in bytes.
const LARGEST_CHALLENGE: u64 = 4_096;

/// Who gives the tokens.
#[derive(Clone, PartialEq, Eq)]
pub enum IdentityPlace {
    /// The metadata service of a virtual machine: `http://169.254.169.254/`.
    Imds {
        /// Its address.
        base: Url,
    },
    /// App Service, Functions, Container Apps.
    AppService {
        /// `IDENTITY_ENDPOINT`.
        endpoint: Url,
        /// `IDENTITY_HEADER`, which proves that we run there.
        header: Zeroizing<String>,
    },
    /// The agent of Azure Arc.
    Arc {
        /// `IDENTITY_ENDPOINT`.
        endpoint: Url,
        /// The one folder in which the agent leaves its challenges; only some accounts may read it.
        challenges: PathBuf,
    },
}

impl IdentityPlace {
    /// Where the metadata service of every virtual machine is.
    ///
    /// # Errors
    /// Never for the address that is written here.
    pub fn machine() -> Result<Self, SetupError> {
        let address = "http://169.254.169.254/";
        let base = Url::parse(address).map_err(|_| SetupError::Insecure { address: address.to_owned() })?;
        Ok(Self::Imds { base })
    }

    const fn address(&self) -> &Url {
        match self {
            Self::Imds { base } => base,
            Self::AppService { endpoint, .. } | Self::Arc { endpoint, .. } => endpoint,
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Imds { .. } => "the metadata service of this virtual machine",
            Self::AppService { .. } => "this App Service or Container App",
            Self::Arc { .. } => "the agent of Azure Arc",
        }
    }
}

/// Which identity of several.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum WhichIdentity {
    /// The machine's own.
    #[default]
    System,
    /// One that was assigned, by its client id.
    ClientId(String),
    /// One that was assigned, by the object id of its service principal.
    ObjectId(String),
    /// One that was assigned, by its resource id (`/subscriptions/…`).
    ResourceId(String),
}

/// A managed identity that can be asked for tokens.
pub struct ManagedIdentity {
    client: Client,
    place: IdentityPlace,
    which: WhichIdentity,
}

impl fmt::Debug for ManagedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManagedIdentity({:?}, {})", self.which, self.place.name())
    }
}

/// A token as these places give it: numbers are text at most of them, and App Service tells only when it ends.
#[derive(Deserialize)]
struct Given {
    access_token: String,
    #[serde(default, deserialize_with = "endpoint::maybe_seconds")]
    expires_in: Option<i64>,
    #[serde(default, deserialize_with = "endpoint::maybe_seconds")]
    expires_on: Option<i64>,
}

impl ManagedIdentity {
    /// The identity at a place. `like` gives clock and ids; proxy and trusted roots of other connections do not matter here.
    ///
    /// # Errors
    /// `Insecure` for an address that leads away from this machine and its link; `Credential` for what the place cannot do.
    pub fn new(
        like: &Client,
        user_agent: &str,
        place: IdentityPlace,
        which: WhichIdentity,
    ) -> Result<Self, SetupError> {
        if !is_near(place.address()) {
            return Err(SetupError::Insecure { address: place.address().to_string() });
        }
        if matches!(place, IdentityPlace::Arc { .. }) && which != WhichIdentity::System {
            return Err(SetupError::Credential {
                detail: "machines in Azure Arc have their own identity only; leave out which one is meant"
                    .to_owned(),
            });
        }
        let mut settings = Settings::new(user_agent);
        settings.connect_timeout = CONNECT;
        settings.request_timeout = ANSWER;
        settings.answer_limit = 256 * 1_024;
        let client = Client::new(&settings, like.ids().clone(), std::sync::Arc::clone(like.clock()))?;
        Ok(Self { client, place, which })
    }

    /// Who gives the tokens, for people.
    pub const fn place(&self) -> &'static str {
        self.place.name()
    }

    /// A token for a scope, and how many seconds it lives.
    pub(super) async fn token(&self, scope: &str) -> Result<(AccessToken, i64), NetError> {
        let resource = scope.strip_suffix("/.default").unwrap_or(scope);
        let mut pauses = PAUSES.iter();
        loop {
            let asked = self.client.clock().now();
            let given = match self.ask(resource).await {
                Ok(given) => given,
                Err(error) => match pauses.next().filter(|_| is_not_ready(&error)) {
                    Some(pause) => {
                        tokio::time::sleep(*pause).await;
                        continue;
                    }
                    None => return Err(self.told(error)),
                },
            };
            return self.read(given, asked);
        }
    }

    fn read(&self, given: Given, asked: Timestamp) -> Result<(AccessToken, i64), NetError> {
        let text = Zeroizing::new(given.access_token);
        let garbled = |detail: &str| NetError::Garbled {
            host: self.place.address().host_str().unwrap_or_default().to_owned(),
            detail: detail.to_owned(),
        };
        let token = AccessToken::new(&text)
            .ok_or_else(|| garbled("the token holds characters that no header can carry"))?;
        let left = given.expires_on.map(|end| end.saturating_sub(asked.as_seconds()));
        let life = given.expires_in.or(left).ok_or_else(|| garbled("it does not say when the token ends"))?;
        Ok((token, life))
    }

    async fn ask(&self, resource: &str) -> Result<Given, NetError> {
        let request = match &self.place {
            IdentityPlace::Imds { base } => {
                let mut query = vec![("api-version", "2018-02-01"), ("resource", resource)];
                query.extend(self.named(["client_id", "object_id", "msi_res_id"]));
                let address = odata::address(base, &["metadata", "identity", "oauth2", "token"], &query);
                Request::get(address).header("metadata", "true")
            }
            IdentityPlace::AppService { endpoint, header } => {
                let mut query = vec![("api-version", "2019-08-01"), ("resource", resource)];
                query.extend(self.named(["client_id", "principal_id", "mi_res_id"]));
                Request::get(odata::address(endpoint, &[], &query))
                    .private_header("x-identity-header", header)?
            }
            IdentityPlace::Arc { endpoint, challenges } => {
                let query = [("api-version", "2020-06-01"), ("resource", resource)];
                let request = Request::get(odata::address(endpoint, &[], &query)).header("metadata", "true");
                let answer = self.client.send(&request).await;
                let challenge = match answer {
                    Err(NetError::Unauthorized { reply, .. }) => reply.challenge.unwrap_or_default(),
                    Err(error) => return Err(error),
                    Ok(answer) => return answer.json(),
                };
                let proof = proof_of_access(&challenge, challenges).await?;
                request.private_header("authorization", &proof)?
            }
        };
        self.client.send(&request).await?.json()
    }

    fn named<'a>(&'a self, names: [&'static str; 3]) -> Option<(&'static str, &'a str)> {
        let [client, object, resource] = names;
        match &self.which {
            WhichIdentity::System => None,
            WhichIdentity::ClientId(id) => Some((client, id)),
            WhichIdentity::ObjectId(id) => Some((object, id)),
            WhichIdentity::ResourceId(id) => Some((resource, id)),
        }
    }

    /// What an error means here.
    fn told(&self, error: NetError) -> NetError {
        let place = self.place.name();
        match login_error(error) {
            NetError::LoginRefused(refusal) => {
                let Refusal { error, description, .. } = *refusal;
                let hint = format!(
                    "{place} gives no token: {description}; check that the identity is switched on here (system-assigned) or \
                     assigned to it (user-assigned)"
                );
                NetError::LoginRefused(Box::new(Refusal {
                    error,
                    number: None,
                    description,
                    hint,
                    trace_id: None,
                }))
            }
            NetError::Unreachable { host, detail, source } => NetError::Unreachable {
                detail: format!(
                    "{place} does not answer ({detail}); managed identities work on machines in Azure, in its \
                     services, and where the agent of Azure Arc runs"
                ),
                host,
                source,
            },
            // What is not ready may be so later; the scheduler comes back.
            NetError::NotFound { host, reply } => {
                NetError::Server { host, status: 404, retry_after: None, reply }
            }
            NetError::Gone { host, reply, .. } => {
                NetError::Server { host, status: 410, retry_after: None, reply }
            }
            other @ (NetError::OutcomeUnknown { .. }
            | NetError::Throttled { .. }
            | NetError::Server { .. }
            | NetError::Unauthorized { .. }
            | NetError::Forbidden { .. }
            | NetError::Client { .. }
            | NetError::NotJson { .. }
            | NetError::Garbled { .. }
            | NetError::TooLarge { .. }
            | NetError::ForeignLink { .. }
            | NetError::Unsendable { .. }) => other,
        }
    }
}

/// Whether the place says that it may answer in a moment.
fn is_not_ready(error: &NetError) -> bool {
    matches!(
        error,
        NetError::NotFound { .. }
            | NetError::Gone { .. }
            | NetError::Throttled { .. }
            | NetError::Server { .. }
    )
}

/// This machine, its link, or the private network that App Service puts its workers into.
fn is_near(address: &Url) -> bool {
    match (address.scheme(), address.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(ip))) => ip.is_loopback() || ip.is_link_local() || ip.is_private(),
        ("http", Some(Host::Ipv6(ip))) => ip.is_loopback(),
        _ => false,
    }
}

/// Reads the file that a challenge names, which proves that this account may. Any other file is not read: whoever poses as
/// the agent would be given its content.
async fn proof_of_access(challenge: &str, folder: &Path) -> Result<Zeroizing<String>, NetError> {
    let refused = |why: &str| NetError::Unsendable {
        detail: format!(
            "the agent of Azure Arc asks for a proof that is not given: {why}. The account must be in the group `himds` (Linux) \
             or \"Hybrid agent extension applications\" (Windows), and the agent must be the real one"
        ),
    };
    let (scheme, realm) = challenge.split_once(' ').unwrap_or_default();
    let file = realm.trim().strip_prefix("realm=").map(|path| PathBuf::from(path.trim_matches('"')));
    let Some(file) = file.filter(|_| scheme.eq_ignore_ascii_case("basic")) else {
        return Err(refused("it names no file"));
    };
    if file.extension().and_then(|extension| extension.to_str()) != Some("key") {
        return Err(refused("the file it names is no .key"));
    }
    if file.parent() != Some(folder) {
        return Err(refused("the file it names lies in another folder than the agent's"));
    }
    let length = match tokio::fs::symlink_metadata(&file).await {
        Ok(found) if found.is_file() => found.len(),
        Ok(_) => return Err(refused("what it names is no file")),
        Err(error) => return Err(refused(&format!("the file it names cannot be read ({error})"))),
    };
    if length > LARGEST_CHALLENGE {
        return Err(refused("the file it names is longer than a challenge"));
    }
    let read = tokio::fs::read(&file).await;
    let bytes = Zeroizing::new(
        read.map_err(|error| refused(&format!("the file it names cannot be read ({error})")))?,
    );
    // The agent takes the file's content as it is. What no header can carry is refused where the header is made.
    let text = std::str::from_utf8(&bytes).map_err(|_| refused("the file it names does not hold text"))?;
    Ok(Zeroizing::new(format!("Basic {}", text.trim_end())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_addresses_may_be_plain() {
        let near = |text: &str| is_near(&Url::parse(text).unwrap());
        for address in [
            "http://169.254.169.254/",
            "http://127.0.0.1:41056/msi/token",
            "http://localhost:40342/",
            "http://172.16.3.5:8081/msi/token",
        ] {
            assert!(near(address), "{address}");
        }
        for address in
            ["http://example.com/", "http://20.1.2.3/", "http://localhost.example.com/", "ftp://localhost/"]
        {
            assert!(!near(address), "{address}");
        }
    }

    #[tokio::test]
    async fn a_challenge_is_answered_from_the_agents_folder_only() {
        let folder = tempfile::tempdir().unwrap();
        let tokens = folder.path().join("tokens");
        std::fs::create_dir(&tokens).unwrap();
        let file = |path: PathBuf, content: &str| {
            std::fs::write(&path, content).unwrap();
            path
        };
        let good = file(tokens.join("a.key"), "s3cret\n");
        let outside = file(folder.path().join("b.key"), "other");
        let named = file(tokens.join("c.txt"), "other");
        let long = file(tokens.join("d.key"), &"x".repeat(4_097));
        let asked =
            async |path: &Path| proof_of_access(&format!("Basic realm={}", path.display()), &tokens).await;
        assert_eq!(asked(&good).await.unwrap().as_str(), "Basic s3cret");
        let around = tokens.join("../tokens/a.key");
        for (path, why) in [
            (&outside, "another folder"),
            (&named, "no .key"),
            (&long, "longer"),
            (&around, "another folder"),
        ] {
            let error = asked(path).await.unwrap_err().to_string();
            assert!(error.contains(why), "{}: {error}", path.display());
        }
        #[cfg(unix)]
        {
            let link = tokens.join("e.key");
            std::os::unix::fs::symlink(&outside, &link).unwrap();
            assert!(asked(&link).await.unwrap_err().to_string().contains("no file"));
        }
        for nonsense in ["", "Basic", "Bearer realm=/x.key", "Basic /x.key"] {
            assert!(
                proof_of_access(nonsense, &tokens).await.unwrap_err().to_string().contains("names no file")
            );
        }
    }
}
