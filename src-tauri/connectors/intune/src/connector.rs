//! The tenant's certificate connectors, as far as we know them: public keys, and the names of their private halves.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::ConnectorKey;
use ports::{DeliveryError, Package};

use crate::UnusableSetting;

/// `NCRYPT_PAD_OAEP_FLAG`, as the test service wants it.
const OAEP_FLAG: u32 = 4;

/// A key that lies on every server of a certificate connector under the same names.
#[derive(Clone, Debug)]
pub struct Connector {
    /// Its public half.
    pub key: ConnectorKey,
    /// The key storage provider on the servers that holds the private half.
    pub provider_name: String,
    /// The key's name in that provider.
    pub key_name: String,
}

impl Connector {
    /// # Errors
    /// [`UnusableSetting`] for empty names, and for names that are not printable.
    pub fn check(&self) -> Result<(), UnusableSetting> {
        for (setting, value) in [("provider_name", &self.provider_name), ("key_name", &self.key_name)] {
            let why = if value.trim().is_empty() {
                "it is empty"
            } else if value.chars().any(char::is_control) {
                "it holds a control character"
            } else {
                continue;
            };
            let why = format!("{why}; give what was used with Add-IntuneKspKey on the connector's server");
            return Err(UnusableSetting { setting, why });
        }
        Ok(())
    }

    /// The one line of `PFXImportTestFile.txt` with which Microsoft's test service (`OnPremValidation` beside its PFX import
    /// module) shows that a connector's server decrypts what is encrypted here: `plain:encrypted:provider:key:SHA512:4`.
    /// `secret` stands in it in clear and is good for nothing else.
    ///
    /// # Errors
    /// [`UnusableSetting`] for names with a colon, which the line cannot hold, and for a secret that cannot be a password.
    pub fn self_test(&self, secret: &str) -> Result<String, UnusableSetting> {
        for (setting, value) in
            [("provider_name", self.provider_name.as_str()), ("key_name", &self.key_name), ("secret", secret)]
        {
            if value.contains(':') {
                let why = "it holds a colon, which separates the parts of the test's line".to_owned();
                return Err(UnusableSetting { setting, why });
            }
        }
        let encrypted = self
            .key
            .encrypt_password(secret)
            .map_err(|error| UnusableSetting { setting: "secret", why: error.to_string() })?;
        Ok(format!(
            "{secret}:{}:{}:{}:SHA512:{OAEP_FLAG}",
            STANDARD.encode(encrypted),
            self.provider_name,
            self.key_name
        ))
    }
}

/// All that are known.
#[derive(Clone, Debug)]
pub struct Connectors {
    /// The one for packages that name none.
    pub default: Connector,
    /// Those that a package may name.
    pub further: BTreeMap<String, Connector>,
}

impl Connectors {
    /// One for everything.
    pub const fn one(default: Connector) -> Self {
        Self { default, further: BTreeMap::new() }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Connector)> {
        let further = self.further.iter().map(|(name, connector)| (name.as_str(), connector));
        std::iter::once(("default", &self.default)).chain(further)
    }

    pub(crate) fn check(&self) -> Result<(), UnusableSetting> {
        self.all().try_for_each(|(_, connector)| connector.check())
    }

    /// To whose key the package's password is encrypted.
    pub(crate) fn of(&self, package: &Package) -> Result<&Connector, DeliveryError> {
        let Some(name) = &package.connector else { return Ok(&self.default) };
        self.further.get(name).ok_or_else(|| DeliveryError::NotSetUp {
            hint: format!(
                "the template names the Intune connector `{name}`, which this installation does not know; import its key with \
                 `sealwright connector import FILE --name {name} --key-name KEY`, or correct the template"
            ),
        })
    }
}
