//! The cookie date of RFC 6265 section 5.1.1, which takes every form that servers ever wrote.

use crate::base::Timestamp;
use crate::base::rfc3339::days_since_epoch;

/// Parses an `Expires` value as a browser does.
pub(super) fn parse_cookie_date(text: &str) -> Option<Timestamp> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(is_delimiter).filter(|t| !t.is_empty()) {
        if time.is_none()
            && let Some(found) = parse_time(token)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = leading_number(token, 1, 2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = parse_month(token)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = leading_number(token, 2, 4)
        {
            year = Some(found);
        }
    }
    let (day, month, (hour, minute, second)) = (day?, month?, time?);
    let year = match year? {
        y @ 70..=99 => y.checked_add(1900)?,
        y @ 0..=69 => y.checked_add(2000)?,
        y => y,
    };
    let valid = (1..=31).contains(&day) && year >= 1601 && hour <= 23 && minute <= 59 && second <= 59;
    let seconds = days_since_epoch(year, month, day)
        .checked_mul(86_400)?
        .checked_add(
            hour.checked_mul(3_600)?
                .checked_add(minute.checked_mul(60)?)?
                .checked_add(second)?,
        )?;
    valid.then(|| Timestamp::from_secs(seconds))
}

const fn is_delimiter(c: char) -> bool {
    !(c.is_ascii_alphanumeric() || c == ':' || c > '\u{7E}' || c < ' ') || c == '\t'
}

/// A number of `min` to `max` digits at the front, followed by no further digit.
fn leading_number(token: &str, min: usize, max: usize) -> Option<i64> {
    let end = token.find(|c: char| !c.is_ascii_digit()).unwrap_or(token.len());
    let digits = token.get(..end)?;
    (min..=max).contains(&digits.len()).then(|| digits.parse().ok())?
}

fn parse_time(token: &str) -> Option<(i64, i64, i64)> {
    let mut parts = token.splitn(3, ':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let whole =
        |part: &str| (part.bytes().all(|b| b.is_ascii_digit())).then(|| leading_number(part, 1, 2))?;
    Some((whole(hour)?, whole(minute)?, leading_number(second, 1, 2)?))
}

fn parse_month(token: &str) -> Option<i64> {
    let name = token.get(..3)?;
    let at = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
    i64::try_from(at).ok()?.checked_add(1)
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (text, want) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
            ("Wed, 01 Jan 2031 00:00:00 GMT", Some(1_924_992_000)),
            ("29 Feb 2000 12:00:00", Some(951_825_600)),
            ("01 Jan 69 00:00:00", Some(3_124_224_000)),
            ("01 Jan 1600 00:00:00", None),
            ("32 Jan 2000 00:00:00", None),
            ("01 Jan 2000 24:00:00", None),
            ("01 Jan 2000", None),
            ("0", None),
            ("-1", None),
            ("", None),
            ("Thu, 01 Foo 1970 00:00:00 GMT", None),
        ] {
            assert_eq!(parse_cookie_date(text).map(Timestamp::as_secs), want, "{text}");
        }
    }
}
