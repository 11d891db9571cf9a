// Under which name: the program writes the file, into its own folder for exports, and never over another.
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Radio,
  RadioGroup,
  Spinner,
  tokens,
} from "@fluentui/react-components";
import { type ReactNode, useState } from "react";
import type { AuditSaved } from "../../bindings/api";
import { useMessages } from "../../messages";
import { useCommand } from "../../shared/command";
import { useFocusReturn } from "../../shared/focusReturn";
import { Refusal } from "../../shared/Refusal";
import { type AuditFilter, wishOf } from "./filter";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
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
      onSave={() =>
        prove.mutate({ request: { seq, name: name.trim() }, context: null }, { onSuccess: onClose })
      }
      onClose={onClose}
    >
      <p className={styles.text}>{t.proveMeans}</p>
      <NameField name={name} folder={folder} onName={setName} />
      {prove.error && <Refusal failure={prove.error} />}
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
      {save.error && <Refusal failure={save.error} />}
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
    <Field label={t.file} hint={folder && t.fileHint(folder)} required>
      <Input
        value={name}
        onChange={(_, { value }) => onName(value)}
        spellCheck={false}
        autoComplete="off"
        data-field="file"
      />
    </Field>
  );
}

interface FrameProps {
  title: string;
  saving: boolean;
  onSave: () => void;
  onClose: () => void;
  children: ReactNode;
}

function Frame({ title, saving, onSave, onClose, children }: FrameProps) {
  const styles = useStyles();
  const t = useMessages().audit.save;
  useFocusReturn();
  return (
    <Dialog open onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent className={styles.content}>{children}</DialogContent>
          <DialogActions fluid>
            <Button onClick={onClose}>{t.cancel}</Button>
            <Button
              appearance="primary"
              disabledFocusable={saving}
              icon={saving ? <Spinner size="tiny" /> : null}
              onClick={() => !saving && onSave()}
              data-command="confirmSave"
            >
              {saving ? t.saving : t.confirm}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
