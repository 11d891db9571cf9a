// A table of any length: only the rows in view exist in the page, more are read before the end comes into view.
//
// One scroll container is the grid, so header and rows move together. The grid itself holds the focus and names the
// active row (`aria-activedescendant`): rows come and go while scrolling, focus must not. Rows are scrolled 1:1; at
// 36 px a row, engines carry some 900,000 of them (platform limit near 33 million px).
import { Button, makeStyles, mergeClasses, Skeleton, SkeletonItem, tokens } from "@fluentui/react-components";
import { ArrowDownRegular, ArrowUpRegular, MoreHorizontalRegular } from "@fluentui/react-icons";
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, memo, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useGridKeys } from "./gridKeys";
import { Hidden } from "./Hidden";
import { surfaces } from "./surfaces";

export const ROW_HEIGHT = 36;
const HEADER_HEIGHT = 36;
const OVERSCAN = 12;
/** Rows before the end at which the next page is asked for: half a page of 200. */
const READ_AHEAD = 100;
const OPTIONS_WIDTH = 44;

export interface Column<Row> {
  id: string;
  title: string;
  /** Share of the width that is left over. */
  grow: number;
  /** Least width in px. */
  width: number;
  /** Name of the order that this column sorts by, where the program offers one. */
  order?: string;
  direction?: "ascending" | "descending";
  cell: (row: Row) => ReactNode;
}

interface Props<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowId: (row: Row) => string;
  /** Rows in all, `null` when unknown. */
  total: number | null;
  hasMore: boolean;
  loadingMore: boolean;
  onLoadMore: () => void;
  loadingLabel: string;
  order?: string;
  onOrder?: (order: string) => void;
  sortLabel?: (column: string) => string;
  /** The row whose details are shown. */
  openId: string | null;
  onOpen: (row: Row) => void;
  /** Opens the options of a row beside `target`; the table has no options column without it. */
  onOptions?: (row: Row, target: HTMLElement) => void;
  optionsLabel?: (row: Row) => string;
  optionsTitle?: string;
}

