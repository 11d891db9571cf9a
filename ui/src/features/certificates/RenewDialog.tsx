import { MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import type { CertificateLine } from "../../bindings/api";
import { useMessages } from "../../messages";
import { addressOf } from "../../shared/address";
import { Confirm } from "../../shared/Confirm";
import { useCommand } from "../../shared/command";
import { Facts } from "../../shared/Facts";
import { Moment } from "../../shared/time";
import { certificateQuery } from "./queries";

interface Props {
  certificate: CertificateLine;
  onClose: () => void;
}

/** Asks before a new key is made and delivered, and says what becomes of the old certificate. */
export function RenewDialog({ certificate, onClose }: Props) {
  const m = useMessages();
  const details = useQuery(certificateQuery(certificate.id));
  const name = certificate.commonName;
  const { mutate, isPending, error } = useCommand("renew_certificate", {
    showsFailure: true,
    done: (context: string, { enrollment }) => ({
      title: m.certificates.renewed(context),
      link: {
        label: m.certificates.showEnrollment,
        href: addressOf("activity", { selected: enrollment }),
      },
    }),
  });
  const confirm = () =>
    mutate({ request: { id: certificate.id }, context: name }, { onSuccess: () => onClose() });
  const sentences = [
    m.renew.order,
    certificate.status === "valid" ? m.renew.oldStays : m.renew.oldUnchanged,
    ...(certificate.archived ? [m.renew.readable] : []),
  ];

  return (
    <Confirm
      title={m.renew.title(name)}
      cancel={m.renew.cancel}
      confirm={m.renew.confirm}
      command="confirmRenew"
      pending={isPending}
      failure={error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <Facts
        facts={[
          { name: m.details.template, value: certificate.template },
          { name: m.details.subject, value: details.data?.subject ?? name },
          { name: m.details.notAfter, value: <Moment at={certificate.notAfter} /> },
        ]}
      />
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>{sentences.join(" ")}</MessageBarBody>
      </MessageBar>
    </Confirm>
  );
}
