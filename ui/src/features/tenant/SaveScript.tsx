// Under which name the script is written: the program writes what it showed, into its own folder, and never over another file.
import { makeStyles } from "@fluentui/react-components";
import { useState } from "react";
import { useMessages } from "../../messages";
import { Confirm } from "../../shared/Confirm";
import { useCommand } from "../../shared/command";
import { PlaceField } from "../../shared/PlaceField";

const useStyles = makeStyles({ text: { margin: 0 } });

interface Props {
  /** With which trial it was shown; `null` for the tenant in use. */
  trial: string | null;
  folder: string;
  onClose: () => void;
}

export function SaveScript({ trial, folder, onClose }: Props) {
  const styles = useStyles();
  const t = useMessages().tenant.save;
  const save = useCommand("save_tenant_script", {
    showsFailure: true,
    done: (_: null, { file }) => ({ title: t.saved(file) }),
  });
  const [name, setName] = useState("sealwright-permissions.ps1");
  return (
    <Confirm
      title={t.title}
      cancel={t.cancel}
      confirm={t.confirm}
      working={t.saving}
      command="confirmSaveScript"
      pending={save.isPending}
      failure={save.error}
      onConfirm={() =>
        save.mutate({ request: { trial, name: name.trim() }, context: null }, { onSuccess: onClose })
      }
      onClose={onClose}
      light
    >
      <p className={styles.text}>{t.means}</p>
      <PlaceField label={t.file} id="file" value={name} onChange={setName} hint={t.fileHint(folder)} />
    </Confirm>
  );
}
