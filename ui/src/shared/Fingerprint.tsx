import { makeStyles, tokens } from "@fluentui/react-components";
import { useMessages } from "../messages";
import { CopyButton } from "./CopyButton";
import { groupsOf } from "./fingerprint";

const useStyles = makeStyles({
  root: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS },
  groups: {
    display: "grid",
    gridTemplateColumns: "repeat(4, max-content)",
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalXXS,
    margin: 0,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    listStyleType: "none",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontVariantNumeric: "slashed-zero",
    backgroundColor: tokens.colorNeutralBackground2,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
});

/** A fingerprint to be compared with another screen: groups in a fixed grid, read out one after the other. */
export function Fingerprint({ value, label }: { value: string; label: string }) {
  const styles = useStyles();
  const m = useMessages();
  const groups = groupsOf(value);
  return (
    <div className={styles.root}>
      <ul className={styles.groups} aria-label={label} data-fingerprint={value}>
        {groups.map((group, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a group is its place
          <li key={at}>{group}</li>
        ))}
      </ul>
      <CopyButton text={groups.join(" ")} label={m.state.copyWhat(label)} />
    </div>
  );
}
