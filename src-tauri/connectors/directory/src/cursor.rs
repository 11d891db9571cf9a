//! Where an enumeration stands, and whether it came to its true end.
//!
//! A page that lost its second half and its link looks like the end of the list, and everybody behind it like a leaver.
//! The service's own count, told with the first page, travels along and is compared on the last.

use net::Page;

/// A place in an enumeration; `next` of a page as text: `{counted} {told} {link}`.
pub(crate) struct Cursor {
    counted: Option<u64>,
    told: u64,
    /// Graph's link.
    pub(crate) link: String,
}

impl Cursor {
    pub(crate) fn read(text: &str) -> Self {
        let mut parts = text.splitn(3, ' ');
        match (parts.next(), parts.next().and_then(|told| told.parse().ok()), parts.next()) {
            (Some(counted), Some(told), Some(link)) => {
                Self { counted: counted.parse().ok(), told, link: link.to_owned() }
            }
            _ => Self { counted: None, told: 0, link: text.to_owned() },
        }
    }
}

/// Where to go after `page`; `Err` when the list ends long before its own count.
pub(crate) fn advance(before: Option<&Cursor>, page: &Page) -> Result<Option<String>, String> {
    let counted = before.and_then(|before| before.counted).or(page.count);
    let told = before.map_or(0, |before| before.told) + page.value.len() as u64;
    match (&page.next_link, counted) {
        (Some(link), Some(counted)) => Ok(Some(format!("{counted} {told} {link}"))),
        (Some(link), None) => Ok(Some(format!("- {told} {link}"))),
        (None, Some(counted)) if is_cut(counted, told) => {
            Err(format!("the list ends after {told} of {counted} members; it is read again later"))
        }
        (None, _) => Ok(None),
    }
}

/// The count lags behind by a few; a list cut off misses more.
const fn is_cut(counted: u64, told: u64) -> bool {
    let missing = counted.saturating_sub(told);
    missing > 2 && missing * 10 > counted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(entries: usize, count: Option<u64>, next: Option<&str>) -> Page {
        let value = vec![serde_json::Value::Null; entries];
        Page { value, count, next_link: next.map(str::to_owned), delta_link: None }
    }

    #[test]
    fn the_count_travels_with_the_link_to_the_last_page() {
        let first = advance(None, &page(10, Some(25), Some("https://g.test/a?b=c d"))).unwrap().unwrap();
        let cursor = Cursor::read(&first);
        assert_eq!(
            (cursor.counted, cursor.told, cursor.link.as_str()),
            (Some(25), 10, "https://g.test/a?b=c d")
        );
        let second = advance(Some(&cursor), &page(10, None, Some("https://g.test/2"))).unwrap().unwrap();
        let cursor = Cursor::read(&second);
        assert_eq!(advance(Some(&cursor), &page(5, None, None)), Ok(None));
        assert!(advance(Some(&cursor), &page(2, None, None)).unwrap_err().contains("22 of 25"));
    }

    #[test]
    fn a_count_that_lags_a_little_does_no_harm_and_a_missing_one_neither() {
        assert_eq!(advance(None, &page(1, Some(3), None)), Ok(None));
        assert_eq!(advance(None, &page(95, Some(100), None)), Ok(None));
        assert_eq!(advance(None, &page(30, Some(25), None)), Ok(None));
        assert!(advance(None, &page(85, Some(100), None)).is_err());
        let uncounted = advance(None, &page(1, None, Some("l"))).unwrap().unwrap();
        assert_eq!(advance(Some(&Cursor::read(&uncounted)), &page(1, None, None)), Ok(None));
    }
}
