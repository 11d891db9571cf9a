// Whether the log is as it was written: how far that is looked at, what was found, and how long ago.
import { Link, makeStyles, ProgressBar, tokens } from "@fluentui/react-components";
import {
  CheckmarkCircleFilled,
  DismissCircleFilled,
  HistoryRegular,
  InfoRegular,
  PauseCircleRegular,
  ShieldQuestionRegular,
  WarningFilled,
} from "@fluentui/react-icons";
import type { ReactElement, ReactNode } from "react";
import type { AuditVerification } from "../../bindings/api";
import { useLocale, useMessages } from "../../messages";
import { addressOf } from "../../shared/address";
import { StateWord, type Tone } from "../../shared/StateWord";
import { Relative, useNow } from "../../shared/time";

const HOUR = 3_600_000;
/** Rows above the one that is shown among its neighbours. */
export const ABOVE = 4;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", minWidth: 0, gap: tokens.spacingVerticalXXS },
  line: { margin: 0, color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
  age: { color: tokens.colorNeutralForeground3, whiteSpace: "nowrap" },
});

interface Props {
  verification: AuditVerification | null;
  /** Position of the newest entry. */
  newest: number;
}

export function Verdict({ verification, newest }: Props) {
  const styles = useStyles();
  const t = useMessages().audit.verification;
  if (verification === null) {
    return (
      <Told state="never" icon={<ShieldQuestionRegular />} tone="quiet" word={t.never}>
        <p className={styles.line}>{t.neverHint}</p>
      </Told>
    );
  }
  const age = verification.endedAt !== null && (
    <span className={styles.age}>
      {t.ended} <Relative at={verification.endedAt} />
    </span>
  );
  switch (verification.state) {
    case "running":
      return <Running verification={verification} />;
    case "broken": {
      const seq = verification.seq ?? 0;
      const shown = addressOf("audit", { selected: String(seq), upTo: String(seq + ABOVE) });
      return (
        <Told
          state="broken"
          icon={<DismissCircleFilled />}
          tone="bad"
          word={t.broken(seq)}
          aside={age}
          alarms
        >
          <p className={styles.line}>
            {verification.why}. <Link href={shown}>{t.show(seq)}</Link>
          </p>
          <p className={styles.line}>{t.brokenHint}</p>
        </Told>
      );
    }
    case "intact":
      return <Intact verification={verification} newest={newest} age={age} />;
    case "stopped":
      return <Told state="stopped" icon={<PauseCircleRegular />} tone="quiet" word={t.stopped} aside={age} />;
    default:
      return (
        <Told state="failed" icon={<WarningFilled />} tone="warning" word={t.failed} aside={age} alarms>
          <p className={styles.line}>{verification.why}</p>
        </Told>
      );
  }
}

interface ToldProps {
  /** For tests. */
  state: string;
  icon: ReactElement;
  tone: Tone;
  word: string;
  aside?: ReactNode;
  /** Read aloud at once. */
  alarms?: boolean;
  children?: ReactNode;
}

function Told({ state, icon, tone, word, aside, alarms = false, children }: ToldProps) {
  const styles = useStyles();
  return (
    <div className={styles.root} role={alarms ? "alert" : "status"} data-verdict={state}>
      <div>
        <StateWord icon={icon} tone={tone} wraps>
          {word}
        </StateWord>{" "}
        {aside}
      </div>
      {children}
    </div>
  );
}

interface IntactProps {
  verification: AuditVerification;
  newest: number;
  age: ReactNode;
}

/** As much as was found, and no more: only what is signed is known to be as it was written. */
function Intact({ verification, newest, age }: IntactProps) {
  const styles = useStyles();
  const t = useMessages().audit.verification;
  const now = useNow(10_000);
  const { heads, vouched, entries, disregarded, disregardedWhy, endedAt, since } = verification;
  const signed = heads !== null && heads > 0;
  const old = now - Date.parse(endedAt ?? since) > HOUR;
  const more = newest - entries;
  const [word, words] = !signed
    ? [t.holds(entries), heads === null ? t.chainOnly : t.unsigned]
    : vouched < entries
      ? [t.partly(vouched, entries), t.vouched(entries - vouched)]
      : [t.intact(entries), t.signatures(heads)];
  // What was true an hour ago is no green tick.
  const look = old ? <HistoryRegular /> : signed ? <CheckmarkCircleFilled /> : <InfoRegular />;
  return (
    <Told
      state={old ? "old" : signed ? "intact" : "holds"}
      icon={look}
      tone={signed && !old ? "good" : "quiet"}
      word={word}
      aside={age}
    >
      <p className={styles.line}>{words}</p>
      {disregarded > 0 && <p className={styles.line}>{t.disregarded(disregarded, disregardedWhy ?? "")}</p>}
      {more > 0 && <p className={styles.line}>{t.since(more)}</p>}
      {old && <p className={styles.line}>{t.old}</p>}
    </Told>
  );
}

function Running({ verification }: { verification: AuditVerification }) {
  const styles = useStyles();
  const t = useMessages().audit.verification;
  const locale = useLocale();
  const { stage, done, of } = verification;
  const [at, all] = [done.toLocaleString(locale), of.toLocaleString(locale)];
  const words = of === 0 ? t.beginning : stage === "heads" ? t.heads(at, all) : t.chain(at, all);
  return (
    <div className={styles.root} data-verdict="running">
      <span>{words}</span>
      <ProgressBar
        aria-label={words}
        thickness="large"
        max={1}
        // Two rounds over the log: its entries, then the tree over them.
        value={of === 0 ? 0 : Math.min(1, ((stage === "heads" ? of : 0) + done) / (2 * of))}
      />
    </div>
  );
}
