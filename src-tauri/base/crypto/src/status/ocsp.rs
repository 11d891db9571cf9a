//! Online answers about single certificates (RFC 6960).

use const_oid::ObjectIdentifier;
use const_oid::db::rfc6960::ID_PKIX_OCSP_NOCHECK;
use model::{AuthorityWord, Span, Standing, Timestamp};
use openssl::error::ErrorStack;
use openssl::ocsp::{OcspFlag, OcspResponse, OcspResponseStatus};
use openssl::stack::Stack;
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use sha1::Digest as _;

use super::{in_force, revoked};
use crate::asn1::{self, Element, Flaw, Reader, tlv};
use crate::certificate::X509Certificate;
use crate::error::CryptoError;

const ANSWER: &str = "an OCSP answer";

const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
/// `AlgorithmIdentifier` of SHA-1 with its NULL. It is what responders look certificates up by (RFC 5019 section 2.1.1), not
/// what anything is believed by.
const SHA1: &[u8] = &[0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00];
/// Octets of a question's nonce (RFC 9654 section 2.1).
pub const NONCE_OCTETS: usize = 32;

const ENUMERATED: u8 = 0x0a;
const BIT_STRING: u8 = 0x03;
const GENERALIZED_TIME: u8 = 0x18;

/// Answers without an end are good for a day.
const WITHOUT_END: Span = Span::days(1);

/// Asks for the status of one certificate (DER, RFC 6960 section 4.1). A responder may leave the nonce out of its answer: many
/// answer from what they signed before.
///
/// # Errors
/// `Malformed` when the certificates are such that no question can be made of them.
pub fn ocsp_question(
    certificate: &X509Certificate,
    issuer: &X509Certificate,
    nonce: &[u8; NONCE_OCTETS],
) -> Result<Vec<u8>, CryptoError> {
    let Asked { name, key, serial } = Asked::of(certificate, issuer)?;
    let octets = |bytes: &[u8]| tlv(asn1::OCTET_STRING, bytes);
    let id = tlv(asn1::SEQUENCE, &[SHA1.to_vec(), octets(&name), octets(&key), serial].concat());
    let requests = tlv(asn1::SEQUENCE, &tlv(asn1::SEQUENCE, &id));
    let nonce = [tlv(asn1::OID, NONCE.as_bytes()), octets(&octets(nonce))].concat();
    let extensions = tlv(0xa2, &tlv(asn1::SEQUENCE, &tlv(asn1::SEQUENCE, &nonce)));
    Ok(tlv(asn1::SEQUENCE, &tlv(asn1::SEQUENCE, &[requests, extensions].concat())))
}

/// Reads what a responder answered to [`ocsp_question`].
///
/// # Errors
/// `Malformed` for other bytes; `Unfit` for refusals, for what neither the issuer nor a responder of its choice signed, for
/// what is not in force, for answers about another certificate, and for one to another question.
pub fn ocsp_answer(
    der: &[u8],
    certificate: &X509Certificate,
    issuer: &X509Certificate,
    nonce: &[u8; NONCE_OCTETS],
    now: Timestamp,
) -> Result<AuthorityWord, CryptoError> {
    let unfit = |why: String| CryptoError::Unfit { what: "the answer of the OCSP responder".to_owned(), why };
    let malformed = |detail: &str| CryptoError::Malformed { expected: ANSWER, detail: detail.to_owned() };
    let response = OcspResponse::from_der(der).map_err(|_| malformed("the library cannot read it"))?;
    if response.status() != OcspResponseStatus::SUCCESSFUL {
        return Err(unfit(format!("it is a refusal: {}", refusal(response.status()))));
    }
    let basic = response.basic().map_err(|_| malformed("it is of another kind than the basic one"))?;
    let verify = || {
        let mut certificates = Stack::<X509>::new()?;
        certificates.push(issuer.x509().clone())?;
        let mut terms = X509VerifyParam::new()?;
        terms.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
        terms.set_time(now.as_seconds());
        let mut trusted = X509StoreBuilder::new()?;
        trusted.set_param(&terms)?;
        trusted.add_cert(issuer.x509().clone())?;
        basic.verify(&certificates, &trusted.build(), OcspFlag::empty())
    };
    verify().map_err(|_: ErrorStack| {
        unfit("neither the certificate's issuer nor a responder that it allows signed it".to_owned())
    })?;
    let answer = answer_of(der).map_err(|flaw| flaw.of(ANSWER))?;
    if answer.nonce.is_some_and(|given| given != nonce) {
        return Err(unfit("it answers another question than ours: its nonce is not ours".to_owned()));
    }
    // A responder with a certificate of its own could have lost it, unless the authority says not to ask (RFC 6960 section
    // 4.2.2.2.1).
    for responder in &answer.responders {
        let responder = X509Certificate::from_der(responder)?;
        let answers = responder.extended_key_usage().is_some_and(|uses| uses.contains(&OCSP_SIGNING));
        if answers && responder.extension(ID_PKIX_OCSP_NOCHECK.as_bytes()).is_none() {
            return Err(unfit(
                "the responder's own certificate could be revoked: it has no id-pkix-ocsp-nocheck".to_owned(),
            ));
        }
    }
    let wanted = Asked::of(certificate, issuer)?;
    let mut found = None;
    for one in &answer.singles {
        let single = single(one).map_err(|flaw| flaw.of(ANSWER))?;
        if single.is_about(&wanted) {
            found = Some(single);
        }
    }
    let found = found.ok_or_else(|| unfit("it is about another certificate".to_owned()))?;
    let until = found.until.unwrap_or(found.said_at + WITHOUT_END);
    in_force(found.said_at, until, now).map_err(unfit)?;
    Ok(AuthorityWord { standing: found.standing, said_at: found.said_at })
}

