// One field that finds pages, certificates and commands. Opened by Ctrl+K or from the top bar.
import {
  Dialog,
  DialogSurface,
  makeStyles,
  mergeClasses,
  SearchBox,
  tokens,
} from "@fluentui/react-components";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { useMessages } from "../messages";
import { useFocusReturn } from "../shared/focusReturn";
import { surfaces } from "../shared/surfaces";
import { type Find, useFinds } from "./finds";

const useStyles = makeStyles({
  surface: {
    alignSelf: "start",
    marginTop: "10vh",
    maxWidth: "620px",
    padding: tokens.spacingHorizontalM,
  },
  input: { width: "100%", maxWidth: "none" },
  list: { maxHeight: "min(52vh, 440px)", overflow: "auto", marginTop: tokens.spacingVerticalS },
  group: {
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalS} ${tokens.spacingVerticalXXS}`,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
  option: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    minHeight: "36px",
    padding: `0 ${tokens.spacingHorizontalS}`,
    borderRadius: tokens.borderRadiusMedium,
    cursor: "pointer",
  },
  active: {
    backgroundColor: surfaces.selected,
    outline: `2px solid ${tokens.colorBrandStroke1}`,
    outlineOffset: "-2px",
  },
  icon: { display: "inline-flex", fontSize: "20px", color: tokens.colorBrandForeground1, flexShrink: 0 },
  label: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  aside: {
    marginLeft: "auto",
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
  },
  foot: {
    display: "flex",
    justifyContent: "space-between",
    marginTop: tokens.spacingVerticalS,
    paddingTop: tokens.spacingVerticalS,
    borderTop: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
});

export function Palette({ onClose }: { onClose: () => void }) {
  const styles = useStyles();
  const m = useMessages();
  useFocusReturn();
  const id = useId();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const { groups, searching } = useFinds(text);
  const finds = groups.flatMap((group) => group.finds);
  const current = Math.min(active, finds.length - 1);
  const optionId = (find: Find): string => `${id}-${find.id}`;
  const activeId = finds[current] ? optionId(finds[current]) : undefined;

  useEffect(() => {
    if (activeId) document.getElementById(activeId)?.scrollIntoView?.({ block: "nearest" });
  }, [activeId]);

  const run = (find: Find | undefined) => {
    if (!find) return;
    onClose();
    find.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = moves[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (finds.length > 0) setActive((current + step + finds.length) % finds.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(finds[current]);
    }
  };

  return (
    <Dialog open onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface className={styles.surface} aria-label={m.palette.label} data-palette>
        <SearchBox
          className={styles.input}
          size="large"
          autoFocus
          role="combobox"
          aria-label={m.palette.label}
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={activeId}
          aria-autocomplete="list"
          placeholder={m.palette.placeholder}
          value={text}
          onChange={(_, data) => {
            setText(data.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <div
          id={`${id}-list`}
          role="listbox"
          aria-label={m.palette.label}
          className={styles.list}
          tabIndex={-1}
        >
          {groups.map(
            (group) =>
              group.finds.length > 0 && (
                <div key={group.id} role="group" aria-labelledby={`${id}-${group.id}`}>
                  <div id={`${id}-${group.id}`} className={styles.group} role="presentation">
                    {group.title}
                  </div>
                  {group.finds.map((find) => (
                    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above handles the keys
                    <div
                      key={find.id}
                      id={optionId(find)}
                      role="option"
                      aria-selected={optionId(find) === activeId}
                      className={mergeClasses(styles.option, optionId(find) === activeId && styles.active)}
                      onClick={() => run(find)}
                      onMouseMove={() => setActive(finds.indexOf(find))}
                      data-find-id={find.id}
                    >
                      <span className={styles.icon} aria-hidden="true">
                        {find.icon}
                      </span>
                      <span className={styles.label}>{find.label}</span>
                      {find.aside && <span className={styles.aside}>{find.aside}</span>}
                    </div>
                  ))}
                </div>
              ),
          )}
        </div>
        <div className={styles.foot}>
          <span>{m.palette.hint}</span>
          <span role="status">
            {searching
              ? m.palette.searching
              : finds.length === 0
                ? m.palette.nothing
                : m.palette.results(finds.length)}
          </span>
        </div>
      </DialogSurface>
    </Dialog>
  );
}
