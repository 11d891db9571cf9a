//! What does not open is told in one sentence, whatever was done to it, and nothing stops the program.

use proptest::prelude::*;
use recover::mail::{MailError, decrypt};

use crate::bench::{Bench, TEXT, text};

#[test]
fn a_mail_for_others_for_nobody_or_in_clear_is_told_as_such() {
    let bench = Bench::new();
    bench.openssl("cms -encrypt -aes256 -in text -out mail.eml otto.crt");
    let refused = bench.decrypt("mail.eml", "susi").unwrap_err().to_string();
    assert!(refused.contains("not encrypted for `CN=susi`") && refused.contains("of CN=otto"), "{refused}");
    bench.python("nobody");
    let refused = bench.decrypt("nobody", "susi").unwrap_err();
    assert!(matches!(refused, MailError::ForNobody), "{refused:?}");
    let clear = format!("From: a@nordwind.example\r\nSubject: Vertrag\r\n{TEXT}");
    assert!(matches!(bench.decrypt_bytes(clear.as_bytes(), "susi"), Err(MailError::NotEncrypted)));
    bench.openssl("cms -sign -nodetach -in text -out signed.eml -signer otto.crt -inkey otto.key");
    assert!(matches!(bench.decrypt("signed.eml", "susi"), Err(MailError::NotEncrypted)));
    for other in
        [b"".as_slice(), b"\x89PNG\r\n\x1a\n", b"<!DOCTYPE html><html></html>", b"\r\n", b"0", &[0x30, 0x80]]
    {
        let refused = bench.decrypt_bytes(other, "susi").unwrap_err();
        assert!(matches!(refused, MailError::NotAMail(_)), "{other:?}: {refused:?}");
    }
    bench.openssl("cms -encrypt -rc2 -provider legacy -provider default -in text -out mail.eml susi.crt");
    let refused = bench.decrypt("mail.eml", "susi").unwrap_err().to_string();
    assert!(refused.contains("not opened here") && refused.contains("1.2.840.113549.3.2"), "{refused}");
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused() {
    let bench = Bench::new();
    bench.openssl("cms -encrypt -aes256 -in text -out mail.eml susi.crt");
    let refused =
        decrypt(&bench.read("mail.eml"), &bench.key("otto"), &bench.certificate("susi")).unwrap_err();
    assert!(refused.to_string().contains("not the key of that certificate"), "{refused}");
}

#[test]
fn another_key_under_the_same_name_is_told_like_a_damaged_mail() {
    let bench = Bench::new();
    // As when somebody lost a key and was certified again under the same serial number, or an envelope was forged: the
    // padding is PKCS#1 v1.5, which gives random octets in place of an error.
    bench.openssl("x509 -new -key otto.key -subj /CN=twin -set_serial 77 -out theirs.crt");
    bench.openssl("x509 -new -key susi.key -subj /CN=twin -set_serial 77 -out twin.crt");
    bench.write("twin.key", bench.read("susi.key"));
    let mut told = Vec::new();
    for cipher in ["aes256", "aes128", "des3", "aes-256-gcm"] {
        for _ in 0..8 {
            bench.openssl(&format!("cms -encrypt -{cipher} -in text -out mail.eml theirs.crt"));
            let refused = bench.decrypt("mail.eml", "twin").unwrap_err();
            assert!(matches!(refused, MailError::DoesNotOpen), "{cipher}: {refused:?}");
            told.push(refused.to_string());
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "one sentence: {told:?}");
}

#[test]
fn no_flipped_bit_and_no_end_too_early_stops_it_and_under_gcm_none_goes_unnoticed() {
    let bench = Bench::new();
    for (cipher, authenticated) in [("aes-256-gcm", true), ("aes256", false)] {
        bench.openssl(&format!("cms -encrypt -{cipher} -outform DER -in text -out made susi.crt"));
        let made = bench.read("made");
        let (key, certificate) = (bench.key("susi"), bench.certificate("susi"));
        for at in 0..made.len() {
            let mut altered = made.clone();
            altered[at] ^= 1 << (at % 8);
            match decrypt(&altered, &key, &certificate) {
                Err(_) => {}
                // Only what nothing depends on may differ: a version, an unread parameter.
                Ok(mail) => assert!(!authenticated || text(&mail) == TEXT, "{cipher}, octet {at}"),
            }
            decrypt(&made[..at], &key, &certificate).unwrap_err();
        }
    }
}

#[test]
fn a_mail_that_was_cut_off_is_damaged() {
    let bench = Bench::new();
    bench.openssl("cms -encrypt -aes256 -in text -subject Vertrag -out mail.eml susi.crt");
    let whole = bench.read("mail.eml");
    let body = whole.windows(2).position(|two| two == b"\n\n").unwrap();
    for end in (body..whole.len() - 100).step_by(37) {
        let refused = bench.decrypt_bytes(&whole[..end], "susi").unwrap_err();
        assert!(matches!(refused, MailError::Damaged(_)), "{end} of {}: {refused:?}", whole.len());
    }
}

#[test]
fn content_that_is_no_mime_is_shown_as_text_or_attached_where_it_is_sure() {
    let bench = Bench::new();
    bench.write("text", "Grüße ohne Kopf\n");
    bench.openssl("cms -encrypt -binary -aes256 -in text -out made -outform DER susi.crt");
    let mail = bench.decrypt("made", "susi").unwrap();
    assert!(text(&mail).starts_with("Content-Type: text/plain; charset=utf-8\r\n"), "{}", text(&mail));
    assert!(text(&mail).ends_with("\r\n\r\nGrüße ohne Kopf\n"));
    bench.write("text", [0_u8, 1, 2, 0xff]);
    bench.openssl("cms -encrypt -binary -aes-256-gcm -in text -out made -outform DER susi.crt");
    assert!(text(&bench.decrypt("made", "susi").unwrap()).ends_with("base64\r\n\r\nAAEC/w==\r\n"));
    bench.openssl("cms -encrypt -binary -aes256 -in text -out made -outform DER susi.crt");
    assert!(matches!(bench.decrypt("made", "susi"), Err(MailError::DoesNotOpen)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Around a real encrypted part, parts and fields that somebody broke: what comes out is of the encrypted part alone.
    #[test]
    fn broken_mime_is_read_without_harm(
        noise in proptest::collection::vec(any::<u8>(), 0..60),
        place in 0_usize..4,
        cut in prop_oneof![Just(0), 0_usize..4_000],
    ) {
        let (mail, key, certificate) = &*BROKEN;
        let mut mail = mail.clone();
        let at = [0, mail.len() / 7, mail.len() / 2, mail.len()][place];
        mail.splice(at..at, noise);
        mail.truncate(mail.len().saturating_sub(cut));
        let opened = decrypt(&mail, key, certificate);
        // Behind the last boundary nothing matters.
        prop_assert!(opened.is_ok() || place != 3 || cut > 0, "{opened:?}");
        if let Ok(opened) = opened {
            let read = String::from_utf8_lossy(&opened.mime);
            prop_assert_eq!(opened.layers.len(), 1);
            prop_assert!(!read.contains("footer.txt") && !read.contains(".p7m"), "{}", read);
            prop_assert!(place != 3 || cut > 0 || read.contains("<p>Gr"), "{}", read);
        }
    }
}

#[test]
fn messages_inside_messages_exhaust_nothing() {
    let bench = Bench::new();
    bench.openssl("smime -encrypt -aes256 -in text -out part.eml susi.crt");
    let part = bench.read("part.eml");
    let nested = |field: &str, levels: usize, inside: &[u8]| {
        let mut mail =
            format!("From: a@nordwind.example\r\n{}", format!("{field}\r\n\r\n").repeat(levels)).into_bytes();
        mail.extend_from_slice(inside);
        mail
    };
    // As deep as is read at all.
    let mail = nested("Content-Type: message/rfc822", 1_900, &part);
    assert!(text(&bench.decrypt_bytes(&mail, "susi").unwrap()).ends_with(TEXT));
    // As the parser takes the field, too.
    for field in ["Content-Type: message/rfc822", "c o n t e n t-TYPE : message/rfc822"] {
        let mail = nested(field, 200_000, &part);
        assert!(matches!(bench.decrypt_bytes(&mail, "susi"), Err(MailError::TooMuch)), "{field}");
    }
    // Encoded, so that nobody sees it from outside; the encrypted part beside it opens.
    bench.write("deep", nested("Content-Type: message/rfc822", 200_000, b"x"));
    let deep = String::from_utf8(bench.openssl("base64 -in deep")).unwrap();
    let mail = format!(
        "From: a@nordwind.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{deep}\r\n--x\r\n{}\r\n--x--\r\n",
        String::from_utf8(part).unwrap()
    );
    assert!(text(&bench.decrypt_bytes(mail.as_bytes(), "susi").unwrap()).ends_with(TEXT));
}

#[test]
fn a_hundred_thousand_fields_outside_and_inside_take_no_time() {
    let bench = Bench::new();
    let fields =
        |letter: char| (0..100_000).map(|n| format!("{letter}{n}: 1\r\n")).collect::<Vec<_>>().concat();
    bench.write("text", format!("{}{TEXT}", fields('i')));
    bench.openssl("smime -encrypt -binary -aes256 -in text -out part.eml susi.crt");
    let mail = [fields('o').as_bytes(), &bench.read("part.eml")].concat();
    let begun = std::time::Instant::now();
    let read = text(&bench.decrypt_bytes(&mail, "susi").unwrap());
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(read.contains("o99999: 1") && read.contains("i99999: 1"));
    let mail = ["a:\n".repeat(1_000_001).as_bytes(), &bench.read("part.eml")].concat();
    assert!(matches!(bench.decrypt_bytes(&mail, "susi"), Err(MailError::TooMuch)));
}

static BROKEN: std::sync::LazyLock<(Vec<u8>, crypto::PrivateKey, crypto::X509Certificate)> =
    std::sync::LazyLock::new(|| {
        let bench = Bench::new();
        bench.python("attached");
        (bench.read("attached"), bench.key("susi"), bench.certificate("susi"))
    });
