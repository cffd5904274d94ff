//! No constant without a source: every folder of vectors says where it comes from, and its files are the ones that came.

use edgeward_primitives::digest::sha256;

use crate::jose_support::vectors;

#[test]
fn every_folder_has_its_papers() {
    for entry in std::fs::read_dir(vectors()).unwrap() {
        let folder = entry.unwrap().path();
        let papers = std::fs::read_to_string(folder.join("PROVENANCE.md"));
        let papers = papers.unwrap_or_else(|_| panic!("{} has no PROVENANCE.md", folder.display()));
        for word in ["source", "licence"] {
            assert!(
                papers.to_lowercase().contains(word),
                "{}: no {word}",
                folder.display()
            );
        }
        for line in papers.lines() {
            let Some((sum, name)) = line.split_once("  ") else {
                continue;
            };
            if sum.len() != 64 || !sum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                continue;
            }
            let bytes = std::fs::read(folder.join(name)).unwrap_or_else(|_| panic!("{name} is missing"));
            let digest: String = sha256(&[&bytes])
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(
                digest,
                sum,
                "{}/{name} is not the file that came",
                folder.display()
            );
        }
    }
}
