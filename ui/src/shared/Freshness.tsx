import { makeStyles, tokens } from "@fluentui/react-components";
import { useMessages } from "../messages";
import { useNow, useTimeFormat } from "./time";

const useStyles = makeStyles({
  root: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

/** When the data shown was read, and how long ago that is. */
export function Freshness({
  at,
  refreshing,
  note,
}: {
  at: string;
  refreshing: boolean;
  note?: string | undefined;
}) {
  const styles = useStyles();
  const m = useMessages();
  const format = useTimeFormat();
  const now = useNow(1_000);
  return (
    <span className={styles.root} data-refreshing={refreshing}>
      <time dateTime={at} title={format.utc(at)}>
        {m.state.asOf(format.clock(at))}
      </time>
      {" · "}
      {format.relative(at, Math.max(now, Date.parse(at)))}
      {note && ` · ${note}`}
    </span>
  );
}
