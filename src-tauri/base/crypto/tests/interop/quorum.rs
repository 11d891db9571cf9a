//! An envelope to a quorum can be opened without this program: whoever has enough officers' keys needs CMS, AES-GCM and
//! the formula of Lagrange.

use crypto::SealingAgents;

use crate::programs::Bench;
use crate::support::{WORLD, pkey};

#[test]
fn python_opens_with_any_two_of_three_officers_and_openssl_reads_the_structure() {
    let bench = Bench::new();
    let certificates = WORLD.agent_certificates(3);
    let agents = SealingAgents::new(certificates.clone(), Some(2));
    bench.write("sealed", agents.seal(&WORLD.susi.key).unwrap());
    for (index, agent) in WORLD.agents.iter().enumerate() {
        bench.write(&format!("{index}.pem"), pkey(&agent.key).private_key_to_pem_pkcs8().unwrap());
    }
    let digests: Vec<String> =
        certificates.iter().map(|certificate| hex::encode(certificate.sha256())).collect();
    for pair in ["1=0.pem 2=1.pem", "1=0.pem 3=2.pem", "3=2.pem 2=1.pem"] {
        let told = bench.python(&format!("quorum sealed {pair}"));
        let officers = digests.join(" ");
        let subject = hex::encode(WORLD.susi.key.spki_sha256().unwrap());
        let content = hex::encode(&*WORLD.susi.key.to_pkcs8().unwrap());
        assert_eq!(told, format!("threshold=2\nofficers={officers}\nsubject={subject}\ncontent={content}"));
    }
    let printed = bench.openssl("cms -cmsout -print -inform DER -in sealed").unwrap();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    assert!(printed.contains("d.ori:") && printed.contains("aes-256-gcm"), "{printed}");
}
