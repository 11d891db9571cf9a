// How many certificates have no successor yet, hour by hour: a picture, and the same figures as a table.
import { makeStyles, tokens } from "@fluentui/react-components";
import type { HourLine } from "../../bindings/api";
import { useLocale, useMessages } from "../../messages";
import { Card } from "../../shared/Card";
import { PlainTable } from "../../shared/PlainTable";
import { Moment } from "../../shared/time";

const useStyles = makeStyles({
  chart: { width: "100%", maxHeight: "160px", display: "block", marginBottom: tokens.spacingVerticalM },
  bar: { fill: tokens.colorBrandBackground },
  ground: { stroke: tokens.colorNeutralStroke1, strokeWidth: 0.5 },
});

const WIDTH = 300;
const HEIGHT = 60;
const GAP = 0.15;

/** What is left after each hour. */
export function left(total: number, hours: readonly HourLine[]): number[] {
  let rest = total;
  return hours.map(({ present }) => {
    rest = Math.max(0, rest - present);
    return rest;
  });
}

export function BurnDown({ total, hours }: { total: number; hours: readonly HourLine[] }) {
  const styles = useStyles();
  const t = useMessages().campaigns;
  const locale = useLocale();
  const rest = left(total, hours);
  const step = WIDTH / Math.max(hours.length, 12);
  return (
    <Card title={t.burnDown}>
      <svg
        className={styles.chart}
        viewBox={`0 0 ${WIDTH} ${HEIGHT + 1}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t.burnDown}
      >
        {rest.map((count, index) => {
          const height = total > 0 ? (count / total) * HEIGHT : 0;
          return (
            <rect
              key={hours[index]?.from ?? index}
              className={styles.bar}
              x={index * step + (step * GAP) / 2}
              y={HEIGHT - height}
              width={step * (1 - GAP)}
              height={height}
            />
          );
        })}
        <line className={styles.ground} x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
      </svg>
      <PlainTable
        label={t.burnDown}
        columns={[t.hour, t.ordered, t.present, t.revoked, t.left]}
        rows={hours.map((hour, index) => ({
          key: hour.from,
          cells: [
            <Moment key="from" at={hour.from} />,
            hour.ordered.toLocaleString(locale),
            hour.present.toLocaleString(locale),
            hour.revoked.toLocaleString(locale),
            (rest[index] ?? 0).toLocaleString(locale),
          ],
        }))}
      />
    </Card>
  );
}
