//! Envelopes that are good for one purpose only.

use crypto::CryptoError;
use crypto::open::{open, open_bound};
use crypto::seal::{seal, seal_bound};

use crate::support::WORLD;

#[test]
fn a_bound_envelope_opens_for_its_own_purpose_and_for_no_other() {
    let agent = &WORLD.agents[0];
    let (key, certificate) = (&agent.key, agent.certificate.clone());
    let sealed = seal_bound("in flight 1", b"secret", std::slice::from_ref(&certificate)).unwrap();
    assert_eq!(&**open_bound("in flight 1", &sealed, key, &certificate).unwrap(), b"secret");
    for other in ["in flight 2", "in flight 11", "in flight ", "", "authority 1", "in flight 1\0"] {
        let refused = open_bound(other, &sealed, key, &certificate).unwrap_err();
        assert!(matches!(refused, CryptoError::Tampered), "`{other}`: {refused}");
    }
}

#[test]
fn an_envelope_without_purpose_is_not_taken_for_one_that_has_it() {
    let agent = &WORLD.agents[0];
    let (key, certificate) = (&agent.key, agent.certificate.clone());
    let plain = seal(b"secret", std::slice::from_ref(&certificate)).unwrap();
    assert!(matches!(open_bound("in flight 1", &plain, key, &certificate), Err(CryptoError::Tampered)));
    let bound = seal_bound("in flight 1", b"secret", std::slice::from_ref(&certificate)).unwrap();
    assert_ne!(&**open(&bound, key, &certificate).unwrap(), b"secret", "the purpose is part of the content");
}
