// A script to be read and copied.
import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { CopyButton } from "./CopyButton";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", alignItems: "flex-start", gap: tokens.spacingVerticalXS },
  deeds: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
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

interface Props {
  text: string;
  label: string;
  copyLabel: string;
  /** What else can be done with it, beside copying. */
  children?: ReactNode;
}

export function Script({ text, label, copyLabel, children }: Props) {
  const styles = useStyles();
  return (
    <div className={styles.root}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={styles.text} tabIndex={0} aria-label={label} data-script>
        {text}
      </section>
      <div className={styles.deeds}>
        <CopyButton text={text} label={copyLabel}>
          {copyLabel}
        </CopyButton>
        {children}
      </div>
    </div>
  );
}
