// Into which file: the program writes it, on its own machine, and never over another.
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

const inFolder = (folder: string, name: string): string => {
  const separator = folder.includes("\\") ? "\\" : "/";
  return `${folder.replace(/[\\/]+$/, "")}${separator}${name}`;
};

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
  const [file, setFile] = useState(() => inFolder(folder, `sealwright-audit-entry-${seq}.json`));
  return (
    <Frame
      title={t.proveTitle(seq)}
      saving={prove.isPending}
      onSave={() =>
        prove.mutate({ request: { seq, file: file.trim() }, context: null }, { onSuccess: onClose })
      }
      onClose={onClose}
    >
      <p className={styles.text}>{t.proveMeans}</p>
      <FileField file={file} onFile={setFile} />
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
  const [name] = useState(() => inFolder(folder, `sealwright-audit-${stamp()}`));
  const [typed, setTyped] = useState<string | null>(null);
  const file = typed ?? `${name}.${ENDINGS[form]}`;
  const request = () => ({ form, filter: wishOf(filter, Date.now()), file: file.trim() });
  return (
    <Frame
      title={t.exportTitle}
      saving={save.isPending}
      onSave={() => save.mutate({ request: request(), context: null }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Field label={t.form}>
        <RadioGroup value={form} onChange={(_, { value }) => setForm(value as Form)}>
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
      <FileField file={file} onFile={setTyped} />
      {save.error && <Refusal failure={save.error} />}
    </Frame>
  );
}

function FileField({ file, onFile }: { file: string; onFile: (file: string) => void }) {
  const t = useMessages().audit.save;
  return (
    <Field label={t.file} hint={t.fileHint} required>
      <Input
        value={file}
        onChange={(_, { value }) => onFile(value)}
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
