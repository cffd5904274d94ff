//! Is this address, which is said to be verified, of one of these domains? (field.md S 53)

use crate::session::Email;

/// Whether the address is verified and its domain is one of `domains` (lower case, see [`is_domain`]).
///
/// Addresses that two parsers could read differently are of no domain: more than one `@`, quotes, white space,
/// anything outside ASCII (U+FF20 becomes `@` when somebody normalises).
///
/// ```
/// # use edgeward::{policy::email, session::Email};
/// let email = Email { address: "ann@Example.com".into(), verified: Some(true) };
/// assert!(email::is_of(&email, &["example.com".into()]));
/// let unknown = Email { verified: None, ..email };
/// assert!(!email::is_of(&unknown, &["example.com".into()]));
/// ```
#[must_use]
pub fn is_of(email: &Email, domains: &[String]) -> bool {
    email.verified == Some(true)
        && domain(&email.address).is_some_and(|domain| domains.iter().any(|d| d.eq_ignore_ascii_case(domain)))
}

/// Whether a text of the config can be the domain of an address: two labels or more of letters, digits and `-`.
#[must_use]
pub fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

/// The part behind the one `@` of an address that has no second reading.
fn domain(address: &str) -> Option<&str> {
    let (local, domain) = address.split_once('@')?;
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    (!local.is_empty() && local.bytes().all(atom) && is_domain(domain)).then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_verified_address_is_of_a_domain() {
        let of = |address: &str, verified| {
            let email = Email {
                address: address.into(),
                verified,
            };
            is_of(&email, &["example.com".into(), "xn--bcher-kva.example".into()])
        };
        for address in [
            "ann@example.com",
            "Ann.B+tag@EXAMPLE.com",
            "o'hara@example.com",
            "a@xn--bcher-kva.example",
        ] {
            assert!(of(address, Some(true)), "{address}");
            assert!(!of(address, Some(false)), "{address}");
            assert!(!of(address, None), "{address}");
        }
        for address in [
            "",
            "example.com",
            "@example.com",
            "ann@",
            "a@evil@example.com",
            "a@example.com@evil.test",
            "a\u{ff20}evil@example.com",
            "a@evil\u{ff20}example.com",
            "a@example\u{3002}com",
            "a@ex\u{e4}mple.com",
            "a@\u{ff45}xample.com",
            "a@example.com.",
            "a@example.com ",
            " a@example.com",
            "a b@example.com",
            "\"a@evil\"@example.com",
            "a@[example.com]",
            "a@sub.example.com",
            "a@evilexample.com",
            "a@example.com.evil.test",
            "a@example.com\n",
            "a@example.com\0",
            "a@example.com,b@evil.test",
            "<a@example.com>",
            "a@example.co\u{fe00}m",
            "a@exam\u{212a}ple.com",
        ] {
            assert!(!of(address, Some(true)), "{address:?}");
        }
    }

    #[test]
    fn domains_of_the_config() {
        for text in ["example.com", "a-b.example", "XN--a.b"] {
            assert!(is_domain(text), "{text}");
        }
        for text in [
            "",
            "com",
            "@example.com",
            "*.example.com",
            "example.com.",
            ".com",
            "a..b",
            "-a.b",
            "bücher.de",
        ] {
            assert!(!is_domain(text), "{text}");
        }
    }
}
