//! Dates and times as documents and servers write them (RFC 3339 section 5.6).

use super::Timestamp;

/// Parses a date-time to whole seconds, the fraction dropped. `None` for every other spelling, week dates and
/// leap seconds included: a session whose end cannot be read has no end.
///
/// ```
/// # use edgeward::base::{Timestamp, rfc3339::parse};
/// assert_eq!(parse("2026-01-02T03:04:05.678901Z"), Some(Timestamp::from_secs(1_767_323_045)));
/// assert_eq!(parse("2026-01-02 03:04:05Z"), None);
/// ```
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once('T')?;
    let (clock, offset) = match time.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let at = time.rfind(['+', '-'])?;
            let (clock, zone) = time.split_at_checked(at)?;
            (clock, offset_seconds(zone)?)
        }
    };
    let whole = match clock.split_once('.') {
        Some((whole, fraction)) if (1..=9).contains(&fraction.len()) && is_digits(fraction) => whole,
        Some(_) => return None,
        None => clock,
    };
    let [hour, minute, second] = numbers(whole, ':', [2, 2, 2])?;
    let in_day = hour <= 23 && minute <= 59 && second <= 59;
    let seconds = hour * 3_600 + minute * 60 + second;
    in_day.then_some(parse_date(date)?.plus(seconds - offset))
}

/// The same in UTC only and not before 1970, as JavaScript's `toISOString` and servers in Go write it.
#[must_use]
pub fn parse_utc(text: &str) -> Option<Timestamp> {
    parse(text).filter(|at| text.ends_with('Z') && at.as_secs() >= 0)
}

/// The begin of a day, `2026-01-02`, in UTC.
#[must_use]
pub fn parse_date(text: &str) -> Option<Timestamp> {
    let [year, month, day] = numbers(text, '-', [4, 2, 2])?;
    let in_month = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    in_month.then(|| Timestamp::from_secs(days_since_epoch(year, month, day) * 86_400))
}

/// Three numbers of so many digits each.
fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut out = [0; 3];
    for (slot, width) in out.iter_mut().zip(widths) {
        *slot = number(parts.next()?, width)?;
    }
    parts.next().is_none().then_some(out)
}

fn number(text: &str, width: usize) -> Option<i64> {
    (text.len() == width && is_digits(text)).then(|| text.parse().ok())?
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn offset_seconds(zone: &str) -> Option<i64> {
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    let (h, m) = (number(hours, 2)?, number(minutes, 2)?);
    (h <= 23 && m <= 59).then_some(sign * (h * 3_600 + m * 60))
}

const fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the proleptic Gregorian calendar, counted in years that begin in March so that the leap day comes last. The inputs
/// are small by construction.
pub(crate) const fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_identity_server_writes_and_nothing_else() {
        for (text, want) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1969-12-31T23:59:59Z", Some(-1)),
            ("2000-02-29T00:00:00Z", Some(951_782_400)),
            ("2024-12-31T23:59:59.999999999Z", Some(1_735_689_599)),
            ("2026-11-20T23:39:27.5+02:00", Some(1_795_210_767)),
            ("2026-11-20T23:39:27-00:30", Some(1_795_219_767)),
            ("0001-01-01T00:00:00Z", Some(-62_135_596_800)),
            ("9999-12-31T23:59:59Z", Some(253_402_300_799)),
            ("2023-02-29T00:00:00Z", None),
            ("1900-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-00-01T00:00:00Z", None),
            ("2026-01-32T00:00:00Z", None),
            ("2026-01-00T00:00:00Z", None),
            ("2026-01-01T24:00:00Z", None),
            ("2026-01-01T23:60:00Z", None),
            ("2026-01-01T23:59:60Z", None),
            ("2026-01-01T00:00:00", None),
            ("2026-01-01", None),
            ("2026-01-01t00:00:00z", None),
            ("2026-01-01 00:00:00Z", None),
            ("2026-1-1T00:00:00Z", None),
            ("026-1-0001T00:00:00Z", None),
            ("2026-01-01T000:0:00Z", None),
            ("26-01-01T00:00:00Z", None),
            ("+2026-01-01T00:00:00Z", None),
            ("2026-01-01T0:00:00Z", None),
            ("2026-01-01T00:00Z", None),
            ("2026-01-01T00:00:00.Z", None),
            ("2026-01-01T00:00:00.1234567890Z", None),
            ("2026-01-01T00:00:00.-1Z", None),
            ("2026-01-01T00:00:00+0200", None),
            ("2026-01-01T00:00:00+2:00", None),
            ("2026-01-01T00:00:00+24:00", None),
            ("2026-01-01T00:00:00Z ", None),
            (" 2026-01-01T00:00:00Z", None),
            ("٢٠٢٦-01-01T00:00:00Z", None),
            ("1767323045", None),
            ("", None),
        ] {
            assert_eq!(parse(text).map(Timestamp::as_secs), want, "{text}");
        }
    }
    #[test]
    fn in_utc_only() {
        for (text, secs) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T00:00:00.000Z", Some(951_782_400)),
            ("2027-01-15T08:00:00.123456789Z", Some(1_800_000_000)),
            ("2027-02-29T00:00:00Z", None),
            ("2027-01-15T08:00:00", None),
            ("2027-01-15T08:00:00.Z", None),
            ("2027-01-15T08:00:00+01:00", None),
            ("2027-01-15T24:00:00Z", None),
            ("+027-01-15T08:00:00Z", None),
            ("2027-1-15T08:00:00Z", None),
            ("1969-12-31T23:59:59Z", None),
            ("", None),
        ] {
            assert_eq!(parse_utc(text), secs.map(Timestamp::from_secs), "{text}");
        }
    }
}
