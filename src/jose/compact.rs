//! Splitting a compact serialization (RFC 7515 section 3.1, RFC 7516 section 3.1) without allocating.

/// Exactly `N` parts between dots; the search stops at the first dot too many.
pub(super) fn split<const N: usize>(compact: &str) -> Option<[&str; N]> {
    let mut parts = [""; N];
    let mut rest = compact.splitn(N + 1, '.');
    for part in &mut parts {
        *part = rest.next()?;
    }
    rest.next().is_none().then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn exact_counts_only() {
        assert_eq!(split("a.b.c"), Some(["a", "b", "c"]));
        assert_eq!(split(".."), Some(["", "", ""]));
        for text in ["", "a", "a.b", "a.b.c.d", "a.b.c.", &".".repeat(8192)] {
            assert_eq!(split::<3>(text), None);
        }
    }
}
