// What has to be right before anything begins: one quiet line when all is, otherwise each with what to do.
import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleRegular } from "@fluentui/react-icons";
import type { EntryCheck } from "../../../bindings/api";
import { useMessages, wordIn } from "../../../messages";
import { sentence } from "../../../shared/sentence";

const useStyles = makeStyles({
  good: {
    display: "flex",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalS,
    margin: 0,
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
  },
  icon: { color: tokens.colorStatusSuccessForeground1, fontSize: "16px", flexShrink: 0 },
  list: { margin: `${tokens.spacingVerticalXXS} 0 0`, paddingLeft: tokens.spacingHorizontalL },
  bars: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  what: { fontWeight: tokens.fontWeightSemibold },
});

export function EntryChecks({ checks }: { checks: readonly EntryCheck[] }) {
  const styles = useStyles();
  const t = useMessages().recovery.checks;
  const bad = checks.filter(({ verdict }) => verdict === "bad");
  // A verdict of a newer program is worth being read.
  const notes = checks.filter(({ verdict }) => verdict !== "bad" && verdict !== "good");
  if (bad.length + notes.length === 0) {
    return (
      <p className={styles.good} data-checks="good">
        <CheckmarkCircleRegular className={styles.icon} aria-hidden="true" />
        {t.good(checks.map(({ what }) => wordIn(t.what, what)).join(" · "))}
      </p>
    );
  }
  return (
    <div className={styles.bars} data-checks={bad.length > 0 ? "bad" : "warning"}>
      {bad.length > 0 && <Checks intent="error" title={t.bad} checks={bad} />}
      {notes.length > 0 && <Checks intent="warning" title={t.warning} checks={notes} />}
    </div>
  );
}

function Checks({
  intent,
  title,
  checks,
}: {
  intent: "error" | "warning";
  title: string;
  checks: readonly EntryCheck[];
}) {
  const styles = useStyles();
  const t = useMessages().recovery.checks;
  return (
    <MessageBar intent={intent} layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle>
        <ul className={styles.list}>
          {checks.map(({ what, found, hint }) => (
            <li key={`${what} ${found}`}>
              <span className={styles.what}>{wordIn(t.what, what)}:</span> {sentence(found)}
              {hint && ` ${sentence(hint)}`}
            </li>
          ))}
        </ul>
      </MessageBarBody>
    </MessageBar>
  );
}
