"""Reads the simulated directory and imports a PFX with Microsoft's Graph SDK and azure-identity.

The PKCS#12 and the encrypted password are made here with `cryptography`, so that nothing of the product or of the
simulator takes part in them.

Usage: graph_client.py SETTINGS.json   (REQUESTS_CA_BUNDLE and SSL_CERT_FILE name the simulator's CA)
Prints one JSON object.
"""

import asyncio
import base64
import datetime
import json
import secrets
import string
import sys

from azure.identity import CertificateCredential, ClientSecretCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.groups.item.transitive_members.graph_user.graph_user_request_builder import (
    GraphUserRequestBuilder,
)
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.users.delta.delta_request_builder import DeltaRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

SCOPES = ["https://graph.microsoft.com/.default"]


def adapter_for(settings, credential):
    provider = AzureIdentityAuthenticationProvider(credential, scopes=SCOPES, allowed_hosts=["localhost"])
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{settings['baseUrl']}/v1.0"
    return adapter


async def follow(first, builder):
    """All items of a list and how many pages it had."""
    page, items, pages = first, [], 0
    while page is not None:
        items += page.value
        pages += 1
        page = await builder.with_url(page.odata_next_link).get() if page.odata_next_link else None
    return items, pages


async def read_users(client):
    parameters = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        select=["id", "userPrincipalName", "mail", "displayName", "proxyAddresses", "securityIdentifier"], top=999
    )
    first = await client.users.get(RequestConfiguration(query_parameters=parameters))
    users, pages = await follow(first, client.users)
    return {
        "pages": pages,
        "items": [
            {"id": user.id, "name": user.user_principal_name, "shown": user.display_name, "sid": user.security_identifier}
            for user in users
        ],
    }


async def read_members(client, group):
    builder = client.groups.by_group_id(group).transitive_members.graph_user
    parameters = GraphUserRequestBuilder.GraphUserRequestBuilderGetQueryParameters(
        select=["id", "mail"], count=True, top=999
    )
    configuration = RequestConfiguration(query_parameters=parameters)
    configuration.headers.add("ConsistencyLevel", "eventual")
    first = await builder.get(configuration)
    count = first.odata_count
    users, pages, page = list(first.value), 1, first
    while page.odata_next_link:
        again = RequestConfiguration()
        again.headers.add("ConsistencyLevel", "eventual")
        page = await builder.with_url(page.odata_next_link).get(again)
        users += page.value
        pages += 1
    return {"count": count, "pages": pages, "ids": [user.id for user in users]}


async def read_delta(client):
    parameters = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(select=["id", "mail"])
    page = await client.users.delta.get(RequestConfiguration(query_parameters=parameters))
    ids, pages = [], 1
    while True:
        ids += [user.id for user in page.value]
        if page.odata_delta_link:
            return {"ids": ids, "pages": pages, "deltaLink": page.odata_delta_link}
        page = await client.users.delta.with_url(page.odata_next_link).get()
        pages += 1


async def refusal(awaitable):
    try:
        await awaitable
    except ODataError as error:
        return {"status": error.response_status_code, "code": error.error.code}
    return None


