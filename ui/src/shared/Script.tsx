// A script to be read and copied.
import { makeStyles, tokens } from "@fluentui/react-components";
import { CopyButton } from "./CopyButton";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", alignItems: "flex-start", gap: tokens.spacingVerticalXS },
  text: {
    alignSelf: "stretch",
    boxSizing: "border-box",
    maxHeight: "320px",
    margin: 0,
    overflow: "auto",
    padding: tokens.spacingHorizontalM,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
    backgroundColor: tokens.colorNeutralBackground2,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
});

export function Script({ text, label, copyLabel }: { text: string; label: string; copyLabel: string }) {
  const styles = useStyles();
  return (
    <div className={styles.root}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={styles.text} tabIndex={0} aria-label={label} data-script>
        {text}
      </section>
      <CopyButton text={text} label={copyLabel}>
        {copyLabel}
      </CopyButton>
    </div>
  );
}
