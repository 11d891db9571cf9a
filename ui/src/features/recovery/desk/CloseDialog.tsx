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
  makeStyles,
} from "@fluentui/react-components";
import { useState } from "react";
import type { RecoveryLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { useCommand } from "../../../shared/command";
import { useFocusReturn } from "../../../shared/focusReturn";
import { useGraveButton } from "../../../shared/grave";
import { Refusal } from "../../../shared/Refusal";
import { useTallContent } from "../../../shared/tallContent";

const useStyles = makeStyles({
  text: { margin: 0 },
});

/** As long as the program takes. */
const LONGEST = 500;

interface Props {
  /** Somebody else's request is refused for everybody; one's own is taken back. */
  what: "refuse" | "withdraw";
  line: RecoveryLine;
  onClose: () => void;
}

export function CloseDialog({ what, line, onClose }: Props) {
  const styles = useStyles();
  const content = useTallContent();
  const grave = useGraveButton();
  const t = useMessages().recovery;
  useFocusReturn();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const said = reason.trim();
  const name = line.caseNumber;
  const refuse = useCommand("refuse_recovery", {
    showsFailure: true,
    done: () => ({ title: t.refused(name) }),
  });
  const withdraw = useCommand("withdraw_recovery", {
    showsFailure: true,
    done: () => ({ title: t.withdrawn(name) }),
  });
  const refusing = what === "refuse";
  const { isPending, error } = refusing ? refuse : withdraw;
  const confirm = () => {
    setTried(true);
    const options = { onSuccess: onClose };
    if (!refusing) withdraw.mutate({ request: { id: line.id }, context: undefined }, options);
    else if (said !== "") {
      refuse.mutate({ request: { id: line.id, reason: said }, context: undefined }, options);
    }
  };
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{refusing ? t.refuseTitle(name) : t.withdrawTitle(name)}</DialogTitle>
          <DialogContent className={content}>
            <p className={styles.text}>{refusing ? t.refuseMeans : t.withdrawMeans}</p>
            {refusing && (
              <Field
                label={t.refuseReason}
                required
                {...(tried && said === ""
                  ? { validationMessage: t.needsReason, validationState: "error" as const }
                  : { hint: t.refuseReasonHint })}
              >
                <Input
                  value={reason}
                  maxLength={LONGEST}
                  onChange={(_, { value }) => setReason(value)}
                  data-field="reason"
                />
              </Field>
            )}
            {error && <Refusal failure={error} />}
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={onClose}>{t.cancel}</Button>
            <Button
              appearance="primary"
              className={grave}
              disabledFocusable={isPending}
              onClick={confirm}
              data-command="confirmClose"
            >
              {refusing ? t.refuseConfirm : t.withdrawConfirm}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
