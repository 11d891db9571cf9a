//! A session with a key vault: it says for which resource it wants a token, and gets none for any other.
//!
//! A vault is asked without a token first. What it answers is compared with the resource that its own address stands for;
//! somebody who poses as a vault could otherwise name a resource of their liking and collect tokens for it. The tenant is
//! taken from the answer, the place to sign in never: that comes from the settings.

use uuid::Uuid;

use ports::Unpaced;
use url::Url;

use crate::answer::Answer;
use crate::client::Client;
use crate::entra::{AccessToken, Application, SignedIn, TokenSource};
use crate::error::{NetError, SetupError};
use crate::odata;
use crate::request::Request;

/// Why a vault is not signed in to. Nothing secret was sent.
#[derive(Debug, thiserror::Error)]
pub enum ChallengeError {
    /// The vault did not get so far as to say what it wants.
    #[error(transparent)]
    Net(#[from] NetError),
    /// It wants a token for another resource.
    #[error(
        "{host} asks for a token for {found} instead of {expected}; nobody signs in, and no token is sent"
    )]
    Foreign {
        /// Who.
        host: String,
        /// The resource that the address stands for.
        expected: String,
        /// What it asks for.
        found: String,
    },
    /// It says nothing that could be understood.
    #[error("{host} does not say where to sign in: {detail}")]
    Unreadable {
        /// Who.
        host: String,
        /// What is wrong.
        detail: String,
    },
}

/// A vault that has said what it wants, and wants what it should.
#[derive(Clone, Debug)]
pub struct Challenge {
    client: Client,
    base: Url,
    resource: String,
    tenant: Uuid,
}

impl Challenge {
    /// Asks the vault at `base` for `path` and `query` without a token. `resource` is what tokens for it are made for
    /// (`https://vault.azure.net`).
    ///
    /// # Errors
    /// `Foreign` when it asks for a token for something else.
    pub async fn of(
        client: &Client,
        base: &Url,
        path: &[&str],
        query: &[(&str, &str)],
        resource: &str,
    ) -> Result<Self, ChallengeError> {
        let host = base.host_str().unwrap_or_default().to_owned();
        let unreadable =
            |detail: &str| ChallengeError::Unreadable { host: host.clone(), detail: detail.to_owned() };
        let reply = match client.send(&Request::get(odata::address(base, path, query))).await {
            Err(NetError::Unauthorized { reply, .. }) => reply,
            Err(error) => return Err(error.into()),
            Ok(_) => return Err(unreadable("it answers without asking who we are; this is no key vault")),
        };
        let told = reply.challenge.unwrap_or_default();
        let parameters =
            parameters(&told).ok_or_else(|| unreadable("its challenge is not of the kind Bearer"))?;
        let find = |name: &str| {
            parameters
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        };
        let scope = find("scope").map(|scope| scope.strip_suffix("/.default").unwrap_or(scope));
        let found =
            find("resource").or(scope).ok_or_else(|| unreadable("its challenge names no resource"))?;
        if !same_resource(found, resource) {
            let found: String = found.chars().filter(|c| !c.is_control()).take(100).collect();
            return Err(ChallengeError::Foreign { host, expected: resource.to_owned(), found });
        }
        let tenant = find("authorization")
            .or_else(|| find("authorization_uri"))
            .and_then(|address| Url::parse(address).ok())
            .and_then(|address| address.path_segments()?.next()?.parse().ok())
            .ok_or_else(|| unreadable("its challenge names no tenant"))?;
        Ok(Self { client: client.clone(), base: base.clone(), resource: resource.to_owned(), tenant })
    }

    /// The tenant that the vault belongs to, as it says.
    pub const fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// What a person's sign-in must ask for.
    pub fn delegated_scope(&self) -> String {
        format!("{}/user_impersonation", self.resource)
    }

    /// The session of an application that signs in for itself.
    ///
    /// # Errors
    /// As [`TokenSource::new`].
    pub fn as_application(self, authority: &Url, application: Application) -> Result<KeyVault, SetupError> {
        let tokens = Box::new(TokenSource::new(self.client.clone(), authority, application)?);
        let scope = format!("{}/.default", self.resource);
        Ok(KeyVault { login: Login::Application { tokens, scope }, base: self.base, client: self.client })
    }

