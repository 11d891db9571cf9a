import { useMessages } from "../../../messages";
import { Confirm } from "../../../shared/Confirm";

interface Props {
  onKeep: () => void;
  onDiscard: () => void;
  onStay: () => void;
}

/** Whoever closes the assistant says what becomes of the draft. */
export function LeaveDialog({ onKeep, onDiscard, onStay }: Props) {
  const t = useMessages().recovery.wizard;
  return (
    <Confirm
      title={t.leaveTitle}
      cancel={t.stay}
      second={{ label: t.discard, command: "discardDraft", onRun: onDiscard }}
      confirm={t.keep}
      command="keepDraft"
      onConfirm={onKeep}
      onClose={onStay}
    >
      {t.leaveMeans}
    </Confirm>
  );
}
