import { makeStyles } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  root: {
    position: "absolute",
    width: "1px",
    height: "1px",
    overflow: "hidden",
    clipPath: "inset(50%)",
    whiteSpace: "nowrap",
  },
});

/** Text for those who hear the page. */
export function Hidden({ children, live = false }: { children: ReactNode; live?: boolean }) {
  const styles = useStyles();
  return (
    <span className={styles.root} aria-live={live ? "polite" : undefined}>
      {children}
    </span>
  );
}
