import { Button, Field, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { DismissRegular, MailMultipleRegular } from "@fluentui/react-icons";
import { useRef, useState } from "react";
import { useLocale, useMessages } from "../../../messages";
import { isMail, octetsOf, withFiles } from "./mails";
import { useSize } from "./useSize";

const useStyles = makeStyles({
  drop: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    padding: tokens.spacingHorizontalM,
    border: `${tokens.strokeWidthThin} dashed ${tokens.colorNeutralStrokeAccessible}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  over: { backgroundColor: tokens.colorBrandBackground2 },
  quiet: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  hidden: { display: "none" },
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
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [leftOut, setLeftOut] = useState<string[]>([]);
  const add = (list: FileList | null) => {
    const added = [...(list ?? [])];
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
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button is the first */}
      <div
        className={mergeClasses(styles.drop, over && styles.over)}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          add(event.dataTransfer.files);
        }}
      >
        <Button
          icon={<MailMultipleRegular />}
          onClick={() => input.current?.click()}
          data-command="chooseMails"
        >
          {t.mailsChoose}
        </Button>
        <span className={styles.quiet}>
          {t.mailsDrop} · {t.mailsHint}
        </span>
        <input
          ref={input}
          className={styles.hidden}
          type="file"
          multiple
          accept=".eml,.p7m,message/rfc822,application/pkcs7-mime"
          tabIndex={-1}
          aria-hidden="true"
          onChange={(event) => {
            add(event.target.files);
            // The same file may be chosen again after it was taken out.
            event.target.value = "";
          }}
          data-field="mails"
        />
      </div>
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
