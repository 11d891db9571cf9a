//! Which token, which certificate, which module.

use std::process::Command;

use crypto::open::Envelope;
use kra::pkcs11::survey;
use kra::{Address, TokenKey, TokenUri};
use ports::{KeyEncryption, RecoveryKey, RecoveryKeyError};

use crate::stage::{By, PIN, Stage, play, succeed};

#[test]
fn where_no_token_is_the_officer_is_told_how_to_look() {
    let name = "where_no_token_is_the_officer_is_told_how_to_look";
    play(module_path!(), name, &[By::Itself, By::Proxy], async |stage: Stage| {
        let empty = stage.refusal("").await;
        assert!(matches!(empty, RecoveryKeyError::Absent { .. }), "{empty}");
        assert!(empty.to_string().contains("kra tokens"), "{empty}");
        assert!(survey(Some(stage.module())).await.unwrap().is_empty());
    });
}

#[test]
fn of_several_tokens_the_address_must_name_one() {
    let name = "of_several_tokens_the_address_must_name_one";
    play(module_path!(), name, &[By::Itself, By::Proxy], async |stage: Stage| {
        let [first, second] = [1, 2].map(|number| {
            let serial = stage.tokens.token("KRA", PIN);
            let agent = format!("Agent {number}");
            stage.tokens.agent(&serial, PIN, "03", &agent, "EC:secp256r1", &["--usage-derive"]);
            serial
        });
        let several = stage.refusal("token=KRA").await;
        assert!(matches!(several, RecoveryKeyError::Unfit { .. }), "{several}");
        for serial in [&first, &second] {
            assert!(several.to_string().contains(&format!("pkcs11:token=KRA;serial={serial}")), "{several}");
            let found = TokenKey::find(&stage.uri(&format!("serial={serial}"))).await.unwrap();
            assert!(found.place().contains(serial), "{}", found.place());
        }
        let found =
            TokenKey::find(&stage.uri(&format!("token=KRA;serial={second};id=%03;model=SoftHSM%20v2"))).await;
        assert_eq!(found.unwrap().certificate().subject(), "CN=Agent 2");

        for nobody in [
            "token=kra",
            "token=KRA;serial=0",
            "token=KRA;manufacturer=Contoso",
            "model=Card",
            "slot-id=77777",
        ] {
            let refused = stage.refusal(nobody).await;
            assert!(matches!(refused, RecoveryKeyError::Absent { .. }), "{nobody}: {refused}");
            assert!(
                refused.to_string().contains(&first) && refused.to_string().contains(&second),
                "{nobody}: {refused}"
            );
        }
    });
}

#[test]
fn of_several_certificates_the_address_must_name_one_whose_key_is_on_the_token() {
    let name = "of_several_certificates_the_address_must_name_one_whose_key_is_on_the_token";
    play(module_path!(), name, &[By::Itself], async |stage: Stage| {
        let serial = stage.tokens.token("KRA", PIN);
        let bare = stage.refusal("token=KRA").await;
        assert!(
            bare.to_string().contains("no certificate") && bare.to_string().contains("--write-object"),
            "{bare}"
        );
        let usage = ["--usage-decrypt"];
        let mine = stage.tokens.agent(&serial, PIN, "03", "Agent 1", "rsa:2048", &usage);
        stage.tokens.agent(&serial, PIN, "04", "Agent 2", "rsa:2048", &usage);
        // An authority's certificate, whose key is elsewhere, is no choice.
        stage.tokens.put(&serial, PIN, "09", "authority", &stage.tokens.file("authority.pem"));
        let several = stage.refusal("token=KRA").await;
        assert!(several.to_string().contains("id=%03 (CN=Agent 1)"), "{several}");
        assert!(several.to_string().contains("id=%04 (CN=Agent 2)"), "{several}");
        assert!(!several.to_string().contains("uthority"), "{several}");
        let by_label = TokenKey::find(&stage.uri("token=KRA;object=Agent%202")).await.unwrap();
        assert_eq!(by_label.certificate().subject(), "CN=Agent 2");
        let none = stage.refusal("token=KRA;id=%07").await;
        assert!(
            none.to_string().contains("none of its certificates fits") && none.to_string().contains("id=%03"),
            "{none}"
        );

        // A renewed certificate for the same key: the label tells them apart.
        let renewed = stage.tokens.certify(
            &stage.tokens.file(&format!("{serial}-03.public")),
            "renewed",
            "Agent 1 again",
        );
        stage.tokens.put(&serial, PIN, "03", "renewed", &renewed.certificate);
        let twins = stage.refusal("token=KRA;id=%03").await;
        assert!(twins.to_string().contains("id=%03;object=renewed (CN=Agent 1 again)"), "{twins}");
        let key = stage.key("token=KRA;object=renewed", PIN).await;
        let wrapped = stage.wrap(&[7; 32], &mine.certificate, KeyEncryption::OaepSha256);
        assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), [7; 32]);
    });
}

