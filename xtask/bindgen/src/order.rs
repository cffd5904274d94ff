//! Functions in an order that gzip likes: each beside those that it has most in common with.
//!
//! gzip looks back 32 KiB, a Worker's code is twenty times that. Generic code that was compiled for two types, two readers of
//! two tables, two formats' recipes are much alike; standing side by side, the second costs little.

use std::collections::{HashMap, VecDeque};

/// How far gzip looks back (RFC 1951 section 2).
const WINDOW: usize = 32 * 1024;
/// So many bytes are one gram: an instruction or two with their operands.
const GRAM: usize = 5;
/// A gram in more functions than these says nothing about any of them.
const COMMON: usize = 12;
/// What a function's own length is worth beside its grams: without it the shortest would always come first.
const LENGTH: f64 = 200.0;

/// The places of `bodies` in their new order: begun with the longest, then always the one that finds most of itself in
/// the window, for its length. The same bodies always come to the same order.
pub(crate) fn alike(bodies: &[&[u8]]) -> Vec<usize> {
    let (grams, holders) = rare_grams(bodies);
    let mut common = vec![0_u32; bodies.len()];
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut within: Vec<u32> = vec![0; holders.len()];
    let mut window: VecDeque<usize> = VecDeque::new();
    let mut bytes = 0;
    let mut order = Vec::with_capacity(bodies.len());
    while let Some(next) = best(&left, bodies, &common, order.is_empty()) {
        let function = left.remove(next);
        order.push(function);
        window.push_back(function);
        bytes += bodies[function].len();
        for gram in &grams[function] {
            within[*gram] += 1;
            if within[*gram] == 1 {
                holders[*gram].iter().for_each(|holder| common[*holder] += 1);
            }
        }
        while bytes > WINDOW && window.len() > 1 {
            let Some(gone) = window.pop_front() else { break };
            bytes -= bodies[gone].len();
            for gram in &grams[gone] {
                within[*gram] -= 1;
                if within[*gram] == 0 {
                    holders[*gram].iter().for_each(|holder| common[*holder] -= 1);
                }
            }
        }
    }
    order
}

/// The place in `left` of the function that comes next.
fn best(left: &[usize], bodies: &[&[u8]], common: &[u32], first: bool) -> Option<usize> {
    let worth = |function: usize| {
        let length = bodies[function].len() as f64;
        if first {
            length
        } else {
            f64::from(common[function]) / (length + LENGTH)
        }
    };
    // The first of equals, so that the order does not hang on how the search goes.
    (0..left.len())
        .rev()
        .max_by(|a, b| worth(left[*a]).total_cmp(&worth(left[*b])))
}

/// Of each function the grams that it shares with a few others, and of each such gram the functions that have it.
fn rare_grams(bodies: &[&[u8]]) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let mut holders: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (function, body) in bodies.iter().enumerate() {
        for gram in body.windows(GRAM) {
            let list = holders.entry(gram).or_default();
            if list.last() != Some(&function) {
                list.push(function);
            }
        }
    }
    let mut rare: Vec<Vec<usize>> = holders
        .into_values()
        .filter(|list| (2..=COMMON).contains(&list.len()))
        .collect();
    rare.sort_unstable();
    let mut grams = vec![Vec::new(); bodies.len()];
    for (gram, list) in rare.iter().enumerate() {
        list.iter().for_each(|function| grams[*function].push(gram));
    }
    (grams, rare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_there_once() {
        for bodies in [
            vec![],
            vec![&b"one"[..]],
            vec![b"abcdefgh"; 50],
            vec![b"", b"abcdefghij", b""],
        ] {
            let mut order = alike(&bodies);
            order.sort_unstable();
            assert_eq!(order, (0..bodies.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_alike_stands_together() {
        let body =
            |letter: u8, last: u8| [&[letter; 3][..], b"+shared by ", &[letter; 9], &[last; 4]].concat();
        let bodies = [
            body(b'a', 1),
            body(b'b', 2),
            body(b'a', 3),
            body(b'b', 4),
            body(b'a', 5),
        ];
        let slices: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
        assert_eq!(alike(&slices), [0, 2, 4, 1, 3]);
    }
}
