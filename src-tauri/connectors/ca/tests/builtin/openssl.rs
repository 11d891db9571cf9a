//! What OpenSSL's program makes of our certificates and lists.

use std::path::Path;

use crypto::X509Certificate;
use crypto::issue::{Validity, recovery_agent_certificate, serial_number};
use model::names::Profile;
use model::{KeyAlgorithm, RevocationReason, Span};
use ports::{CertificateAuthority as _, CertificateRef};

use crate::world::{Counting, MONDAY, P256, P384, RSA, World, jorg, openssl, order, quick_founding};

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn pem(world: &World, name: &str, der: &[u8]) -> String {
    let pem = X509Certificate::from_der(der).unwrap().pem();
    path(&world.file(name, pem.as_bytes())).to_owned()
}

fn text(world: &World, der: &[u8]) -> String {
    let (read, text) = openssl(&["x509", "-noout", "-text", "-in", &pem(world, "leaf.pem", der)]);
    assert!(read, "{text}");
    text
}

fn assert_holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

/// `openssl verify` with lists of the issuing authority and of the root, at the world's time.
fn verify(world: &World, leaf: &str, purpose: &str) -> (bool, String) {
    let (root, issuing) = world.chain_files();
    let root_crl = world.file("root.crl", &world.founded.settings.root_crl);
    let now = model::Clock::now(&*world.clock).as_seconds().to_string();
    let lists = world.folder.path().join("lists.pem");
    let mut both = String::new();
    for list in [root_crl, world.crl_file()] {
        let (read, pem) = openssl(&["crl", "-inform", "DER", "-in", path(&list)]);
        assert!(read, "{pem}");
        both.push_str(&pem);
    }
    std::fs::write(&lists, both).unwrap();
    openssl(&[
        "verify",
        "-x509_strict",
        "-crl_check_all",
        "-attime",
        &now,
        "-purpose",
        purpose,
        "-CAfile",
        path(&root),
        "-untrusted",
        path(&issuing),
        "-CRLfile",
        path(&lists),
        leaf,
    ])
}

#[tokio::test]
async fn smime_certificates_are_accepted_for_mail_until_they_are_revoked() {
    let world = World::founded_as(&ca::builtin::Founding {
        root_key: KeyAlgorithm::Rsa3072,
        issuing_key: KeyAlgorithm::Rsa2048,
        ..quick_founding()
    })
    .await;
    for (number, key) in [&*RSA, &*P256, &*P384].into_iter().enumerate() {
        let reference = format!("person {number}");
        let leaf = world.issue(&order(&reference, Profile::SmimeSponsor, jorg(), key)).await;
        let file = pem(&world, &format!("{number}.pem"), &leaf.der);
        world.authority.publish_crl().await.unwrap();
        // OpenSSL's purpose `smimeencrypt` knows key encipherment only, which EC keys cannot do (RFC 5753).
        let purposes: &[&str] = if number == 0 { &["smimesign", "smimeencrypt"] } else { &["smimesign"] };
        for purpose in purposes {
            let (accepted, said) = verify(&world, &file, purpose);
            assert!(accepted, "{purpose}: {said}");
        }
        let (accepted, _) = verify(&world, &file, "sslserver");
        assert!(!accepted, "nobody can run a server with it");

        world.clock.advance(Span::minutes(1));
        let serial = X509Certificate::from_der(&leaf.der).unwrap().serial();
        let named = CertificateRef { serial, reference };
        world.authority.revoke(&named, RevocationReason::KeyCompromise).await.unwrap();
        let (accepted, said) = verify(&world, &file, "smimesign");
        assert!(!accepted && said.contains("certificate revoked"), "{said}");
    }
}

#[tokio::test]
async fn sign_in_certificates_carry_what_entra_and_windows_look_for() {
    let world = World::new().await;
    let leaf = world.issue(&order("cba", Profile::ClientAuth, jorg(), &RSA)).await;
    let said = text(&world, &leaf.der);
    assert_holds(
        &said,
        &[
            "TLS Web Client Authentication, Microsoft Smartcard Login",
            "X509v3 Key Usage: critical\n                Digital Signature\n",
            "email:joerg.muessig@example.com",
            "X509v3 Subject Key Identifier",
            "URI:http://pki.example.com/ca/issuing.crl",
            "CA Issuers - URI:http://pki.example.com/ca/issuing.cer",
        ],
    );
    // The extension of KB5014754 as a real Windows authority writes it.
    let vector = "303fa03d060a2b060104018237190201a02f042d532d312d352d32312d31303034333336333438\
                  2d313137373233383931352d3638323030333333302d31313034";
    assert!(hex::encode(&leaf.der).contains(vector));
    assert_holds(
        &asn1(&world, &leaf.der),
        &["OBJECT            :Microsoft User Principal Name", "UTF8STRING        :jörg@example.com"],
    );

    world.authority.publish_crl().await.unwrap();
    let (accepted, said) = verify(&world, &pem(&world, "cba.pem", &leaf.der), "sslclient");
    assert!(accepted, "{said}");
}

