import { Field, Input, MessageBar, MessageBarBody, makeStyles } from "@fluentui/react-components";
import { useState } from "react";
import type { EnrollmentLine, GivenUp } from "../../bindings/api";
import { useMessages } from "../../messages";
import { Confirm } from "../../shared/Confirm";
import { useCommand } from "../../shared/command";

const useStyles = makeStyles({
  text: { margin: 0 },
});

interface Props {
  line: EnrollmentLine;
  onClose: () => void;
}

/** Says what follows when a stuck enrollment is ended, and asks for the reason. */
export function GiveUpDialog({ line, onClose }: Props) {
  const styles = useStyles();
  const t = useMessages().giveUp;
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
    <Confirm
      title={t.title(line.who)}
      cancel={t.cancel}
      confirm={t.confirm}
      command="confirmGiveUp"
      grave
      pending={isPending}
      failure={error}
      onConfirm={confirm}
      onClose={onClose}
    >
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
    </Confirm>
  );
}
