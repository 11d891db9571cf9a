import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useMessages } from "../../messages";
import { PAGES } from "../../shared/pages";

const useStyles = makeStyles({
  list: {
    display: "grid",
    gridTemplateColumns: "max-content minmax(0, 1fr)",
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalSNudge,
    alignItems: "baseline",
    margin: `${tokens.spacingVerticalS} 0 0`,
  },
  what: { margin: 0 },
  off: { color: tokens.colorNeutralForeground3, textDecorationLine: "line-through" },
  key: {
    display: "inline-block",
    padding: `0 ${tokens.spacingHorizontalSNudge}`,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusSmall,
    backgroundColor: tokens.colorNeutralBackground2,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
  },
});

/** All keys of the console; `singleKeys` off strikes out those that then do nothing. */
export function Shortcuts({ singleKeys }: { singleKeys: boolean }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.settings.keys;
  const shortcuts: { keys: string[]; what: string; single?: boolean }[] = [
    { keys: ["Ctrl", "K"], what: t.palette },
    { keys: ["/"], what: t.search, single: true },
    ...PAGES.map((page) => ({ keys: ["G", page.letter], what: t.go(m.pages[page.id]), single: true })),
    { keys: ["↑", "↓", "Home", "End"], what: t.rows },
    { keys: ["Enter"], what: t.open },
    { keys: ["Shift", "F10"], what: t.menu },
    { keys: ["Esc"], what: t.close },
  ];
  return (
    <dl className={styles.list}>
      {shortcuts.map(({ keys, what, single = false }) => (
        <div key={keys.join(" ")} style={{ display: "contents" }}>
          <dt>
            {keys.map((name, index) => (
              <span key={name}>
                {index > 0 && " "}
                <kbd className={styles.key}>{name}</kbd>
              </span>
            ))}
          </dt>
          <dd className={mergeClasses(styles.what, single && !singleKeys && styles.off)}>{what}</dd>
        </div>
      ))}
    </dl>
  );
}
