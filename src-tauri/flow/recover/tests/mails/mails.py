"""Writes mails as a mail program with other people's MIME and cryptography does."""

import datetime
import sys
from email import policy
from email.message import EmailMessage

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7


def certificate(person: str) -> x509.Certificate:
    with open(f"{person}.crt", "rb") as file:
        return x509.load_pem_x509_certificate(file.read())


def envelope(content: bytes, people: list[str], cipher=algorithms.AES256) -> bytes:
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content).set_content_encryption_algorithm(cipher)
    for person in people:
        builder = builder.add_recipient(certificate(person))
    return builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def letter() -> EmailMessage:
    """Text and HTML, with an attachment whose name has umlauts."""
    mail = EmailMessage(policy=policy.SMTP)
    mail.set_content("Grüße aus dem Archiv\n", cte="base64")
    mail.add_alternative("<p>Grüße aus dem Archiv</p>", subtype="html")
    mail.add_attachment(bytes(range(256)) * 8, maintype="application", subtype="zip", filename="Übergabe für Jörg.zip")
    return mail


def addressed(mail: EmailMessage) -> EmailMessage:
    mail["From"] = "Jörg Müller <joerg@nordwind.example>"
    mail["To"] = "susi@nordwind.example"
    mail["Subject"] = "Vertrag für Schröder"
    mail["Message-ID"] = "<4711@nordwind.example>"
    return mail


def whole() -> bytes:
    """The mail as a whole is encrypted."""
    mail = addressed(EmailMessage(policy=policy.SMTP))
    mail.set_content(
        envelope(letter().as_bytes(), ["susi"]),
        maintype="application",
        subtype="pkcs7-mime",
        params={"smime-type": "enveloped-data", "name": "smime.p7m"},
        filename="smime.p7m",
    )
    return mail.as_bytes()


def attached() -> bytes:
    """A list server put a footer around it, and a gateway changed the type; the name has umlauts."""
    mail = addressed(EmailMessage(policy=policy.SMTP))
    mail.set_content("Verschlüsselte Nachricht.\n")
    mail.add_attachment(
        envelope(letter().as_bytes(), ["otto", "susi"], algorithms.AES128),
        maintype="application",
        subtype="octet-stream",
        filename="verschlüsselt.p7m",
    )
    mail.add_attachment("Fußzeile der Liste\n", filename="footer.txt")
    return mail.as_bytes()


def forwarded() -> bytes:
    """An encrypted mail lies in another one."""
    inner = EmailMessage(policy=policy.SMTP)
    inner["Subject"] = "Innen"
    inner.set_content(
        envelope(letter().as_bytes(), ["susi"]), maintype="application", subtype="pkcs7-mime", filename="smime.p7m"
    )
    mail = addressed(EmailMessage(policy=policy.SMTP))
    mail.set_content("Siehe unten.\n")
    mail.add_attachment(inner)
    return mail.as_bytes()


def mixed() -> bytes:
    """One part for Susi, one for Otto."""
    mail = addressed(EmailMessage(policy=policy.SMTP))
    mail.set_content("Zweierlei\n")
    for person in ["susi", "otto"]:
        mail.add_attachment(
            envelope(letter().as_bytes(), [person]), maintype="application", subtype="pkcs7-mime", filename="smime.p7m"
        )
    return mail.as_bytes()


def thousand() -> bytes:
    """999 others, then Susi."""
    with open("otto.key", "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    begin = datetime.datetime(2026, 1, 1)
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(b"Content-Type: text/plain\r\n\r\ntausend\r\n")
    for number in range(1, 1000):
        name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, f"o{number}")])
        other = x509.CertificateBuilder(name, name, key.public_key(), number, begin, begin + datetime.timedelta(days=9))
        builder = builder.add_recipient(other.sign(key, hashes.SHA256()))
    return builder.add_recipient(certificate("susi")).encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def nobody() -> bytes:
    """An envelope without a single recipient."""
    info = cms.ContentInfo.load(envelope(b"Content-Type: text/plain\r\n\r\nnobody\r\n", ["susi"]))
    info["content"]["recipient_infos"] = []
    return info.dump(force=True)


def typed() -> bytes:
    """The content is, by the envelope's word, a signed message, and lies there without its own type (argv[2])."""
    with open(sys.argv[2], "rb") as file:
        signed = cms.ContentInfo.load(file.read())["content"].untag().dump(force=True)
    info = cms.ContentInfo.load(envelope(signed, ["susi"]))
    info["content"]["encrypted_content_info"]["content_type"] = "signed_data"
    return info.dump(force=True)


with open(sys.argv[1], "wb") as out:
    out.write(globals()[sys.argv[1]]())
