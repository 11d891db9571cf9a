//! Where Microsoft's clouds live. Data only: every address can be overridden by the settings.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::SetupError;

/// One of Microsoft's separate clouds. GCC tenants (not High) live in [`Cloud::Global`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// The worldwide cloud.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGovL4,
    /// US Government L5 (Department of Defense).
    UsGovL5,
    /// China, operated by 21Vianet.
    China,
}

/// The host names of one cloud.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hosts {
    /// Entra ID's login.
    pub authority: &'static str,
    /// Microsoft Graph.
    pub graph: &'static str,
    /// Exchange Online.
    pub exchange: &'static str,
    /// Key Vault, without the vault's name.
    pub key_vault: &'static str,
    /// Managed HSM, without the HSM's name; `None` where it is not offered.
    pub managed_hsm: Option<&'static str>,
    /// Azure SQL, as the resource of tokens.
    pub sql: &'static str,
    /// Mail submission; `None` where it is not known.
    pub smtp: Option<&'static str>,
}

impl Cloud {
    /// All clouds, the worldwide one first.
    pub const ALL: [Self; 4] = [Self::Global, Self::UsGovL4, Self::UsGovL5, Self::China];

    /// The cloud's host names.
    pub const fn hosts(self) -> Hosts {
        match self {
            Self::Global => Hosts {
                authority: "login.microsoftonline.com",
                graph: "graph.microsoft.com",
                exchange: "outlook.office365.com",
                key_vault: "vault.azure.net",
                managed_hsm: Some("managedhsm.azure.net"),
                sql: "database.windows.net",
                smtp: Some("smtp.office365.com"),
            },
            Self::UsGovL4 => Hosts {
                authority: "login.microsoftonline.us",
                graph: "graph.microsoft.us",
                exchange: "outlook.office365.us",
                key_vault: "vault.usgovcloudapi.net",
                managed_hsm: Some("managedhsm.usgovcloudapi.net"),
                sql: "database.usgovcloudapi.net",
                smtp: Some("smtp.office365.us"),
            },
            Self::UsGovL5 => Hosts {
                authority: "login.microsoftonline.us",
                graph: "dod-graph.microsoft.us",
                exchange: "outlook-dod.office365.us",
                key_vault: "vault.usgovcloudapi.net",
                managed_hsm: None,
                sql: "database.usgovcloudapi.net",
                smtp: None,
            },
            Self::China => Hosts {
                authority: "login.partner.microsoftonline.cn",
                graph: "microsoftgraph.chinacloudapi.cn",
                exchange: "outlook.office365.cn",
                key_vault: "vault.azure.cn",
                managed_hsm: Some("managedhsm.azure.cn"),
                sql: "database.chinacloudapi.cn",
                smtp: Some("smtp.partner.outlook.cn"),
            },
        }
    }
}

/// The addresses that the product calls. Start with [`Endpoints::of`] and override what the settings name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoints {
    /// Entra ID, without the tenant: `https://login.microsoftonline.com/`.
    pub authority: Url,
    /// Microsoft Graph, without the version: `https://graph.microsoft.com/`.
    pub graph: Url,
    /// For which resource Graph tokens are asked. It stays the cloud's own when `graph` is a gateway.
    pub graph_resource: String,
    /// Exchange Online: `https://outlook.office365.com/`.
    pub exchange: Url,
    /// For which resource Exchange tokens are asked. It stays the cloud's own when `exchange` is a gateway.
    pub exchange_resource: String,
    /// Key Vault, without the vault's name: `vault.azure.net`. Tokens for vaults are made for it, too.
    pub key_vault: String,
    /// Managed HSM, without the HSM's name; `None` where it is not offered.
    pub managed_hsm: Option<String>,
    /// For which resource tokens for Azure SQL are asked: `https://database.windows.net`.
    pub sql_resource: String,
    /// Mail submission; `None` where it is not known and nothing is configured.
    pub smtp: Option<String>,
}

impl Endpoints {
    /// The addresses of a cloud.
    pub fn of(cloud: Cloud) -> Self {
        let hosts = cloud.hosts();
        Self {
            authority: https(hosts.authority),
            graph: https(hosts.graph),
            graph_resource: format!("https://{}", hosts.graph),
            exchange: https(hosts.exchange),
            exchange_resource: format!("https://{}", hosts.exchange),
            key_vault: hosts.key_vault.to_owned(),
            managed_hsm: hosts.managed_hsm.map(str::to_owned),
            sql_resource: format!("https://{}", hosts.sql),
            smtp: hosts.smtp.map(str::to_owned),
        }
    }

    /// For which resource tokens for the vault at `host` are asked, by the suffix of its name; `None` for a host that is no
    /// vault of this cloud.
    pub fn vault_resource(&self, host: &str) -> Option<String> {
        let below = |suffix: &str| {
            let name = host.strip_suffix(suffix).and_then(|name| name.strip_suffix('.'));
            name.is_some_and(|name| !name.is_empty() && !name.contains('.'))
                .then(|| format!("https://{suffix}"))
        };
        below(&self.key_vault).or_else(|| self.managed_hsm.as_deref().and_then(below))
    }
}

#[expect(clippy::expect_used, reason = "the table above holds host names only, and a test reads all of them")]
fn https(host: &str) -> Url {
    Url::parse(&format!("https://{host}/")).expect("a host name makes an address")
}

/// Secrets travel over TLS only. Plain HTTP is for this machine's own loopback: simulators and local gateways.
pub(crate) fn require_secure(address: &Url) -> Result<(), SetupError> {
    let loopback = match address.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    match address.scheme() {
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        _ => Err(SetupError::Insecure { address: address.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cloud_has_addresses_and_asks_for_tokens_of_its_own_graph() {
        for cloud in Cloud::ALL {
            let endpoints = Endpoints::of(cloud);
            assert!(require_secure(&endpoints.authority).is_ok());
            assert_eq!(format!("{}/", endpoints.graph_resource), endpoints.graph.as_str());
        }
        assert_eq!(Endpoints::of(Cloud::UsGovL5).graph.as_str(), "https://dod-graph.microsoft.us/");
        let government = Endpoints::of(Cloud::UsGovL4);
        assert_eq!(
            government.vault_resource("seal.vault.usgovcloudapi.net").as_deref(),
            Some("https://vault.usgovcloudapi.net")
        );
        for other in [
            "seal.vault.azure.net",
            "vault.usgovcloudapi.net",
            "xvault.usgovcloudapi.net",
            "a.b.vault.usgovcloudapi.net",
            "",
        ] {
            assert_eq!(government.vault_resource(other), None, "{other}");
        }
        assert_eq!(Endpoints::of(Cloud::China).exchange.as_str(), "https://outlook.office365.cn/");
        assert_eq!(Endpoints::of(Cloud::UsGovL4).sql_resource, "https://database.usgovcloudapi.net");
        assert_eq!(
            Endpoints::of(Cloud::China).authority.as_str(),
            "https://login.partner.microsoftonline.cn/"
        );
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for address in ["http://localhost:8080/", "http://127.0.0.1/", "http://[::1]:1/", "https://a.test/"] {
            assert!(require_secure(&Url::parse(address).unwrap()).is_ok(), "{address}");
        }
        for address in ["http://a.test/", "http://localhost.a.test/", "ftp://localhost/", "http://10.0.0.1/"]
        {
            assert!(require_secure(&Url::parse(address).unwrap()).is_err(), "{address}");
        }
    }
}
