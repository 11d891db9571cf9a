// What stands in for data while it is read: the same shape, so that nothing jumps.
import { makeStyles, Skeleton, SkeletonItem, tokens } from "@fluentui/react-components";

const useStyles = makeStyles({
  rows: { display: "flex", flexDirection: "column" },
  row: {
    display: "grid",
    gridTemplateColumns: "110px 2fr 2fr 1fr 1fr",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalXL,
    height: "36px",
    padding: `0 ${tokens.spacingHorizontalXXL}`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke3}`,
  },
  cards: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(150px, 1fr))",
    gap: tokens.spacingHorizontalM,
  },
  lines: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, paddingTop: "24px" },
});

const numbered = (n: number): number[] => Array.from({ length: n }, (_, index) => index);

export function RowsSkeleton({ rows = 14 }: { rows?: number }) {
  const styles = useStyles();
  return (
    <Skeleton animation="pulse" className={styles.rows} aria-hidden="true">
      {numbered(rows).map((row) => (
        <div key={row} className={styles.row}>
          {numbered(5).map((cell) => (
            <SkeletonItem key={cell} size={12} />
          ))}
        </div>
      ))}
    </Skeleton>
  );
}

export function CardsSkeleton({ cards = 6, height = 96 }: { cards?: number; height?: 64 | 96 | 120 | 128 }) {
  const styles = useStyles();
  return (
    <Skeleton animation="pulse" className={styles.cards} aria-hidden="true">
      {numbered(cards).map((card) => (
        <SkeletonItem key={card} size={height} />
      ))}
    </Skeleton>
  );
}

export function LinesSkeleton({ lines = 8 }: { lines?: number }) {
  const styles = useStyles();
  return (
    <Skeleton animation="pulse" className={styles.lines} aria-hidden="true">
      {numbered(lines).map((line) => (
        <SkeletonItem key={line} size={16} />
      ))}
    </Skeleton>
  );
}