#[tokio::test]
async fn names_come_from_the_order_and_have_the_right_string_types() {
    let world = World::new().await;
    let leaf = world.issue(&order("susi", Profile::SmimeSponsor, jorg(), &RSA)).await;
    let said = text(&world, &leaf.der);
    assert_holds(
        &said,
        &[
            "email:joerg.muessig@example.com, email:jm@example.org",
            "E-mail Protection",
            "Digital Signature, Key Encipherment",
            "Policy: 2.23.140.1.5.3.2",
            "CA:FALSE",
        ],
    );
    assert!(!said.contains("allory"), "the request asked for another name:\n{said}");
    assert_holds(
        &asn1(&world, &leaf.der),
        &[
            "PRINTABLESTRING   :DE",
            "UTF8STRING        :Contoso GmbH",
            "OBJECT            :organizationIdentifier",
            "UTF8STRING        :Jörg Müßig-Åström",
            "OBJECT            :givenName",
        ],
    );

    let ec = world.issue(&order("susi ec", Profile::SmimeSponsor, jorg(), &P256)).await;
    assert_holds(&text(&world, &ec.der), &["Digital Signature, Key Agreement"]);
    let mailbox = world.issue(&order("info", Profile::SmimeMailbox, jorg(), &RSA)).await;
    assert_holds(
        &text(&world, &mailbox.der),
        &["Subject: CN = joerg.muessig@example.com\n", "Policy: 2.23.140.1.5.1.2"],
    );
}

#[tokio::test]
async fn the_list_reads_with_number_key_identifier_and_reasons() {
    let world = World::new().await;
    world.authority.publish_crl().await.unwrap();
    for (number, reason) in RevocationReason::ALL.into_iter().enumerate() {
        let reference = format!("order {number}");
        let leaf = world.issue(&order(&reference, Profile::SmimeSponsor, jorg(), &P256)).await;
        let serial = X509Certificate::from_der(&leaf.der).unwrap().serial();
        world.authority.revoke(&CertificateRef { serial, reference }, reason).await.unwrap();
    }
    let (_, issuing) = world.chain_files();
    let list = world.crl_file();
    let (read, said) = openssl(&[
        "crl",
        "-inform",
        "DER",
        "-in",
        path(&list),
        "-noout",
        "-text",
        "-verify",
        "-CAfile",
        path(&issuing),
    ]);
    assert!(read && said.contains("verify OK"), "{said}");
    assert_holds(
        &said,
        &[
            "Version 2",
            "X509v3 CRL Number: \n                8\n",
            "X509v3 Authority Key Identifier",
            "Last Update: Mar  2 09:30:00 2026 GMT",
            "Next Update: Mar  9 09:30:00 2026 GMT",
            "Key Compromise",
            "Affiliation Changed",
            "Superseded",
            "Cessation Of Operation",
            "Certificate Hold",
            "Privilege Withdrawn",
        ],
    );
    assert_eq!(said.matches("Serial Number:").count(), 7);
    assert_eq!(said.matches("CRL Reason Code").count(), 6, "an unspecified reason is not written");
}

#[test]
fn to_be_sealed_to_and_to_sign_is_all_that_the_certificate_of_a_recovery_agent_is_for() {
    let folder = tempfile::tempdir().unwrap();
    let validity = Validity::lasting(MONDAY, Span::days(3_650));
    let serial = serial_number(&Counting::default());
    let der = recovery_agent_certificate("KRA 1", &RSA, validity, serial.clone()).unwrap();
    let file = crate::world::write(folder.path(), "kra.der", &der);
    let (read, said) = openssl(&["x509", "-inform", "DER", "-in", path(&file), "-noout", "-text"]);
    assert!(read, "{said}");
    assert_holds(
        &said,
        &[
            "X509v3 Key Usage: critical\n                Digital Signature, Key Encipherment\n",
            "CA:FALSE",
            "CN = KRA 1",
        ],
    );
    let refused = recovery_agent_certificate("KRA 1", &P256, validity, serial).unwrap_err();
    assert!(refused.to_string().contains("RSA"), "{refused}");
}

/// The structure as OpenSSL prints it, string types included.
fn asn1(world: &World, der: &[u8]) -> String {
    let file = world.file("leaf.der", der);
    let (read, whole) = openssl(&["asn1parse", "-inform", "DER", "-in", path(&file)]);
    assert!(read, "{whole}");
    // Alternative names lie inside an octet string; the second look starts there.
    let offset = whole
        .lines()
        .skip_while(|line| !line.contains("X509v3 Subject Alternative Name"))
        .find(|line| line.contains("OCTET STRING"))
        .and_then(|line| line.split(':').next())
        .map(|number| number.trim().to_owned())
        .unwrap();
    let (read, inside) = openssl(&["asn1parse", "-inform", "DER", "-in", path(&file), "-strparse", &offset]);
    assert!(read, "{inside}");
    whole + &inside
}
