// What is left of a recovery: where it stands, and how it is proven to somebody who sees neither database nor log.
import { Button, Link, makeStyles, tokens } from "@fluentui/react-components";
import { DocumentCheckmarkRegular, MailTemplateRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { RecoveryLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { addressOf } from "../../../shared/address";
import { FactsHeading } from "../../../shared/Facts";
import { CommandLine } from "../papers/CommandLine";
import { nameOf } from "../papers/names";
import { NoticeDialog, ReceiptDialog } from "../papers/SaveDialogs";

const useStyles = makeStyles({
  text: { margin: 0 },
  quiet: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  buttons: {
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalS,
    margin: `${tokens.spacingVerticalS} 0`,
  },
});

interface Props {
  line: RecoveryLine;
  /** The folder for exports. */
  folder: string;
}

export function Receipt({ line, folder }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.recovery.details;
  const [saving, setSaving] = useState<"receipt" | "notice" | null>(null);
  const close = () => setSaving(null);
  const { id } = line;
  return (
    <section aria-label={t.receipt} data-receipt={id}>
      <FactsHeading>{t.receipt}</FactsHeading>
      <p className={styles.text}>
        {t.receiptText} <Link href={addressOf("audit", { q: id })}>{t.receiptLog}</Link>
      </p>
      <div className={styles.buttons}>
        <Button
          size="small"
          icon={<DocumentCheckmarkRegular />}
          onClick={() => setSaving("receipt")}
          data-command="saveReceipt"
        >
          {m.papers.receipt.save}
        </Button>
        <Button
          size="small"
          icon={<MailTemplateRegular />}
          onClick={() => setSaving("notice")}
          data-command="saveNotice"
        >
          {m.papers.notice.save}
        </Button>
      </div>
      <p className={styles.quiet}>{t.receiptHow}</p>
      <CommandLine
        command={`sealwright recovery receipt ${id} --out ${nameOf(id, "receipt")}`}
        label={t.receiptCopy}
      />
      {saving === "receipt" && <ReceiptDialog line={line} folder={folder} onClose={close} />}
      {saving === "notice" && <NoticeDialog line={line} folder={folder} onClose={close} />}
    </section>
  );
}
