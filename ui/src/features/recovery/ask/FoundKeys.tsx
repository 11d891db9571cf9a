// The keys that a search found, to be chosen; those that cannot be asked for say why.
import { Checkbox, makeStyles, tokens } from "@fluentui/react-components";
import { KeyMultipleRegular, ProhibitedRegular } from "@fluentui/react-icons";
import type { RecoverableKey } from "../../../bindings/api";
import { useMessages, wordIn } from "../../../messages";
import { EmptyState } from "../../../shared/EmptyState";
import { PlainTable } from "../../../shared/PlainTable";
import { sentence } from "../../../shared/sentence";
import { useTimeFormat } from "../../../shared/time";

const useStyles = makeStyles({
  who: { display: "block", fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  quiet: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  more: { margin: 0, color: tokens.colorNeutralForeground3 },
  days: { whiteSpace: "nowrap" },
  // Where the others have their box.
  inset: { display: "block", paddingLeft: "36px" },
  why: {
    display: "grid",
    gridTemplateColumns: "auto minmax(0, 1fr)",
    columnGap: tokens.spacingHorizontalSNudge,
    overflowWrap: "anywhere",
  },
  icon: { fontSize: "16px", lineHeight: "20px", marginTop: "2px", color: tokens.colorNeutralForeground3 },
});

interface Props {
  keys: readonly RecoverableKey[];
  more: boolean;
  chosen: readonly RecoverableKey[];
  onToggle: (key: RecoverableKey) => void;
}

export function FoundKeys({ keys, more, chosen, onToggle }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.recovery.wizard;
  const c = t.keyColumns;
  const format = useTimeFormat();
  if (keys.length === 0) {
    return <EmptyState icon={<KeyMultipleRegular />} title={t.noKeys} hint={t.noKeysHint} />;
  }
  const validity = (key: RecoverableKey) => (
    <span className={styles.days}>
      {format.day(key.notBefore)} –<br />
      {format.day(key.notAfter)}
    </span>
  );
  const who = (key: RecoverableKey) => (
    <span>
      <span className={styles.who}>{key.commonName}</span>
      <span className={styles.quiet}>{key.mail}</span>
    </span>
  );
  return (
    <>
      <PlainTable
        label={t.found}
        columns={[c.key, c.validity, c.purpose, c.state, c.officers]}
        rows={keys.map((key) => ({
          key: key.certificate,
          cells: [
            key.whyNot === null ? (
              <Checkbox
                key="choose"
                checked={chosen.some(({ certificate }) => certificate === key.certificate)}
                onChange={() => onToggle(key)}
                aria-label={t.keyOf(key.commonName, format.day(key.notBefore), format.day(key.notAfter))}
                label={who(key)}
                data-key={key.certificate}
              />
            ) : (
              <span key="who" className={styles.inset}>
                {who(key)}
              </span>
            ),
            validity(key),
            wordIn(m.details.purposes, key.purpose),
            wordIn(m.status, key.status),
            key.whyNot !== null ? (
              <span key="why" className={styles.why}>
                <ProhibitedRegular className={styles.icon} aria-hidden="true" />
                {sentence(t.whyNot(key.whyNot))}
              </span>
            ) : key.quorum === 0 ? (
              t.anyOne(key.officers.join(", "))
            ) : (
              t.together(key.quorum, key.officers.join(", "))
            ),
          ],
        }))}
      />
      {more && <p className={styles.more}>{t.moreKeys}</p>}
    </>
  );
}
