//! The compiled patterns: a tree over whole segments, walked with the set of nodes that are still possible.
//!
//! Each request segment is looked up once among all literals of the policy; what remains per segment is one table
//! look-up per possible node. Neither grows with the number of rules.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::pattern::Part;
use crate::base::sorted;

/// The number of a rule in the order of the document.
pub(super) type RuleId = u32;
/// No rule.
pub(super) const NONE: u32 = u32::MAX;

/// The tree of one host.
#[derive(Debug, Clone)]
pub(super) struct Matcher {
    symbols: HashMap<Box<str>, u32, Hash>,
    edges: HashMap<(u32, u32), u32, Hash>,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    /// The child for any one segment.
    one: u32,
    /// The child for one segment or more.
    many: u32,
    /// The first rule that ends here.
    accept: RuleId,
    /// The first rule that ends here or below.
    least: RuleId,
    /// Whether this is a `many` node, which may take further segments.
    repeats: bool,
    /// Whether nothing is below: a `many` node without children takes whatever comes.
    leaf: bool,
}

/// What a walk found; [`NONE`] for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// The first rule that covers the segments.
    pub(super) rule: RuleId,
    /// The first rules that take them with an empty segment behind, as routers see it that mind the trailing slash:
    /// `/docs/:path+` for `/docs/`, and a rule that has taken `docs` too (some want a character for `:path+`).
    pub(super) slashed: [RuleId; 2],
}

impl Matcher {
    pub(super) fn new() -> Self {
        Self {
            symbols: HashMap::default(),
            edges: HashMap::default(),
            nodes: vec![Node::new(false)],
        }
    }

    /// Adds the paths of one alternative. Earlier rules win, whatever the order of calls.
    pub(super) fn insert(&mut self, parts: &[Part], rule: RuleId) {
        let mut at = 0;
        self.touch(at, rule);
        for part in parts {
            at = self.child(at, part);
            self.touch(at, rule);
        }
        if let Some(node) = self.node_mut(at) {
            node.accept = node.accept.min(rule);
        }
    }

    /// The first rule for a path.
    pub(super) fn walk<'s>(&self, segments: impl Iterator<Item = &'s str>) -> Hit {
        let mut best = NONE;
        let mut active = vec![0];
        let mut next = Vec::new();
        for segment in segments {
            let symbol = self.symbol(segment);
            for at in active.drain(..) {
                self.step(at, symbol, segment.is_empty(), &mut best, &mut next);
            }
            std::mem::swap(&mut active, &mut next);
            next.clear();
            if active.is_empty() {
                break;
            }
        }
        // A leaf that takes whatever comes has taken a trailing slash too.
        let mut empty = best;
        let mut tail = best;
        for at in &active {
            self.step(*at, NONE, true, &mut empty, &mut next);
            let repeating = self.node(*at).filter(|node| node.repeats);
            tail = tail.min(repeating.map_or(NONE, |node| node.accept));
        }
        Hit {
            rule: best.min(self.accepted(&active)),
            slashed: [empty.min(self.accepted(&next)), tail],
        }
    }

    /// The nodes before the first segment, for [`Self::advance`].
    pub(super) fn start() -> Vec<u32> {
        vec![0]
    }

    /// Every node that a segment leads to; no segment stands for one that no pattern spells out.
    pub(super) fn advance(&self, active: &[u32], segment: Option<&str>) -> Vec<u32> {
        let symbol = segment.map_or(NONE, |segment| self.symbol(segment));
        let mut next = Vec::new();
        for at in active {
            let Some(node) = self.node(*at) else { continue };
            let literal = self.edges.get(&(*at, symbol)).copied().unwrap_or(NONE);
            let again = if node.repeats { *at } else { NONE };
            next.extend(
                [literal, node.one, node.many, again]
                    .iter()
                    .filter(|n| **n != NONE),
            );
        }
        sorted(next)
    }

    /// The first rule that ends at one of these nodes.
    pub(super) fn accepted(&self, active: &[u32]) -> RuleId {
        let rules = active
            .iter()
            .filter_map(|at| self.node(*at))
            .map(|node| node.accept);
        rules.min().unwrap_or(NONE)
    }

    /// The number of a literal; [`NONE`] for a segment that no pattern spells out.
    fn symbol(&self, segment: &str) -> u32 {
        self.symbols.get(segment).copied().unwrap_or(NONE)
    }

    /// Where one segment leads from a node. A leaf that takes everything is settled at once, in `best`; nodes below
    /// which only later rules end are not followed.
    fn step(&self, at: u32, symbol: u32, is_empty: bool, best: &mut RuleId, next: &mut Vec<u32>) {
        let Some(node) = self.node(at) else { return };
        let literal = if symbol == NONE {
            NONE
        } else {
            self.edges.get(&(at, symbol)).copied().unwrap_or(NONE)
        };
        let again = if node.repeats { at } else { NONE };
        let one = if is_empty { NONE } else { node.one };
        for target in [literal, one, node.many, again] {
            let Some(found) = self.node(target) else { continue };
            if found.least >= *best {
                continue;
            }
            if found.repeats && found.leaf {
                *best = found.accept;
            } else if !(found.repeats && next.contains(&target)) {
                next.push(target);
            }
        }
    }

    fn child(&mut self, at: u32, part: &Part) -> u32 {
        let known = match part {
            Part::Literal(text) => self.edges.get(&(at, self.symbol(text))).copied(),
            Part::One => self.node(at).map(|node| node.one),
            Part::Many => self.node(at).map(|node| node.many),
        };
        if let Some(known) = known.filter(|n| *n != NONE) {
            return known;
        }
        // A document holds far fewer than 2^32 segments: the platform's variables are kilobytes.
        let new = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        self.nodes.push(Node::new(matches!(part, Part::Many)));
        match part {
            Part::Literal(text) => {
                let count = u32::try_from(self.symbols.len()).unwrap_or(NONE);
                let symbol = *self.symbols.entry(text.as_str().into()).or_insert(count);
                self.edges.insert((at, symbol), new);
            }
            Part::One => self.node_mut(at).into_iter().for_each(|node| node.one = new),
            Part::Many => self.node_mut(at).into_iter().for_each(|node| node.many = new),
        }
        self.node_mut(at).into_iter().for_each(|node| node.leaf = false);
        new
    }

    fn touch(&mut self, at: u32, rule: RuleId) {
        if let Some(node) = self.node_mut(at) {
            node.least = node.least.min(rule);
        }
    }

    fn node(&self, at: u32) -> Option<Node> {
        self.nodes.get(usize::try_from(at).ok()?).copied()
    }

    fn node_mut(&mut self, at: u32) -> Option<&mut Node> {
        self.nodes.get_mut(usize::try_from(at).ok()?)
    }
}

impl Node {
    const fn new(repeats: bool) -> Self {
        Self {
            one: NONE,
            many: NONE,
            accept: NONE,
            least: NONE,
            repeats,
            leaf: true,
        }
    }
}

/// Keys come from the config, so collisions cannot be provoked; FNV-1a needs no randomness.
pub(super) type Hash = BuildHasherDefault<Fnv>;

#[derive(Debug, Clone, Copy)]
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        // The table takes its bucket from the low and its tag from the high bits: mix both.
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_u32(&mut self, n: u32) {
        self.0 = (self.0 ^ u64::from(n))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29);
    }
}
