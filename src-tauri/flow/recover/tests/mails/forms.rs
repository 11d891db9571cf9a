//! Ciphers, keys and files.

use crate::bench::{Bench, SAID, TEXT, text};

#[test]
fn every_cipher_and_key_that_openssl_writes_is_decrypted() {
    let bench = Bench::new();
    let ways = [
        ("smime -encrypt -des3", "susi", "Triple DES", "RSA PKCS#1 v1.5"),
        ("smime -encrypt -aes128", "susi", "AES-128-CBC", "RSA PKCS#1 v1.5"),
        ("cms -encrypt -aes192", "susi", "AES-192-CBC", "RSA PKCS#1 v1.5"),
        ("cms -encrypt -aes256", "susi", "AES-256-CBC", "RSA PKCS#1 v1.5"),
        ("cms -encrypt -aes-256-gcm", "susi", "AES-256-GCM", "RSA PKCS#1 v1.5"),
        ("cms -encrypt -aes-128-gcm", "susi", "AES-128-GCM", "RSA PKCS#1 v1.5"),
        ("cms -encrypt -aes256", "eva", "AES-256-CBC", "ECDH with SHA-1"),
        ("cms -encrypt -aes-256-gcm -keyid", "eva", "AES-256-GCM", "ECDH with SHA-1"),
    ];
    for (how, whose, cipher, key) in ways {
        bench.openssl(&format!(
            "{how} -in text -out mail.eml -from a@nordwind.example -to {whose}@nordwind.example -subject Vertrag {whose}.crt"
        ));
        let mail = bench.decrypt("mail.eml", whose).unwrap_or_else(|error| panic!("{how}: {error}"));
        let read = text(&mail);
        assert!(read.ends_with(TEXT), "{how}: {read}");
        assert!(read.contains("Subject: Vertrag") && read.contains("To: "), "{how}: {read}");
        assert!(!read.contains("pkcs7") && !read.contains("base64"), "{how}: {read}");
        let [layer] = mail.layers[..] else { panic!("{:?}", mail.layers) };
        assert_eq!((layer.cipher, layer.key), (cipher, key), "{how}");
        let warned = mail.remarks().iter().any(|one| one.contains("does not show alterations"));
        assert_eq!(warned, !cipher.ends_with("GCM"), "{how}: {:?}", mail.remarks());
    }
}

#[test]
fn oaep_is_opened_as_the_envelope_names_it() {
    let bench = Bench::new();
    for digest in ["", " -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha256"] {
        bench.openssl(&format!(
            "cms -encrypt -in text -out mail.eml -aes256 -recip susi.crt -keyopt rsa_padding_mode:oaep{digest}"
        ));
        let mail = bench.decrypt("mail.eml", "susi").unwrap();
        assert!(mail.layers[0].key.starts_with("RSA-OAEP"), "{:?}", mail.layers);
    }
}

#[test]
fn files_of_every_form_are_read_also_with_indefinite_lengths() {
    let bench = Bench::new();
    // Large enough that OpenSSL writes it in pieces.
    let long = format!("{TEXT}{}", "Zeile um Zeile\r\n".repeat(20_000));
    bench.write("long", &long);
    for how in
        ["-outform DER", "-outform PEM", "-stream -outform DER", "-outform SMIME", "-stream -outform SMIME"]
    {
        bench.openssl(&format!("cms -encrypt -binary -aes256 -in long -out made {how} susi.crt"));
        let made = bench.read("made");
        assert_eq!(made[1] == 0x80, how == "-stream -outform DER", "{how}: as is expected of OpenSSL");
        let mail = bench.decrypt("made", "susi").unwrap_or_else(|error| panic!("{how}: {error}"));
        assert!(text(&mail).ends_with(&long), "{how}");
    }
    // Nothing but base64, with and without line ends, and behind a byte order mark.
    bench.openssl("cms -encrypt -binary -aes256 -in text -out made.der -outform DER susi.crt");
    for how in ["base64 -e", "base64 -A -e"] {
        bench.openssl(&format!("{how} -in made.der -out made"));
        assert_eq!(text(&bench.decrypt("made", "susi").unwrap()), TEXT, "{how}");
    }
    let marked = [b"\xef\xbb\xbf".as_slice(), &bench.read("made")].concat();
    assert_eq!(text(&bench.decrypt_bytes(&marked, "susi").unwrap()), TEXT);
}

