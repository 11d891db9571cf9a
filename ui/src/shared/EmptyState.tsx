import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  root: {
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    textAlign: "center",
    gap: tokens.spacingVerticalS,
    maxWidth: "520px",
    margin: "0 auto",
    padding: `${tokens.spacingVerticalXXXL} ${tokens.spacingHorizontalL}`,
  },
  icon: { fontSize: "40px", lineHeight: 1, color: tokens.colorBrandForeground1 },
  hint: { color: tokens.colorNeutralForeground2 },
  action: { marginTop: tokens.spacingVerticalS },
});

interface Props {
  icon: ReactNode;
  title: string;
  hint: string;
  /** The button that leads on. */
  action?: ReactNode;
}

/** There is nothing to show, and what to do about it. */
export function EmptyState({ icon, title, hint, action }: Props) {
  const styles = useStyles();
  return (
    <div className={styles.root}>
      <span className={styles.icon} aria-hidden="true">
        {icon}
      </span>
      <Text as="h2" size={500} weight="semibold" block>
        {title}
      </Text>
      <Text className={styles.hint}>{hint}</Text>
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}
