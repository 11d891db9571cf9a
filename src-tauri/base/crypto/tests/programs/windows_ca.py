"""Plays a Windows CA with key archival: makes recovery blobs as `certutil -getkey` would write them.

Written after the published structures with the packages asn1crypto and cryptography; it shares nothing with the product.

Usage: windows_ca.py FOLDER < ORDERS
ORDERS is a JSON list of objects; every field but `name` has a default:
  name       file name without ending
  cn, mails, upn, days, age, usage, serial   of the user's certificate; it began `age` days ago and lasts `days`
  key        rsa-1024 … rsa-4096, p-256, p-384, p-521; or the name of an earlier order, whose key is used again
  form       capi | rsa2 | rsa3 | rsa3-lambda | ec | pkcs8 | pkcs1 | garbage
  cipher     tripledes | aes128 | aes192 | aes256
  transport  pkcs1 | oaep-sha1 | oaep-sha256
  kras       PEM files of agents' certificates; `copies` repeats each
  layers     content-info | enveloped | raw | bare | alone | bare-alone
  signer     whether the CA signs
  text       der | ber | pem | base64 | base64-crlf | utf16
  bag        which certificates come along: any of user, ca, kra, other, middle
  issuer     ca | rogue (another authority of the same name) | middle (an authority below ca) | user (somebody with an
             ordinary certificate of ca's)
  authority  whether the user's certificate says that it is an authority's
Written: NAME.blob, NAME.crt (PEM) and NAME.key (PEM). The CA's own certificate is ca.crt, the rogue's rogue.crt.
"""

import base64
import datetime
import hashlib
import json
import math
import os
import struct
import sys

from asn1crypto import algos, cms, core, x509 as a509
from cryptography import x509
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes, padding as block_padding, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

CURVES = {"p-256": ec.SECP256R1(), "p-384": ec.SECP384R1(), "p-521": ec.SECP521R1()}
UPN = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PLAIN = serialization.NoEncryption()


def tlv(tag, contents):
    length = len(contents)
    if length < 128:
        return bytes([tag, length]) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + contents


def indefinite(der):
    """The same elements with indefinite lengths, and long octet strings in pieces."""
    out, at = b"", 0
    while at < len(der):
        tag, first = der[at], der[at + 1]
        start = at + 2
        if first < 128:
            end = start + first
        else:
            count = first & 0x7F
            end = start + count + int.from_bytes(der[start:start + count], "big")
            start += count
        contents = der[start:end]
        if tag & 0x20:
            out += bytes([tag, 0x80]) + indefinite(contents) + b"\0\0"
        elif tag in (0x04, 0x80) and len(contents) > 600:
            pieces = b"".join(tlv(4, contents[i:i + 500]) for i in range(0, len(contents), 500))
            out += bytes([tag | 0x20, 0x80]) + pieces + b"\0\0"
        else:
            out += der[at:end]
        at = end
    return out


# ── keys ──

def make_key(kind):
    if kind in CURVES:
        return ec.generate_private_key(CURVES[kind])
    return rsa.generate_private_key(65537, int(kind.split("-")[1]))


def capi(key):
    n = key.private_numbers()
    bits = n.public_numbers.n.bit_length()
    whole, half = (bits + 7) // 8, (bits + 15) // 16
    out = struct.pack("<BBHI4sII", 7, 2, 0, 0x0000A400, b"RSA2", bits, n.public_numbers.e)
    for number, size in [(n.public_numbers.n, whole), (n.p, half), (n.q, half), (n.dmp1, half),
                         (n.dmq1, half), (n.iqmp, half), (n.d, whole)]:
        out += number.to_bytes(size, "little")
    return out


def cng(key, magic, carmichael=False):
    n = key.private_numbers()
    modulus, e = n.public_numbers.n, n.public_numbers.e
    whole, half, short = (modulus.bit_length() + 7) // 8, (modulus.bit_length() + 15) // 16, (e.bit_length() + 7) // 8
    out = magic + struct.pack("<IIIII", modulus.bit_length(), short, whole, half, half)
    numbers = [(e, short), (modulus, whole), (n.p, half), (n.q, half)]
    if magic == b"RSA3":
        d = pow(e, -1, math.lcm(n.p - 1, n.q - 1)) if carmichael else pow(e, -1, (n.p - 1) * (n.q - 1))
        numbers += [(n.dmp1, half), (n.dmq1, half), (n.iqmp, half), (d, whole)]
    return out + b"".join(number.to_bytes(size, "big") for number, size in numbers)


def cng_ec(key):
    n = key.private_numbers()
    size = (key.curve.key_size + 7) // 8
    magic = {32: b"ECK2", 48: b"ECK4", 66: b"ECK6"}[size]
    numbers = (n.public_numbers.x, n.public_numbers.y, n.private_value)
    return magic + struct.pack("<I", size) + b"".join(number.to_bytes(size, "big") for number in numbers)