#[test]
fn a_certificate_of_somebody_else_under_the_identifier_of_the_key_is_found_out() {
    let name = "a_certificate_of_somebody_else_under_the_identifier_of_the_key_is_found_out";
    play(module_path!(), name, &[By::Itself], async |stage: Stage| {
        let serial = stage.tokens.token("KRA", PIN);
        for (id, kind, make) in [
            ("03", "rsa:2048", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
            ("04", "EC:secp256r1", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        ] {
            stage.tokens.agent(&serial, PIN, id, "Agent 1", kind, &[]);
            let (key, public) = (stage.tokens.file("else.key"), stage.tokens.file("else.public"));
            succeed(Command::new("openssl").arg("genpkey").args(make).arg("-out").arg(&key));
            succeed(
                Command::new("openssl").args(["pkey", "-pubout", "-in"]).arg(&key).arg("-out").arg(&public),
            );
            let foreign = stage.tokens.certify(&public, "foreign", "Somebody else");
            stage.tokens.put(&serial, PIN, id, "foreign", &foreign.certificate);
            let key = stage.key(&format!("token=KRA;object=foreign;id=%{id}"), PIN).await;
            let sealed = stage.seal(b"a private key", &foreign.certificate, &[]);
            let envelope = Envelope::parse(&sealed).unwrap();
            let refused = key.unwrap_key(&envelope.recipients()[0].wrapped).await.unwrap_err();
            assert!(matches!(refused, RecoveryKeyError::Unfit { .. }), "{kind}: {refused}");
            assert!(refused.to_string().contains("that of another certificate"), "{kind}: {refused}");
        }
    });
}

#[test]
fn a_card_that_the_module_does_not_know_is_named_with_its_reader() {
    let name = "a_card_that_the_module_does_not_know_is_named_with_its_reader";
    play(module_path!(), name, &[By::Card("unknown")], async |stage: Stage| {
        stage.rsa_agent("KRA 1");
        let refused = stage.refusal("token=KRA%201").await;
        assert!(matches!(refused, RecoveryKeyError::Absent { .. }), "{refused}");
        assert!(refused.to_string().contains("does not know such a card"), "{refused}");
        let seen = survey(Some(stage.module())).await.unwrap();
        assert!(
            seen.iter().all(|token| token.unreadable.is_some() && token.reader.contains("SoftHSM")),
            "{seen:?}"
        );
    });
}

#[test]
fn a_label_with_control_characters_does_not_reach_the_terminal() {
    let name = "a_label_with_control_characters_does_not_reach_the_terminal";
    play(module_path!(), name, &[By::Itself], async |stage: Stage| {
        stage.rsa_agent("KRA\u{1b}[2J 1");
        let found = TokenKey::find(&stage.uri("")).await.unwrap();
        assert!(found.place().starts_with("token `KRA\u{fffd}[2J 1`"), "{:?}", found.place());
        let seen = survey(Some(stage.module())).await.unwrap();
        assert_eq!(seen[0].label, "KRA\u{fffd}[2J 1");
        // Its address names it all the same.
        assert!(TokenKey::find(&seen[0].certificates[0].address).await.is_ok());
    });
}

#[test]
fn the_survey_shows_each_certificate_with_the_address_that_finds_it() {
    let name = "the_survey_shows_each_certificate_with_the_address_that_finds_it";
    play(module_path!(), name, &[By::Itself], async |stage: Stage| {
        for label in ["KRA 1", "Käse; 2"] {
            let serial = stage.tokens.token(label, PIN);
            stage.tokens.agent(&serial, PIN, "03", label, "EC:secp384r1", &["--usage-derive"]);
            let public = stage.tokens.file(&format!("{serial}-03.public"));
            let renewed = stage.tokens.certify(&public, "renewed", "Renewed");
            stage.tokens.put(&serial, PIN, "03", "renewed", &renewed.certificate);
        }
        let tokens = survey(Some(stage.module())).await.unwrap();
        assert_eq!(tokens.len(), 2);
        for token in &tokens {
            assert_eq!(
                (token.certificates.len(), token.pin_pad, &token.unreadable),
                (2, false, &None),
                "{token:?}"
            );
            for shown in &token.certificates {
                // As it would be typed.
                let Ok(Address::Token(uri)) = shown.address.to_string().parse() else {
                    panic!("{}", shown.address)
                };
                let found = TokenKey::find(&uri).await.unwrap();
                assert_eq!(found.certificate(), &shown.certificate);
                assert!(found.place().contains(&token.label), "{}", found.place());
            }
        }
    });
}

#[tokio::test]
async fn a_file_that_is_no_module_is_told_from_one_that_is_not_there() {
    let find = async |module: &str| {
        let uri: TokenUri = format!("pkcs11:token=KRA?module-path={module}").parse().unwrap();
        match TokenKey::find(&uri).await {
            Ok(key) => panic!("found {}", key.place()),
            Err(refused) => refused.to_string(),
        }
    };
    let missing = find("/no/such/module.so").await;
    assert!(missing.contains("/no/such/module.so") && missing.contains("cannot be loaded"), "{missing}");
    let text = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(text.path(), "no library").unwrap();
    let no_library = find(text.path().to_str().unwrap()).await;
    assert!(no_library.contains("cannot be loaded"), "{no_library}");
    let proxy =
        std::fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path().join("libcrypt.so.1"));
    if let Some(library) = proxy.into_iter().find(|path| path.exists()) {
        let other = find(library.to_str().unwrap()).await;
        assert!(other.contains("no PKCS#11 module"), "{other}");
    }
}