fn refusal(status: OcspResponseStatus) -> &'static str {
    match status {
        OcspResponseStatus::TRY_LATER => "it asks to try later",
        OcspResponseStatus::UNAUTHORIZED => "it does not answer for this authority",
        OcspResponseStatus::MALFORMED_REQUEST => "it did not understand the question",
        OcspResponseStatus::SIG_REQUIRED => "it wants questions to be signed",
        _ => "it failed",
    }
}

/// By what a certificate is asked for.
struct Asked {
    name: [u8; 20],
    key: [u8; 20],
    serial: Vec<u8>,
}

impl Asked {
    fn of(certificate: &X509Certificate, issuer: &X509Certificate) -> Result<Self, CryptoError> {
        let spki = issuer.spki_der()?;
        let key = key_bits(&spki).map_err(|flaw| flaw.of("a public key"))?;
        Ok(Self {
            name: sha1::Sha1::digest(issuer.subject_der()?).into(),
            key: sha1::Sha1::digest(key).into(),
            serial: certificate.serial_der()?,
        })
    }
}

/// The contents of the bit string of a `SubjectPublicKeyInfo`.
fn key_bits(spki: &[u8]) -> Result<&[u8], Flaw> {
    let mut parts = Reader::new(Reader::only(spki)?.contents);
    let _algorithm = parts.expect(asn1::SEQUENCE, "the algorithm")?;
    let bits = parts.expect(BIT_STRING, "the key")?;
    bits.contents.get(1..).ok_or(Flaw::Truncated)
}

/// A `BasicOCSPResponse` (RFC 6960 section 4.2.1), taken apart.
struct Answer<'a> {
    singles: Vec<Element<'a>>,
    responders: Vec<&'a [u8]>,
    nonce: Option<&'a [u8]>,
}

