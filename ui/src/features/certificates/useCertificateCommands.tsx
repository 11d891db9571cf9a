// What can be done with a certificate, from the row menu and from the details pane alike.
import {
  ArrowRepeatAllRegular,
  ClipboardRegular,
  DocumentLinkRegular,
  KeyRegular,
  KeyResetRegular,
  PauseCircleRegular,
  PlayCircleRegular,
  ProhibitedRegular,
  SendRegular,
} from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import type { CertificateDetails, CertificateLine } from "../../bindings/api";
import { useMessages } from "../../messages";
import { call, copyText, copyWhenKnown, toFailure } from "../../platform";
import { addressOf, navigate } from "../../shared/address";
import type { Command as BarCommand } from "../../shared/CommandBar";
import { useCommand } from "../../shared/command";
import { hintOf } from "../../shared/ErrorState";
import { useNotify } from "../../shared/notify";
import { certificateQuery } from "./queries";

/** States in which the authority can still revoke. */
const REVOCABLE: readonly string[] = ["valid", "superseded", "held"];
/** States in which it can be put on hold. */
const HOLDABLE: readonly string[] = ["valid", "superseded"];
/** States in which a new certificate may take its place. */
const RENEWABLE: readonly string[] = ["valid", "expired", "revoked"];

/** Orders that ask before they act. */
export interface Asked {
  order: "renew" | "revoke" | "hold" | "release";
  line: CertificateLine;
}

export function useCertificateCommands(onAsk: (asked: Asked) => void) {
  const m = useMessages();
  const notify = useNotify();
  const queries = useQueryClient();
  const check = useCommand("check_deliveries", {
    done: (name: string) => ({ title: m.certificates.checking(name) }),
  });

  const copy = async (start: () => Promise<boolean>) => {
    try {
      const done = await start();
      notify(done ? "info" : "error", done ? m.state.copied : m.state.notCopied);
    } catch (thrown) {
      const failure = toFailure(thrown);
      const hint = hintOf(failure, m);
      notify("error", m.failures[failure.code], {
        body: hint ? `${failure.message} – ${hint}` : failure.message,
      });
    }
  };
  const copyFact = (line: CertificateLine, read: (details: CertificateDetails) => string) =>
    copy(() => {
      // What is known is copied within the click: web views forget a click while an answer is awaited.
      const query = certificateQuery(line.id);
      const known = queries.getQueryData(query.queryKey);
      return known ? copyText(read(known)) : copyWhenKnown(queries.fetchQuery(query).then(read));
    });

  const orders = (line: CertificateLine): BarCommand[] => [
    {
      id: "renew",
      label: m.certificates.renew,
      hint: m.certificates.renewHint,
      icon: <ArrowRepeatAllRegular />,
      disabled: line.imported || !RENEWABLE.includes(line.status),
      onRun: () => onAsk({ order: "renew", line }),
    },
    {
      id: "checkDeliveries",
      label: m.certificates.check,
      hint: m.certificates.checkHint,
      icon: <SendRegular />,
      disabled: line.deliveries === 0 || check.isPending,
      onRun: () => check.mutate({ request: { id: line.id }, context: line.commonName }),
    },
    {
      id: "revoke",
      label: m.certificates.revoke,
      icon: <ProhibitedRegular />,
      disabled: line.imported || !REVOCABLE.includes(line.status),
      grave: true,
      onRun: () => onAsk({ order: "revoke", line }),
    },
    line.status === "held"
      ? {
          id: "release",
          label: m.certificates.release,
          hint: m.certificates.releaseHint,
          icon: <PlayCircleRegular />,
          disabled: line.imported,
          onRun: () => onAsk({ order: "release", line }),
        }
      : {
          id: "hold",
          label: m.certificates.hold,
          hint: m.certificates.holdHint,
          icon: <PauseCircleRegular />,
          disabled: line.imported || !HOLDABLE.includes(line.status),
          onRun: () => onAsk({ order: "hold", line }),
        },
    ...(line.archived
      ? [
          {
            id: "recover",
            label: m.certificates.recover,
            hint: m.certificates.recoverHint,
            icon: <KeyResetRegular />,
            onRun: () => navigate(addressOf("recovery", { ask: line.id, who: line.mail || line.commonName })),
          },
        ]
      : []),
  ];

  const copies = (line: CertificateLine): BarCommand[] => [
    {
      id: "copySerial",
      label: m.certificates.copySerial,
      icon: <KeyRegular />,
      onRun: () => void copyFact(line, (details) => details.serial),
    },
    {
      id: "copyThumbprint",
      label: m.certificates.copyThumbprint,
      icon: <KeyRegular />,
      onRun: () => void copyFact(line, (details) => details.thumbprint),
    },
    {
      id: "copyPem",
      label: m.certificates.copyPem,
      icon: <ClipboardRegular />,
      onRun: () => void copyFact(line, (details) => details.pem),
    },
    {
      id: "copyChain",
      label: m.certificates.copyChain,
      icon: <DocumentLinkRegular />,
      onRun: () =>
        void copy(() => copyWhenKnown(call("export_certificate", { id: line.id }).then(({ pem }) => pem))),
    },
  ];

  return { orders, copies };
}