const useStyles = makeStyles({
  grid: {
    position: "relative",
    flexGrow: 1,
    flexShrink: 1,
    flexBasis: 0,
    // A very low window scrolls as a whole rather than show half a row.
    minHeight: "180px",
    overflow: "auto",
    outlineStyle: "none",
    backgroundColor: tokens.colorNeutralBackground1,
    // As dense as the admin centres that people come from.
    fontSize: "13px",
    lineHeight: tokens.lineHeightBase300,
    scrollPaddingTop: `${HEADER_HEIGHT}px`,
  },
  head: { position: "sticky", top: 0, zIndex: 1, minWidth: "min-content" },
  header: {
    display: "grid",
    alignItems: "center",
    height: `${HEADER_HEIGHT}px`,
    boxSizing: "border-box",
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    fontWeight: tokens.fontWeightSemibold,
  },
  body: { position: "relative" },
  row: {
    position: "absolute",
    top: 0,
    left: 0,
    right: 0,
    display: "grid",
    alignItems: "center",
    height: `${ROW_HEIGHT}px`,
    boxSizing: "border-box",
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke3}`,
    cursor: "pointer",
    ":hover": { backgroundColor: surfaces.hover },
  },
  open: {
    backgroundColor: surfaces.selected,
    boxShadow: `inset 3px 0 0 ${tokens.colorBrandStroke1}`,
    ":hover": { backgroundColor: surfaces.selected },
    "@media (forced-colors: active)": { outline: "2px solid Highlight", outlineOffset: "-2px" },
  },
  active: { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" },
  cell: {
    minWidth: 0,
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    padding: `0 ${tokens.spacingHorizontalS}`,
    ":first-child": { paddingLeft: tokens.spacingHorizontalXXL },
  },
  sort: {
    display: "inline-flex",
    alignItems: "center",
    maxWidth: "100%",
    minHeight: "24px",
    margin: `0 calc(-1 * ${tokens.spacingHorizontalXS})`,
    padding: `0 ${tokens.spacingHorizontalXS}`,
    color: "inherit",
    backgroundColor: "transparent",
    border: 0,
    borderRadius: tokens.borderRadiusMedium,
    font: "inherit",
    cursor: "pointer",
    ":hover": { backgroundColor: surfaces.hover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  sortTitle: { overflow: "hidden", textOverflow: "ellipsis" },
  arrow: { flexShrink: 0, fontSize: "14px", marginLeft: tokens.spacingHorizontalXS },
  options: { padding: 0, textAlign: "center" },
});

export function VirtualTable<Row>(props: Props<Row>) {
  const { columns, rows, rowId, hasMore, loadingMore, onLoadMore, openId, onOpen, onOptions } = props;
  const styles = useStyles();
  const scroller = useRef<HTMLDivElement>(null);
  const [activeId, setActiveId] = useState<string | null>(openId);
  // Whether the active row is marked: while the keyboard is used, not after a click.
  const [marked, setMarked] = useState(false);
  const found = activeId === null ? -1 : rows.findIndex((row) => rowId(row) === activeId);
  const activeIndex = found >= 0 ? found : rows.length > 0 ? 0 : -1;

  const count = rows.length + (hasMore ? 1 : 0);
  const rangeExtractor = useCallback(
    (range: Range) => {
      const shown = defaultRangeExtractor(range);
      // The active row stays in the page, or the grid would name a row that does not exist.
      if (activeIndex >= 0 && activeIndex < range.count && !shown.includes(activeIndex)) {
        return [...shown, activeIndex].sort((a, b) => a - b);
      }
      return shown;
    },
    [activeIndex],
  );
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    // The header lies before the rows and stays on top of them.
    scrollMargin: HEADER_HEIGHT,
    scrollPaddingStart: HEADER_HEIGHT,
    rangeExtractor,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const lastShown = virtual.range?.endIndex ?? 0;

  useEffect(() => {
    if (hasMore && !loadingMore && lastShown >= rows.length - READ_AHEAD) onLoadMore();
  }, [hasMore, loadingMore, lastShown, rows.length, onLoadMore]);

  const onKeyDown = useGridKeys({
    count: rows.length,
    active: activeIndex,
    pageSize: () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2),
    moveTo: (index) => {
      const row = rows[index];
      if (!row) return;
      setActiveId(rowId(row));
      virtual.scrollToIndex(index);
    },
    open: (index) => {
      const row = rows[index];
      if (row) onOpen(row);
    },
    options: (index) => {
      const row = rows[index];
      const element = row && document.getElementById(elementId(rowId(row)));
      if (row && element && onOptions) onOptions(row, element);
    },
  });

  const tracks = columns.map((column) => `minmax(${column.width}px, ${column.grow}fr)`);
  if (onOptions) tracks.push(`${OPTIONS_WIDTH}px`);
  const width = columns.reduce((sum, column) => sum + column.width, onOptions ? OPTIONS_WIDTH : 0);
  const layout: CSSProperties = { gridTemplateColumns: tracks.join(" "), minWidth: width };
  const active = rows[activeIndex];

  const openRow = useCallback(
    (row: Row) => {
      setActiveId(rowId(row));
      onOpen(row);
    },
    [rowId, onOpen],
  );

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={props.label}
      aria-rowcount={props.total === null ? -1 : props.total + 1}
      aria-colcount={columns.length + (onOptions ? 1 : 0)}
      aria-activedescendant={active ? elementId(rowId(active)) : undefined}
      aria-busy={loadingMore}
      tabIndex={0}
      className={styles.grid}
      onKeyDown={(event) => {
        if (event.target === event.currentTarget) setMarked(true);
        onKeyDown(event);
      }}
      onFocus={(event) => {
        if (event.target === event.currentTarget && isKeyboardFocus(event.currentTarget)) setMarked(true);
      }}
      onPointerDown={() => setMarked(false)}
      onBlur={() => setMarked(false)}
      data-table
    >
      <div role="rowgroup" className={styles.head}>
        <div role="row" aria-rowindex={1} className={styles.header} style={layout}>
          {columns.map((column) => (
            <HeaderCell key={column.id} column={column} {...props} />
          ))}
          {onOptions && (
            <div role="columnheader" className={styles.cell}>
              <Hidden>{props.optionsTitle}</Hidden>
            </div>
          )}
        </div>
      </div>
      <div
        role="rowgroup"
        className={styles.body}
        style={{ height: virtual.getTotalSize(), minWidth: width }}
      >
        {items.map((item) => {
          const row = rows[item.index];
          if (!row) {
            return (
              <LoadingRow
                key="loading"
                top={item.start - HEADER_HEIGHT}
                label={props.loadingLabel}
                index={item.index}
              />
            );
          }
          const id = rowId(row);
          return (
            <TableRow
              key={id}
              row={row}
              id={id}
              index={item.index}
              top={item.start - HEADER_HEIGHT}
              columns={columns as readonly Column<unknown>[]}
              layout={layout}
              open={id === openId}
              active={marked && item.index === activeIndex}
              onOpen={openRow as (row: unknown) => void}
              onOptions={onOptions as ((row: unknown, target: HTMLElement) => void) | undefined}
              optionsLabel={onOptions && props.optionsLabel ? props.optionsLabel(row) : undefined}
            />
          );
        })}
      </div>
    </div>
  );
}

const elementId = (id: string): string => `row-${id}`;

const isKeyboardFocus = (element: HTMLElement): boolean => {
  try {
    return element.matches(":focus-visible");
  } catch {
    return true;
  }
};

function HeaderCell<Row>({ column, order, onOrder, sortLabel }: { column: Column<Row> } & Props<Row>) {
  const styles = useStyles();
  const sorted = column.order !== undefined && column.order === order;
  const direction = column.direction ?? "ascending";
  if (column.order === undefined || !onOrder) {
    return (
      <div role="columnheader" className={styles.cell} title={column.title}>
        {column.title}
      </div>
    );
  }
  const target = column.order;
  const Arrow = direction === "ascending" ? ArrowUpRegular : ArrowDownRegular;
  return (
    <div role="columnheader" className={styles.cell} aria-sort={sorted ? direction : "none"}>
      <button
        type="button"
        className={styles.sort}
        title={sortLabel?.(column.title)}
        onClick={() => onOrder(target)}
      >
        <span className={styles.sortTitle}>{column.title}</span>
        {sorted && <Arrow className={styles.arrow} aria-hidden="true" />}
      </button>
    </div>
  );
}

interface RowProps {
  row: unknown;
  id: string;
  index: number;
  top: number;
  columns: readonly Column<unknown>[];
  layout: CSSProperties;
  open: boolean;
  active: boolean;
  onOpen: (row: unknown) => void;
  onOptions: ((row: unknown, target: HTMLElement) => void) | undefined;
  optionsLabel: string | undefined;
}

const sameRow = (a: RowProps, b: RowProps): boolean =>
  a.row === b.row &&
  a.top === b.top &&
  a.columns === b.columns &&
  a.layout.gridTemplateColumns === b.layout.gridTemplateColumns &&
  a.open === b.open &&
  a.active === b.active &&
  a.onOpen === b.onOpen &&
  a.onOptions === b.onOptions &&
  a.optionsLabel === b.optionsLabel;

const TableRow = memo(function TableRow(props: RowProps) {
  const { row, id, index, top, columns, layout, open, active, onOpen, onOptions, optionsLabel } = props;
  const styles = useStyles();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys for its active row
    <div
      role="row"
      id={elementId(id)}
      aria-rowindex={index + 2}
      aria-selected={open}
      className={mergeClasses(styles.row, open && styles.open, active && styles.active)}
      style={{ ...layout, transform: `translateY(${top}px)` }}
      onClick={() => onOpen(row)}
      onContextMenu={(event) => {
        if (!onOptions) return;
        event.preventDefault();
        onOptions(row, event.currentTarget);
      }}
      data-row={id}
    >
      {columns.map((column) => (
        <div key={column.id} role="gridcell" className={styles.cell} data-column={column.id}>
          {column.cell(row)}
        </div>
      ))}
      {onOptions && (
        <div role="gridcell" className={mergeClasses(styles.cell, styles.options)}>
          <Button
            appearance="subtle"
            size="small"
            tabIndex={-1}
            icon={<MoreHorizontalRegular />}
            aria-label={optionsLabel}
            aria-haspopup="menu"
            onClick={(event) => {
              event.stopPropagation();
              onOptions(row, event.currentTarget);
            }}
          />
        </div>
      )}
    </div>
  );
}, sameRow);

function LoadingRow({ top, label, index }: { top: number; label: string; index: number }) {
  const styles = useStyles();
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={styles.row}
      style={{ transform: `translateY(${top}px)`, gridTemplateColumns: "1fr" }}
    >
      <div role="gridcell" className={styles.cell} aria-label={label}>
        <Skeleton animation="pulse">
          <SkeletonItem size={12} />
        </Skeleton>
      </div>
    </div>
  );
}
