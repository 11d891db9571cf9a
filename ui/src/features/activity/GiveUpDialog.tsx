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
import type { EnrollmentLine, GivenUp } from "../../bindings/api";
import { useMessages } from "../../messages";
import { useCommand } from "../../shared/command";
import { useFocusReturn } from "../../shared/focusReturn";
import { useGraveButton } from "../../shared/grave";
import { Refusal } from "../../shared/Refusal";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  text: { margin: 0 },
});

interface Props {
  line: EnrollmentLine;
  onClose: () => void;
}

/** Says what follows when a stuck enrollment is ended, and asks for the reason. */
export function GiveUpDialog({ line, onClose }: Props) {
  const styles = useStyles();
  const grave = useGraveButton();
  const t = useMessages().giveUp;
  useFocusReturn();
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState(false);
  const said = reason.trim();
  const { mutate, isPending, error } = useCommand("give_up_enrollment", {
    showsFailure: true,
    done: (who: string, { keyRemoved }: GivenUp) => ({
      title: t.done(who),
      warning: keyRemoved ? undefined : t.keyLeft,
    }),
  });
  const confirm = () => {
    setAsked(true);
    if (said === "") return;
    mutate({ request: { id: line.id, reason: said }, context: line.who }, { onSuccess: () => onClose() });
  };
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t.title(line.who)}</DialogTitle>
          <DialogContent className={styles.content}>
            <p className={styles.text}>{t.means}</p>
            {line.station === "request" && (
              <MessageBar intent="warning" layout="multiline">
                <MessageBarBody>{t.order(line.id)}</MessageBarBody>
              </MessageBar>
            )}
            <Field
              label={t.reason}
              required
              {...(asked && said === ""
                ? { validationMessage: t.needsReason, validationState: "error" as const }
                : { hint: t.reasonHint })}
            >
              <Input value={reason} onChange={(_, { value }) => setReason(value)} data-field="reason" />
            </Field>
            {error && <Refusal failure={error} />}
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={onClose}>{t.cancel}</Button>
            <Button
              appearance="primary"
              className={grave}
              disabledFocusable={isPending}
              onClick={confirm}
              data-command="confirmGiveUp"
            >
              {t.confirm}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
