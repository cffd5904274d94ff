//! Points in time in the document: RFC 3339 dates, the ones of `not_before` and `until`.

use crate::base::{Timestamp, rfc3339};

/// What error messages say.
pub(crate) const ACCEPTED: &str = "a date, `2027-03-01`, or a time, `2027-03-01T12:00:00Z`";

/// Parses `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339 section 5.6, UTC only).
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    match text.len() {
        10 => rfc3339::parse_date(text).filter(|at| at.as_secs() >= 0),
        20 => rfc3339::parse_utc(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_exactly_or_not_at_all() {
        for (text, secs) in [
            ("1970-01-01", 0),
            ("1970-01-02T00:00:01Z", 86_401),
            ("2000-02-29", 951_782_400),
            ("2027-03-01T12:00:00Z", 1_803_902_400),
            ("2100-03-01", 4_107_542_400),
        ] {
            assert_eq!(parse(text), Some(Timestamp::from_secs(secs)), "{text}");
        }
        for text in [
            "",
            "2027",
            "2027-3-1",
            "2027-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-01-00",
            "1969-12-31",
            "2027-03-01T12:00:00",
            "2027-03-01T24:00:00Z",
            "2027-03-01T12:00:00+01:00",
            "2027-03-01 12:00:00Z",
            "2027-03-01T12:00Z",
            "2027-03-01T12:00:00.5Z",
            "+027-03-01",
            "2027-03-01-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
