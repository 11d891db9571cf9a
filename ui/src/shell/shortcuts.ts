// Keys that work everywhere. Single keys can be switched off (WCAG 2.1.4) and never act while somebody types.
import { useEffect } from "react";
import { addressOf, navigate } from "../shared/address";
import { PAGES } from "../shared/pages";
import { usePreference } from "../shared/preferences";

/** The letter after `G` must follow within this time. */
const PREFIX_TIME = 1_500;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.closest("input, textarea, select, [role=combobox], [role=menu]") !== null);

interface Options {
  onFind: () => void;
  /** A dialog is open: its keys are its own. */
  blocked: boolean;
}

export function useShortcuts({ onFind, blocked }: Options): void {
  const [singleKeys] = usePreference("singleKeys");
  useEffect(() => {
    if (blocked) return;
    let prefixAt = Number.NEGATIVE_INFINITY;
    const onKeyDown = (event: KeyboardEvent): void => {
      const key = event.key.toLowerCase();
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key === "k") {
        event.preventDefault();
        onFind();
        return;
      }
      if (!singleKeys || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target) || document.querySelector("[aria-modal=true]")) return;
      if (key === "/") {
        event.preventDefault();
        focusSearch(onFind);
        return;
      }
      if (event.timeStamp - prefixAt < PREFIX_TIME) {
        prefixAt = Number.NEGATIVE_INFINITY;
        const page = PAGES.find(({ letter }) => letter.toLowerCase() === key);
        if (page) {
          event.preventDefault();
          navigate(addressOf(page.id));
        }
        return;
      }
      if (key === "g") prefixAt = event.timeStamp;
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [onFind, blocked, singleKeys]);
}

/** The page's own search, or the palette on a page without one. */
function focusSearch(onFind: () => void): void {
  const field = document.querySelector<HTMLInputElement>("[data-search] input, input[data-search]");
  if (!field) {
    onFind();
    return;
  }
  field.focus();
  field.select();
}
