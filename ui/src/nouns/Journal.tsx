import { makeStyles, tokens } from "@fluentui/react-components";
import type { JournalLine } from "../bindings/api";
import { useMessages, wordIn } from "../messages";
import { Moment } from "../shared/time";
import { JournalEvent } from "./EnrollmentState";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  entry: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) auto",
    columnGap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalSNudge} 0`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke3}`,
    ":last-child": { borderBottomStyle: "none" },
  },
  station: { fontWeight: tokens.fontWeightSemibold, marginRight: tokens.spacingHorizontalS },
  at: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, whiteSpace: "nowrap" },
  detail: { gridColumn: "1 / -1", color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
});

/** What happened, in order. */
export function Journal({ lines, none }: { lines: readonly JournalLine[]; none: string }) {
  const styles = useStyles();
  const m = useMessages();
  if (lines.length === 0) return <p>{none}</p>;
  return (
    <ol className={styles.list}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
        <li key={index} className={styles.entry}>
          <span>
            <span className={styles.station}>{wordIn(m.enrollment.stations, line.station)}</span>
            <JournalEvent event={line.event} />
          </span>
          <Moment at={line.at} exact className={styles.at} />
          {line.detail && <span className={styles.detail}>{line.detail}</span>}
        </li>
      ))}
    </ol>
  );
}
