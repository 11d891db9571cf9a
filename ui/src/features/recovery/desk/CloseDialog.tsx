import { Field, Input, makeStyles } from "@fluentui/react-components";
import { useState } from "react";
import type { RecoveryLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Confirm } from "../../../shared/Confirm";
import { useCommand } from "../../../shared/command";

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
  const t = useMessages().recovery;
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
    <Confirm
      title={refusing ? t.refuseTitle(name) : t.withdrawTitle(name)}
      cancel={t.cancel}
      confirm={refusing ? t.refuseConfirm : t.withdrawConfirm}
      command="confirmClose"
      grave
      pending={isPending}
      failure={error}
      onConfirm={confirm}
      onClose={onClose}
    >
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
    </Confirm>
  );
}
