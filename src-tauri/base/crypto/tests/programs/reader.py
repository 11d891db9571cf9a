"""Reads the crate's artefacts with the Python package `cryptography`; prints what it found, one fact a line."""

import hashlib
import sys
from pathlib import Path

from asn1crypto import parser
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtensionOID

UPN = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")


def spki(public_key):
    """The public key as hexadecimal DER."""
    der = public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return der.hex()


def names(subject, extensions):
    """Prints the subject and the alternative names."""
    for attribute in subject:
        print(f"{attribute.oid.dotted_string}={attribute.value}")
    try:
        alternative = extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except x509.ExtensionNotFound:
        return
    for address in alternative.get_values_for_type(x509.RFC822Name):
        print(f"mail={address}")
    for other in alternative.get_values_for_type(x509.OtherName):
        if other.type_id == UPN and other.value[0] == 0x0C:
            print(f"upn={other.value[2:].decode()}")
        else:
            print(f"other={other.type_id.dotted_string}")


def request(path):
    """A certification request: signature, digest, key and names."""
    read = x509.load_der_x509_csr(Path(path).read_bytes())
    print(f"valid={read.is_signature_valid}")
    print(f"digest={read.signature_hash_algorithm.name}")
    print(f"spki={spki(read.public_key())}")
    names(read.subject, read.extensions)


def certificate(path):
    """A certificate, in the words of the crate's own reader."""
    read = x509.load_pem_x509_certificate(Path(path).read_bytes())
    print(f"serial={read.serial_number:x}")
    print(f"sha1={read.fingerprint(hashes.SHA1()).hex()}")
    print(f"sha256={read.fingerprint(hashes.SHA256()).hex()}")
    print(f"from={int(read.not_valid_before_utc.timestamp())}")
    print(f"until={int(read.not_valid_after_utc.timestamp())}")
    print(f"spki={spki(read.public_key())}")
    print(f"ski={read.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()}")
    usages = read.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    print(f"eku={' '.join(usage.dotted_string for usage in usages)}")
    names(read.subject, read.extensions)


def pfx(path, password):
    """A PKCS#12 file: key, certificate, friendly name and how many more certificates."""
    read = pkcs12.load_pkcs12(Path(path).read_bytes(), password.encode())
    print(f"spki={spki(read.key.public_key())}")
    print(f"certificate={read.cert.certificate.fingerprint(hashes.SHA256()).hex()}")
    print(f"name={read.cert.friendly_name.decode()}")
    print(f"others={len(read.additional_certs)}")


def password(key_path, path):
    """Decrypts RSA-OAEP with SHA-512, as the Intune connector does."""
    key = serialization.load_pem_private_key(Path(key_path).read_bytes(), None)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA512()), hashes.SHA512(), None)
    print(key.decrypt(Path(path).read_bytes(), oaep).decode("ascii"))


def assertion(spki_path, data_path, signature_path):
    """Verifies a PS256 signature; the salt must be as long as the digest."""
    key = serialization.load_der_public_key(Path(spki_path).read_bytes())
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    key.verify(Path(signature_path).read_bytes(), Path(data_path).read_bytes(), pss, hashes.SHA256())
    print("valid")


def connector(blob_path, pem_path):
    """Makes a connector's key, as Export-IntunePublicKey writes it in both of its forms; prints its fingerprint."""
    key = rsa.generate_private_key(65537, 2048).public_key()
    numbers = key.public_numbers()
    header = b"RSA1" + b"".join(field.to_bytes(4, "little") for field in (2048, 3, 256, 0, 0))
    blob = header + numbers.e.to_bytes(3, "big") + numbers.n.to_bytes(256, "big")
    Path(blob_path).write_bytes(blob)
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    Path(pem_path).write_bytes(pem)
    print(hashlib.sha256(bytes.fromhex(spki(key))).hexdigest())


def elements(contents):
    """The elements of one level: each with its header, and its contents."""
    found = []
    while contents:
        size = parser.peek(contents)
        _, _, _, header, inner, _ = parser.parse(contents[:size])
        found.append((header + inner, inner))
        contents = contents[size:]
    return found


