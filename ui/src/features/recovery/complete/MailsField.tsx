import { Button, Field, makeStyles, tokens } from "@fluentui/react-components";
import { DismissRegular, MailMultipleRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useLocale, useMessages } from "../../../messages";
import { DropZone } from "../../../shared/DropZone";
import { useSize } from "../../../shared/useSize";
import { isMail, octetsOf, withFiles } from "./mails";

const useStyles = makeStyles({
  quiet: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  list: {
    margin: `${tokens.spacingVerticalXS} 0 0`,
    padding: 0,
    listStyleType: "none",
    maxHeight: "168px",
    overflow: "auto",
  },
  mail: { display: "flex", alignItems: "center", justifyContent: "space-between", overflowWrap: "anywhere" },
  leftOut: { margin: 0, color: tokens.colorStatusWarningForeground1 },
});

interface Props {
  files: readonly File[];
  onFiles: (files: File[]) => void;
  /** What is wrong with them, once that is to be told. */
  fault: string | null;
  most: number;
  octets: number;
}

/** Mails by a button or dropped, each with a way to take it out again. */
export function MailsField({ files, onFiles, fault, most, octets }: Props) {
  const styles = useStyles();
  const t = useMessages().recovery.completing;
  const locale = useLocale();
  const size = useSize();
  const [leftOut, setLeftOut] = useState<string[]>([]);
  const add = (added: File[]) => {
    setLeftOut(added.filter((file) => !isMail(file)).map(({ name }) => name));
    onFiles(withFiles(files, added));
  };
  return (
    <Field
      label={t.mails}
      required
      {...(fault === null
        ? { hint: t.mailsLimits(most.toLocaleString(locale), size(octets)) }
        : { validationMessage: fault, validationState: "error" as const })}
    >
      <DropZone
        choose={t.mailsChoose}
        drop={`${t.mailsDrop} · ${t.mailsHint}`}
        icon={<MailMultipleRegular />}
        command="chooseMails"
        field="mails"
        multiple
        accept=".eml,.p7m,message/rfc822,application/pkcs7-mime"
        onFiles={add}
      />
      <div aria-live="polite">
        {leftOut.length > 0 && <p className={styles.leftOut}>{t.mailsKind(leftOut.join(", "))}</p>}
        {files.length > 0 && (
          <span className={styles.quiet}>{t.mailsChosen(files.length, size(octetsOf(files)))}</span>
        )}
      </div>
      {files.length > 0 && (
        <ul className={styles.list} aria-label={t.mails}>
          {files.map((file) => (
            <li key={`${file.name} ${file.size} ${file.lastModified}`} className={styles.mail}>
              <span>
                {file.name} <span className={styles.quiet}>{size(file.size)}</span>
              </span>
              <Button
                size="small"
                appearance="subtle"
                icon={<DismissRegular />}
                aria-label={t.mailsRemove(file.name)}
                onClick={() => onFiles(files.filter((one) => one !== file))}
              />
            </li>
          ))}
        </ul>
      )}
    </Field>
  );
}
