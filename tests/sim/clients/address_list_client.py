"""Changes what a mailbox shows in the simulated address list, with MSAL and requests.

Written from the description of `Set-Mailbox` and of the interface's types alone: a list of byte values is a collection of
`{"Data": [...]}`, a list is emptied by an empty hash table, and every change replaces the whole list.

Usage: address_list_client.py SETTINGS.json MAILBOX SYNCHRONISED CERTIFICATE...   (certificates: base64 of DER)
Prints one JSON object.
"""

import base64
import json
import sys

from exchange_client import Exchange, refusal

SHOWN = "ExternalDirectoryObjectId,UserCertificate,UserSMimeCertificate,IsDirSynced"
EMPTY = {"@odata.type": "#Exchange.GenericHashTable"}


def values(certificates):
    return [{"Data": list(one)} for one in certificates]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        settings = json.load(file)
    mailbox, synchronised = sys.argv[2:4]
    first, second = [base64.b64decode(one) for one in sys.argv[4:6]]
    exchange = Exchange(settings)

    def shown():
        [row], _ = exchange.run("Get-Mailbox", {"Identity": mailbox}, SHOWN)
        assert row["ExternalDirectoryObjectId"] == mailbox
        return [base64.b64encode(bytes(one["Data"])).decode() for one in row["UserCertificate"]]

    def change(value, identity=mailbox, name="UserCertificate"):
        return exchange.post(exchange.url, "Set-Mailbox", {"Identity": identity, name: value})

    results = {"before": shown()}
    answer = change(values([first, second]))
    results["written"] = {"status": answer.status_code, "rows": answer.json()["value"], "shown": shown()}
    results["same"] = change(values([first, second])).json()["@adminapi.warnings"]
    change(values([second]))
    results["replaced"] = shown()
    results["text"] = refusal(change([base64.b64encode(first).decode()]))
    results["noCertificate"] = refusal(change(values([b"no certificate"])))
    results["otherParameter"] = refusal(change("smtp:x@y.example", name="ForwardingSmtpAddress"))
    results["synchronised"] = refusal(change(values([first]), identity=synchronised))
    results["nobody"] = refusal(change(values([first]), identity="00000000-0000-0000-0000-00000000dead"))
    results["afterRefusals"] = shown()
    results["emptied"] = [change(EMPTY).status_code, shown()]
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
