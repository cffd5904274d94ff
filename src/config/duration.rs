//! Durations of the config document: a whole number and one unit.

/// The text is not a duration, or is longer than [`MOST_SECS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a duration; accepted: {ACCEPTED}")]
pub struct DurationError;

/// What error messages say about durations.
pub const ACCEPTED: &str = "a whole number and a unit, `30s`, `15m`, `12h` or `7d`";

/// Ten years: above any lifetime that makes sense, far below what overflows a sum.
pub const MOST_SECS: i64 = 10 * 366 * 86_400;

/// Parses a duration into seconds.
///
/// # Errors
/// [`DurationError`] for anything but digits and one of `s`, `m`, `h`, `d`.
///
/// ```
/// # use edgeward::config::duration;
/// assert_eq!(duration::parse("15m"), Ok(900));
/// assert!(duration::parse("15 minutes").is_err());
/// ```
pub fn parse(text: &str) -> Result<i64, DurationError> {
    let (digits, unit) = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)]
        .into_iter()
        .find_map(|(suffix, secs)| Some((text.strip_suffix(suffix)?, secs)))
        .ok_or(DurationError)?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DurationError);
    }
    digits
        .parse::<i64>()
        .ok()
        .and_then(|n| n.checked_mul(unit))
        .filter(|secs| *secs <= MOST_SECS)
        .ok_or(DurationError)
}

/// Prints seconds in the largest unit that keeps them whole.
///
/// ```
/// # use edgeward::config::duration;
/// assert_eq!(duration::print(5_400), "90m");
/// ```
#[must_use]
pub fn print(secs: i64) -> String {
    match secs {
        0 => "0s".into(),
        n if n % 86_400 == 0 => format!("{}d", n / 86_400),
        n if n % 3_600 == 0 => format!("{}h", n / 3_600),
        n if n % 60 == 0 => format!("{}m", n / 60),
        n => format!("{n}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_and_one_unit() {
        for (text, secs) in [
            ("0s", 0),
            ("30s", 30),
            ("15m", 900),
            ("12h", 43_200),
            ("7d", 604_800),
        ] {
            assert_eq!(parse(text), Ok(secs), "{text}");
            assert_eq!(parse(&print(secs)), Ok(secs), "{text}");
        }
        let refused = [
            "",
            "s",
            "5",
            "-5s",
            "+5s",
            "5 s",
            " 5s",
            "5S",
            "5w",
            "1.5h",
            "5ms",
            "１s",
            "0x5s",
            "1h30m",
            "4000d",
            "99999999999999999999s",
            "9223372036854775807d",
        ];
        for text in refused {
            assert_eq!(parse(text), Err(DurationError), "{text}");
        }
    }
}
