"""Signs a person in with MSAL as a browser would, and keeps the session with refresh tokens.

Usage: msal_person_client.py SETTINGS.json PERSON   (REQUESTS_CA_BUNDLE names the simulator's CA)
Without a person the sign-in is declined. Prints one JSON object.
"""

import json
import sys
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import msal
import requests

SCOPES = ["https://graph.microsoft.com/User.Read"]


class Fields(HTMLParser):
    """The hidden fields of a page."""

    def __init__(self):
        super().__init__()
        self.found = {}

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "input" and attrs.get("type") == "hidden":
            self.found[attrs["name"]] = attrs["value"]


def browse(address, person):
    """What the browser is sent back to the application with."""
    page = requests.get(address, timeout=30)
    page.raise_for_status()
    fields = Fields()
    fields.feed(page.text)
    answer = requests.post(
        address.split("?", 1)[0], data={**fields.found, "person": person}, allow_redirects=False, timeout=30
    )
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    person = sys.argv[2] if len(sys.argv) > 2 else ""
    application = msal.PublicClientApplication(
        settings["officerClientId"],
        authority=f"{settings['baseUrl']}/{settings['tenantId']}",
        instance_discovery=False,
    )
    flow = application.initiate_auth_code_flow(SCOPES, redirect_uri="http://localhost:49152")
    back = browse(flow["auth_uri"], person)
    answer = application.acquire_token_by_auth_code_flow(flow, back)
    if "access_token" not in answer:
        json.dump({"error": answer["error"]}, sys.stdout)
        return
    again = application.acquire_token_by_auth_code_flow(flow, back)
    first = answer["refresh_token"]
    renewed = application.acquire_token_by_refresh_token(first, SCOPES)
    used = application.acquire_token_by_refresh_token(first, SCOPES)
    other = application.initiate_auth_code_flow(SCOPES, redirect_uri="http://localhost:49152")
    stolen = browse(other["auth_uri"], person)
    # Whoever has the code and not the verifier gets nothing.
    other["code_verifier"] = "x" * 43
    json.dump(
        {
            "who": answer["id_token_claims"]["preferred_username"],
            "roles": answer["id_token_claims"].get("roles"),
            "scope": answer["scope"],
            "again": again["error"],
            "renewed": "access_token" in renewed and renewed["refresh_token"] != first,
            "used": used["error"],
            "stolen": application.acquire_token_by_auth_code_flow(other, stolen)["error"],
        },
        sys.stdout,
    )


main()
