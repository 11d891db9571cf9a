"""Signs a person in by device code with MSAL, and verifies the token with PyJWT.

Usage: msal_device_client.py SETTINGS.json   (REQUESTS_CA_BUNDLE names the simulator's CA)
Prints one JSON object: the claims of the token, or the error.
"""

import json
import sys

import jwt
import msal
import requests


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    application = msal.PublicClientApplication(
        settings["officerClientId"],
        authority=f"{settings['baseUrl']}/{settings['tenantId']}",
        instance_discovery=False,
    )
    flow = application.initiate_device_flow(scopes=["https://vault.azure.net/user_impersonation"])
    # Asks until somebody has entered the code, as often as it is told.
    answer = application.acquire_token_by_device_flow(flow)
    if "access_token" not in answer:
        result = {"error": answer["error"], "codes": answer.get("error_codes")}
    else:
        configuration = requests.get(
            f"{settings['baseUrl']}/{settings['tenantId']}/v2.0/.well-known/openid-configuration", timeout=30
        ).json()
        token = answer["access_token"]
        key = jwt.PyJWKClient(configuration["jwks_uri"]).get_signing_key_from_jwt(token)
        claims = jwt.decode(token, key.key, algorithms=["RS256"], audience="https://vault.azure.net")
        result = {"claims": claims, "who": answer["id_token_claims"]["preferred_username"]}
    json.dump(result, sys.stdout)


main()
