//! The address of a key on a token: a PKCS#11 URI (RFC 7512), as `p11tool`, OpenSSH and systemd write it, too.
//!
//! `pkcs11:token=KRA%201;serial=0123;id=%03?module-path=/usr/lib/opensc-pkcs11.so`

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// What every such address begins with.
pub(crate) const SCHEME: &str = "pkcs11:";

/// Which token, which key on it, and by which module it is reached. What is not said may be anything.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TokenUri {
    /// The token's label.
    pub token: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// Who made it.
    pub manufacturer: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// The slot's number; it may change when a reader is plugged in.
    pub slot: Option<u64>,
    /// `CKA_ID` of certificate and key.
    pub id: Option<Vec<u8>>,
    /// `CKA_LABEL` of the certificate.
    pub object: Option<String>,
    /// The module, as a file.
    pub module: Option<PathBuf>,
}

impl FromStr for TokenUri {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let typed = typed.trim();
        let rest = typed
            .get(..SCHEME.len())
            .filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
            .and_then(|_| typed.get(SCHEME.len()..))
            .ok_or_else(|| format!("the address of a token begins with `{SCHEME}`"))?;
        let (path, query) = rest.split_once('?').map_or((rest, ""), |(path, query)| (path, query));
        let mut uri = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for (attribute, in_query) in path
            .split(';')
            .map(|attribute| (attribute, false))
            .chain(query.split('&').map(|attribute| (attribute, true)))
            .filter(|(attribute, _)| !attribute.is_empty())
        {
            let (name, value) = attribute
                .split_once('=')
                .ok_or_else(|| format!("`{attribute}` is no attribute; write NAME=VALUE"))?;
            if seen.contains(&name) {
                return Err(format!("`{name}` stands there twice"));
            }
            seen.push(name);
            uri.take(name, value, in_query)?;
        }
        Ok(uri)
    }
}

impl TokenUri {
    fn take(&mut self, name: &str, value: &str, in_query: bool) -> Result<(), String> {
        match (name, in_query) {
            ("token", false) => self.token = Some(text(name, value)?),
            ("serial", false) => self.serial = Some(text(name, value)?),
            ("manufacturer", false) => self.manufacturer = Some(text(name, value)?),
            ("model", false) => self.model = Some(text(name, value)?),
            ("object", false) => self.object = Some(text(name, value)?),
            ("id", false) => self.id = Some(filled(name, octets(name, value)?)?),
            ("slot-id", false) => {
                let number = text(name, value)?.parse();
                self.slot = Some(number.map_err(|_| "`slot-id` is a whole number".to_owned())?);
            }
            // What p11tool writes at the end: either names the same pair.
            ("type", false) => match text(name, value)?.as_str() {
                "cert" | "private" => {}
                other => return Err(format!("`type={other}` is no key pair; leave `type` out")),
            },
            ("module-path", true) => {
                let path = PathBuf::from(text(name, value)?);
                if !path.is_absolute() {
                    return Err("`module-path` is the whole path of the module's file".to_owned());
                }
                self.module = Some(path);
            }
            ("module-name", true) => {
                return Err("`module-name` is not looked up here; name the module's file with `module-path`"
                    .to_owned());
            }
            ("pin-value", _) => {
                return Err("a PIN does not belong into an address (`pin-value`): it would stay in the shell's history \
                            and show in the list of processes; it is asked for, or read from `--password-file FILE`"
                    .to_owned());
            }
            ("pin-source", _) => {
                return Err(
                    "name the file with the PIN by `--password-file FILE`, not by `pin-source`".to_owned()
                );
            }
            ("module-path", false) => {
                return Err(
                    "`module-path` stands behind a question mark: `pkcs11:…?module-path=FILE`".to_owned()
                );
            }
            ("token" | "serial" | "manufacturer" | "model" | "object" | "id" | "slot-id" | "type", true) => {
                return Err(format!("`{name}` stands before the question mark, after a semicolon"));
            }
            _ => {
                return Err(format!(
                    "`{name}` is not used here; a token is found by token, serial, manufacturer, model and slot-id, its \
                     key by id and object"
                ));
            }
        }
        Ok(())
    }
}

/// The octets behind the percent signs (RFC 3986 section 2.1).
fn octets(name: &str, value: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            out.push(*first);
            continue;
        }
        let digits = rest.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let octet = digits
            .filter(|two| two.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|two| u8::from_str_radix(two, 16).ok())
            .ok_or_else(|| {
                format!("`{name}` has a percent sign without two hexadecimal digits; itself it is `%25`")
            })?;
        out.push(octet);
        rest = &rest[2..];
    }
    Ok(out)
}

fn text(name: &str, value: &str) -> Result<String, String> {
    let decoded = String::from_utf8(filled(name, octets(name, value)?)?)
        .map_err(|_| format!("`{name}` is not text in UTF-8"))?;
    if decoded.contains('\0') { Err(format!("`{name}` contains NUL")) } else { Ok(decoded) }
}

fn filled(name: &str, value: Vec<u8>) -> Result<Vec<u8>, String> {
    if value.is_empty() { Err(format!("`{name}` is empty; leave it out")) } else { Ok(value) }
}

impl fmt::Display for TokenUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let mut add = |name: &str, value: Option<&[u8]>, all: bool| {
            if let Some(value) = value {
                parts.push(format!("{name}={}", encoded(value, all)));
            }
        };
        add("token", self.token.as_deref().map(str::as_bytes), false);
        add("serial", self.serial.as_deref().map(str::as_bytes), false);
        add("manufacturer", self.manufacturer.as_deref().map(str::as_bytes), false);
        add("model", self.model.as_deref().map(str::as_bytes), false);
        add("slot-id", self.slot.map(|slot| slot.to_string()).as_deref().map(str::as_bytes), false);
        // Octets and no text: all of them in percent form, as RFC 7512 section 2.3 advises.
        add("id", self.id.as_deref(), true);
        add("object", self.object.as_deref().map(str::as_bytes), false);
        write!(f, "{SCHEME}{}", parts.join(";"))?;
        match &self.module {
            Some(module) => write!(f, "?module-path={}", encoded(module.to_string_lossy().as_bytes(), false)),
            None => Ok(()),
        }
    }
}

fn encoded(value: &[u8], all: bool) -> String {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~/:,+@".contains(&octet);
    let write = |octet: &u8| match *octet {
        octet if !all && plain(octet) => char::from(octet).to_string(),
        octet => format!("%{octet:02X}"),
    };
    value.iter().map(write).collect()
}

#[cfg(test)]
#[path = "uri_tests.rs"]
mod tests;
