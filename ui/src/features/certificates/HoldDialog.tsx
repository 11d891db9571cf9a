import { MessageBar, MessageBarBody } from "@fluentui/react-components";
import type { CertificateLine } from "../../bindings/api";
import { useMessages } from "../../messages";
import { Confirm } from "../../shared/Confirm";
import { useCommand } from "../../shared/command";
import { Facts } from "../../shared/Facts";
import { Moment } from "../../shared/time";

interface Props {
  certificate: CertificateLine;
  order: "hold" | "release";
  onClose: () => void;
}

/** Asks before a certificate is put on hold or taken off, and says what others see of it. */
export function HoldDialog({ certificate, order, onClose }: Props) {
  const m = useMessages();
  const t = m.hold[order];
  const name = certificate.commonName;
  const hold = useCommand("hold_certificate", {
    showsFailure: true,
    done: () => ({ title: m.hold.hold.ordered(name) }),
  });
  const release = useCommand("release_certificate", {
    showsFailure: true,
    done: () => ({ title: m.hold.release.ordered(name) }),
  });
  const { mutate, isPending, error } = order === "hold" ? hold : release;
  return (
    <Confirm
      title={t.title(name)}
      cancel={m.hold.cancel}
      confirm={t.confirm}
      command={order === "hold" ? "confirmHold" : "confirmRelease"}
      pending={isPending}
      failure={error}
      onConfirm={() => mutate({ request: { id: certificate.id }, context: name }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Facts
        facts={[
          { name: m.details.template, value: certificate.template },
          { name: m.details.authority, value: certificate.authority },
          { name: m.details.notAfter, value: <Moment at={certificate.notAfter} /> },
        ]}
      />
      <MessageBar intent={order === "hold" ? "warning" : "info"} layout="multiline">
        <MessageBarBody>{t.consequence}</MessageBarBody>
      </MessageBar>
    </Confirm>
  );
}
