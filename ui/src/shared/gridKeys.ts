// Keys of a table: arrows, Page Up and Down, Home, End, Enter and the menu key.
import type { KeyboardEvent } from "react";

interface Grid {
  count: number;
  /** Index of the active row, -1 when there is none. */
  active: number;
  /** Rows that one Page key moves over. */
  pageSize: () => number;
  moveTo: (index: number) => void;
  open: (index: number) => void;
  options: (index: number) => void;
}

export function useGridKeys(grid: Grid): (event: KeyboardEvent<HTMLElement>) => void {
  return (event) => {
    // Buttons inside the grid keep their own keys.
    if (event.target !== event.currentTarget || grid.count === 0) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = actionFor(event, grid);
    if (!act) return;
    event.preventDefault();
    act();
  };
}

function actionFor(event: KeyboardEvent, grid: Grid): (() => void) | null {
  const { active, count } = grid;
  const to = (index: number) => () => grid.moveTo(Math.min(count - 1, Math.max(0, index)));
  switch (event.key) {
    case "ArrowDown":
      return to(active + 1);
    case "ArrowUp":
      return to(active - 1);
    case "PageDown":
      return to(active + grid.pageSize());
    case "PageUp":
      return to(active - grid.pageSize());
    case "Home":
      return to(0);
    case "End":
      return to(count - 1);
    case "Enter":
    case " ":
      return () => grid.open(active);
    case "ContextMenu":
      return () => grid.options(active);
    case "F10":
      return event.shiftKey ? () => grid.options(active) : null;
    default:
      return null;
  }
}
