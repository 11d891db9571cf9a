import {
  Button,
  Checkbox,
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
import type { InstallationLine } from "../../bindings/api";
import { useMessages } from "../../messages";
import { useCommand } from "../../shared/command";
import { Fingerprint } from "../../shared/Fingerprint";
import { type Comparison, compareFingerprints } from "../../shared/fingerprint";
import { useFocusReturn } from "../../shared/focusReturn";
import { Refusal } from "../../shared/Refusal";
import { notSealed } from "./notSealed";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  typed: { fontFamily: tokens.fontFamilyMonospace },
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
  const [typed, setTyped] = useState("");
  const [compared, setCompared] = useState(false);
  const [tried, setTried] = useState(false);
  const { mutate, isPending, error } = useCommand("admit_installation", {
    showsFailure: true,
    done: (name: string, answer) => ({ title: t.admittedNote(name), warning: notSealed(answer, t) }),
  });
  const comparison = compareFingerprints(typed, line.fingerprint);
  // A typed fingerprint that is another one outweighs a tick.
  const sure = comparison.state === "same" || (compared && comparison.state === "empty");
  const confirm = () => {
    setTried(true);
    if (!sure) return;
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
            <Fingerprint value={line.fingerprint} label={t.fingerprintOf(line.name)} />
            <Field label={t.typed} {...verdict(comparison, t)}>
              <Input
                className={styles.typed}
                value={typed}
                onChange={(_, { value }) => setTyped(value)}
                spellCheck={false}
                autoComplete="off"
                data-field="typedFingerprint"
              />
            </Field>
            <Field
              {...(tried &&
                !sure &&
                comparison.state === "empty" && {
                  validationMessage: t.needsComparison,
                  validationState: "error" as const,
                })}
            >
              <Checkbox
                label={t.compared}
                checked={compared}
                disabled={comparison.state !== "empty"}
                onChange={(_, { checked }) => setCompared(checked === true)}
              />
            </Field>
            {error && <Refusal failure={error} />}
            <MessageBar intent="warning" layout="multiline">
              <MessageBarBody>{t.admitMeans}</MessageBarBody>
            </MessageBar>
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={onClose}>{t.cancel}</Button>
            <Button
              appearance="primary"
              disabledFocusable={isPending || comparison.state === "different"}
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

function verdict(comparison: Comparison, t: ReturnType<typeof useMessages>["installations"]) {
  switch (comparison.state) {
    case "empty":
      return { hint: t.typedHint };
    case "incomplete":
      return { validationMessage: t.incomplete, validationState: "none" as const };
    case "same":
      return { validationMessage: t.matches, validationState: "success" as const };
    case "different":
      return { validationMessage: t.differs(comparison.group), validationState: "error" as const };
  }
}
