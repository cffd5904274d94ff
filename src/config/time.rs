//! Points in time in the document: RFC 3339 dates, the ones of `not_before` and `until`.

use crate::base::Timestamp;

/// What error messages say.
pub(crate) const ACCEPTED: &str = "a date, `2027-03-01`, or a time, `2027-03-01T12:00:00Z`";

/// Parses `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339 section 5.6, UTC only).
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time.strip_suffix('Z')?, ':', [2, 2, 2])?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_of_month = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year < 1970 || !(1..=days_of_month).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(Timestamp::from_secs(
        ((days_before(year, month) + day - 1) * 24 + hour) * 3600 + minute * 60 + second,
    ))
}

/// Days from the epoch to the first of a month; years are counted from March, so that a leap day comes last.
fn days_before(year: i64, month: i64) -> i64 {
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 - 719_468
}

fn numbers(text: &str, joint: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(joint);
    let mut out = [0; 3];
    for (slot, width) in out.iter_mut().zip(widths) {
        let part = parts
            .next()
            .filter(|p| p.len() == width && p.bytes().all(|b| b.is_ascii_digit()))?;
        *slot = part.parse().ok()?;
    }
    parts.next().is_none().then_some(out)
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
            "+027-03-01",
            "2027-03-01-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
