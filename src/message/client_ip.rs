//! The client's address in one form (field row 52). Only [`RequestHead::client_ip`](super::RequestHead) is ever read:
//! what the platform itself vouches for, never a forwarding field.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::RequestHead;

/// A client address; IPv4 has one form, however it was mapped into IPv6. It prints in the form that goes into
/// `X-Forwarded-For`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientIp(IpAddr);

/// What counts as one client when requests are counted: an IPv4 address, or an IPv6 /64, which is the least that a
/// provider gives out.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateKey(u64, bool);

impl ClientIp {
    /// The address that the platform vouches for; `None` where it names none, or no address.
    ///
    /// ```
    /// # use edgeward::message::{Headers, RequestHead, client_ip::ClientIp};
    /// let head = RequestHead {
    ///     method: "GET".into(),
    ///     url: "https://app.example.com/".into(),
    ///     headers: Headers::from_iter([("X-Forwarded-For", "6.6.6.6")]),
    ///     client_ip: Some("::ffff:192.0.2.7".into()),
    /// };
    /// assert_eq!(ClientIp::of(&head).map(|ip| ip.to_string()).as_deref(), Some("192.0.2.7"));
    /// ```
    #[must_use]
    pub fn of(head: &RequestHead) -> Option<Self> {
        Self::parse(head.client_ip.as_deref()?)
    }

    /// Parses an address: no port, no brackets, no list. A zone (`%eth0`) is dropped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = match text.split_once('%') {
            Some((address, zone)) if !zone.is_empty() && address.contains(':') => address,
            Some(_) => return None,
            None => text,
        };
        Some(Self(match text.parse().ok()? {
            IpAddr::V6(v6) => embedded_v4(v6).map_or(IpAddr::V6(v6), IpAddr::V4),
            v4 @ IpAddr::V4(_) => v4,
        }))
    }

    /// The key under which requests of this client are counted.
    #[must_use]
    pub fn rate_key(self) -> RateKey {
        match self.0 {
            IpAddr::V4(v4) => RateKey(u64::from(u32::from(v4)), false),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                let prefix = [a, b, c, d]
                    .into_iter()
                    .fold(0, |key, part| key << 16 | u64::from(part));
                RateKey(prefix, true)
            }
        }
    }
}

impl fmt::Display for ClientIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ClientIp {
    /// Without the address (semantics 11.2).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientIp(..)")
    }
}

impl fmt::Debug for RateKey {
    /// Without the address (semantics 11.2).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RateKey(..)")
    }
}

/// `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2) and `64:ff9b::a.b.c.d` (RFC 6052): behind either stands one IPv4 client.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let nat64 = match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))),
        _ => None,
    };
    address.to_ipv4_mapped().or(nat64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Headers;

    #[test]
    fn addresses() {
        for (text, want) in [
            ("192.0.2.7", Some("192.0.2.7")),
            ("::ffff:192.0.2.7", Some("192.0.2.7")),
            ("::FFFF:C000:207", Some("192.0.2.7")),
            ("64:ff9b::192.0.2.7", Some("192.0.2.7")),
            ("2001:DB8:0:0::1", Some("2001:db8::1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("::", Some("::")),
            ("", None),
            ("192.0.2.7:80", None),
            ("[2001:db8::1]", None),
            ("[2001:db8::1]:80", None),
            ("192.0.2.7, 6.6.6.6", None),
            (" 192.0.2.7", None),
            ("192.0.2.07", None),
            ("192.0.2", None),
            ("192.0.2.7%a", None),
            ("fe80::1%", None),
            ("localhost", None),
            ("unknown", None),
        ] {
            assert_eq!(
                ClientIp::parse(text).map(|ip| ip.to_string()).as_deref(),
                want,
                "{text}"
            );
        }
    }

    #[test]
    fn one_key_per_client() {
        let key = |text: &str| ClientIp::parse(text).unwrap().rate_key();
        let first = key("2001:db8:1:2::");
        for host in 0..1_000_u32 {
            assert_eq!(key(&format!("2001:db8:1:2:{host:x}:{host:x}::1")), first);
        }
        assert_eq!(key("::ffff:1.2.3.4"), key("1.2.3.4"));
        for (one, other) in [
            ("2001:db8:1:3::", "2001:db8:1:2::"),
            ("1.2.3.4", "1.2.3.5"),
            ("::", "0.0.0.0"),
            ("::102:304", "1.2.3.4"),
        ] {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
        assert!(!format!("{:?} {:?}", ClientIp::parse("1.2.3.4"), key("1.2.3.4")).contains('1'));
    }

    #[test]
    fn forwarding_fields_count_for_nothing() {
        let head = RequestHead {
            method: "GET".to_owned(),
            url: "https://app.example.com/".to_owned(),
            headers: Headers::from_iter([
                ("X-Forwarded-For", "6.6.6.6"),
                ("CF-Connecting-IP", "6.6.6.6"),
                ("Forwarded", "for=6.6.6.6"),
            ]),
            client_ip: None,
        };
        assert_eq!(ClientIp::of(&head), None);
    }
}
