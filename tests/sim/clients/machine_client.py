"""Gets tokens without any secret, in every way that azure-identity and MSAL know, and verifies them with PyJWT.

Usage: machine_client.py SETTINGS.json   (REQUESTS_CA_BUNDLE and SSL_CERT_FILE name the simulator's CA)
Prints one JSON object: for each way the claims of the token, or the error.
"""

import json
import os
import sys

import jwt
import msal
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

SCOPE = "https://graph.microsoft.com/.default"
PLACES = ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IMDS_ENDPOINT")


def verified(settings, token):
    """The claims, if the signature is by the published key and the audience is Graph."""
    keys = f"{settings['baseUrl']}/{settings['tenantId']}/discovery/v2.0/keys"
    key = jwt.PyJWKClient(keys).get_signing_key_from_jwt(token)
    return jwt.decode(token, key.key, algorithms=["RS256"], audience="https://graph.microsoft.com")


def claims(settings, make):
    try:
        return verified(settings, make().get_token(SCOPE).token)
    except (ClientAuthenticationError, CredentialUnavailableError) as error:
        return {"error": str(error)}


def at_place(**environment):
    for name in PLACES:
        os.environ.pop(name, None)
    os.environ.update(environment)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    plain = settings["plainUrl"]
    results = {}

    at_place(AZURE_POD_IDENTITY_AUTHORITY_HOST=plain)
    results["machine"] = claims(settings, ManagedIdentityCredential)
    results["machineAssigned"] = claims(
        settings, lambda: ManagedIdentityCredential(client_id=settings["assignedClientId"])
    )
    results["machineUnknown"] = claims(settings, lambda: ManagedIdentityCredential(client_id="nobody"))

    at_place(IDENTITY_ENDPOINT=f"{plain}/msi/token", IDENTITY_HEADER=settings["identityHeader"])
    results["service"] = claims(settings, ManagedIdentityCredential)
    results["serviceAssigned"] = claims(
        settings, lambda: ManagedIdentityCredential(client_id=settings["assignedClientId"])
    )
    at_place(IDENTITY_ENDPOINT=f"{plain}/msi/token", IDENTITY_HEADER="wrong")
    results["serviceWrongHeader"] = claims(settings, ManagedIdentityCredential)

    # The agent's folder is below /var/opt, where a test has no business.
    at_place(IDENTITY_ENDPOINT=f"{plain}/arc/metadata/identity/oauth2/token", IMDS_ENDPOINT=plain)
    prefixes = msal.managed_identity._supported_arc_platforms_and_their_prefixes
    prefixes[sys.platform] = settings["challenges"]
    arc = msal.ManagedIdentityClient(msal.SystemAssignedManagedIdentity(), http_client=requests.Session())
    answer = arc.acquire_token_for_client(resource="https://graph.microsoft.com")
    token = answer.get("access_token")
    results["arc"] = verified(settings, token) if token else {"error": answer["error"]}
    at_place()

    common = {"authority": settings["baseUrl"], "disable_instance_discovery": True}
    tenant, client = settings["tenantId"], settings["clientId"]

    def workload(token_file):
        return lambda: WorkloadIdentityCredential(
            tenant_id=tenant, client_id=client, token_file_path=token_file, **common
        )

    results["workload"] = claims(settings, workload(settings["federatedTokenFile"]))
    results["workloadStranger"] = claims(settings, workload(settings["strangerTokenFile"]))
    results["secret"] = claims(
        settings, lambda: ClientSecretCredential(tenant, client, settings["clientSecret"], **common)
    )
    with open(settings["certificateFile"], "rb") as file:
        certificate = file.read()
    with open(settings["keyFile"], "rb") as file:
        pair = certificate + file.read()
    results["certificate"] = claims(
        settings, lambda: CertificateCredential(tenant, client, certificate_data=pair, **common)
    )
    json.dump(results, sys.stdout)


main()
