//! Tokens in slots and the certificates on them, as far as they show before a PIN is given.

use crypto::X509Certificate;
use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use cryptoki::session::Session;
use cryptoki::slot::{Slot, TokenInfo};
use ports::RecoveryKeyError;

use super::fault;
use super::uri::TokenUri;

/// A token in a slot.
pub(super) struct Token {
    pub(super) slot: Slot,
    /// What the slot calls itself: the reader's name.
    pub(super) reader: String,
    pub(super) info: TokenInfo,
}

impl Token {
    /// The token in words for people, in logs and errors.
    pub(super) fn place(&self) -> String {
        match (self.label().as_str(), self.serial().as_str()) {
            ("", "") => format!("the token in slot {}", self.slot.id()),
            ("", serial) => format!("the token with serial {serial}"),
            (label, "") => format!("token `{label}`"),
            (label, serial) => format!("token `{label}` (serial {serial})"),
        }
    }

    pub(super) fn label(&self) -> String {
        plain(self.info.label())
    }

    pub(super) fn serial(&self) -> String {
        plain(self.info.serial_number())
    }

    pub(super) fn model(&self) -> String {
        plain(self.info.model())
    }

    /// The address that names this token and nothing on it.
    pub(super) fn address(&self) -> TokenUri {
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (token, serial) = (filled(self.info.label()), filled(self.info.serial_number()));
        let slot = (token.is_none() && serial.is_none()).then(|| self.slot.id());
        TokenUri { token, serial, slot, ..TokenUri::default() }
    }

    fn fits(&self, uri: &TokenUri) -> bool {
        let same = |wanted: &Option<String>, is: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted.trim() == is.trim())
        };
        same(&uri.token, self.info.label())
            && same(&uri.serial, self.info.serial_number())
            && same(&uri.manufacturer, self.info.manufacturer_id())
            && same(&uri.model, self.info.model())
            && uri.slot.is_none_or(|slot| slot == self.slot.id())
    }
}

/// What a card calls itself, for terminals and logs: whoever made it chose the characters.
fn plain(text: &str) -> String {
    model::text::printable(text.trim())
}

/// What is in the slots.
pub(super) struct Slots {
    pub(super) tokens: Vec<Token>,
    /// Readers whose token this module cannot read, and why.
    pub(super) unreadable: Vec<(String, String)>,
}

/// Looks into all slots. Blank tokens are left out.
pub(super) fn all(module: &Pkcs11) -> Result<Slots, Error> {
    let (mut tokens, mut unreadable) = (Vec::new(), Vec::new());
    for slot in module.get_slots_with_token()? {
        let reader = module
            .get_slot_info(slot)
            .map_or_else(|_| format!("slot {}", slot.id()), |info| plain(info.slot_description()));
        match module.get_token_info(slot) {
            Ok(info) if info.token_initialized() => tokens.push(Token { slot, reader, info }),
            Ok(_) | Err(Error::Pkcs11(RvError::TokenNotPresent, _)) => {}
            Err(Error::Pkcs11(RvError::TokenNotRecognized, _)) => {
                unreadable.push((reader, "this module does not know such a card".to_owned()));
            }
            Err(error) => unreadable.push((reader, error.to_string())),
        }
    }
    Ok(Slots { tokens, unreadable })
}

/// The one token that fits the address.
pub(super) fn choose(module: &Pkcs11, uri: &TokenUri) -> Result<Token, RecoveryKeyError> {
    let wanted = "the token".to_owned();
    let there = all(module).map_err(|error| fault::told(&wanted, error))?;
    let unreadable: Vec<String> =
        there.unreadable.into_iter().map(|(reader, why)| format!("; in {reader}: {why}")).collect();
    let (mut fitting, others): (Vec<Token>, Vec<Token>) =
        there.tokens.into_iter().partition(|token| token.fits(uri));
    match (fitting.pop(), fitting.is_empty()) {
        (Some(token), true) => Ok(token),
        (None, _) => {
            let hint = if others.is_empty() {
                "no reader has a token; put it in, and see `sealwright kra tokens`".to_owned()
            } else {
                format!("no token fits {uri}; there are: {}", listed(&others))
            };
            Err(RecoveryKeyError::Absent { place: wanted, hint: hint + &unreadable.concat() })
        }
        (Some(token), false) => {
            fitting.push(token);
            Err(RecoveryKeyError::Unfit {
                place: wanted,
                reason: format!("several fit {uri}: {}; name the serial number, too", listed(&fitting)),
            })
        }
    }
}

