//! Short lists in order.

/// The distinct items in order, one put in its place after the other: the standard library's sorts are kilobytes of
/// wasm for every type of item.
pub(crate) fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut list = Vec::new();
    for item in items {
        if let Err(at) = list.binary_search(&item) {
            list.insert(at, item);
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_order_and_once_each() {
        assert_eq!(sorted(["b", "a", "c", "b", "a"]), ["a", "b", "c"]);
        assert_eq!(sorted([3, 2, 2, 1, 1]), [1, 2, 3]);
        assert_eq!(sorted(Vec::<u8>::new()), Vec::<u8>::new());
    }
}
