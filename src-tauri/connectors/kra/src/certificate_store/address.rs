//! The address of a certificate in a Windows certificate store, as PowerShell writes it: `cert:\CurrentUser\My\THUMBPRINT`.

use std::fmt;
use std::str::FromStr;

use model::Thumbprint;

/// What every such address begins with.
pub(crate) const SCHEME: &str = "cert:";

const THUMBPRINT_OCTETS: usize = 20;
const EXAMPLE: &str = r"write cert:\CurrentUser\My\ or cert:\LocalMachine\My\, and the thumbprint";

/// Whose store it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StoreLocation {
    /// The signed-in person's.
    CurrentUser,
    /// That of the machine.
    LocalMachine,
}

impl StoreLocation {
    /// Both, in the order in which they are listed.
    pub const ALL: [Self; 2] = [Self::CurrentUser, Self::LocalMachine];

    const fn name(self) -> &'static str {
        match self {
            Self::CurrentUser => "CurrentUser",
            Self::LocalMachine => "LocalMachine",
        }
    }
}

/// The personal store (`My`) there: `CurrentUser\My`.
impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r"{}\My", self.name())
    }
}

/// A certificate in the personal store of a person or a machine. Its private key is where the certificate says: with
/// Windows, on a smartcard, in a TPM or an HSM.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoreAddress {
    /// Whose store.
    pub location: StoreLocation,
    /// SHA-1 of the certificate.
    pub thumbprint: Thumbprint,
}

impl FromStr for StoreAddress {
    type Err = String;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let typed = typed.trim();
        let rest = typed
            .get(..SCHEME.len())
            .filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
            .and_then(|_| typed.get(SCHEME.len()..))
            .ok_or_else(|| format!("the address of a certificate in a store begins with `{SCHEME}`"))?;
        let rest = rest.strip_prefix(['\\', '/']).unwrap_or(rest);
        let parts: Vec<&str> = rest.split(['\\', '/']).collect();
        let [location, store, thumbprint] = parts[..] else {
            return Err(format!("it has no three parts behind `{SCHEME}`; {EXAMPLE}"));
        };
        let known = StoreLocation::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(location));
        let location = known.ok_or_else(|| format!("there is no store location `{location}`; {EXAMPLE}"))?;
        if !store.eq_ignore_ascii_case("My") {
            return Err(format!(
                "recovery keys are taken from the personal store `My` (Personal, in Windows' consoles), not from `{store}`"
            ));
        }
        // As Windows' dialog shows it: in pairs, with an invisible mark in front when it is copied. All digits, since one that
        // is missing is not to be made up.
        let whole = thumbprint.chars().filter(char::is_ascii_hexdigit).count() == 2 * THUMBPRINT_OCTETS;
        let thumbprint = Some(thumbprint).filter(|_| whole).and_then(|digits| digits.parse().ok());
        let thumbprint = thumbprint.ok_or_else(|| {
            format!("a thumbprint has 40 hexadecimal digits (SHA-1), and this is none: `{}`", parts[2])
        })?;
        Ok(Self { location, thumbprint })
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r"{SCHEME}\{}\{}", self.location, self.thumbprint.to_string().to_ascii_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGITS: &str = "0123456789ABCDEF0123456789ABCDEF01234567";

    fn read(typed: &str) -> StoreAddress {
        typed.parse().unwrap_or_else(|why| panic!("{typed}: {why}"))
    }

    #[test]
    fn every_way_in_which_administrators_write_it_is_one_address() {
        let usual = read(&format!(r"cert:\CurrentUser\My\{DIGITS}"));
        assert_eq!(usual.location, StoreLocation::CurrentUser);
        assert_eq!(usual.thumbprint.to_string(), DIGITS.to_ascii_lowercase());
        let spaced: Vec<&str> = (0..20).map(|pair| &DIGITS[2 * pair..2 * pair + 2]).collect();
        for typed in [
            format!(r"Cert:\CURRENTUSER\my\{}", DIGITS.to_ascii_lowercase()),
            format!("cert:/currentuser/My/{DIGITS}"),
            format!(r"cert:CurrentUser\My\{DIGITS}"),
            format!("  cert:\\CurrentUser/MY\\{DIGITS}\r\n"),
            format!("cert:\\CurrentUser\\My\\\u{200e}{}", spaced.join(" ").to_ascii_lowercase()),
        ] {
            assert_eq!(read(&typed), usual, "{typed}");
        }
        let machine = read(&format!("cert:/localmachine/my/{DIGITS}"));
        assert_eq!(machine.to_string(), format!(r"cert:\LocalMachine\My\{DIGITS}"));
    }

    #[test]
    fn each_mistake_is_told() {
        let cases = [
            ("file.p12".to_owned(), "begins with `cert:`"),
            ("cert:".to_owned(), "no three parts"),
            (r"cert:\".to_owned(), "no three parts"),
            (r"cert:\CurrentUser\My".to_owned(), "no three parts"),
            (format!(r"cert:\CurrentUser\My\{DIGITS}\"), "no three parts"),
            (format!(r"cert:\\CurrentUser\My\{DIGITS}"), "no three parts"),
            (format!(r"cert:\Users\My\{DIGITS}"), "no store location `Users`"),
            (format!(r"cert:\CurrentUser\Root\{DIGITS}"), "not from `Root`"),
            (r"cert:\CurrentUser\My\".to_owned(), "40 hexadecimal digits"),
            (format!(r"cert:\CurrentUser\My\{DIGITS}00"), "40 hexadecimal digits"),
            (format!(r"cert:\CurrentUser\My\{}", &DIGITS[1..]), "40 hexadecimal digits"),
            (format!(r"cert:\CurrentUser\My\{}x", &DIGITS[1..]), "40 hexadecimal digits"),
            (r"cert:\CurrentUser\My\kra-1".to_owned(), "`kra-1`"),
        ];
        for (typed, part) in cases {
            let told = typed.parse::<StoreAddress>().unwrap_err();
            assert!(told.contains(part), "{typed}: {told}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(octets: [u8; 20], machine: bool, backwards: bool) {
            let location = if machine { StoreLocation::LocalMachine } else { StoreLocation::CurrentUser };
            let address = StoreAddress { location, thumbprint: Thumbprint::new(octets) };
            let written = address.to_string();
            let typed = if backwards { written.replace('\\', "/").to_lowercase() } else { written };
            prop_assert_eq!(typed.parse::<StoreAddress>(), Ok(address));
        }

        #[test]
        fn whatever_is_typed_is_an_address_or_a_sentence(typed in r"(cert:)?[\\/a-zA-Z0-9 \u{200e}é:]{0,60}") {
            if let Ok(address) = typed.parse::<StoreAddress>() {
                prop_assert_eq!(address.to_string().parse::<StoreAddress>(), Ok(address));
            }
        }
    }
}