    /// The session of a person who has signed in.
    pub fn as_person(self, person: SignedIn) -> KeyVault {
        KeyVault { login: Login::Person(person), base: self.base, client: self.client }
    }
}

/// Who calls.
#[derive(Debug)]
enum Login {
    Application { tokens: Box<TokenSource>, scope: String },
    Person(SignedIn),
}

/// A session with one vault.
#[derive(Debug)]
pub struct KeyVault {
    client: Client,
    base: Url,
    login: Login,
}

impl KeyVault {
    /// Who signed in, where a person did and Entra ID says so.
    pub fn account(&self) -> Option<&str> {
        match &self.login {
            Login::Application { .. } => None,
            Login::Person(person) => person.account.as_deref(),
        }
    }

    /// An address in this vault.
    pub fn address(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        odata::address(&self.base, segments, query)
    }

    /// Sends a request with a token. An application's token that is not accepted is dropped, and the request is sent once
    /// more with a new one; nothing has happened in that case.
    ///
    /// # Errors
    /// Everything but 2xx is an error of the matching kind; `LoginRefused` when Entra ID gives no token; `ForeignLink` for
    /// the address of another vault.
    pub async fn send(&self, request: &Request) -> Result<Answer, NetError> {
        if request.url().origin() != self.base.origin() {
            return Err(NetError::ForeignLink {
                expected: self.base.origin().ascii_serialization(),
                found: request.url().origin().ascii_serialization(),
            });
        }
        match &self.login {
            Login::Person(person) => self.send_as(request, &person.token).await,
            Login::Application { tokens, scope } => {
                let token = tokens.token(scope).await?;
                match self.send_as(request, &token).await {
                    Err(NetError::Unauthorized { .. }) => {
                        tokens.forget(scope, &token).await;
                        self.send_as(request, &tokens.token(scope).await?).await
                    }
                    other => other,
                }
            }
        }
    }

    async fn send_as(&self, request: &Request, token: &AccessToken) -> Result<Answer, NetError> {
        self.client.send_as(request, Some(token), &Unpaced).await
    }
}

/// The parameters of a Bearer challenge (RFC 9110 section 11.6.1), as vaults write them: quoted, without escapes.
fn parameters(challenge: &str) -> Option<Vec<(String, String)>> {
    let (scheme, rest) = challenge.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let mut found = Vec::new();
    let mut rest = rest.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find([',', ' ']).unwrap_or(after.len())),
        };
        found.push((name.trim().to_owned(), value.to_owned()));
        rest = left.trim_start_matches([',', ' ']);
    }
    Some(found)
}

/// The same resource, whatever the case of its host and whether it ends with a slash.
fn same_resource(found: &str, expected: &str) -> bool {
    found.trim_end_matches('/').eq_ignore_ascii_case(expected.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(challenge: &str, name: &str) -> Option<String> {
        parameters(challenge)?.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    #[test]
    fn challenges_are_read_as_vaults_and_others_write_them() {
        let vault = r#"Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net""#;
        assert_eq!(named(vault, "resource").unwrap(), "https://vault.azure.net");
        assert_eq!(named(vault, "authorization").unwrap(), "https://login.microsoftonline.com/t");
        let tight = r#"bearer authorization="a",scope="https://vault.azure.net/.default",error=x"#;
        assert_eq!(named(tight, "scope").unwrap(), "https://vault.azure.net/.default");
        assert_eq!(named(tight, "error").unwrap(), "x");
        for nonsense in ["", "Bearer", "Basic realm=\"x\"", "Bearer a", "Bearer a=\"b"] {
            assert_eq!(parameters(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_resource_is_the_whole_of_it() {
        let expected = "https://vault.azure.net";
        for same in ["https://vault.azure.net", "https://Vault.Azure.Net/"] {
            assert!(same_resource(same, expected), "{same}");
        }
        for other in [
            "https://evil.vault.azure.net",
            "https://vault.azure.net.evil.test",
            "https://vault.azure.net/x",
            "http://vault.azure.net",
            "",
        ] {
            assert!(!same_resource(other, expected), "{other}");
        }
    }
}
