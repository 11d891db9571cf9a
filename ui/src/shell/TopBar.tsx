import { makeStyles, Tooltip, tokens } from "@fluentui/react-components";
import { PersonRegular, SearchRegular } from "@fluentui/react-icons";
import { useMessages } from "../messages";
import { addressOf } from "../shared/address";
import { SealMark } from "../shared/SealMark";

const useStyles = makeStyles({
  bar: {
    display: "grid",
    gridTemplateColumns: "minmax(max-content, 1fr) minmax(0, 520px) minmax(0, 1fr)",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalL,
    height: "48px",
    flexShrink: 0,
    padding: `0 ${tokens.spacingHorizontalL} 0 ${tokens.spacingHorizontalM}`,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  brand: {
    display: "inline-flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    justifySelf: "start",
    color: tokens.colorNeutralForeground1,
    fontSize: tokens.fontSizeBase400,
    fontWeight: tokens.fontWeightSemibold,
    textDecorationLine: "none",
    borderRadius: tokens.borderRadiusMedium,
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  find: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    height: "32px",
    width: "100%",
    padding: `0 ${tokens.spacingHorizontalS}`,
    font: "inherit",
    fontSize: tokens.fontSizeBase300,
    textAlign: "left",
    color: tokens.colorNeutralForeground3,
    backgroundColor: tokens.colorNeutralBackground2,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    cursor: "pointer",
    ":hover": { border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1Hover}` },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  label: { flexGrow: 1, minWidth: 0, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  keys: { flexShrink: 0, fontFamily: "inherit", fontSize: tokens.fontSizeBase200 },
  actor: {
    display: "inline-flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalXS,
    justifySelf: "end",
    maxWidth: "100%",
    minWidth: 0,
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
  },
  actorName: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
});

const onMac = (): boolean => navigator.platform.toLowerCase().startsWith("mac");

export function TopBar({ actor, onFind }: { actor: string | null; onFind: () => void }) {
  const styles = useStyles();
  const m = useMessages();
  return (
    <div className={styles.bar}>
      <a href={addressOf("overview")} className={styles.brand}>
        <SealMark />
        {m.product}
      </a>
      <button
        type="button"
        className={styles.find}
        onClick={onFind}
        aria-keyshortcuts="Control+K Meta+K"
        data-find
      >
        <SearchRegular fontSize={18} aria-hidden="true" />
        <span className={styles.label}>{m.shell.find}</span>
        <kbd className={styles.keys}>{onMac() ? "⌘ K" : "Ctrl K"}</kbd>
      </button>
      {actor !== null ? (
        <Tooltip content={m.shell.signedIn(actor)} relationship="description">
          <span className={styles.actor}>
            <PersonRegular fontSize={18} aria-hidden="true" />
            <span className={styles.actorName}>{actor}</span>
          </span>
        </Tooltip>
      ) : (
        <span />
      )}
    </div>
  );
}
