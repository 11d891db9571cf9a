//! Keys of Intune connectors: which are known here, and whether each is the one that a person compared.
//!
//! Whoever has the private half reads every password that goes to Intune. A key is used when it is the one whose fingerprint
//! stands in the settings; what another program, a file share or an attacker put in its place is not.

use std::collections::BTreeMap;

use crypto::ConnectorKey;
use intune::{Connector, Connectors};

use crate::settings::{FurtherConnector, Intune};
use crate::tenant::SharedTenant;

/// Name of the connector that is meant where none is named.
pub(crate) const DEFAULT: &str = "default";

/// A connector as settings and key file have it.
pub(crate) struct KnownConnector<'a> {
    /// [`DEFAULT`], or what templates call it.
    pub(crate) name: &'a str,
    pub(crate) provider_name: &'a str,
    pub(crate) key_name: &'a str,
    /// What a person compared.
    pub(crate) pinned: Option<&'a str>,
    file: &'a [u8],
}

impl<'a> KnownConnector<'a> {
    /// All that the settings name, the default one first.
    pub(crate) fn all(settings: &'a Intune, shared: &'a SharedTenant) -> Vec<Self> {
        let Intune { provider_name, key_name, fingerprint, connectors, .. } = settings;
        let mut all = vec![Self {
            name: DEFAULT,
            provider_name,
            key_name,
            pinned: fingerprint.as_deref(),
            file: &shared.connector_key,
        }];
        all.extend(connectors.iter().map(|one| {
            let FurtherConnector { name, provider_name, key_name, fingerprint, .. } = one;
            let file = shared.connector_keys.get(name).map_or(&[][..], Vec::as_slice);
            Self { name, provider_name, key_name, pinned: Some(fingerprint), file }
        }));
        all
    }

    /// Its key, when it is the one that was compared, or when nobody has compared any yet.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub(crate) fn key(&self) -> Result<ConnectorKey, String> {
        let Self { name, pinned, .. } = *self;
        let named = if name == DEFAULT { String::new() } else { format!(" --name {name}") };
        if self.file.is_empty() {
            return Err(format!(
                "the key file of the Intune connector `{name}` is empty or cannot be read; nothing is handed over. Put it back, or \
                 run `sealwright connector import FILE{named}`"
            ));
        }
        let key = ConnectorKey::read(self.file)
            .map_err(|error| format!("the public key of the Intune connector `{name}`: {error}"))?;
        let fingerprint = key.fingerprint();
        match pinned {
            Some(pinned) if pinned != fingerprint => Err(format!(
                "the public key of the Intune connector `{name}` is not the one that was compared: it has the SHA-256 \
                 {fingerprint}, not {pinned}; nothing is handed over. If the connector has a new key, compare it with the \
                 connector's server and run `sealwright connector import FILE{named}` again; otherwise find out who changed the file"
            )),
            Some(_) | None => Ok(key),
        }
    }

    fn usable(&self) -> Result<Connector, String> {
        Ok(Connector {
            key: self.key()?,
            provider_name: self.provider_name.to_owned(),
            key_name: self.key_name.to_owned(),
        })
    }
}

/// All of them, to be used.
///
/// # Errors
/// A sentence that says what to do.
pub(crate) fn all(settings: &Intune, shared: &SharedTenant) -> Result<Connectors, String> {
    let mut further = BTreeMap::new();
    let mut default = None;
    for known in KnownConnector::all(settings, shared) {
        let connector = known.usable()?;
        if known.name == DEFAULT {
            default = Some(connector);
        } else {
            further.insert(known.name.to_owned(), connector);
        }
    }
    let default = default.ok_or_else(|| "no Intune connector is set up".to_owned())?;
    Ok(Connectors { default, further })
}
