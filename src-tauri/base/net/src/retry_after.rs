//! How long the other side asks us to wait (RFC 9110 section 10.2.3, and Microsoft's `x-ms-retry-after-ms`).

use model::{Span, Timestamp};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Nobody is believed for longer than a day: a slip of a unit on the other side must not silence us for a year.
const LONGEST: Span = Span::days(1);

/// `Retry-After` in seconds (fractions occur at Exchange) or as a date, else `x-ms-retry-after-ms`.
pub(crate) fn read(headers: &HeaderMap, now: Timestamp) -> Option<Span> {
    let text = |name| headers.get(name).and_then(|value: &reqwest::header::HeaderValue| value.to_str().ok());
    text(RETRY_AFTER.as_str())
        .and_then(|value| seconds(value).or_else(|| date(value, now)))
        .or_else(|| text("x-ms-retry-after-ms").and_then(|value| value.trim().parse().ok()).map(Span::millis))
        .map(|span| span.clamp(Span::millis(0), LONGEST))
}

/// How far the clock of whoever answered (`Date`, RFC 9110 section 6.6.1) is ahead of ours.
pub(crate) fn clock_ahead(headers: &HeaderMap, now: Timestamp) -> Option<Span> {
    date(headers.get(DATE)?.to_str().ok()?, now)
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and the caller clamps to a day")]
fn seconds(text: &str) -> Option<Span> {
    let seconds: f64 = text.trim().parse().ok()?;
    seconds.is_finite().then(|| Span::millis((seconds * 1_000.0).ceil() as i64))
}

fn date(text: &str, now: Timestamp) -> Option<Span> {
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pairs: &[(&'static str, &'static str)]) -> Option<i64> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        let now = "2026-01-09T02:02:12Z".parse().unwrap();
        read(&headers, now).map(Span::as_millis)
    }

    #[test]
    fn seconds_fractions_and_dates_are_understood() {
        assert_eq!(told(&[("retry-after", "7")]), Some(7_000));
        assert_eq!(told(&[("retry-after", " 1.25 ")]), Some(1_250));
        assert_eq!(told(&[("retry-after", "Fri, 09 Jan 2026 02:02:42 GMT")]), Some(30_000));
        assert_eq!(told(&[("x-ms-retry-after-ms", "1500")]), Some(1_500));
        assert_eq!(told(&[("x-ms-retry-after-ms", "1500"), ("retry-after", "3")]), Some(3_000));
    }

    #[test]
    fn a_date_in_the_past_means_at_once_and_a_year_means_a_day() {
        assert_eq!(told(&[("retry-after", "Fri, 09 Jan 2026 02:02:02 GMT")]), Some(0));
        assert_eq!(told(&[("retry-after", "-5")]), Some(0));
        assert_eq!(told(&[("retry-after", "31536000")]), Some(86_400_000));
        assert_eq!(told(&[("retry-after", "1e300")]), Some(86_400_000));
    }

    #[test]
    fn nonsense_means_that_nothing_was_told() {
        assert_eq!(told(&[("retry-after", "soon")]), None);
        assert_eq!(told(&[("retry-after", "NaN")]), None);
        assert_eq!(told(&[]), None);
    }
}
