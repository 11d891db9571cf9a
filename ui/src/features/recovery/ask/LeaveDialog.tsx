import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from "@fluentui/react-components";
import { useMessages } from "../../../messages";
import { useFocusReturn } from "../../../shared/focusReturn";

interface Props {
  onKeep: () => void;
  onDiscard: () => void;
  onStay: () => void;
}

/** Whoever closes the assistant says what becomes of the draft. */
export function LeaveDialog({ onKeep, onDiscard, onStay }: Props) {
  const t = useMessages().recovery.wizard;
  useFocusReturn();
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && onStay()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t.leaveTitle}</DialogTitle>
          <DialogContent>{t.leaveMeans}</DialogContent>
          <DialogActions fluid>
            <Button onClick={onStay}>{t.stay}</Button>
            <Button onClick={onDiscard} data-command="discardDraft">
              {t.discard}
            </Button>
            <Button appearance="primary" onClick={onKeep} data-command="keepDraft">
              {t.keep}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
