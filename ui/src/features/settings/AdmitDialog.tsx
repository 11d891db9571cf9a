import { MessageBar, MessageBarBody } from "@fluentui/react-components";
import { useState } from "react";
import type { InstallationLine } from "../../bindings/api";
import { useMessages } from "../../messages";
import { Confirm } from "../../shared/Confirm";
import { useCommand } from "../../shared/command";
import { FingerprintCheck, useCompared } from "../../shared/FingerprintCheck";
import { notSealed } from "./notSealed";

interface Props {
  line: InstallationLine;
  onClose: () => void;
}

/** Shows the fingerprint to be compared, says what admitting means, and admits nothing that was not compared. */
export function AdmitDialog({ line, onClose }: Props) {
  const m = useMessages();
  const t = m.installations;
  const of = useCompared(line.fingerprint);
  const [tried, setTried] = useState(false);
  const { mutate, isPending, error } = useCommand("admit_installation", {
    showsFailure: true,
    done: (name: string, answer) => ({ title: t.admittedNote(name), warning: notSealed(answer, t) }),
  });
  const confirm = () => {
    setTried(true);
    if (!of.compared.sure) return;
    mutate(
      { request: { id: line.id, fingerprint: line.fingerprint }, context: line.name },
      { onSuccess: onClose },
    );
  };
  return (
    <Confirm
      title={t.admitTitle(line.name)}
      cancel={t.cancel}
      confirm={t.admit}
      command="confirmAdmit"
      ready={of.compared.state !== "different"}
      pending={isPending}
      failure={error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <FingerprintCheck
        value={line.fingerprint}
        label={t.fingerprintOf(line.name)}
        words={t}
        of={of}
        tried={tried}
      />
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>{t.admitMeans}</MessageBarBody>
      </MessageBar>
    </Confirm>
  );
}
