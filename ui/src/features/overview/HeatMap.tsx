// When certificates end: a table whose cells are also coloured. The figure stands in every cell.
import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useLocale, useMessages } from "../../messages";
import { Hidden } from "../../shared/Hidden";
import { useScheme } from "../../shared/theme";
import { DAY, useTimeFormat } from "../../shared/time";

const PERIOD = 31 * DAY;

const useStyles = makeStyles({
  scroller: { overflowX: "auto" },
  table: {
    width: "100%",
    minWidth: "640px",
    tableLayout: "fixed",
    borderCollapse: "separate",
    borderSpacing: "3px 0",
  },
  period: {
    padding: `0 0 ${tokens.spacingVerticalXS}`,
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightRegular,
    color: tokens.colorNeutralForeground3,
    textAlign: "center",
    whiteSpace: "nowrap",
  },
  cell: {
    height: "44px",
    textAlign: "center",
    borderRadius: tokens.borderRadiusMedium,
    fontVariantNumeric: "tabular-nums",
    fontWeight: tokens.fontWeightSemibold,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorTransparentStroke}`,
  },
  contrast: { border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}` },
});

// Grounds from none to most, each with a text colour of at least 4.5:1.
const STEPS = {
  light: [
    ["#f3f4f8", "#5c5f6b"],
    ["#dcebee", "#1c3b40"],
    ["#a9d3d6", "#0e2f33"],
    ["#5fb0b3", "#04191b"],
    ["#0e7c7c", "#ffffff"],
    ["#0a5560", "#ffffff"],
  ],
  dark: [
    ["#2f3036", "#b4b6c0"],
    ["#1f3a3e", "#cfe9eb"],
    ["#1a5257", "#e3f5f6"],
    ["#12706f", "#ffffff"],
    ["#5ab9b8", "#04191b"],
    ["#9be0dd", "#04191b"],
  ],
} as const;

/** Which step a figure takes when `most` is the largest: none is always the first, any is never the first. */
export function stepOf(figure: number, most: number): number {
  if (figure <= 0 || most <= 0) return 0;
  return Math.min(5, 1 + Math.floor((4 * (figure - 1)) / Math.max(1, most - 1)));
}

export function HeatMap({ counts, at }: { counts: readonly number[]; at: string }) {
  const styles = useStyles();
  const m = useMessages();
  const locale = useLocale();
  const format = useTimeFormat();
  const scheme = useScheme();
  const most = Math.max(...counts, 0);
  const start = Date.parse(at);
  const periods = counts.map((figure, index) => ({
    figure,
    from: start + index * PERIOD,
    until: start + (index + 1) * PERIOD,
  }));
  const range = (from: number, until: number) => `${format.day(from)} – ${format.day(until)}`;
  return (
    <div className={styles.scroller}>
      <table className={styles.table} data-heat>
        <caption>
          <Hidden>{m.overview.heat}</Hidden>
        </caption>
        <thead>
          <tr>
            {periods.map(({ from, until }) => (
              <th key={from} scope="col" className={styles.period} title={range(from, until)}>
                <span aria-hidden="true">{format.shortDay(from)}</span>
                <Hidden>{range(from, until)}</Hidden>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            {periods.map(({ figure, from, until }) => {
              const [background, color] =
                STEPS[scheme === "light" ? "light" : "dark"][stepOf(figure, most)] ?? [];
              const colours = scheme === "contrast" ? {} : { backgroundColor: background, color };
              return (
                <td
                  key={from}
                  className={mergeClasses(styles.cell, scheme === "contrast" && styles.contrast)}
                  style={colours}
                  title={range(from, until)}
                >
                  {figure.toLocaleString(locale)}
                </td>
              );
            })}
          </tr>
        </tbody>
      </table>
    </div>
  );
}
