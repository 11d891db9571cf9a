"""Reads shared mailboxes and their rights from the simulated Exchange with MSAL and requests.

Written from the description of `InvokeCommand` alone: the same body is posted to every next link, an error's reason is
`details[0].message`, and rows of another mailbox than the one that was asked for are not believed.

Usage: exchange_client.py SETTINGS.json   (REQUESTS_CA_BUNDLE and SSL_CERT_FILE name the simulator's CA)
Prints one JSON object.
"""

import json
import sys
import uuid

import msal
import requests

EXCHANGE = "https://outlook.office365.com/.default"
GRAPH = "https://graph.microsoft.com/.default"
ANCHOR = "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}"


class Exchange:
    """One application's calls."""

    def __init__(self, settings, scope=EXCHANGE):
        application = msal.ConfidentialClientApplication(
            settings["clientId"],
            authority=f"{settings['baseUrl']}/{settings['tenantId']}",
            client_credential=settings["clientSecret"],
            instance_discovery=False,
        )
        self.token = application.acquire_token_for_client(scopes=[scope])["access_token"]
        self.tenant = settings["tenantId"]
        self.url = f"{settings['baseUrl']}/adminapi/beta/{self.tenant}/InvokeCommand"

    def post(self, url, cmdlet, parameters, page_size=1000, response_format="json"):
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json; charset=utf-8",
            "X-AnchorMailbox": f"APP:{ANCHOR}@{self.tenant}",
            "X-CmdletName": cmdlet,
            "X-SerializationLevel": "Partial",
            "Prefer": f"odata.maxpagesize={page_size}",
            "connection-id": str(uuid.uuid4()),
            "client-request-id": str(uuid.uuid4()),
        }
        if response_format:
            headers["X-ResponseFormat"] = response_format
        body = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}
        return requests.post(url, headers=headers, data=json.dumps(body), timeout=30)

    def run(self, cmdlet, parameters, select=None, page_size=1000):
        """All rows, and how many pages they came in."""
        url, rows, pages = self.url + (f"?$select={select}" if select else ""), [], 0
        while url:
            answer = self.post(url, cmdlet, parameters, page_size)
            answer.raise_for_status()
            page = answer.json()
            rows += page["value"]
            pages += 1
            url = page.get("@odata.nextLink")
        return rows, pages


def refusal(answer):
    """Status, and the reason in the order in which it is to be looked for."""
    if not answer.content:
        return {"status": answer.status_code, "reason": None}
    error = answer.json()["error"]
    details = error.get("details") or [{}]
    inner = error.get("innererror", {}).get("internalException", {})
    return {
        "status": answer.status_code,
        "reason": details[0].get("message") or inner.get("message") or error.get("message"),
    }


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    exchange = Exchange(settings)
    shared = {"RecipientTypeDetails": ["SharedMailbox"], "ResultSize": "Unlimited"}
    select = "ExternalDirectoryObjectId,PrimarySmtpAddress,RecipientTypeDetails,Identity"
    mailboxes, pages = exchange.run("Get-Mailbox", shared, select, page_size=1)
    one = mailboxes[0]["ExternalDirectoryObjectId"]
    full, _ = exchange.run("Get-MailboxPermission", {"Identity": one})
    send, _ = exchange.run("Get-RecipientPermission", {"Identity": one})
    everything, _ = exchange.run("Get-MailboxPermission", {"Identity": None})
    # A link belongs to the body that it was given for.
    first = exchange.post(exchange.url, "Get-Mailbox", shared, page_size=1).json()
    other = exchange.post(first["@odata.nextLink"], "Get-Mailbox", {**shared, "ResultSize": 5}, page_size=1)
    json.dump(
        {
            "mailboxes": mailboxes,
            "pages": pages,
            "fullAccess": full,
            "sendAs": send,
            "everything": sorted({row["Identity"] for row in everything}),
            "missing": refusal(exchange.post(exchange.url, "Get-MailboxPermission", {"Identity": "nobody@nowhere.example"})),
            "unknownParameter": refusal(exchange.post(exchange.url, "Get-Mailbox", {"Filter": "x"})),
            "writes": refusal(exchange.post(exchange.url, "Set-Mailbox", {"Identity": one})),
            "otherBody": refusal(other),
            "graphToken": refusal(Exchange(settings, GRAPH).post(exchange.url, "Get-Mailbox", shared)),
            "clixml": exchange.post(exchange.url, "Get-Mailbox", shared, response_format=None).headers["Content-Type"],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