def envelope_parts(der):
    """What an AuthEnvelopedData consists of: its recipients, nonce, ciphertext and tag."""
    (_, info), = elements(der)
    (_, data), = elements(elements(info)[1][1])
    _, (_, recipients), (_, content), (_, tag) = elements(data)
    _, (_, algorithm), (_, ciphertext) = elements(content)
    nonce = elements(elements(algorithm)[1][1])[0][1]
    return elements(recipients), nonce, ciphertext, tag


def classic_secret(whole, inner, serial, key):
    """The secret in a KeyTransRecipientInfo or KeyAgreeRecipientInfo, if it names this serial number; or None."""
    if whole[0] == 0x30:
        _, (_, identifier), _, (_, encrypted) = elements(inner)
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        return key.decrypt(encrypted, oaep) if elements(identifier)[1][1] == serial else None
    _, (_, originator), (_, algorithm), (_, keys) = elements(inner)
    (_, entry), = elements(keys)
    (_, identifier), (_, encrypted) = elements(entry)
    if elements(identifier)[1][1] != serial:
        return None
    point = elements(elements(originator)[0][1])[1][1][1:]
    peer = ec.EllipticCurvePublicKey.from_encoded_point(key.curve, point)
    wrap, _ = elements(algorithm)[1]
    shared_info = wrap + bytes.fromhex("a206040400000100")
    shared_info = b"\x30" + bytes([len(shared_info)]) + shared_info
    kek = X963KDF(hashes.SHA256(), 32, shared_info).derive(key.exchange(ec.ECDH(), peer))
    return aes_key_unwrap(kek, encrypted)


def hkdf(secret, info):
    """HKDF with SHA-256 and no salt: 32 octets."""
    return HKDF(hashes.SHA256(), 32, None, info).derive(secret)


def hybrid_content_key(recipients, serial, key, ml_kem):
    """The content key of the hybrid recipient with this serial number, and the identifier of the ML-KEM key."""
    for whole, info in recipients:
        assert whole[0] == 0xA4, "an OtherRecipientInfo"
        (classic, classic_inner), (kem, kem_inner), (_, wrapped) = elements(elements(info)[1][1])
        first = classic_secret(classic, classic_inner, serial, key)
        if first is None:
            continue
        # RFC 9629: version, rid, kem, kemct, kdf, kekLength, wrap, encryptedKey.
        _, (_, rid), _, (_, ciphertext), _, (length, _), (wrap, _), (_, encrypted) = elements(kem_inner)
        other_info = wrap + length
        other_info = b"\x30" + bytes([len(other_info)]) + other_info
        second = aes_key_unwrap(hkdf(ml_kem.decapsulate(ciphertext), other_info), encrypted)
        digests = hashlib.sha256(classic).digest() + hashlib.sha256(kem).digest()
        kek = hkdf(first + second, b"sealwright hybrid recipient 1\0" + digests)
        return aes_key_unwrap(kek, wrapped), rid
    raise SystemExit("no recipient has this serial number")


def private_key(file, secret=None):
    """A private key from a PEM file."""
    return serialization.load_pem_private_key(Path(file).read_bytes(), secret and secret.encode())


def hybrid(path, serial, key, ml_kem, secret):
    """Opens an envelope with one agent's two keys; prints what it says of itself, and the content."""
    recipients, nonce, ciphertext, tag = envelope_parts(Path(path).read_bytes())
    print(f"recipients={len(recipients)}")
    content_key, rid = hybrid_content_key(
        recipients, integer(serial), private_key(key), private_key(ml_kem, secret)
    )
    print(f"id={rid.hex()}")
    print(f"content={AESGCM(content_key).decrypt(nonce, ciphertext + tag, None).hex()}")


