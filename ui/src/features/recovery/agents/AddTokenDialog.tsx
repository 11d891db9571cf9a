import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from "@fluentui/react-components";
import { useState } from "react";
import type { TokenKeyLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { useFocusReturn } from "../../../shared/focusReturn";
import { TokenList } from "../deed/TokenList";
import type { Added } from "./proposal";

interface Props {
  onAdd: (added: Added) => void;
  onClose: () => void;
}

/** A future officer's token is in a reader: its certificate is taken, no PIN is asked for. */
export function AddTokenDialog({ onAdd, onClose }: Props) {
  const m = useMessages();
  const t = m.officers.propose;
  useFocusReturn();
  const [chosen, setChosen] = useState<TokenKeyLine | null>(null);
  const [tried, setTried] = useState(false);
  const add = () => {
    setTried(true);
    if (!chosen) return;
    onAdd({
      officer: { kind: "token", address: chosen.address, mlKem: null },
      words: t.byToken(chosen.subject, chosen.thumbprint),
    });
  };
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t.addTokenTitle}</DialogTitle>
          <DialogContent>
            <TokenList
              chosen={chosen?.address ?? null}
              onChoose={(key) => setChosen(key?.key ?? null)}
              missing={tried && !chosen ? m.officers.key.tokenMissing : null}
              suggests={false}
            />
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={onClose}>{t.cancel}</Button>
            <Button appearance="primary" onClick={add} data-command="confirmToken">
              {t.addTokenConfirm}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
