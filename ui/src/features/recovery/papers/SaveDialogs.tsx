// A receipt with its proofs, and a notice to an owner: the program writes each into its folder for exports.
import { Field, makeStyles, Select } from "@fluentui/react-components";
import { useState } from "react";
import type { RecoveryLine, RecoveryPaper } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Confirm } from "../../../shared/Confirm";
import { useCommand } from "../../../shared/command";
import { PlaceField } from "../../../shared/PlaceField";
import { nameOf, ownersOf } from "./names";

const useStyles = makeStyles({ text: { margin: 0 } });

interface Props {
  line: RecoveryLine;
  /** The folder for exports. */
  folder: string;
  onClose: () => void;
}

const useDone = () => {
  const m = useMessages();
  return (_: unknown, { file, unsigned }: RecoveryPaper) => ({
    title: m.audit.save.saved(file),
    warning: unsigned > 0 ? m.papers.unsigned(unsigned) : undefined,
  });
};

export function ReceiptDialog({ line, folder, onClose }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.audit.save;
  const [name, setName] = useState(nameOf(line.id, "receipt"));
  const save = useCommand("save_recovery_receipt", { showsFailure: true, done: useDone() });
  return (
    <Confirm
      title={m.papers.receipt.title}
      cancel={t.cancel}
      confirm={t.confirm}
      working={t.saving}
      command="confirmReceipt"
      pending={save.isPending}
      failure={save.error}
      onConfirm={() =>
        save.mutate({ request: { id: line.id, name: name.trim() }, context: null }, { onSuccess: onClose })
      }
      onClose={onClose}
      light
    >
      <p className={styles.text}>{m.papers.receipt.means}</p>
      <PlaceField label={t.file} id="paperFile" value={name} onChange={setName} hint={t.fileHint(folder)} />
    </Confirm>
  );
}

export function NoticeDialog({ line, folder, onClose }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.audit.save;
  const owners = ownersOf(line);
  const [owner, setOwner] = useState(owners[0] ?? "");
  const [name, setName] = useState(nameOf(line.id, "txt"));
  const save = useCommand("save_owner_notice", { showsFailure: true, done: useDone() });
  return (
    <Confirm
      title={m.papers.notice.title}
      cancel={t.cancel}
      confirm={t.confirm}
      working={t.saving}
      command="confirmNotice"
      pending={save.isPending}
      failure={save.error}
      onConfirm={() =>
        save.mutate(
          { request: { id: line.id, owner, name: name.trim() }, context: null },
          { onSuccess: onClose },
        )
      }
      onClose={onClose}
      light
    >
      <p className={styles.text}>{m.papers.notice.means}</p>
      {owners.length > 1 && (
        <Field label={m.papers.to} hint={m.papers.toHint} required>
          <Select value={owner} onChange={(_, { value }) => setOwner(value)} data-field="owner">
            {owners.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <PlaceField label={t.file} id="paperFile" value={name} onChange={setName} hint={t.fileHint(folder)} />
    </Confirm>
  );
}
