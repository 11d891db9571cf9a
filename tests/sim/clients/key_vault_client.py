"""Uses the simulated key vault with Microsoft's own client for keys and certificates.

Usage: key_vault_client.py SETTINGS.json   (REQUESTS_CA_BUNDLE names the simulator's CA)
Prints one JSON object: what each operation gave, or how it was refused.
"""

import hashlib
import json
import sys
from datetime import datetime, timedelta, timezone

from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.keyvault.certificates import CertificateClient
from azure.keyvault.keys import KeyClient
from azure.keyvault.keys.crypto import CryptographyClient, EncryptionAlgorithm, KeyWrapAlgorithm, SignatureAlgorithm
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

CONTENT_KEY = bytes(range(32))
ALGORITHMS = [KeyWrapAlgorithm.rsa_oaep_256, KeyWrapAlgorithm.rsa_oaep, KeyWrapAlgorithm.rsa1_5]


def refusal(operation):
    """How an operation is refused: status, code and inner code."""
    try:
        operation()
    except HttpResponseError as error:
        inner = error.error.innererror.get("code") if error.error and error.error.innererror else None
        return {"status": error.status_code, "code": error.error.code if error.error else None, "inner": inner}
    return None


def public_key(key):
    """The key as another library knows it."""
    numbers = rsa.RSAPublicNumbers(int.from_bytes(key.key.e, "big"), int.from_bytes(key.key.n, "big"))
    return numbers.public_key()


def signatures(keys, options, elliptic):
    """What another library makes of what the vault signs."""
    digest = hashlib.sha256(b"a set").digest()
    signer = keys.create_rsa_key("signer", size=2048)
    rsa_key, hashed = public_key(signer), Prehashed(hashes.SHA256())
    made = {}
    for algorithm in (SignatureAlgorithm.rs256, SignatureAlgorithm.ps256):
        signed = CryptographyClient(signer, **options).sign(algorithm, digest)
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        rsa_key.verify(signed.signature, digest, pss if algorithm == "PS256" else padding.PKCS1v15(), hashed)
        made[algorithm.value] = signed.key_id == signer.id
    signed = CryptographyClient(elliptic, **options).sign(SignatureAlgorithm.es256, digest).signature
    point = ec.EllipticCurvePublicNumbers(
        int.from_bytes(elliptic.key.x, "big"), int.from_bytes(elliptic.key.y, "big"), ec.SECP256R1()
    )
    numbers = int.from_bytes(signed[:32], "big"), int.from_bytes(signed[32:], "big")
    point.public_key().verify(encode_dss_signature(*numbers), digest, ec.ECDSA(hashed))
    made["ES256"] = len(signed) == 64
    only = keys.create_rsa_key("only-decrypts", size=2048, key_operations=["decrypt", "unwrapKey"])
    # Left to itself the client refuses by what the key says it may do; the vault is to be asked.
    made["forbidden"] = refusal(lambda: CryptographyClient(only.id, **options).sign(SignatureAlgorithm.ps256, digest))
    return made


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    credential = ClientSecretCredential(
        settings["tenantId"],
        settings["clientId"],
        settings["clientSecret"],
        authority=settings["baseUrl"],
        disable_instance_discovery=True,
    )
    # The simulator is no subdomain of vault.azure.net, and this client is told to take it all the same.
    options = {"credential": credential, "verify_challenge_resource": False, "retry_total": 0}
    keys = KeyClient(settings["baseUrl"], **options)
    results = {"wrapped": {}}
    for bits in (2048, 3072):
        key = keys.create_rsa_key(f"kra-{bits}", size=bits)
        cipher = CryptographyClient(key, **options)
        for algorithm in ALGORITHMS:
            wrapped = cipher.wrap_key(algorithm, CONTENT_KEY)
            opened = cipher.unwrap_key(algorithm, wrapped.encrypted_key)
            results["wrapped"][f"{bits} {algorithm.value}"] = opened.key == CONTENT_KEY and opened.key_id == key.id
        # Encrypted by a library that knows no vault.
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        foreign = public_key(key).encrypt(CONTENT_KEY, oaep)
        opened = cipher.decrypt(EncryptionAlgorithm.rsa_oaep_256, foreign)
        results["wrapped"][f"{bits} foreign"] = opened.plaintext == CONTENT_KEY
    hsm = keys.create_rsa_key("in-hardware", hardware_protected=True)
    results["hardware"] = hsm.key_type

    first = keys.get_key("kra-2048")
    second = keys.create_rsa_key("kra-2048", size=2048)
    newest = keys.get_key("kra-2048")
    old = keys.get_key("kra-2048", first.properties.version)
    results["rotated"] = {
        "newest": newest.id == second.id,
        "old": old.id == first.id and old.key.n == first.key.n,
        "differ": first.key.n != second.key.n,
    }
    # An older version goes on unwrapping.
    wrapped = CryptographyClient(first, **options).wrap_key(ALGORITHMS[0], CONTENT_KEY).encrypted_key
    results["rotated"]["opens"] = (
        CryptographyClient(first.id, **options).unwrap_key(ALGORITHMS[0], wrapped).key == CONTENT_KEY
    )
    expired = keys.update_key_properties(
        "kra-2048", first.properties.version, expires_on=datetime.now(timezone.utc) - timedelta(days=1)
    )
    # The client keeps the private operations for the vault.
    results["expired"] = CryptographyClient(expired, **options).unwrap_key(ALGORITHMS[0], wrapped).key == CONTENT_KEY
    disabled = keys.update_key_properties("kra-2048", first.properties.version, enabled=False)
    results["disabledIsShown"] = keys.get_key("kra-2048", first.properties.version).properties.enabled is False
    results["disabled"] = refusal(lambda: CryptographyClient(disabled, **options).unwrap_key(ALGORITHMS[0], wrapped))
    elliptic = keys.create_ec_key("elliptic")
    results["elliptic"] = elliptic.key_type
    results["signed"] = signatures(keys, options, elliptic)
    results["missing"] = refusal(lambda: keys.get_key("nobody"))
    poller = keys.begin_delete_key("kra-3072")
    results["deleted"] = poller.result().recovery_id.endswith("/deletedkeys/kra-3072")
    results["gone"] = refusal(lambda: keys.get_key("kra-3072"))

    certificates = CertificateClient(settings["baseUrl"], **options)
    bundle = certificates.get_certificate("agent")
    certificate = x509.load_der_x509_certificate(bytes(bundle.cer))
    key = keys.get_key("agent")
    spki = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    results["certificate"] = {
        "subject": certificate.subject.rfc4514_string(),
        "keyId": bundle.key_id == key.id,
        "fits": certificate.public_key().public_bytes(*spki) == public_key(key).public_bytes(*spki),
        "thumbprint": bytes(bundle.properties.x509_thumbprint) == hashlib.sha1(bytes(bundle.cer)).digest(),
    }
    # Left to itself the client refuses a vault that is no subdomain of the resource it names.
    strict = KeyClient(settings["baseUrl"], credential=credential, retry_total=0)
    try:
        strict.get_key("agent")
        results["strict"] = None
    except ValueError as error:
        results["strict"] = str(error)
    json.dump(results, sys.stdout)


main()
