//! Certificates that OpenSSL's command line makes; our reading is compared with Python's.

use std::fmt::Write as _;

use crypto::X509Certificate;
use crypto::certificate::KeyUsage;

use crate::programs::Bench;

const PROFILE: &str = "
[req]
distinguished_name = subject
prompt = no
utf8 = yes
string_mask = utf8only
x509_extensions = extensions
[subject]
C = DE
O = Contoso, Ltd.
CN = Jürgen Müller
[extensions]
subjectAltName = email:jm@contoso.test, email:second@contoso.test, otherName:1.3.6.1.4.1.311.20.2.3;UTF8:jm@corp.test
keyUsage = critical, digitalSignature, keyAgreement, decipherOnly
extendedKeyUsage = emailProtection, clientAuth, 1.3.6.1.4.1.311.20.2.2
subjectKeyIdentifier = hash
";

#[test]
fn a_certificate_is_read_as_python_reads_it() {
    let bench = Bench::new();
    bench.write("profile.cnf", PROFILE);
    bench.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem").unwrap();
    // Serial numbers whose first bit is set have a leading zero in DER, which is not part of the number.
    let make = "req -x509 -utf8 -config profile.cnf -key key.pem -days 30 -set_serial 0x9f2c00ff -out certificate.pem";
    bench.openssl(make).unwrap();

    let certificate = X509Certificate::from_bytes(&bench.read("certificate.pem")).unwrap();
    let mut ours = format!(
        "serial={}\nsha1={}\nsha256={}\nfrom={}\nuntil={}\nspki={}\nski={}\n",
        certificate.serial(),
        certificate.thumbprint(),
        hex::encode(certificate.sha256()),
        certificate.not_before().as_seconds(),
        certificate.not_after().as_seconds(),
        hex::encode(certificate.spki_der().unwrap()),
        hex::encode(certificate.subject_key_identifier().unwrap()),
    );
    let usages: Vec<String> =
        certificate.extended_key_usage().unwrap().iter().map(ToString::to_string).collect();
    writeln!(ours, "eku={}", usages.join(" ")).unwrap();
    writeln!(ours, "2.5.4.6=DE\n2.5.4.10=Contoso, Ltd.").unwrap();
    writeln!(ours, "2.5.4.3={}", certificate.common_name().unwrap()).unwrap();
    for address in certificate.mail_addresses() {
        writeln!(ours, "mail={address}").unwrap();
    }
    writeln!(ours, "upn={}", certificate.user_principal_name().unwrap()).unwrap();

    assert_eq!(ours.trim_end(), bench.python("certificate certificate.pem"));
    assert_eq!(certificate.serial().to_string(), "9f2c00ff");
    assert_eq!(certificate.subject(), r"CN=Jürgen Müller,O=Contoso\, Ltd.,C=DE");
    let usages = [KeyUsage::DigitalSignature, KeyUsage::KeyAgreement, KeyUsage::DecipherOnly];
    assert_eq!(certificate.key_usage().unwrap(), usages);
    assert_eq!(
        bench.openssl("x509 -in certificate.pem -outform DER").unwrap(),
        X509Certificate::from_pem(certificate.pem().as_bytes()).unwrap().der()
    );
}
