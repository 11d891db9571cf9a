// What an officer without a network answered comes back as a file.
import { Button, Field, MessageBar, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, DismissRegular, DocumentRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { RecoveryDesk, RecoveryResponseImported } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Confirm } from "../../../shared/Confirm";
import { DropZone } from "../../../shared/DropZone";
import { inBase64, Unread } from "../../../shared/fileContent";
import { StateWord } from "../../../shared/StateWord";
import { sentence } from "../../../shared/sentence";
import { useSize } from "../../../shared/useSize";
import { useNextSentence } from "../desk/useNextSentence";
import { useUnkept } from "../useUnkept";

const useStyles = makeStyles({
  text: { margin: 0 },
  file: { display: "flex", alignItems: "center", justifyContent: "space-between", overflowWrap: "anywhere" },
  imported: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  quiet: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

export function ImportDialog({ desk, onClose }: { desk: RecoveryDesk; onClose: () => void }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.papers.import;
  const size = useSize();
  const importing = useUnkept("import_recovery_response");
  const [file, setFile] = useState<File | null>(null);
  const [tried, setTried] = useState(false);
  const [unread, setUnread] = useState<string | null>(null);
  const [imported, setImported] = useState<RecoveryResponseImported | null>(null);
  const fault =
    unread !== null
      ? t.unread(unread)
      : file === null
        ? tried
          ? t.missing
          : null
        : file.size > desk.mostOctets
          ? t.large(size(desk.mostOctets))
          : null;
  const go = async () => {
    setTried(true);
    if (file === null || file.size > desk.mostOctets) return;
    setUnread(null);
    try {
      const answer = await importing.run({ content: await inBase64(file) });
      if (answer) setImported(answer);
    } catch (thrown) {
      if (!(thrown instanceof Unread)) throw thrown;
      setUnread(thrown.file);
    }
  };
  const take = (files: readonly File[]) => {
    setUnread(null);
    importing.forgive();
    setFile(files[0] ?? null);
  };
  return (
    <Confirm
      title={t.title}
      cancel={m.recovery.cancel}
      confirm={t.confirm}
      working={t.working}
      command="confirmImport"
      pending={importing.pending}
      failure={importing.failure}
      {...(imported && { finished: { label: m.recovery.close, command: "closeImport" } })}
      onConfirm={() => void go()}
      onClose={onClose}
    >
      {imported ? (
        <Imported answer={imported} />
      ) : (
        <>
          <p className={styles.text}>{t.lead}</p>
          <Field
            label={t.file}
            required
            {...(fault === null
              ? { hint: t.hint(size(desk.mostOctets)) }
              : { validationMessage: fault, validationState: "error" as const })}
          >
            <DropZone
              choose={t.choose}
              drop={t.drop}
              icon={<DocumentRegular />}
              command="chooseAnswer"
              field="answer"
              onFiles={take}
            />
          </Field>
          {file && (
            <div className={styles.file} data-answer={file.name}>
              <span>
                {file.name} <span className={styles.quiet}>{size(file.size)}</span>
              </span>
              <Button
                size="small"
                appearance="subtle"
                icon={<DismissRegular />}
                aria-label={t.remove(file.name)}
                onClick={() => take([])}
              />
            </div>
          )}
        </>
      )}
    </Confirm>
  );
}

function Imported({ answer }: { answer: RecoveryResponseImported }) {
  const styles = useStyles();
  const m = useMessages();
  const { request, officer, warning } = answer;
  const next = useNextSentence(request);
  return (
    <div className={styles.imported} aria-live="polite" data-imported={request.id}>
      <StateWord icon={<CheckmarkCircleFilled />} tone="good">
        {m.papers.import.agreed(
          officer,
          request.caseNumber,
          m.recovery.agreedOf(request.agreed, request.needed),
        )}
      </StateWord>
      <p className={styles.text}>{next}</p>
      {warning && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{sentence(warning)}</MessageBarBody>
        </MessageBar>
      )}
    </div>
  );
}
