"""Signs in to the simulator with MSAL, in every way that an application can, and verifies the tokens with PyJWT.

Usage: msal_client.py SETTINGS.json   (REQUESTS_CA_BUNDLE and SSL_CERT_FILE name the simulator's CA)
Prints one JSON object: for each way the claims of the token, or the error.
"""

import json
import sys

import jwt
import msal
import requests

SCOPES = ["https://graph.microsoft.com/.default"]


def sign_in(settings, credential, **changes):
    """The verified claims of an access token, or what MSAL says is wrong."""
    application = msal.ConfidentialClientApplication(
        changes.get("client_id", settings["clientId"]),
        authority=f"{settings['baseUrl']}/{settings['tenantId']}",
        client_credential=credential,
        instance_discovery=False,
    )
    answer = application.acquire_token_for_client(scopes=changes.get("scopes", SCOPES))
    if "access_token" not in answer:
        return {"error": answer["error"], "codes": answer["error_codes"], "text": answer["error_description"]}
    return verified(settings, answer["access_token"])


def verified(settings, token):
    """The claims, if the signature is by the published key and the audience is Graph."""
    configuration = requests.get(
        f"{settings['baseUrl']}/{settings['tenantId']}/v2.0/.well-known/openid-configuration", timeout=30
    ).json()
    key = jwt.PyJWKClient(configuration["jwks_uri"]).get_signing_key_from_jwt(token)
    return jwt.decode(token, key.key, algorithms=["RS256"], audience="https://graph.microsoft.com")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    with open(settings["keyFile"], encoding="utf-8") as file:
        private_key = file.read()
    with open(settings["certificateFile"], encoding="utf-8") as file:
        certificate = file.read()
    secret = settings["clientSecret"]
    results = {
        "secret": sign_in(settings, secret),
        # With the certificate at hand MSAL signs PS256 and names it by SHA-256.
        "certificate": sign_in(settings, {"private_key": private_key, "public_certificate": certificate}),
        # With a thumbprint alone it signs RS256 and names it by SHA-1.
        "thumbprint": sign_in(settings, {"private_key": private_key, "thumbprint": settings["certificateSha1"]}),
        "wrongSecret": sign_in(settings, "wrong"),
        "unknownCertificate": sign_in(settings, {"private_key": private_key, "thumbprint": "00" * 20}),
        "unknownClient": sign_in(settings, secret, client_id="00000000-0000-4000-8000-000000000000"),
        "wrongScope": sign_in(settings, secret, scopes=["https://storage.azure.com/.default"]),
    }
    # With instance discovery on, MSAL asks this host about itself first.
    discovered = msal.ConfidentialClientApplication(
        settings["clientId"],
        authority=f"{settings['baseUrl']}/{settings['tenantId']}",
        client_credential=secret,
        validate_authority=False,
    ).acquire_token_for_client(scopes=SCOPES)
    results["discovered"] = {"ok": "access_token" in discovered}
    json.dump(results, sys.stdout)


main()
