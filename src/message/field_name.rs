//! Header field names as the laxest server below reads them.
//!
//! Every request has a dozen names and each is held against a hundred: a comparison begins with the length, and nothing here
//! allocates.

/// Whether a server below may take two names for one: trimmed, case folded, every other character than a letter or
/// digit as `-` (CGI, WSGI and PHP make it `_`).
#[must_use]
pub fn is_same_field(a: &str, b: &str) -> bool {
    FieldName::of(a).is(FieldName::of(b))
}

/// Whether two names are one by the rules of HTTP (RFC 9110 section 5.1): case does not count. The length comes first: a request's
/// fields are asked for by some thirty names, few of which it has.
#[must_use]
#[inline]
pub const fn is_equal(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.eq_ignore_ascii_case(b)
}

/// A name without the blanks, controls and bytes beyond ASCII around it.
#[derive(Clone, Copy)]
pub(super) struct FieldName<'a>(&'a [u8]);

impl<'a> FieldName<'a> {
    pub(super) fn of(name: &'a str) -> Self {
        const fn odd(byte: u8) -> bool {
            byte <= b' ' || byte >= 0x7F
        }
        let mut name = name.as_bytes();
        while let [first, rest @ ..] = name
            && odd(*first)
        {
            name = rest;
        }
        while let [rest @ .., last] = name
            && odd(*last)
        {
            name = rest;
        }
        Self(name)
    }

    /// See [`is_same_field`].
    pub(super) fn is(self, other: Self) -> bool {
        self.0.len() == other.0.len() && self.begins(other.0)
    }

    /// Whether it may be taken for one that begins with `prefix`, which ends in `-`, so that nothing is trimmed off it.
    pub(super) fn begins_as(self, prefix: &str) -> bool {
        self.begins(prefix.as_bytes())
    }

    /// Whether `pattern`, a token, covers it; a `*` at the end stands for any rest.
    pub(super) fn fits(self, pattern: &str) -> bool {
        match pattern.as_bytes() {
            [prefix @ .., b'*'] => self.begins(prefix),
            whole => self.0.len() == whole.len() && self.begins(whole),
        }
    }

    /// Whether it is one of a list of tokens.
    pub(super) fn is_one_of(self, list: &[&str]) -> bool {
        for entry in list {
            if self.0.len() == entry.len() && self.begins(entry.as_bytes()) {
                return true;
            }
        }
        false
    }

    /// What it begins with; `None` for one with nothing in it.
    pub(super) fn initial(self) -> Option<u8> {
        self.0.first().map(|byte| folded(*byte))
    }

    fn begins(self, mut prefix: &[u8]) -> bool {
        let mut name = self.0;
        while let [wanted, more @ ..] = prefix {
            let [found, rest @ ..] = name else {
                return false;
            };
            if found != wanted && folded(*found) != folded(*wanted) {
                return false;
            }
            (name, prefix) = (rest, more);
        }
        true
    }
}

/// A token, RFC 9110 section 5.6.2.
#[must_use]
pub fn is_field_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

const fn folded(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() {
        byte.to_ascii_lowercase()
    } else {
        b'-'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_server_below_takes_for_one() {
        for (a, b) in [
            ("X-User", "x_user"),
            (" x.user\t", "X User"),
            ("\u{a0}x-user\u{7f}", "x-user"),
            ("x\u{e4}user", "x--user"),
            ("", " "),
        ] {
            assert!(is_same_field(a, b) && is_same_field(b, a), "{a:?} {b:?}");
        }
        for (a, b) in [
            ("x-user", "x-users"),
            ("x-user", "xuser"),
            ("x-user", "y-user"),
            ("x-user", ""),
            ("-x-user", "x-user"),
            ("x\u{e4}user", "x-user"),
        ] {
            assert!(!is_same_field(a, b) && !is_same_field(b, a), "{a:?} {b:?}");
        }
    }

    #[test]
    fn patterns_and_beginnings() {
        for (name, pattern, expected) in [
            ("X_Forwarded_Anything", "x-forwarded-*", true),
            (" x-forwarded-", "x-forwarded-*", true),
            ("x-forwarded", "x-forwarded-*", false),
            ("x-forwarded", "x-forwarded", true),
            ("ax-forwarded-for", "x-forwarded-*", false),
            ("", "x-forwarded-*", false),
        ] {
            assert_eq!(FieldName::of(name).fits(pattern), expected, "{name:?} {pattern}");
        }
        for (name, expected) in [(" X-A", Some(b'x')), ("_a", Some(b'-')), ("\u{e4}", None)] {
            assert_eq!(FieldName::of(name).initial(), expected, "{name:?}");
        }
    }
}
