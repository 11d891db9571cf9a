//! Countries and organisation identifiers, as sponsor-validated certificates must write them (S/MIME BR 7.1.4.2.2 and
//! appendix A).

use super::unfit;
use crate::error::CryptoError;

/// ISO 3166-1 alpha-2, and `XX` for places without a code (S/MIME BR 7.1.4.2.2 n).
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO \
    JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR \
    MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO \
    RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV \
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XX YE YT ZA ZM ZW";

const EXAMPLE: &str =
    "write scheme, country, `-` and number, such as NTRDE-DEK1101R.HRB123456, VATDE-123456789 or LEIXG-…";

/// The country in capital letters.
pub(super) fn country(code: &str) -> Result<String, CryptoError> {
    let capitals = code.trim().to_ascii_uppercase();
    if COUNTRIES.split_ascii_whitespace().any(|known| known == capitals) {
        return Ok(capitals);
    }
    let hint = if capitals == "UK" {
        "the code is GB"
    } else {
        "it must be a two-letter code of ISO 3166, such as DE"
    };
    Err(unfit(format!("the country `{code}`"), hint))
}

/// Checks an `organizationIdentifier` against the registration schemes, and against the country of the subject.
pub(super) fn check_identifier(identifier: &str, country: Option<&str>) -> Result<(), CryptoError> {
    let refused = |why: &str| Err(unfit(format!("the organisation identifier `{identifier}`"), why));
    let (Some(scheme), Some(place)) = (identifier.get(..3), identifier.get(3..5)) else {
        return refused(EXAMPLE);
    };
    let rest = identifier.get(5..).unwrap_or_default();
    let (state, reference) = match rest.split_once('-') {
        Some((before, reference)) => {
            (before.strip_prefix('+').or((!before.is_empty()).then_some("")), Some(reference))
        }
        None => (rest.strip_prefix('+').or((!rest.is_empty()).then_some("")), None),
    };
    if reference == Some("") {
        return refused(EXAMPLE);
    }

    let is_country = COUNTRIES.split_ascii_whitespace().any(|known| known == place) && place != "XX";
    let (place_fits, takes_state, needs_reference) = match scheme {
        "NTR" => (is_country, true, true),
        "VAT" => (is_country || matches!(place, "EL" | "XI"), false, true),
        "PSD" => (is_country, false, true),
        "LEI" => (place == "XG", false, true),
        "GOV" => (is_country, true, false),
        "INT" => (place == "XG", false, false),
        _ => return refused("its scheme must be NTR, VAT, PSD, LEI, GOV or INT"),
    };
    if !place_fits {
        return refused(
            "its fourth and fifth letters must be the country of the register (XG for LEI and INT)",
        );
    }
    if let Some(state) = state {
        let fits = (1..=3).contains(&state.len()) && state.bytes().all(|octet| octet.is_ascii_alphanumeric());
        if !takes_state || !fits {
            return refused(EXAMPLE);
        }
    }
    match (needs_reference, reference) {
        (true, None) => return refused("the number in the register is missing"),
        (false, Some(_)) => return refused("this scheme has no number"),
        _ => {}
    }
    if scheme == "LEI" && !reference.is_some_and(is_lei) {
        return refused("its LEI is mistyped: 20 capital letters and digits, the last two are a check sum");
    }
    match country {
        Some(country) if place != "XG" && country != place => {
            refused("its country is not that of the subject")
        }
        _ => Ok(()),
    }
}

/// ISO 17442: 18 letters and digits, two check digits, and the whole is 1 modulo 97.
fn is_lei(text: &str) -> bool {
    if text.len() != 20 || !text.bytes().all(|octet| octet.is_ascii_uppercase() || octet.is_ascii_digit()) {
        return false;
    }
    let remainder = text.chars().filter_map(|letter| letter.to_digit(36)).fold(0_u32, |sum, digit| {
        let shift = if digit < 10 { 10 } else { 100 };
        (sum * shift + digit) % 97
    });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_every_scheme_are_accepted() {
        for good in [
            "NTRDE-DEK1101R.HRB123456",
            "NTRUS+CA-12345678",
            "VATDE-123456789",
            "VATEL-123456789",
            "PSDDE-BAFIN-102734",
            "GOVUS+CA",
            "INTXG",
            "LEIXG-AEYE00EKXESVZUUEBP67",
        ] {
            check_identifier(good, None).unwrap();
        }
    }

    #[test]
    fn mistyped_identifiers_are_refused_with_the_identifier_in_the_sentence() {
        for bad in [
            "",
            "NT",
            "HRB 123456",
            "NTRDE",
            "NTRDE-",
            "NTRDEHRB1",
            "NTRZZ-1",
            "VATDE+BY-1",
            "GOVUS-1",
            "INTDE",
            "LEIXG-AEYE00EKXESVZUUEBP68",
            "NTRÜÜ-1",
            "ntrDE-1",
        ] {
            let refused = check_identifier(bad, None).unwrap_err().to_string();
            assert!(refused.contains(&format!("`{bad}`")), "{refused}");
        }
        assert!(check_identifier("VATAT-U12345678", Some("DE")).is_err());
        assert!(check_identifier("LEIXG-AEYE00EKXESVZUUEBP67", Some("DE")).is_ok());
    }

    #[test]
    fn countries_are_those_of_the_standard_in_capital_letters() {
        assert_eq!(country("de").unwrap(), "DE");
        assert!(country("UK").unwrap_err().to_string().contains("GB"));
        assert!(country("Deutschland").is_err());
    }
}
