// What is left of a recovery: where it stands, and how it is proven to somebody who sees neither database nor log.
import { Link, makeStyles, tokens } from "@fluentui/react-components";
import { useMessages } from "../../../messages";
import { addressOf } from "../../../shared/address";
import { CopyButton } from "../../../shared/CopyButton";
import { FactsHeading } from "../../../shared/Facts";

const useStyles = makeStyles({
  text: { margin: 0 },
  line: { display: "flex", alignItems: "center" },
  command: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
});

export function Receipt({ id }: { id: string }) {
  const styles = useStyles();
  const t = useMessages().recovery.details;
  const command = `sealwright recovery receipt ${id} --out ${id.slice(-12)}.receipt`;
  return (
    <section aria-label={t.receipt} data-receipt={id}>
      <FactsHeading>{t.receipt}</FactsHeading>
      <p className={styles.text}>
        {t.receiptText} <Link href={addressOf("audit", { q: id })}>{t.receiptLog}</Link>
      </p>
      <p className={styles.text}>{t.receiptHow}</p>
      <div className={styles.line}>
        <code className={styles.command}>{command}</code>
        <CopyButton text={command} label={t.receiptCopy} />
      </div>
    </section>
  );
}
