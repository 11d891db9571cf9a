import { useMessages } from "../../messages";
import { Confirm } from "../../shared/Confirm";

/** Asks before what was typed is thrown away. */
export function DiscardDialog({
  count,
  onDiscard,
  onClose,
}: {
  count: number;
  onDiscard: () => void;
  onClose: () => void;
}) {
  const t = useMessages().templates;
  return (
    <Confirm
      title={t.discardTitle}
      cancel={t.keep}
      confirm={t.discard}
      command="confirmDiscard"
      onConfirm={onDiscard}
      onClose={onClose}
    >
      {t.discardBody(count)}
    </Confirm>
  );
}
