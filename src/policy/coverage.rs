//! Questions about patterns as sets of paths: does one meet another, do earlier rules take all of it?
//!
//! A parameter stands for any segment, of which there are always more than patterns spell out. So a pattern is
//! covered exactly when it is covered for one segment that nobody spells out.

use std::collections::BTreeSet;

use super::matcher::{Matcher, NONE, RuleId};
use super::pattern::Part;
use crate::base::sorted;

/// Whether some path matches both.
pub(super) fn meets(a: &[Part], b: &[Part]) -> bool {
    match (a.split_first(), b.split_first()) {
        (None, None) => true,
        (None, Some(_)) | (Some(_), None) => false,
        (Some((x, rest_a)), Some((y, rest_b))) => {
            if matches!((x, y), (Part::Literal(x), Part::Literal(y)) if x != y) {
                return false;
            }
            meets(rest_a, rest_b)
                || (matches!(x, Part::Many) && goes_on(a, rest_b))
                || (matches!(y, Part::Many) && goes_on(b, rest_a))
        }
    }
}

/// `many` begins with `Many`, which has taken a segment and takes at least one more of `other`.
fn goes_on(many: &[Part], other: &[Part]) -> bool {
    !other.is_empty() && meets(many, other)
}

/// The rules that together take every path of `parts`, or `None` when one is left over.
pub(super) fn covering(matchers: &[&Matcher], parts: &[Part]) -> Option<Vec<RuleId>> {
    let start: Vec<Vec<u32>> = matchers.iter().map(|_| Matcher::start()).collect();
    let mut open = vec![(0, false, start)];
    let mut seen = BTreeSet::new();
    let mut by = Vec::new();
    while let Some(state) = open.pop() {
        if !seen.insert(state.clone()) {
            continue;
        }
        if seen.len() > MOST_STATES {
            return None;
        }
        let (at, repeats, active) = state;
        let rest = parts.get(at..).unwrap_or_default();
        let advance = |segment: Option<&str>| {
            let step = |(matcher, active): (&&Matcher, &Vec<u32>)| matcher.advance(active, segment);
            matchers.iter().zip(&active).map(step).collect::<Vec<_>>()
        };
        if repeats {
            open.push((at, true, advance(None)));
        }
        match rest.first() {
            None => {
                let taken = matchers.iter().zip(&active).map(|(m, active)| m.accepted(active));
                let rule = taken.min().filter(|rule| *rule != NONE)?;
                if !by.contains(&rule) {
                    by.push(rule);
                }
            }
            Some(Part::Literal(text)) => open.push((at + 1, false, advance(Some(text)))),
            Some(Part::One) => open.push((at + 1, false, advance(None))),
            Some(Part::Many) => open.push((at + 1, true, advance(None))),
        }
    }
    Some(sorted(by))
}

/// Patterns of people need a dozen; beyond, the question is left open, which is no error.
const MOST_STATES: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Pattern;

    fn meet(a: &str, b: &str) -> bool {
        let (a, b) = (Pattern::parse(a).unwrap(), Pattern::parse(b).unwrap());
        let any = |x: &Pattern, y: &Pattern| {
            x.alternatives()
                .iter()
                .any(|x| y.alternatives().iter().any(|y| meets(x, y)))
        };
        assert_eq!(any(&a, &b), any(&b, &a));
        any(&a, &b)
    }

    #[test]
    fn patterns_that_share_a_path() {
        for (a, b) in [
            ("/", "/"),
            ("/", "/:a*"),
            ("/a", "/:x"),
            ("/a/:b*", "/a"),
            ("/a/:b+", "/:x/c/d"),
            ("/:a*/z", "/y/:b*"),
            ("/:a+/m/:b+", "/x/:c+/z"),
            ("/a/:b?", "/a/c"),
        ] {
            assert!(meet(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("/", "/a"),
            ("/", "/:a+"),
            ("/a", "/b"),
            ("/a/:b+", "/a"),
            ("/a/:b", "/a/b/c"),
            ("/:a*/z", "/:b*/y"),
            ("/a/:b*", "/b/:c*"),
        ] {
            assert!(!meet(a, b), "{a} {b}");
        }
    }

    #[test]
    fn earlier_patterns_take_all_or_leave_something() {
        let covered = |earlier: &[&str], later: &str| {
            let mut matcher = Matcher::new();
            for (rule, pattern) in (0..).zip(earlier) {
                for parts in Pattern::parse(pattern).unwrap().alternatives() {
                    matcher.insert(parts, rule);
                }
            }
            let by: Option<Vec<_>> = Pattern::parse(later)
                .unwrap()
                .alternatives()
                .iter()
                .map(|parts| covering(&[&matcher], parts))
                .collect();
            by.map(|by| by.concat())
        };
        for (earlier, later) in [
            (&["/a/:b*"][..], "/a"),
            (&["/a/:b*"], "/a/:c/:d+"),
            (&["/:x"], "/a"),
            (&["/a", "/a/:b"], "/a/:c?"),
            (&["/a", "/a/:b", "/a/:b/:c+"], "/a/:d*"),
            (&["/:a*"], "/"),
            (&["/:a/:b*"], "/x/:c*/y"),
        ] {
            assert!(covered(earlier, later).is_some(), "{earlier:?} {later}");
        }
        for (earlier, later) in [
            (&["/a"][..], "/:x"),
            (&["/a", "/b", "/c"], "/:x"),
            (&["/a/:b"], "/a/:c?"),
            (&["/a/:b+"], "/a/:c*"),
            (&["/a", "/a/:b", "/a/:b/:c/:d+"], "/a/:e*"),
            (&["/:x/y"], "/a/:b"),
            (&[], "/"),
        ] {
            assert_eq!(covered(earlier, later), None, "{earlier:?} {later}");
        }
    }
}
