//! The Merkle tree beside another implementation of RFC 6962, and beside the published values.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use evidence::tree::{Frontier, Hash, Tree, is_consistent, root_of_inclusion};
use sha2::Sha256;

const MOST: u64 = 70;

fn entries(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|number| number.to_be_bytes().repeat(4)).collect()
}

/// The leaves that the authors of Certificate Transparency test with.
fn published() -> Vec<Vec<u8>> {
    let leaves =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    leaves.iter().map(|leaf| hex::decode(leaf).unwrap()).collect()
}

#[test]
fn the_roots_are_those_that_were_published() {
    let tree = Tree::over(&published());
    let root = |size| hex::encode(tree.root(size).unwrap());
    assert_eq!(root(0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(root(1), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    assert_eq!(root(2), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    assert_eq!(root(3), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
    assert_eq!(root(8), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    assert_eq!(tree.root(9), None);
}

#[test]
fn another_implementation_finds_the_same_roots_and_accepts_our_proofs() {
    let mut theirs: MemoryBackedTree<Sha256, Vec<u8>> = MemoryBackedTree::new();
    let all = entries(MOST);
    let ours = Tree::over(&all);
    let mut edge = Frontier::default();
    let mut older = Vec::new();
    for (size, entry) in (1_u64..).zip(&all) {
        older.push(theirs.root());
        theirs.push(entry.clone());
        edge.push(entry);
        let root = theirs.root();
        assert_eq!(ours.root(size).unwrap().as_slice(), &root.as_bytes()[..], "size {size}");
        assert_eq!(edge.root().as_slice(), &root.as_bytes()[..]);
        for position in 0..size {
            let path = ours.inclusion_proof(position, size).unwrap().concat();
            let proof = ct_merkle::InclusionProof::<Sha256>::try_from_bytes(path).unwrap();
            root.verify_inclusion(&all[usize::try_from(position).unwrap()], position, &proof).unwrap();
        }
        for (before, old) in older.iter().enumerate().skip(1) {
            let path = ours.consistency_proof(before as u64, size).unwrap().concat();
            let proof = ct_merkle::ConsistencyProof::<Sha256>::try_from_bytes(path).unwrap();
            root.verify_consistency(old, &proof).unwrap();
        }
    }
}

#[test]
fn proofs_hold_for_their_place_alone() {
    let all = entries(MOST);
    let tree = Tree::over(&all);
    let root = |size| tree.root(size).unwrap();
    for size in 1..=MOST {
        for position in 0..size {
            let entry = &all[usize::try_from(position).unwrap()];
            let path = tree.inclusion_proof(position, size).unwrap();
            assert_eq!(root_of_inclusion(entry, position, size, &path), Some(root(size)));
            for other in [position + 1, position.wrapping_sub(1), size] {
                assert_ne!(
                    root_of_inclusion(entry, other, size, &path),
                    Some(root(size)),
                    "{other} of {size}"
                );
            }
            assert_ne!(root_of_inclusion(b"another", position, size, &path), Some(root(size)));
            let longer = [path.clone(), vec![[7; 32]]].concat();
            assert_eq!(root_of_inclusion(entry, position, size, &longer), None);
            if let Some((_, shorter)) = path.split_last() {
                assert_ne!(root_of_inclusion(entry, position, size, shorter), Some(root(size)));
            }
        }
        for older in 0..=size {
            let path = tree.consistency_proof(older, size).unwrap();
            assert!(is_consistent((older, &root(older)), (size, &root(size)), &path), "{older} to {size}");
            if (1..size).contains(&older) {
                assert!(!is_consistent((older, &[1; 32]), (size, &root(size)), &path));
                assert!(!is_consistent((older, &root(older)), (size, &[1; 32]), &path));
                for at in 0..path.len() {
                    let mut altered: Vec<Hash> = path.clone();
                    altered[at][31] ^= 1;
                    assert!(!is_consistent((older, &root(older)), (size, &root(size)), &altered));
                }
            }
        }
        assert_eq!(tree.consistency_proof(size + 1, size), None);
    }
}

#[test]
fn an_edge_that_was_written_down_goes_on() {
    let all = entries(MOST);
    let mut edge = Frontier::default();
    for (size, entry) in all.iter().enumerate() {
        let restored = Frontier::restore(size as u64, edge.roots().to_vec()).unwrap();
        assert_eq!(restored, edge);
        assert_eq!(
            Frontier::restore(size as u64 + 1, edge.roots().to_vec()).is_some(),
            size.count_ones() == (size + 1).count_ones()
        );
        edge.push(entry);
    }
}