def make_pfx(password):
    """A PKCS#12 with a certificate for mail and its issuer, and the certificate's SHA-1."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def certificate(name, key, issuer_name, issuer_key, extensions):
        builder = x509.CertificateBuilder(
            issuer_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer_name)]),
            subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - datetime.timedelta(days=1),
            not_valid_after=now + datetime.timedelta(days=365),
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(issuer_key, hashes.SHA256())

    ca_key = rsa.generate_private_key(65537, 2048)
    ca = certificate("Python CA", ca_key, "Python CA", ca_key, [(x509.BasicConstraints(True, None), True)])
    key = rsa.generate_private_key(65537, 2048)
    usage = x509.KeyUsage(True, False, True, False, False, False, False, False, False)
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    leaf = certificate("Made in Python", key, "Python CA", ca_key, [(usage, True), (purpose, False)])
    encryption = serialization.BestAvailableEncryption(password.encode("ascii"))
    pfx = pkcs12.serialize_key_and_certificates(b"python", key, leaf, [ca], encryption)
    return pfx, leaf.fingerprint(hashes.SHA1()).hex(), leaf


async def send(adapter, method, url, body=None):
    """A request to the beta endpoint, which the v1.0 SDK has no types for."""
    request = RequestInformation()
    request.http_method = method
    request.url = url
    request.headers.add("Accept", "application/json")
    if body is not None:
        request.set_stream_content(json.dumps(body).encode("utf-8"), "application/json")
    errors = {"4XX": ODataError, "5XX": ODataError}
    if method == Method.DELETE:
        await adapter.send_no_response_content_async(request, errors)
        return None
    return json.loads(await adapter.send_primitive_async(request, "bytes", errors))


async def import_pfx(settings, adapter, upn):
    password = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(40))
    pfx, thumbprint, leaf = make_pfx(password)
    public_key = serialization.load_pem_public_key(settings["connectorKey"].encode("ascii"))
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA512()), algorithm=hashes.SHA512(), label=None)
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
    body = {
        "@odata.type": "#microsoft.graph.userPFXCertificate",
        "thumbprint": thumbprint,
        "intendedPurpose": "smimeEncryption",
        "userPrincipalName": upn,
        "startDateTime": leaf.not_valid_before_utc.isoformat().replace("+00:00", "Z"),
        "expirationDateTime": leaf.not_valid_after_utc.isoformat().replace("+00:00", "Z"),
        "providerName": settings["providerName"],
        "keyName": settings["keyName"],
        "paddingScheme": "oaepSha512",
        "encryptedPfxBlob": base64.b64encode(pfx).decode("ascii"),
        "encryptedPfxPassword": base64.b64encode(public_key.encrypt(password.encode("ascii"), oaep)).decode("ascii"),
        "createdDateTime": now,
        "lastModifiedDateTime": now,
    }
    url = f"{settings['baseUrl']}/beta/deviceManagement/userPfxCertificates"
    created = await send(adapter, Method.POST, url, body)
    again = await refusal(send(adapter, Method.POST, url, body))
    listed = await send(adapter, Method.GET, url)
    await send(adapter, Method.DELETE, f"{url}/no-such-record")
    bad = await refusal(send(adapter, Method.POST, url, {**body, "thumbprint": thumbprint.upper()}))
    return {"created": created, "again": again, "listed": listed["value"], "bad": bad, "thumbprint": thumbprint}


async def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    common = {"authority": settings["baseUrl"], "disable_instance_discovery": True}
    secret = ClientSecretCredential(settings["tenantId"], settings["clientId"], settings["clientSecret"], **common)
    adapter = adapter_for(settings, secret)
    client = GraphServiceClient(request_adapter=adapter)
    users = await read_users(client)
    one = await client.users.by_user_id(users["items"][0]["name"]).get()

    with open(settings["certificateFile"], "rb") as certificate, open(settings["keyFile"], "rb") as key:
        pem = key.read() + certificate.read()
    by_certificate = CertificateCredential(
        settings["tenantId"], settings["clientId"], certificate_data=pem, **common
    )
    other = GraphServiceClient(request_adapter=adapter_for(settings, by_certificate))

    json.dump(
        {
            "users": users,
            "one": {"id": one.id, "mail": one.mail},
            "members": await read_members(other, settings["group"]),
            "group": (await other.groups.by_group_id(settings["group"]).get()).display_name,
            "delta": await read_delta(other),
            "missing": await refusal(client.users.by_user_id("nobody@nowhere.example").get()),
            "pfx": await import_pfx(settings, adapter, users["items"][0]["name"]),
        },
        sys.stdout,
    )


asyncio.run(main())
