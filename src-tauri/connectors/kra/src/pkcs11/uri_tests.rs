//! Addresses as people and other programs write them.

use super::*;

fn read(typed: &str) -> TokenUri {
    typed.parse().unwrap()
}

fn refused(typed: &str) -> String {
    typed.parse::<TokenUri>().unwrap_err()
}

#[test]
fn every_attribute_is_read_and_written_again() {
    // A whole path is another one on Windows, where a colon and backslashes are written too.
    let (module, spelt) = if cfg!(windows) {
        (r"C:\Program Files\opensc-pkcs11.dll", "C:%5CProgram%20Files%5Copensc-pkcs11.dll")
    } else {
        ("/usr/lib/opensc-pkcs11.so", "/usr/lib/opensc-pkcs11.so")
    };
    let uri = read(&format!(
        "pkcs11:token=KRA%201;serial=0a1b;manufacturer=Contoso;model=Card%202;slot-id=7;id=%03%FF;object=K%C3%A4se\
         ?module-path={spelt}"
    ));
    let expected = TokenUri {
        token: Some("KRA 1".to_owned()),
        serial: Some("0a1b".to_owned()),
        manufacturer: Some("Contoso".to_owned()),
        model: Some("Card 2".to_owned()),
        slot: Some(7),
        id: Some(vec![3, 0xff]),
        object: Some("Käse".to_owned()),
        module: Some(module.into()),
    };
    assert_eq!(uri, expected);
    assert_eq!(read(&uri.to_string()), expected);
}

#[test]
fn what_p11tool_writes_is_taken_as_it_is() {
    let uri = read(
        "PKCS11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=5ab1;token=t;id=%01;object=kra;type=private",
    );
    assert_eq!(uri.model.as_deref(), Some("SoftHSM v2"));
    assert_eq!(uri.id.as_deref(), Some([1].as_slice()));
    assert_eq!(read("pkcs11:"), TokenUri::default());
    // Characters that a shell and a URI leave alone may stand as they are.
    assert_eq!(read("pkcs11:token=a+b:c@d,e").token.as_deref(), Some("a+b:c@d,e"));
}

#[test]
fn labels_of_every_kind_survive_writing_and_reading() {
    for label in ["a;b", "a?b&c=d", "100 %", "a b", "ü", "#1", "[x]", "\\", "'\""] {
        let uri =
            TokenUri { token: Some(label.to_owned()), object: Some(label.to_owned()), ..TokenUri::default() };
        assert_eq!(read(&uri.to_string()), uri, "{label}");
    }
}

#[test]
fn each_mistake_is_told_with_its_attribute() {
    let cases = [
        ("token=KRA", "begins with `pkcs11:`"),
        ("pkcs11:token", "write NAME=VALUE"),
        ("pkcs11:token=", "`token` is empty"),
        ("pkcs11:token=a;token=b", "`token` stands there twice"),
        ("pkcs11:id=%0", "`id` has a percent sign"),
        ("pkcs11:id=%zz", "`id` has a percent sign"),
        ("pkcs11:id=%+1", "`id` has a percent sign"),
        ("pkcs11:object=100%", "`object` has a percent sign"),
        ("pkcs11:object=%C3", "`object` is not text"),
        ("pkcs11:object=%00", "`object` contains NUL"),
        ("pkcs11:slot-id=first", "`slot-id` is a whole number"),
        ("pkcs11:slot-id=-1", "`slot-id` is a whole number"),
        ("pkcs11:type=public", "`type=public`"),
        ("pkcs11:colour=red", "`colour` is not used here"),
        ("pkcs11:token=a?colour=red", "`colour` is not used here"),
        ("pkcs11:token=a?serial=1", "before the question mark"),
        ("pkcs11:token=a;module-path=/x", "behind a question mark"),
        ("pkcs11:token=a?module-path=x.so", "whole path"),
        ("pkcs11:token=a?module-name=opensc", "`module-path`"),
        ("pkcs11:token=a?pin-source=file:/pin", "--password-file FILE"),
    ];
    for (typed, part) in cases {
        let told = refused(typed);
        assert!(told.contains(part), "{typed}: {told}");
    }
}

#[test]
fn a_pin_in_an_address_is_refused_and_not_repeated() {
    for typed in ["pkcs11:token=a?pin-value=4711", "pkcs11:token=a;pin-value=4711"] {
        let told = refused(typed);
        assert!(told.contains("history") && told.contains("--password-file"), "{told}");
        assert!(!told.contains("4711"), "{told}");
    }
}
