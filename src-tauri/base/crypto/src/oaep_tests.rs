//! What OpenSSL pads, unpads; what was altered, does not, and always in the same words.

use std::sync::LazyLock;

use openssl::encrypt::Encrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};

use super::*;

static KEY: LazyLock<Rsa<Private>> = LazyLock::new(|| Rsa::generate(2_048).unwrap());
const OCTETS: usize = 256;

/// What a card returns that does the bare operation on what OpenSSL encrypted.
fn padded(algorithm: KeyEncryption, message: &[u8]) -> Vec<u8> {
    let digest = match algorithm {
        KeyEncryption::OaepSha256 => MessageDigest::sha256(),
        KeyEncryption::OaepSha1 | KeyEncryption::Pkcs1 => MessageDigest::sha1(),
    };
    let key = PKey::from_rsa(KEY.clone()).unwrap();
    let mut encrypter = Encrypter::new(&key).unwrap();
    encrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
    encrypter.set_rsa_oaep_md(digest).unwrap();
    encrypter.set_rsa_mgf1_md(digest).unwrap();
    let mut encrypted = vec![0; encrypter.encrypt_len(message).unwrap()];
    let length = encrypter.encrypt(message, &mut encrypted).unwrap();
    bare(&encrypted[..length])
}

fn bare(encrypted: &[u8]) -> Vec<u8> {
    let mut out = vec![0; OCTETS];
    assert_eq!(KEY.private_decrypt(encrypted, &mut out, Padding::NONE).unwrap(), OCTETS);
    out
}

#[test]
fn what_openssl_padded_comes_out_whatever_its_length() {
    for (algorithm, longest) in
        [(KeyEncryption::OaepSha256, OCTETS - 66), (KeyEncryption::OaepSha1, OCTETS - 42)]
    {
        for size in [0, 1, 16, 32, longest] {
            // Messages that begin with what ends the padding, too.
            for filling in [0, 1, 0xff] {
                let message = vec![filling; size];
                let encoded = padded(algorithm, &message);
                assert_eq!(*unpad(algorithm, &encoded, OCTETS).unwrap(), message, "{algorithm:?} {size}");
                // The first octet is zero; some devices leave it out.
                assert_eq!(encoded[0], 0);
                assert_eq!(
                    *unpad(algorithm, &encoded[1..], OCTETS).unwrap(),
                    message,
                    "{algorithm:?} {size}"
                );
            }
        }
    }
}

#[test]
fn a_flipped_bit_in_any_octet_is_refused_in_the_same_words() {
    for algorithm in [KeyEncryption::OaepSha256, KeyEncryption::OaepSha1] {
        let encoded = padded(algorithm, &[7; 32]);
        for at in 0..OCTETS {
            let mut altered = encoded.clone();
            altered[at] ^= 1 << (at % 8);
            assert!(matches!(unpad(algorithm, &altered, OCTETS), Err(CryptoError::Tampered)), "octet {at}");
        }
    }
}

#[test]
fn another_digest_another_size_or_no_padding_at_all_is_refused() {
    let sha1 = padded(KeyEncryption::OaepSha1, &[7; 32]);
    let refused = |encoded: &[u8], octets| {
        assert!(matches!(unpad(KeyEncryption::OaepSha256, encoded, octets), Err(CryptoError::Tampered)));
    };
    refused(&sha1, OCTETS);
    let whole = padded(KeyEncryption::OaepSha256, &[7; 32]);
    refused(&whole, OCTETS - 1);
    refused(&whole, OCTETS + 1);
    refused(&whole[..OCTETS - 1], OCTETS);
    refused(&[], OCTETS);
    refused(&[0; OCTETS], OCTETS);
    refused(&[0; 65], 65);
    // The hash is right, and the padding never ends; or there is an 02 before its end; or it ends with nothing after.
    refused(&made_by_hand(&[]), OCTETS);
    refused(&made_by_hand(&[2, 1]), OCTETS);
    assert!(unpad(KeyEncryption::OaepSha256, &made_by_hand(&[1]), OCTETS).unwrap().is_empty());
    // All is right but the first octet.
    let mut first = made_by_hand(&[1, 7]);
    assert_eq!(*unpad(KeyEncryption::OaepSha256, &first, OCTETS).unwrap(), [7]);
    first[0] = 1;
    refused(&first, OCTETS);

    let pkcs1 = unpad(KeyEncryption::Pkcs1, &sha1, OCTETS).unwrap_err();
    assert!(matches!(pkcs1, CryptoError::Unsupported { .. }));
}

/// A block with the right hash, a seed of zeros, zeros as padding and this end, masked.
fn made_by_hand(end: &[u8]) -> Vec<u8> {
    let mut block = vec![0; OCTETS];
    block[33..65].copy_from_slice(&*sha256(&[]));
    block[OCTETS - end.len()..].copy_from_slice(end);
    let (first, rest) = block.split_at_mut(33);
    mgf1(&first[1..], rest, sha256);
    mgf1(rest, &mut first[1..], sha256);
    block
}
