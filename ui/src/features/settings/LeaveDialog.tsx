import { Field, Input, MessageBar, MessageBarBody, makeStyles } from "@fluentui/react-components";
import { useState } from "react";
import type { InstallationDecided, InstallationLine } from "../../bindings/api";
import { useMessages } from "../../messages";
import { Confirm } from "../../shared/Confirm";
import { useCommand } from "../../shared/command";
import { Fingerprint } from "../../shared/Fingerprint";
import { notSealed } from "./notSealed";

const useStyles = makeStyles({
  text: { margin: 0 },
});

interface Props {
  what: "refuse" | "remove";
  line: InstallationLine;
  onClose: () => void;
}

/** Turns one down that waits, or puts one out that was in: what it has known, and its name typed. */
export function LeaveDialog({ what, line, onClose }: Props) {
  const styles = useStyles();
  const t = useMessages().installations;
  const [typed, setTyped] = useState("");
  const removing = what === "remove";
  const note = removing ? t.removedNote : t.refusedNote;
  const done = (name: string, answer: InstallationDecided) => ({
    title: note(name),
    warning: notSealed(answer, t),
  });
  const remove = useCommand("remove_installation", { showsFailure: true, done });
  const refuse = useCommand("refuse_installation", { showsFailure: true, done });
  const { mutate, isPending, error } = removing ? remove : refuse;
  const sure = !removing || typed.trim() === line.name;
  const knew = line.knows.length > 0 ? t.knew(line.knows.join(", ")) : t.knewNothing;
  return (
    <Confirm
      title={removing ? t.removeTitle(line.name) : t.refuseTitle(line.name)}
      cancel={t.cancel}
      confirm={removing ? t.remove : t.refuse}
      command={removing ? "confirmRemove" : "confirmRefuse"}
      grave
      ready={sure}
      pending={isPending}
      failure={error}
      onConfirm={() => mutate({ request: { id: line.id }, context: line.name }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p className={styles.text}>{removing ? t.removeMeans : t.refuseMeans}</p>
      {removing ? (
        <>
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>
              {knew} {t.knewKeys}
            </MessageBarBody>
          </MessageBar>
          <Field label={t.typeName(line.name)} required>
            <Input
              value={typed}
              onChange={(_, { value }) => setTyped(value)}
              spellCheck={false}
              autoComplete="off"
              data-field="typedName"
            />
          </Field>
        </>
      ) : (
        <Fingerprint value={line.fingerprint} label={t.fingerprintOf(line.name)} />
      )}
    </Confirm>
  );
}
