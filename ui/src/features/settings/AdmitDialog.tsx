import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  MessageBar,
  MessageBarBody,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useState } from "react";
import type { InstallationLine } from "../../bindings/api";
import { useMessages } from "../../messages";
import { useCommand } from "../../shared/command";
import { FingerprintCheck, useCompared } from "../../shared/FingerprintCheck";
import { useFocusReturn } from "../../shared/focusReturn";
import { Refusal } from "../../shared/Refusal";
import { notSealed } from "./notSealed";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
});

interface Props {
  line: InstallationLine;
  onClose: () => void;
}

/** Shows the fingerprint to be compared, says what admitting means, and admits nothing that was not compared. */
export function AdmitDialog({ line, onClose }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.installations;
  useFocusReturn();
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
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t.admitTitle(line.name)}</DialogTitle>
          <DialogContent className={styles.content}>
            <FingerprintCheck
              value={line.fingerprint}
              label={t.fingerprintOf(line.name)}
              words={t}
              of={of}
              tried={tried}
            />
            {error && <Refusal failure={error} />}
            <MessageBar intent="warning" layout="multiline">
              <MessageBarBody>{t.admitMeans}</MessageBarBody>
            </MessageBar>
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={onClose}>{t.cancel}</Button>
            <Button
              appearance="primary"
              disabledFocusable={isPending || of.compared.state === "different"}
              onClick={confirm}
              data-command="confirmAdmit"
            >
              {t.admit}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
