//! The matrix of PKCS#12 readers: both profiles in every program, and every program's files in ours.
//!
//! A reader has passed when it holds the very key that was written, not when it has parsed the file.

use crypto::pfx::{build, open};
use crypto::{CryptoError, PrivateKey};
use model::{KeyAlgorithm, PfxProfile};

use crate::programs::Bench;
use crate::support::{Identity, WORLD};

/// 31 characters: `gpgsm` takes no more.
const PASSWORD: &str = "J7vYQ2mW9xTnB4cZ8kLpR5sD1fGhA6e";
const PROFILES: [PfxProfile; 2] = [PfxProfile::Modern, PfxProfile::Compatible];

/// A folder with `susi.p12` in the given profile.
fn written(person: &Identity, profile: PfxProfile) -> Bench {
    let bench = Bench::new();
    let chain = [WORLD.authority.certificate.clone()];
    let file = build(&person.key, &person.certificate, &chain, PASSWORD, profile, "Susi").unwrap();
    bench.write("susi.p12", &*file);
    bench
}

/// The public half of the private key that OpenSSL's command line finds in a PKCS#12 file.
fn key_in(bench: &Bench, file: &str, password: &str) -> Vec<u8> {
    let key = bench.openssl(&format!("pkcs12 -in {file} -nocerts -noenc -passin pass:{password}")).unwrap();
    bench.write("found.key", key);
    bench.openssl("pkey -in found.key -pubout -outform DER").unwrap()
}

#[test]
fn openssl_reads_both_profiles() {
    let curve = PrivateKey::generate(KeyAlgorithm::P384).unwrap();
    let curve = WORLD.authority.issue("Curve", 50, curve);
    for person in [&WORLD.susi, &curve] {
        for profile in PROFILES {
            let bench = written(person, profile);
            assert_eq!(key_in(&bench, "susi.p12", PASSWORD), person.key.spki_der().unwrap());
            bench.openssl("pkcs12 -in susi.p12 -nokeys -passin pass:wrong").unwrap_err();
            let certificates =
                bench.openssl(&format!("pkcs12 -in susi.p12 -nokeys -passin pass:{PASSWORD}")).unwrap();
            let text = String::from_utf8(certificates).unwrap();
            assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 2);
            assert!(text.contains("friendlyName: Susi"), "{text}");
        }
    }
}

#[test]
fn nss_reads_both_profiles_into_the_store_of_thunderbird() {
    for profile in PROFILES {
        let bench = written(&WORLD.susi, profile);
        std::fs::create_dir(bench.path("store")).unwrap();
        bench.nss("certutil", "-N -d sql:store --empty-password").unwrap();
        bench.nss("pk12util", "-i susi.p12 -d sql:store -W wrong").unwrap_err();
        bench.nss("pk12util", &format!("-i susi.p12 -d sql:store -W {PASSWORD}")).unwrap();
        let certificate = bench.nss("certutil", "-L -d sql:store -n Susi -r").unwrap();
        assert_eq!(certificate, WORLD.susi.certificate.der());
        // The key comes out of the store again, in NSS's own writing.
        bench.nss("pk12util", "-o exported.p12 -n Susi -d sql:store -W secret").unwrap();
        assert_eq!(key_in(&bench, "exported.p12", "secret"), WORLD.susi.key.spki_der().unwrap());
        let ours = open(&bench.read("exported.p12"), "secret").unwrap();
        assert_eq!(ours.certificate, WORLD.susi.certificate);
    }
}

#[test]
fn java_reads_both_profiles_into_a_key_store() {
    for profile in PROFILES {
        let bench = written(&WORLD.susi, profile);
        bench
            .keytool(&format!(
                "-importkeystore -noprompt -srckeystore susi.p12 -srcstoretype PKCS12 -srcstorepass {PASSWORD} \
                 -destkeystore exported.p12 -deststoretype PKCS12 -deststorepass another"
            ))
            .unwrap();
        assert_eq!(key_in(&bench, "exported.p12", "another"), WORLD.susi.key.spki_der().unwrap());
        let ours = open(&bench.read("exported.p12"), "another").unwrap();
        assert_eq!(ours.certificate, WORLD.susi.certificate);
        assert_eq!(ours.chain, std::slice::from_ref(&WORLD.authority.certificate));
    }
}

#[test]
fn python_reads_both_profiles() {
    let expected = format!(
        "spki={}\ncertificate={}\nname=Susi\nothers=1",
        hex::encode(WORLD.susi.key.spki_der().unwrap()),
        hex::encode(WORLD.susi.certificate.sha256()),
    );
    for profile in PROFILES {
        let bench = written(&WORLD.susi, profile);
        assert_eq!(bench.python(&format!("pfx susi.p12 {PASSWORD}")), expected, "{profile:?}");
    }
}

#[test]
fn gnupg_reads_the_compatible_profile_and_decrypts_mail_with_it() {
    let passwords = format!("{PASSWORD}\n{PASSWORD}\n");
    // Beside the five readers above this one is welcome and not required: versions before 2.4 know no PBES2. And 2.2 cannot
    // read some salts, about one in thirty, also in files that OpenSSL's own program has made; each file has new ones.
    let mut refused = Vec::new();
    let bench = loop {
        let bench = written(&WORLD.susi, PfxProfile::Compatible);
        match bench.gpgsm("--import susi.p12", &passwords) {
            None => return,
            Some(Ok(_)) => break bench,
            Some(Err(error)) => refused.push(error),
        }
        assert!(refused.len() < 5, "{refused:?}");
    };
    bench.write("mail", b"canary");
    bench.write("susi.pem", WORLD.susi.certificate.pem());
    bench.openssl("cms -encrypt -binary -in mail -outform DER -aes256 -out mail.p7m susi.pem").unwrap();
    assert_eq!(bench.gpgsm("--decrypt mail.p7m", &passwords).unwrap().unwrap(), b"canary");
}

#[test]
fn files_that_openssl_makes_are_read_and_those_with_rc2_refused_with_the_way_around() {
    let bench = written(&WORLD.susi, PfxProfile::Modern);
    let parts = bench.openssl(&format!("pkcs12 -in susi.p12 -noenc -passin pass:{PASSWORD}")).unwrap();
    bench.write("parts.pem", parts);
    let export = "pkcs12 -export -in parts.pem -passout pass:secret -out made.p12";
    for options in
        ["", "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1", "-certpbe NONE", "-iter 1"]
    {
        bench.openssl(&format!("{export} {options}")).unwrap();
        let made = bench.read("made.p12");
        let opened = open(&made, "secret").unwrap();
        assert_eq!(opened.key.spki_der().unwrap(), WORLD.susi.key.spki_der().unwrap(), "{options}");
        assert_eq!(opened.chain, std::slice::from_ref(&WORLD.authority.certificate), "{options}");
        assert!(matches!(open(&made, "Secret"), Err(CryptoError::WrongPassword { .. })), "{options}");
    }

    bench.openssl(&format!("{export} -legacy")).unwrap();
    let refused = open(&bench.read("made.p12"), "secret").unwrap_err();
    assert!(matches!(refused, CryptoError::Unsupported { .. }), "{refused}");
    assert!(refused.to_string().contains("export it again"), "{refused}");

    bench.openssl(&format!("{export} -nokeys")).unwrap();
    let refused = open(&bench.read("made.p12"), "secret").unwrap_err().to_string();
    assert!(refused.contains("no private key"), "{refused}");
}
