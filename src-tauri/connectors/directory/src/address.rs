//! Mail addresses out of `mail` and `proxyAddresses`.

/// The primary address and the others, from what the directory told.
///
/// Only SMTP addresses count (`SIP:`, `X500:`, `EUM:` do not). Domains are lower-cased, local parts are kept: they may be
/// case-sensitive (RFC 5321 section 2.4). The others are sorted and free of doubles in any case, so that a mere change of
/// order is no change.
pub(crate) fn read(mail: Option<&str>, proxies: &[&str]) -> (Option<String>, Vec<String>) {
    let mut marked = None;
    let mut others: Vec<String> = Vec::with_capacity(proxies.len());
    for proxy in proxies {
        let Some((scheme, address)) = proxy.split_once(':') else { continue };
        if !scheme.trim().eq_ignore_ascii_case("smtp") {
            continue;
        }
        let Some(address) = normal(address) else { continue };
        if scheme.trim() == "SMTP" && marked.is_none() {
            marked = Some(address.clone());
        }
        others.push(address);
    }
    // A `mail` that is no address is kept as it is: whoever plans a certificate must be able to say what is wrong with it.
    let told = mail.map(str::trim).filter(|mail| !mail.is_empty());
    let primary = told.map(|mail| normal(mail).unwrap_or_else(|| mail.to_owned())).or(marked);
    others.sort_by_cached_key(|address| (address.to_lowercase(), address.clone()));
    others.dedup_by(|one, other| one.to_lowercase() == other.to_lowercase());
    if let Some(primary) = &primary {
        others.retain(|other| other.to_lowercase() != primary.to_lowercase());
    }
    (primary, others)
}

fn normal(address: &str) -> Option<String> {
    let (local, domain) = address.trim().rsplit_once('@')?;
    let is_plain =
        |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control());
    (is_plain(local) && is_plain(domain)).then(|| format!("{local}@{}", domain.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(read: (Option<String>, Vec<String>)) -> (String, Vec<String>) {
        (read.0.unwrap_or_default(), read.1)
    }

    #[test]
    fn only_smtp_addresses_count_and_the_primary_stands_apart() {
        let proxies = [
            "smtp:B.Alias@Contoso.TEST",
            "SMTP:Alice@CONTOSO.test",
            "SIP:alice@contoso.test",
            "X500:/o=Contoso/ou=x/cn=alice",
            "EUM:4711;phone-context=x",
            "smtp:a.lice@contoso.test",
        ];
        let (mail, aliases) = text(read(Some("Alice@CONTOSO.test"), &proxies));
        assert_eq!(mail, "Alice@contoso.test");
        assert_eq!(aliases, ["a.lice@contoso.test", "B.Alias@contoso.test"]);
    }

    #[test]
    fn the_marked_address_stands_in_for_a_missing_mail_and_is_an_alias_beside_another() {
        assert_eq!(text(read(None, &["smtp:x@a.test", "SMTP:p@a.test"])).0, "p@a.test");
        assert_eq!(text(read(Some(" "), &["SMTP:p@a.test"])).0, "p@a.test");
        assert_eq!(
            read(Some("m@a.test"), &["SMTP:p@a.test"]),
            (Some("m@a.test".to_owned()), vec!["p@a.test".to_owned()])
        );
        assert_eq!(read(None, &["smtp:only.alias@a.test"]).0, None);
    }

    #[test]
    fn order_and_doubles_make_no_difference() {
        let one =
            read(Some("m@a.test"), &["smtp:z@a.test", "smtp:Y@a.test", "SMTP:M@A.test", "smtp:y@A.TEST"]);
        let two =
            read(Some("m@a.test"), &["smtp:Y@a.test", "SMTP:M@A.test", "smtp:y@A.TEST", "smtp:z@a.test"]);
        assert_eq!(one, two);
        assert_eq!(one.1, ["Y@a.test", "z@a.test"]);
    }

    #[test]
    fn what_is_no_address_is_dropped_among_the_others_and_kept_as_mail() {
        let proxies =
            ["smtp:", "smtp:@a.test", "smtp:a@", "smtp:a b@a.test", "nonsense", "", "smtp:ok@a.test"];
        assert_eq!(read(Some("kaputt"), &proxies), (Some("kaputt".to_owned()), vec!["ok@a.test".to_owned()]));
    }
}
