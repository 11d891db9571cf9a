import { makeStyles, tokens } from "@fluentui/react-components";
import { BeakerRegular } from "@fluentui/react-icons";
import { useMessages } from "../messages";

const useStyles = makeStyles({
  root: {
    display: "flex",
    alignItems: "center",
    justifyContent: "center",
    gap: tokens.spacingHorizontalS,
    flexShrink: 0,
    minHeight: "26px",
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorBrandForeground2,
    backgroundColor: tokens.colorBrandBackground2,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorBrandStroke2}`,
  },
});

/** Says on every page that the tenant is not a real one. */
export function SimulatedBanner() {
  const styles = useStyles();
  const m = useMessages();
  return (
    <div className={styles.root} role="note" data-simulated>
      <BeakerRegular fontSize={16} aria-hidden="true" />
      {m.shell.simulated}
    </div>
  );
}
