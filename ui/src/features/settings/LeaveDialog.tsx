import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useState } from "react";
import type { InstallationDecided, InstallationLine } from "../../bindings/api";
import { useMessages } from "../../messages";
import { useCommand } from "../../shared/command";
import { Fingerprint } from "../../shared/Fingerprint";
import { useFocusReturn } from "../../shared/focusReturn";
import { useGraveButton } from "../../shared/grave";
import { Refusal } from "../../shared/Refusal";
import { notSealed } from "./notSealed";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
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
  const grave = useGraveButton();
  const t = useMessages().installations;
  useFocusReturn();
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
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{removing ? t.removeTitle(line.name) : t.refuseTitle(line.name)}</DialogTitle>
          <DialogContent className={styles.content}>
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
            {error && <Refusal failure={error} />}
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={onClose}>{t.cancel}</Button>
            <Button
              appearance="primary"
              className={grave}
              disabledFocusable={isPending || !sure}
              onClick={() =>
                sure && mutate({ request: { id: line.id }, context: line.name }, { onSuccess: onClose })
              }
              data-command={removing ? "confirmRemove" : "confirmRefuse"}
            >
              {removing ? t.remove : t.refuse}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
