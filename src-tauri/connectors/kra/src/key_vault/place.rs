//! Which hosts are vaults, and what tokens for them are made for. No token is made for anything that is not in this table.

use net::{Cloud, Endpoints};
use url::{Host, Url};

use super::address::KeyVaultAddress;

/// A vault's place in Microsoft's clouds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    /// What tokens for it are made for.
    pub(super) resource: String,
    /// Where its people sign in.
    pub(super) authority: Url,
}

impl Place {
    /// The place of an address. `gateway` is a vault elsewhere that the settings name: it stands for one in the worldwide
    /// cloud.
    pub(super) fn of(address: &KeyVaultAddress, gateway: Option<&Url>) -> Result<Self, String> {
        if gateway
            .is_some_and(|gateway| gateway.scheme() == "https" && gateway.origin() == address.base.origin())
        {
            return Ok(Self::at(Cloud::Global, Cloud::Global.hosts().key_vault));
        }
        let known = Cloud::ALL.into_iter().flat_map(|cloud| {
            let hosts = cloud.hosts();
            [Some(hosts.key_vault), hosts.managed_hsm]
                .into_iter()
                .flatten()
                .map(move |suffix| (cloud, suffix))
        });
        let (vault, port) = match address.base.host() {
            Some(Host::Domain(host)) => (host, address.base.port()),
            _ => ("", None),
        };
        for (cloud, suffix) in known {
            // One label before the suffix: the vault's name.
            let name = vault.strip_suffix(suffix).and_then(|front| front.strip_suffix('.'));
            if name.is_some_and(|name| !name.is_empty() && !name.contains('.')) && port.is_none() {
                return Ok(Self::at(cloud, suffix));
            }
        }
        Err(format!(
            "{} is no vault: addresses of vaults end with .vault.azure.net, .managedhsm.azure.net, or the same of a \
             sovereign cloud; name another gateway to your vault as url under [key-vault] in sealwright.toml",
            address.base.host_str().unwrap_or("it")
        ))
    }

    fn at(cloud: Cloud, suffix: &str) -> Self {
        Self { resource: format!("https://{suffix}"), authority: Endpoints::of(cloud).authority }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(address: &str, gateway: Option<&str>) -> Result<Place, String> {
        let gateway = gateway.map(|gateway| Url::parse(gateway).unwrap());
        Place::of(&format!("{address}/keys/kra/1").parse().unwrap(), gateway.as_ref())
    }

    #[test]
    fn every_cloud_has_its_vaults_and_its_sign_in() {
        for (host, resource, authority) in [
            ("a.vault.azure.net", "https://vault.azure.net", "login.microsoftonline.com"),
            ("a.managedhsm.azure.net", "https://managedhsm.azure.net", "login.microsoftonline.com"),
            ("a.vault.usgovcloudapi.net", "https://vault.usgovcloudapi.net", "login.microsoftonline.us"),
            (
                "a.managedhsm.usgovcloudapi.net",
                "https://managedhsm.usgovcloudapi.net",
                "login.microsoftonline.us",
            ),
            ("a.vault.azure.cn", "https://vault.azure.cn", "login.partner.microsoftonline.cn"),
            ("A.Vault.Azure.NET", "https://vault.azure.net", "login.microsoftonline.com"),
        ] {
            let found = place(&format!("https://{host}"), None).unwrap();
            assert_eq!(
                (found.resource.as_str(), found.authority.host_str()),
                (resource, Some(authority)),
                "{host}"
            );
        }
    }

    #[test]
    fn a_host_that_only_looks_like_a_vault_is_none() {
        for host in [
            "vault.azure.net",
            "evilvault.azure.net",
            "a.vault.azure.net.evil.test",
            "a.b.vault.azure.net",
            "a.vault.azure.net:8443",
            "localhost:8443",
            "127.0.0.1",
            "contoso.example",
        ] {
            let refused = place(&format!("https://{host}"), Some("https://localhost:9999/")).unwrap_err();
            assert!(refused.contains("is no vault") && refused.contains("[key-vault]"), "{host}: {refused}");
        }
    }

    #[test]
    fn a_gateway_is_exactly_the_one_that_the_settings_name() {
        assert!(place("https://localhost:8443", Some("https://localhost:8443/")).is_ok());
        assert!(place("https://localhost:8443", Some("https://localhost:8444/")).is_err());
        assert!(place("https://localhost:8443", Some("http://localhost:8443/")).is_err());
        assert!(place("https://127.0.0.1:8443", Some("https://localhost:8443/")).is_err());
    }
}