def key_blob(key, form):
    if form == "capi":
        return capi(key)
    if form in ("rsa2", "rsa3", "rsa3-lambda"):
        return cng(key, form[:4].upper().encode(), form == "rsa3-lambda")
    if form == "ec":
        return cng_ec(key)
    if form == "garbage":
        return b"\x01\x02\x03\x04" * 100
    formats = {"pkcs8": serialization.PrivateFormat.PKCS8, "pkcs1": serialization.PrivateFormat.TraditionalOpenSSL}
    return key.private_bytes(DER, formats[form], PLAIN)


# ── certificates ──

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


class Authority:
    def __init__(self):
        self.key = ec.generate_private_key(CURVES["p-256"])
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nordwind Issuing CA 1")])
        builder = (x509.CertificateBuilder().subject_name(self.name).issuer_name(self.name)
                   .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(NOW - datetime.timedelta(days=4000))
                   .not_valid_after(NOW + datetime.timedelta(days=4000))
                   .add_extension(x509.BasicConstraints(True, None), critical=True))
        self.certificate = builder.sign(self.key, hashes.SHA256())

    def below(self, name, is_authority):
        """Somebody with a certificate of this authority's who signs certificates, whether they may or not."""
        other = Authority()
        other.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (x509.CertificateBuilder().subject_name(other.name).issuer_name(self.name)
                   .public_key(other.key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(NOW - datetime.timedelta(days=3000))
                   .not_valid_after(NOW - datetime.timedelta(days=1))
                   .add_extension(x509.BasicConstraints(is_authority, None), critical=True))
        other.certificate = builder.sign(self.key, hashes.SHA256())
        return other

    def issue(self, order, key):
        names = [x509.RFC822Name(mail) for mail in order.get("mails", [])]
        if order.get("upn"):
            names.append(x509.OtherName(UPN, core.UTF8String(order["upn"]).dump()))
        began = NOW - datetime.timedelta(days=order.get("age", 10))
        usage = order.get("usage", "encryption")
        is_ec = isinstance(key, ec.EllipticCurvePrivateKey)
        builder = (x509.CertificateBuilder()
                   .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, order.get("cn", order["name"]))]))
                   .issuer_name(self.name).public_key(key.public_key())
                   .serial_number(order.get("serial") or x509.random_serial_number())
                   .not_valid_before(began)
                   .not_valid_after(began + datetime.timedelta(days=order.get("days", 365)))
                   .add_extension(x509.KeyUsage(usage == "signature", False, usage != "signature" and not is_ec, False,
                                                usage != "signature" and is_ec, False, False, False, False),
                                  critical=True))
        purpose = {"encryption": ExtendedKeyUsageOID.EMAIL_PROTECTION, "signature": ExtendedKeyUsageOID.EMAIL_PROTECTION,
                   "files": ObjectIdentifier("1.3.6.1.4.1.311.10.3.4")}[usage]
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        if order.get("authority"):
            builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())


# ── envelopes ──

def encrypt(cipher, content):
    key = os.urandom({"tripledes": 24, "aes128": 16, "aes192": 24, "aes256": 32}[cipher])
    if cipher == "tripledes":
        # Three different keys; the generator of the package takes any.
        algorithm, vector = TripleDES(key), os.urandom(8)
        name = "tripledes_3key"
    else:
        algorithm, vector = algorithms.AES(key), os.urandom(16)
        name = cipher[:3] + cipher[3:] + "_cbc"
    padder = block_padding.PKCS7(algorithm.block_size).padder()
    encryptor = Cipher(algorithm, modes.CBC(vector)).encryptor()
    ciphertext = encryptor.update(padder.update(content) + padder.finalize()) + encryptor.finalize()
    return key, {"algorithm": name, "parameters": vector}, ciphertext


def transport(kind, content_key, certificate):
    public = certificate.public_key()
    if kind == "pkcs1":
        return {"algorithm": "rsaes_pkcs1v15"}, public.encrypt(content_key, padding.PKCS1v15())
    name, digest = {"oaep-sha1": ("sha1", hashes.SHA1()), "oaep-sha256": ("sha256", hashes.SHA256())}[kind]
    parameters = algos.RSAESOAEPParams({
        "hash_algorithm": {"algorithm": name},
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": name}},
    })
    wrapped = public.encrypt(content_key, padding.OAEP(padding.MGF1(digest), digest, None))
    return {"algorithm": "rsaes_oaep", "parameters": parameters}, wrapped


