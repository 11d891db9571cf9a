//! The Merkle tree of RFC 6962 (section 2.1; the same in RFC 9162) over the hashes of the log's entries.
//!
//! A leaf is SHA-256 over a zero octet and the entry's hash, a node SHA-256 over the octet 1 and its two children. Positions
//! count from 0 here; the entry at position `p` is the log's number `p + 1`. Everything is pure.

use sha2::{Digest as _, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash of a leaf.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// The hash of a node.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The right edge of a tree: the roots of its full subtrees, largest first. Enough to go on from, in `log n` hashes.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// An edge that was written down; `None` when a tree of this size has not so many subtrees.
    pub fn restore(size: u64, roots: Vec<Hash>) -> Option<Self> {
        (roots.len() == size.count_ones() as usize).then_some(Self { size, roots })
    }

    /// Number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the full subtrees, largest first.
    pub fn roots(&self) -> &[Hash] {
        &self.roots
    }

    /// Appends an entry.
    pub fn push(&mut self, entry: &[u8]) {
        let mut node = leaf_hash(entry);
        // Each full subtree at the right end joins with what follows it, as a carry does.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.roots.push(node);
        self.size += 1;
    }

    /// The root of the whole tree; for an empty one SHA-256 of nothing.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else { return Sha256::digest([]).into() };
        roots.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// A whole tree, level by level: what proofs are made from. Two hashes of memory for each leaf.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Level 0 holds the leaves; each level above holds the nodes over two full ones.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// The tree over these entries.
    pub fn over<E: AsRef<[u8]>>(entries: &[E]) -> Self {
        let mut levels = vec![entries.iter().map(|entry| leaf_hash(entry.as_ref())).collect::<Vec<_>>()];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let (pairs, _) = below.as_chunks::<2>();
            let above = pairs.iter().map(|[left, right]| node_hash(left, right)).collect();
            levels.push(above);
        }
        Self { levels }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// The root of the tree when it had `size` leaves; `None` when it has fewer.
    pub fn root(&self, size: u64) -> Option<Hash> {
        if size > self.size() {
            return None;
        }
        if size == 0 { Some(Sha256::digest([]).into()) } else { self.subtree(0, size) }
    }

    /// The path that proves the leaf at `position` in the tree of `size` leaves (RFC 6962 section 2.1.1); `None` when there
    /// is no such leaf.
    pub fn inclusion_proof(&self, position: u64, size: u64) -> Option<Vec<Hash>> {
        if position >= size || size > self.size() {
            return None;
        }
        let (mut from, mut to) = (0, size);
        let mut path = Vec::new();
        while to - from > 1 {
            let middle = from + split(to - from);
            if position < middle {
                path.push(self.subtree(middle, to)?);
                to = middle;
            } else {
                path.push(self.subtree(from, middle)?);
                from = middle;
            }
        }
        path.reverse();
        Some(path)
    }

    /// The path that proves that the tree of `newer` leaves goes on from the tree of `older` (RFC 6962 section 2.1.2); empty
    /// when they are equal or the older is empty. `None` when it cannot be.
    pub fn consistency_proof(&self, older: u64, newer: u64) -> Option<Vec<Hash>> {
        if older > newer || newer > self.size() {
            return None;
        }
        if older == 0 || older == newer {
            return Some(Vec::new());
        }
        let (mut from, mut to, mut whole) = (0, newer, true);
        let mut path = Vec::new();
        // The subtree that ends where the older tree ends is known to whoever knows the older root.
        while to != older {
            let middle = from + split(to - from);
            if older <= middle {
                path.push(self.subtree(middle, to)?);
                to = middle;
            } else {
                path.push(self.subtree(from, middle)?);
                from = middle;
                whole = false;
            }
        }
        if !whole {
            path.push(self.subtree(from, to)?);
        }
        path.reverse();
        Some(path)
    }

    /// The root of the leaves from `from` until before `to`, where `from` is a multiple of a power of two not less than
    /// their number.
    fn subtree(&self, from: u64, to: u64) -> Option<Hash> {
        let count = to - from;
        if count.is_power_of_two() {
            let level = self.levels.get(count.trailing_zeros() as usize)?;
            return level.get(usize::try_from(from / count).ok()?).copied();
        }
        let middle = from + split(count);
        Some(node_hash(&self.subtree(from, middle)?, &self.subtree(middle, to)?))
    }
}

/// The largest power of two less than `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The root that a leaf and its path lead to (RFC 9162 section 2.1.3.2); `None` when the path does not fit the place.
pub fn root_of_inclusion(entry: &[u8], position: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if position >= size {
        return None;
    }
    let (mut at, mut last) = (position, size - 1);
    let mut node = leaf_hash(entry);
    for step in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            node = node_hash(step, &node);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            node = node_hash(&node, step);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(node)
}

/// Whether a path proves that the tree with the newer root goes on from the tree with the older one (RFC 9162 section
/// 2.1.4.2).
pub fn is_consistent(older: (u64, &Hash), newer: (u64, &Hash), path: &[Hash]) -> bool {
    let ((older_size, older_root), (newer_size, newer_root)) = (older, newer);
    if older_size == newer_size {
        return path.is_empty() && older_root == newer_root;
    }
    if older_size > newer_size {
        return false;
    }
    if older_size == 0 {
        return path.is_empty();
    }
    let mut steps = path.iter();
    let first = if older_size.is_power_of_two() { Some(older_root) } else { steps.next() };
    let Some(first) = first else { return false };
    let (mut at, mut last) = (older_size - 1, newer_size - 1);
    let shared = at.trailing_ones();
    at >>= shared;
    last >>= shared;
    let (mut old, mut new) = (*first, *first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old = node_hash(step, &old);
            new = node_hash(step, &new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, step);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old == *older_root && new == *newer_root
}