fn listed(tokens: &[Token]) -> String {
    let mut addresses: Vec<String> = tokens
        .iter()
        .map(|token| {
            // Two tokens may call themselves the same and have no serial number.
            let twins = tokens.iter().filter(|other| other.address() == token.address()).count() > 1;
            let slot = twins.then(|| token.slot.id()).or(token.address().slot);
            TokenUri { slot, ..token.address() }.to_string()
        })
        .collect();
    addresses.sort();
    addresses.join(", ")
}

/// A certificate on a token.
pub(super) struct OnToken {
    pub(super) id: Vec<u8>,
    pub(super) label: String,
    pub(super) certificate: X509Certificate,
}

/// The certificates whose private keys are on the token, as far as that shows without a PIN: private keys mostly do not,
/// but their public halves do. Where neither shows, every certificate may be one.
pub(super) fn certificates(session: &Session) -> Result<Vec<OnToken>, Error> {
    let mut keys = Vec::new();
    for class in [ObjectClass::PRIVATE_KEY, ObjectClass::PUBLIC_KEY] {
        let objects = match session.find_objects(&[Attribute::Class(class)]) {
            // Some say so in place of showing none.
            Err(Error::Pkcs11(RvError::UserNotLoggedIn, _)) => Vec::new(),
            found => found?,
        };
        for object in objects {
            keys.extend(
                session.get_attributes(object, &[AttributeType::Id])?.into_iter().filter_map(identifier),
            );
        }
    }
    let mut found = Vec::new();
    for object in session.find_objects(&[Attribute::Class(ObjectClass::CERTIFICATE)])? {
        let wanted = [AttributeType::Id, AttributeType::Label, AttributeType::Value];
        let (mut id, mut label, mut der) = (Vec::new(), String::new(), Vec::new());
        for attribute in session.get_attributes(object, &wanted)? {
            match attribute {
                Attribute::Id(octets) => id = octets,
                Attribute::Label(octets) => label = String::from_utf8_lossy(&octets).into_owned(),
                Attribute::Value(octets) => der = octets,
                _ => {}
            }
        }
        // An attribute certificate or one of another kind is no agent's.
        let Ok(certificate) = X509Certificate::from_der(&der) else { continue };
        if keys.is_empty() || keys.contains(&id) {
            found.push(OnToken { id, label, certificate });
        }
    }
    Ok(found)
}

pub(super) fn identifier(attribute: Attribute) -> Option<Vec<u8>> {
    if let Attribute::Id(octets) = attribute { Some(octets) } else { None }
}

/// The one certificate that fits the address.
pub(super) fn choose_certificate(
    place: &str,
    found: Vec<OnToken>,
    uri: &TokenUri,
) -> Result<OnToken, RecoveryKeyError> {
    let unfit = |reason: String| Err(RecoveryKeyError::Unfit { place: place.to_owned(), reason });
    if found.is_empty() {
        return unfit(
            "it shows no certificate with a key; put the agent's certificate on it under the identifier of its key \
             (`pkcs11-tool --write-object agent.der --type cert --id ID`)"
                .to_owned(),
        );
    }
    let all = listed_certificates(&found);
    let mut fitting: Vec<OnToken> = found
        .into_iter()
        .filter(|one| uri.id.as_ref().is_none_or(|id| *id == one.id))
        .filter(|one| uri.object.as_ref().is_none_or(|label| label.trim() == one.label.trim()))
        .collect();
    match (fitting.pop(), fitting.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => unfit(format!("none of its certificates fits {uri}; it has: {all}")),
        (Some(_), false) => {
            unfit(format!("several of its certificates fit; add one of these to the address: {all}"))
        }
    }
}

fn listed_certificates(found: &[OnToken]) -> String {
    let texts: Vec<String> = found
        .iter()
        .map(|one| {
            let twins = found.iter().filter(|other| other.id == one.id).count() > 1;
            let object = (twins && !one.label.is_empty()).then(|| one.label.clone());
            let address = TokenUri { id: Some(one.id.clone()), object, ..TokenUri::default() }.to_string();
            format!("{} ({})", address.trim_start_matches(super::uri::SCHEME), one.certificate.subject())
        })
        .collect();
    texts.join(", ")
}
