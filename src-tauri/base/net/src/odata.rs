//! Writing addresses and filters for `OData` services so that each character is quoted exactly once.

use std::fmt::Write as _;

use url::Url;

/// A string literal of a filter: `o'neil` becomes `'o''neil'`. Not yet percent-encoded; [`address`] does that.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// `base` with further path segments and a query, both percent-encoded once.
///
/// The names of system options keep their `$`, and lists keep their commas, as the services' own documents write them.
pub fn address(base: &Url, segments: &[&str], query: &[(&str, &str)]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    let mut text = String::new();
    for (name, value) in query {
        if !text.is_empty() {
            text.push('&');
        }
        encode(name, &mut text);
        text.push('=');
        encode(value, &mut text);
    }
    url.set_query(Some(text.as_str()).filter(|text| !text.is_empty()));
    url
}

fn encode(text: &str, into: &mut String) {
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~' | b'$' | b',') {
            into.push(char::from(octet));
        } else {
            // Writing to a string does not fail.
            let _ = write!(into, "%{octet:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_doubled_and_everything_is_encoded_once() {
        let filter = format!("tolower(userPrincipalName) eq {}", literal("o'neil+50%@contoso.test"));
        let base = Url::parse("https://graph.test/").unwrap();
        let url = address(&base, &["beta", "things"], &[("$filter", &filter), ("$top", "1")]);
        assert_eq!(
            url.as_str(),
            "https://graph.test/beta/things?$filter=tolower%28userPrincipalName%29%20eq%20%27o%27%27neil%2B50%25%40contoso.test%27&$top=1"
        );
        let read: Vec<_> = url.query_pairs().collect();
        assert_eq!(read[0].1, "tolower(userPrincipalName) eq 'o''neil+50%@contoso.test'");
    }

    #[test]
    fn segments_cannot_climb_out_of_their_place() {
        let base = Url::parse("https://gateway.test/graph").unwrap();
        let url = address(&base, &["v1.0", "users", "a/b?c#d%"], &[]);
        assert_eq!(url.as_str(), "https://gateway.test/graph/v1.0/users/a%2Fb%3Fc%23d%25");
    }
}
