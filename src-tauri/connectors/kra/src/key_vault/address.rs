//! The address of a key or certificate in a vault: `https://NAME.vault.azure.net/keys/KEY/VERSION`.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// What an address leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VaultObject {
    /// `/keys/…`
    Key,
    /// `/certificates/…`: the key is the one that belongs to it.
    Certificate,
}

impl VaultObject {
    /// The collection, as addresses write it.
    pub const fn collection(self) -> &'static str {
        match self {
            Self::Key => "keys",
            Self::Certificate => "certificates",
        }
    }
}

/// The address of a key or certificate in a vault. Whether the host is a vault is asked later, before anything is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyVaultAddress {
    /// The vault, without a path.
    pub(crate) base: Url,
    pub(crate) object: VaultObject,
    pub(crate) name: String,
    /// Without one nothing is opened: the current one is named instead.
    pub(crate) version: Option<String>,
}

impl KeyVaultAddress {
    /// The vault, without a path.
    pub fn vault(&self) -> &Url {
        &self.base
    }

    /// What it leads to.
    pub const fn object(&self) -> VaultObject {
        self.object
    }

    /// Another object in the same vault.
    pub(crate) fn beside(&self, object: VaultObject, name: &str, version: Option<&str>) -> Self {
        Self { base: self.base.clone(), object, name: name.to_owned(), version: version.map(str::to_owned) }
    }

    /// The segments of its path.
    pub(crate) fn segments(&self) -> Vec<&str> {
        let mut segments = vec![self.object.collection(), self.name.as_str()];
        segments.extend(self.version.as_deref());
        segments
    }

    /// Whether two addresses name the same object, whatever the host they were reached by. Names are the same in any case.
    pub(crate) fn is_same_object(&self, other: &Self) -> bool {
        let version = |address: &Self| address.version.as_deref().map(str::to_ascii_lowercase);
        self.object == other.object
            && self.name.eq_ignore_ascii_case(&other.name)
            && version(self) == version(other)
    }
}

impl FromStr for KeyVaultAddress {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "https://VAULT.vault.azure.net/keys/NAME/VERSION, or the same with certificates";
        let url =
            Url::parse(typed.trim()).map_err(|error| format!("it is no address ({error}); write {SHAPE}"))?;
        if url.scheme() != "https" {
            return Err(format!("vaults are reached by https only; write {SHAPE}"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it holds a user name or password; vaults are signed in to by Entra ID".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("it has more than a path; write {SHAPE}"));
        }
        let segments: Vec<&str> = url
            .path_segments()
            .map(|segments| segments.filter(|segment| !segment.is_empty()).collect())
            .unwrap_or_default();
        let (collection, name, version) = match segments.as_slice() {
            [collection, name] => (*collection, *name, None),
            [collection, name, version] => (*collection, *name, Some(*version)),
            _ => return Err(format!("it does not lead to a key; write {SHAPE}")),
        };
        let object = match collection {
            "keys" => VaultObject::Key,
            "certificates" => VaultObject::Certificate,
            other => return Err(format!("`{other}` are not keys; write {SHAPE}")),
        };
        let plain = |text: &str, more: fn(char) -> bool| {
            !text.is_empty()
                && text.len() <= 127
                && text.chars().all(|c| c.is_ascii_alphanumeric() || more(c))
        };
        if !plain(name, |c| c == '-') {
            return Err(format!("`{name}` is no name of a key in a vault: letters, digits and hyphens only"));
        }
        if let Some(version) = version
            && !plain(version, |_| false)
        {
            return Err(format!("`{version}` is no version of a key: letters and digits only"));
        }
        let (name, version) = (name.to_owned(), version.map(str::to_owned));
        let mut base = url;
        base.set_path("");
        Ok(Self { base, object, name, version })
    }
}

impl fmt::Display for KeyVaultAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.base, self.segments().join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_a_version_and_written_as_they_were() {
        for text in [
            "https://contoso.vault.azure.net/keys/kra/0123456789abcdef0123456789abcdef",
            "https://contoso.vault.azure.net/certificates/kra-1/0123",
            "https://contoso.managedhsm.azure.net/keys/KRA",
            "https://localhost:8443/keys/kra/1",
        ] {
            assert_eq!(text.parse::<KeyVaultAddress>().unwrap().to_string(), text);
        }
        let bare = "https://contoso.vault.azure.net/keys/kra/".parse::<KeyVaultAddress>().unwrap();
        assert_eq!((bare.name.as_str(), bare.version), ("kra", None));
    }

    #[test]
    fn what_is_no_address_of_a_key_says_what_one_looks_like() {
        for (text, why) in [
            ("http://contoso.vault.azure.net/keys/kra/1", "https only"),
            ("https://anna:pw@contoso.vault.azure.net/keys/kra/1", "user name"),
            ("https://contoso.vault.azure.net/keys/kra/1?x=y", "more than a path"),
            ("https://contoso.vault.azure.net/", "lead to a key"),
            ("https://contoso.vault.azure.net/keys/kra/1/unwrapkey", "lead to a key"),
            ("https://contoso.vault.azure.net/secrets/kra/1", "`secrets`"),
            ("https://contoso.vault.azure.net/keys/k%2Fa/1", "letters, digits"),
            ("https://contoso.vault.azure.net/keys/kra/1-2", "no version"),
            ("https://", "no address"),
        ] {
            let refused = text.parse::<KeyVaultAddress>().unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }

    #[test]
    fn the_same_object_is_told_whatever_the_host_and_the_case_of_names() {
        let address = |text: &str| text.parse::<KeyVaultAddress>().unwrap();
        let kra = address("https://a.vault.azure.net/keys/kra/ABC");
        assert!(kra.is_same_object(&address("https://localhost:1/keys/KRA/abc")));
        for other in ["keys/kra/abd", "keys/kra2/abc", "keys/kra", "certificates/kra/abc"] {
            assert!(!kra.is_same_object(&address(&format!("https://a.vault.azure.net/{other}"))), "{other}");
        }
    }
}