def enveloped(order, content, kras):
    content_key, algorithm, ciphertext = encrypt(order.get("cipher", "tripledes"), content)
    infos = []
    for certificate in kras * order.get("copies", 1):
        how, wrapped = transport(order.get("transport", "pkcs1"), content_key, certificate)
        parsed = a509.Certificate.load(certificate.public_bytes(DER))
        infos.append(cms.RecipientInfo("ktri", cms.KeyTransRecipientInfo({
            "version": "v0",
            "rid": cms.RecipientIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(
                {"issuer": parsed.issuer, "serial_number": parsed.serial_number})),
            "key_encryption_algorithm": cms.KeyEncryptionAlgorithm(how),
            "encrypted_key": wrapped,
        })))
    return cms.EnvelopedData({
        "version": "v0",
        "recipient_infos": infos,
        "encrypted_content_info": {
            "content_type": "data", "content_encryption_algorithm": algorithm, "encrypted_content": ciphertext,
        },
    })


def signed(order, envelope, authority, user, kras):
    info = cms.ContentInfo({"content_type": "enveloped_data", "content": envelope}).dump()
    bare = envelope.dump()
    layers = order.get("layers", "content-info")
    if layers == "alone":
        return info
    if layers == "bare-alone":
        return bare
    if order.get("text") == "ber" and layers != "raw":
        # Inside an octet string; without one it is rewritten with the rest.
        info, bare = indefinite(info), indefinite(bare)
    data, enveloped_type = core.ObjectIdentifier("1.2.840.113549.1.7.1"), core.ObjectIdentifier("1.2.840.113549.1.7.3")
    kind, inside = {
        "content-info": (data, tlv(4, info)),
        "enveloped": (enveloped_type, tlv(4, bare)),
        "raw": (enveloped_type, bare),
        "bare": (data, tlv(4, bare)),
    }[layers]
    wanted = order.get("bag", ["user", "ca", "kra"])
    bag = {"user": [user], "ca": [authority.certificate], "kra": kras, "middle": [order["_issuer"].certificate],
           "other": [authority.issue({"name": "other", "mails": ["other@elsewhere.example"]},
                                     ec.generate_private_key(CURVES["p-256"]))]}
    certificates = b"".join(one.public_bytes(DER) for name in wanted for one in bag[name])
    algorithm = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
    signers = b""
    if order.get("signer"):
        signature = authority.key.sign(hashlib.sha256(inside).digest(), ec.ECDSA(hashes.SHA256()))
        parsed = a509.Certificate.load(authority.certificate.public_bytes(DER))
        signers = cms.SignerInfo({
            "version": "v1",
            "sid": cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(
                {"issuer": parsed.issuer, "serial_number": parsed.serial_number})),
            "digest_algorithm": {"algorithm": "sha256"},
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": signature,
        }).dump()
    fields = [core.Integer(1).dump(), tlv(0x31, algorithm if signers else b""),
              tlv(0x30, kind.dump() + tlv(0xA0, inside)), tlv(0xA0, certificates), tlv(0x31, signers)]
    body = tlv(0x30, b"".join(fields))
    return tlv(0x30, core.ObjectIdentifier("1.2.840.113549.1.7.2").dump() + tlv(0xA0, body))


def written(der, text):
    digits = base64.encodebytes(der).decode()
    if text == "ber":
        return indefinite(der)
    if text == "pem":
        return f"-----BEGIN PKCS7-----\n{digits}-----END PKCS7-----\n".encode()
    if text == "base64":
        return digits.encode()
    if text == "base64-crlf":
        return digits.replace("\n", "\r\n").encode()
    if text == "utf16":
        return ("\ufeff" + digits.replace("\n", "\r\n")).encode("utf-16-le")
    return der


def main():
    folder = sys.argv[1]
    authority = Authority()

    def put(name, content):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)

    put("ca.crt", authority.certificate.public_bytes(PEM))
    rogue = Authority()
    put("rogue.crt", rogue.certificate.public_bytes(PEM))
    issuers = {"ca": authority, "rogue": rogue, "middle": authority.below("Nordwind Middle CA", True),
               "user": authority.below("Mallory", False)}
    keys = {}
    for order in json.load(sys.stdin):
        kind = order.get("key", "rsa-2048")
        key = keys[kind] if kind in keys else make_key(kind)
        keys[order["name"]] = key
        order["_issuer"] = issuers[order.get("issuer", "ca")]
        user = order["_issuer"].issue(order, key)
        kras = []
        for path in order.get("kras", []):
            with open(path, "rb") as file:
                kras.append(x509.load_pem_x509_certificate(file.read()))
        form = order.get("form", "ec" if isinstance(key, ec.EllipticCurvePrivateKey) else "capi")
        der = signed(order, enveloped(order, key_blob(key, form), kras), authority, user, kras)
        put(order["name"] + ".blob", written(der, order.get("text", "der")))
        put(order["name"] + ".crt", user.public_bytes(PEM))
        put(order["name"] + ".key", key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, PLAIN))


main()