def integer(serial):
    """The contents of an INTEGER, from hexadecimal digits."""
    number = int(serial, 16)
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def hybrid_quorum(path, secret, *keys):
    """Opens an envelope to a quorum whose shares are hybrid, with officers' keys (`serial=file=ml-kem file`)."""
    ((_, info),), nonce, ciphertext, tag = envelope_parts(Path(path).read_bytes())
    (policy, _), (_, shares), (_, wrap_nonce), (_, wrapped) = elements(elements(info)[1][1])
    points = []
    for (_, share), given in zip(elements(shares), keys, strict=True):
        serial, key, ml_kem = given.split("=")
        recipients, share_nonce, share_text, share_tag = envelope_parts(share)
        share_key, _ = hybrid_content_key(
            recipients, integer(serial), private_key(key), private_key(ml_kem, secret)
        )
        points.append(AESGCM(share_key).decrypt(share_nonce, share_text + share_tag, None)[-33:])
    quorum_key = bytes(at_zero([(point[0], point[1 + at]) for point in points]) for at in range(32))
    content_key = AESGCM(quorum_key).decrypt(wrap_nonce, wrapped, policy)
    print(f"content={AESGCM(content_key).decrypt(nonce, ciphertext + tag, None).hex()}")


def ml_kem(own, own_public, secret, name):
    """Reads a key file and its public half; makes files of its own."""
    key = private_key(own, secret)
    assert isinstance(key, mlkem.MLKEM768PrivateKey)
    public = serialization.load_pem_public_key(Path(own_public).read_bytes())
    assert spki(public) == spki(key.public_key())
    print(f"spki={spki(public)}")
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    locked = serialization.BestAvailableEncryption(secret.encode())
    made = mlkem.MLKEM768PrivateKey.generate()
    Path(f"{name}.pem").write_bytes(made.private_bytes(pem, pkcs8, locked))
    Path(f"{name}.clear.pem").write_bytes(made.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    Path(f"{name}.pub.pem").write_bytes(made.public_key().public_bytes(pem, form))
    larger = mlkem.MLKEM1024PrivateKey.generate()
    Path(f"{name}.1024.pem").write_bytes(larger.private_bytes(pem, pkcs8, locked))


def open_sealed(der, key):
    """The content of an envelope to the one RSA key, with OAEP and SHA-256."""
    ((_, recipient),), nonce, ciphertext, tag = envelope_parts(der)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    content_key = key.decrypt(elements(recipient)[3][1], oaep)
    return AESGCM(content_key).decrypt(nonce, ciphertext + tag, None)


def gf_multiply(a, b):
    """Multiplies in GF(256), modulo x^8 + x^4 + x^3 + x^2 + 1."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = (a << 1) ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return product


def gf_inverse(a):
    """What times `a` is 1."""
    return next(b for b in range(1, 256) if gf_multiply(a, b) == 1)


def at_zero(points):
    """The value at zero of the polynomial through these points (Lagrange)."""
    total = 0
    for x, value in points:
        for other, _ in points:
            if other != x:
                value = gf_multiply(value, gf_multiply(other, gf_inverse(other ^ x)))
        total ^= value
    return total


def quorum(path, *keys):
    """Opens an envelope to a quorum with officers' keys (`place=file`); prints what it says of itself, and the content."""
    ((whole, info),), nonce, ciphertext, tag = envelope_parts(Path(path).read_bytes())
    assert whole[0] == 0xA4, "an OtherRecipientInfo"
    (policy, fields), (_, shares), (_, wrap_nonce), (_, wrapped) = elements(elements(info)[1][1])
    (_, threshold), _, (_, subject), (_, officers) = elements(fields)
    print(f"threshold={threshold[0]}")
    print(f"officers={' '.join(officer.hex() for _, officer in elements(officers))}")
    print(f"subject={subject.hex()}")
    sealed = [share for _, share in elements(shares)]
    points = []
    for given in keys:
        place, file = given.split("=")
        key = serialization.load_pem_private_key(Path(file).read_bytes(), None)
        points.append(open_sealed(sealed[int(place) - 1], key)[-33:])
    quorum_key = bytes(at_zero([(point[0], point[1 + at]) for point in points]) for at in range(32))
    content_key = AESGCM(quorum_key).decrypt(wrap_nonce, wrapped, policy)
    print(f"content={AESGCM(content_key).decrypt(nonce, ciphertext + tag, None).hex()}")


if __name__ == "__main__":
    commands = {
        "quorum": quorum,
        "hybrid": hybrid,
        "hybrid_quorum": hybrid_quorum,
        "ml_kem": ml_kem,
        "request": request,
        "certificate": certificate,
        "pfx": pfx,
        "password": password,
        "assertion": assertion,
        "connector": connector,
    }
    commands[sys.argv[1]](*sys.argv[2:])