#[test]
fn each_of_two_and_the_last_of_a_thousand_recipients_reads_it() {
    let bench = Bench::new();
    bench.openssl(
        "cms -encrypt -aes256 -in text -out mail.eml -recip otto.crt -recip susi.crt -recip eva.crt",
    );
    for whose in ["susi", "otto", "eva"] {
        assert!(text(&bench.decrypt("mail.eml", whose).unwrap()).contains(SAID), "{whose}");
    }
    bench.python("thousand");
    assert!(text(&bench.decrypt("thousand", "susi").unwrap()).ends_with("tausend\r\n"));
    let refused = bench.decrypt("thousand", "eva").unwrap_err().to_string();
    assert!(refused.contains("not encrypted for `CN=eva`"), "{refused}");
}

#[test]
fn mails_of_python_keep_their_fields_names_and_attachments() {
    let bench = Bench::new();
    bench.python("whole");
    let mail = bench.decrypt("whole", "susi").unwrap();
    let read = text(&mail);
    let parsed = mail_parser::MessageParser::default().parse(read.as_bytes()).unwrap();
    assert_eq!(parsed.subject(), Some("Vertrag für Schröder"));
    assert_eq!(parsed.from().unwrap().first().unwrap().name(), Some("Jörg Müller"));
    assert_eq!(parsed.body_text(0).unwrap().trim(), SAID);
    let attachment = parsed.attachment(0).unwrap();
    assert_eq!(mail_parser::MimeHeaders::attachment_name(attachment), Some("Übergabe für Jörg.zip"));
    assert_eq!(attachment.contents(), (0..=255).collect::<Vec<u8>>().repeat(8));
    assert_eq!(read.matches("Content-Type: multipart/mixed").count(), 1, "{read}");
}

#[test]
fn what_lies_beside_an_encrypted_part_is_left_out_and_told_of() {
    let bench = Bench::new();
    for (mail, around, subject, parts) in [
        ("attached", "footer.txt", "Subject: Vertrag", "2 parts"),
        ("forwarded", "Siehe unten.", "Subject: Innen", "1 part"),
    ] {
        bench.python(mail);
        let opened = bench.decrypt(mail, "susi").unwrap();
        let read = text(&opened);
        assert!(read.contains("<p>Gr") && read.contains(subject), "{mail}: {read}");
        assert!(!read.contains(around) && !read.contains("p7m"), "{mail}: {read}");
        let told = opened.remarks();
        assert!(told.iter().any(|one| one.contains(&format!("({parts}) was left out"))), "{mail}: {told:?}");
    }
}

#[test]
fn plaintext_is_put_between_nothing_that_somebody_else_wrote() {
    let bench = Bench::new();
    bench.openssl("smime -encrypt -aes256 -in text -out part.eml susi.crt");
    let part = String::from_utf8(bench.read("part.eml")).unwrap();
    let html = |body: &str| format!("Content-Type: text/html\r\n\r\n{body}\r\n");
    let multipart = |parts: &[&str]| {
        let parts: Vec<String> = parts.iter().map(|one| format!("--x\r\n{one}\r\n")).collect();
        let parts = parts.concat();
        format!("From: eve@evil.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n{parts}--x--\r\n")
    };
    let (before, after) = (html("<img src=\"http://evil.example/"), html("\">"));
    let sandwich = multipart(&[&before, &part, &after]);
    // The same inside a layer that anybody can encrypt for Susi.
    bench.write("sandwich", &sandwich);
    bench.openssl("cms -encrypt -binary -aes-256-gcm -in sandwich -out layered.eml susi.crt");
    for given in [sandwich.into_bytes(), bench.read("layered.eml")] {
        let opened = bench.decrypt_bytes(&given, "susi").unwrap();
        let read = text(&opened);
        assert!(read.ends_with(TEXT) && !read.contains("evil.example/"), "{read}");
        assert_eq!(opened.left_out, 2, "{:?}", opened.remarks());
    }
    // And where the parts around it are encrypted as well: each is a file of its own.
    bench.write("before", &before);
    bench.openssl("smime -encrypt -aes256 -in before -out before.eml susi.crt");
    let theirs = String::from_utf8(bench.read("before.eml")).unwrap();
    let opened = bench.decrypt_bytes(multipart(&[&theirs, &part]).as_bytes(), "susi").unwrap();
    let read = text(&opened);
    assert!(
        !read.contains("evil.example/") && !read.contains(SAID),
        "neither is shown beside the other: {read}"
    );
    assert_eq!((opened.apart, read.matches("Content-Disposition: attachment").count()), (2, 2), "{read}");
    let last = read.rsplit("base64\r\n\r\n").next().unwrap().split("\r\n--").next().unwrap();
    bench.write("last", last);
    let inside = String::from_utf8(bench.openssl("base64 -d -in last")).unwrap();
    assert!(inside.contains(SAID), "{inside}");
}
