// Under which name: the program writes the file, into its own folder for exports, and never over another.
import { Field, makeStyles, Radio, RadioGroup, tokens } from "@fluentui/react-components";
import { type ReactNode, useState } from "react";
import type { AuditSaved } from "../../bindings/api";
import { useMessages } from "../../messages";
import type { Failure } from "../../platform";
import { Confirm } from "../../shared/Confirm";
import { useCommand } from "../../shared/command";
import { PlaceField } from "../../shared/PlaceField";
import { type AuditFilter, wishOf } from "./filter";

const useStyles = makeStyles({
  text: { margin: 0 },
  hint: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

const FORMS = ["page", "csv", "json"] as const;
type Form = (typeof FORMS)[number];
const ENDINGS: Record<Form, string> = { page: "html", csv: "csv", json: "jsonl" };

/** `2026-11-22-1405`: two files of one day have two names. */
const stamp = (): string => {
  const text = new Date().toISOString();
  return `${text.slice(0, 10)}-${text.slice(11, 16).replace(":", "")}`;
};

const useDone = () => {
  const t = useMessages().audit.save;
  return (_: unknown, { file, unsigned }: AuditSaved) => ({
    title: t.saved(file),
    warning: unsigned > 0 ? t.unsigned(unsigned) : undefined,
  });
};

export function ProveDialog({ seq, folder, onClose }: { seq: number; folder: string; onClose: () => void }) {
  const styles = useStyles();
  const t = useMessages().audit.save;
  const prove = useCommand("prove_audit_entry", { showsFailure: true, done: useDone() });
  const [name, setName] = useState(`sealwright-audit-entry-${seq}.json`);
  return (
    <Frame
      title={t.proveTitle(seq)}
      saving={prove.isPending}
      failure={prove.error}
      onSave={() =>
        prove.mutate({ request: { seq, name: name.trim() }, context: null }, { onSuccess: onClose })
      }
      onClose={onClose}
    >
      <p className={styles.text}>{t.proveMeans}</p>
      <NameField name={name} folder={folder} onName={setName} />
    </Frame>
  );
}

interface ExportProps {
  filter: AuditFilter;
  folder: string;
  onClose: () => void;
}

export function ExportDialog({ filter, folder, onClose }: ExportProps) {
  const styles = useStyles();
  const t = useMessages().audit.save;
  const save = useCommand("export_audit", { showsFailure: true, done: useDone() });
  const [form, setForm] = useState<Form>("page");
  const [proposed] = useState(() => `sealwright-audit-${stamp()}`);
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? `${proposed}.${ENDINGS[form]}`;
  const request = () => ({ form, filter: wishOf(filter, Date.now()), name: name.trim() });
  // What was typed goes with the form: the program takes each with its own ending.
  const choose = (next: Form) => {
    setForm(next);
    setTyped((text) => text?.replace(/\.(html|csv|jsonl)$/, `.${ENDINGS[next]}`) ?? null);
  };
  return (
    <Frame
      title={t.exportTitle}
      saving={save.isPending}
      failure={save.error}
      onSave={() => save.mutate({ request: request(), context: null }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Field label={t.form}>
        <RadioGroup value={form} onChange={(_, { value }) => choose(value as Form)}>
          {FORMS.map((one) => (
            <Radio
              key={one}
              value={one}
              label={
                <>
                  {t.forms[one]}
                  <span className={styles.hint}>{t.formHints[one]}</span>
                </>
              }
            />
          ))}
        </RadioGroup>
      </Field>
      <NameField name={name} folder={folder} onName={setTyped} />
    </Frame>
  );
}

interface NameProps {
  name: string;
  folder: string;
  onName: (name: string) => void;
}

function NameField({ name, folder, onName }: NameProps) {
  const t = useMessages().audit.save;
  return (
    <PlaceField label={t.file} id="file" value={name} onChange={onName} hint={folder && t.fileHint(folder)} />
  );
}

interface FrameProps {
  title: string;
  saving: boolean;
  failure: Failure | null;
  onSave: () => void;
  onClose: () => void;
  children: ReactNode;
}

function Frame({ title, saving, failure, onSave, onClose, children }: FrameProps) {
  const t = useMessages().audit.save;
  return (
    <Confirm
      title={title}
      cancel={t.cancel}
      confirm={t.confirm}
      working={t.saving}
      command="confirmSave"
      pending={saving}
      failure={failure}
      onConfirm={onSave}
      onClose={onClose}
      light
    >
      {children}
    </Confirm>
  );
}