fn answer_of(der: &[u8]) -> Result<Answer<'_>, Flaw> {
    let mut response = Reader::new(Reader::only(der)?.contents);
    let _status = response.expect(ENUMERATED, "the status")?;
    let bytes = Reader::only(response.expect(0xa0, "the answer")?.contents)?;
    let mut typed = Reader::new(bytes.contents);
    let _kind = typed.expect(asn1::OID, "the kind")?;
    let basic = typed.expect(asn1::OCTET_STRING, "the answer")?;
    let mut basic = Reader::new(Reader::only(basic.contents)?.contents);
    let mut data = Reader::new(basic.expect(asn1::SEQUENCE, "the data")?.contents);
    let _version = data.optional(0xa0)?;
    let _responder = data.next_element()?;
    let _produced = data.expect(GENERALIZED_TIME, "its moment")?;
    let mut list = Reader::new(data.expect(asn1::SEQUENCE, "the list of answers")?.contents);
    let mut singles = Vec::new();
    while !list.is_at_end() {
        singles.push(list.expect(asn1::SEQUENCE, "an answer")?);
    }
    let nonce = data.optional(0xa1)?.map(nonce_of).transpose()?.flatten();
    let _algorithm = basic.expect(asn1::SEQUENCE, "the algorithm")?;
    let _signature = basic.expect(BIT_STRING, "the signature")?;
    let mut responders = Vec::new();
    if let Some(certificates) = basic.optional(0xa0)? {
        let mut certificates = Reader::new(Reader::only(certificates.contents)?.contents);
        while !certificates.is_at_end() {
            responders.push(certificates.expect(asn1::SEQUENCE, "a certificate")?.whole);
        }
    }
    Ok(Answer { singles, responders, nonce })
}

/// The nonce among the extensions of an answer.
fn nonce_of(extensions: Element<'_>) -> Result<Option<&[u8]>, Flaw> {
    let mut extensions = Reader::new(Reader::only(extensions.contents)?.contents);
    while !extensions.is_at_end() {
        let mut parts = Reader::new(extensions.expect(asn1::SEQUENCE, "an extension")?.contents);
        let id = parts.expect(asn1::OID, "an extension's name")?;
        let _critical = parts.optional(asn1::BOOLEAN)?;
        let value = parts.expect(asn1::OCTET_STRING, "an extension's value")?;
        if id.contents == NONCE.as_bytes() {
            return Reader::only(value.contents).map(|nonce| Some(nonce.contents));
        }
    }
    Ok(None)
}

/// A `SingleResponse`.
struct Single<'a> {
    name: &'a [u8],
    key: &'a [u8],
    serial: &'a [u8],
    standing: Standing,
    said_at: Timestamp,
    until: Option<Timestamp>,
}

impl Single<'_> {
    fn is_about(&self, asked: &Asked) -> bool {
        self.name == asked.name && self.key == asked.key && self.serial == asked.serial
    }
}

fn single<'a>(element: &Element<'a>) -> Result<Single<'a>, Flaw> {
    let mut parts = Reader::new(element.contents);
    let mut id = Reader::new(parts.expect(asn1::SEQUENCE, "what it is about")?.contents);
    let _hash = id.expect(asn1::SEQUENCE, "a hash")?;
    let name = id.expect(asn1::OCTET_STRING, "the issuer's name")?.contents;
    let key = id.expect(asn1::OCTET_STRING, "the issuer's key")?.contents;
    let serial = id.expect(asn1::INTEGER, "a serial number")?.whole;
    let status = parts.next_element()?;
    let standing = match status.tag {
        0x80 => Standing::Good,
        0xa1 => {
            let mut told = Reader::new(status.contents);
            let at = moment(told.expect(GENERALIZED_TIME, "the moment of the revocation")?)?;
            let code = match told.optional(0xa0)? {
                Some(reason) => Reader::only(reason.contents)?.contents.last().map(|code| i64::from(*code)),
                None => None,
            };
            revoked(at, code)
        }
        0x82 => Standing::Unknown,
        _ => return Err(Flaw::Missing("the status")),
    };
    let said_at = moment(parts.expect(GENERALIZED_TIME, "since when it holds")?)?;
    let until = match parts.optional(0xa0)? {
        Some(until) => Some(moment(Reader::only(until.contents)?)?),
        None => None,
    };
    Ok(Single { name, key, serial, standing, said_at, until })
}

/// A `GeneralizedTime` as DER writes it: `20261123080000Z`.
fn moment(time: Element<'_>) -> Result<Timestamp, Flaw> {
    let bad = Flaw::Missing("a time");
    let text = std::str::from_utf8(time.contents).map_err(|_| bad)?;
    let is_whole = text.len() == 15
        && text.ends_with('Z')
        && text.bytes().take(14).all(|octet| octet.is_ascii_digit())
        && time.tag == GENERALIZED_TIME;
    if !is_whole {
        return Err(bad);
    }
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let rfc3339 = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 12),
        part(12, 14)
    );
    rfc3339.parse().map_err(|_| bad)
}
