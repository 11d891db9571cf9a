// A short table in a card. Long ones are `VirtualTable`.
import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  scroller: { overflowX: "auto" },
  table: { width: "100%", borderCollapse: "collapse", fontSize: tokens.fontSizeBase300 },
  head: {
    textAlign: "left",
    fontWeight: tokens.fontWeightRegular,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground3,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM} ${tokens.spacingVerticalXS} 0`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    whiteSpace: "nowrap",
  },
  cell: {
    verticalAlign: "top",
    textAlign: "left",
    fontWeight: tokens.fontWeightRegular,
    padding: `${tokens.spacingVerticalSNudge} ${tokens.spacingHorizontalM} ${tokens.spacingVerticalSNudge} 0`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke3}`,
    overflowWrap: "break-word",
  },
  last: { borderBottomStyle: "none" },
  end: { paddingRight: 0, textAlign: "right", whiteSpace: "nowrap" },
});

interface Props {
  label: string;
  /** An empty title belongs to a column of buttons. */
  columns: readonly string[];
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
}

export function PlainTable({ label, columns, rows }: Props) {
  const styles = useStyles();
  return (
    <div className={styles.scroller}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((title) =>
              title ? (
                <th key={title} scope="col" className={styles.head}>
                  {title}
                </th>
              ) : (
                <td key="actions" className={styles.head} />
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={row.key}>
              {row.cells.map((cell, column) => {
                const classes = mergeClasses(
                  styles.cell,
                  index === rows.length - 1 && styles.last,
                  columns[column] === "" && styles.end,
                );
                const key = columns[column] ?? column;
                return column === 0 ? (
                  <th key={key} scope="row" className={classes}>
                    {cell}
                  </th>
                ) : (
                  <td key={key} className={classes}>
                    {cell}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
