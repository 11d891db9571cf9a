import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from "@fluentui/react-components";
import { useMessages } from "../../messages";
import { useFocusReturn } from "../../shared/focusReturn";

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
  useFocusReturn();
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t.discardTitle}</DialogTitle>
          <DialogContent>{t.discardBody(count)}</DialogContent>
          <DialogActions fluid>
            <Button onClick={onClose}>{t.keep}</Button>
            <Button appearance="primary" onClick={onDiscard} data-command="confirmDiscard">
              {t.discard}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
