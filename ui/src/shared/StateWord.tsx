// A state as icon and word: never by colour alone.
import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import type { ReactElement, ReactNode } from "react";

export type Tone = "good" | "warning" | "bad" | "busy" | "quiet";

const useStyles = makeStyles({
  root: {
    display: "inline-flex",
    alignItems: "center",
    verticalAlign: "top",
    maxWidth: "100%",
    gap: tokens.spacingHorizontalSNudge,
    minWidth: 0,
  },
  icon: { display: "inline-flex", fontSize: "16px", flexShrink: 0 },
  good: { color: tokens.colorStatusSuccessForeground1 },
  warning: { color: tokens.colorStatusWarningForeground1 },
  bad: { color: tokens.colorStatusDangerForeground1 },
  busy: { color: tokens.colorBrandForeground1 },
  quiet: { color: tokens.colorNeutralForeground3 },
  word: {
    flexShrink: 0,
    maxWidth: "100%",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
  },
  wraps: { whiteSpace: "normal", flexShrink: 1, overflowWrap: "anywhere" },
  strong: { fontWeight: tokens.fontWeightSemibold },
  aside: {
    minWidth: 0,
    overflow: "hidden",
    textOverflow: "ellipsis",
    color: tokens.colorNeutralForeground3,
    whiteSpace: "nowrap",
  },
});

interface Props {
  icon: ReactElement;
  tone: Tone;
  /** The word itself. */
  children: ReactNode;
  /** Said after the word: an age, for example. */
  aside?: ReactNode;
  title?: string | undefined;
  /** A sentence rather than a word: it may take several lines. */
  wraps?: boolean;
}

export function StateWord({ icon, tone, children, aside, title, wraps = false }: Props) {
  const styles = useStyles();
  const alarming = tone === "bad" || tone === "warning";
  return (
    <span className={styles.root} title={title}>
      <span className={mergeClasses(styles.icon, styles[tone])} aria-hidden="true">
        {icon}
      </span>
      <span
        className={mergeClasses(
          styles.word,
          alarming && styles[tone],
          alarming && styles.strong,
          wraps && styles.wraps,
        )}
      >
        {children}
      </span>
      {aside && <span className={styles.aside}>{aside}</span>}
    </span>
  );
}
