// Which steps an assistant has, which are behind, and where the person is.
import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled } from "@fluentui/react-icons";
import { Hidden } from "./Hidden";

const useStyles = makeStyles({
  steps: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXS,
    margin: 0,
    padding: 0,
    listStyleType: "none",
    "@media (max-width: 860px)": { flexDirection: "row", flexWrap: "wrap", columnGap: "16px" },
  },
  step: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    minHeight: "32px",
    color: tokens.colorNeutralForeground3,
  },
  here: { color: tokens.colorNeutralForeground1, fontWeight: tokens.fontWeightSemibold },
  number: {
    display: "inline-flex",
    alignItems: "center",
    justifyContent: "center",
    flexShrink: 0,
    width: "24px",
    height: "24px",
    boxSizing: "border-box",
    borderRadius: tokens.borderRadiusCircular,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStrokeAccessible}`,
    fontSize: tokens.fontSizeBase200,
  },
  numberHere: {
    color: tokens.colorNeutralForegroundOnBrand,
    backgroundColor: tokens.colorBrandBackground,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorBrandBackground}`,
  },
  passed: { fontSize: "24px", color: tokens.colorStatusSuccessForeground1, display: "inline-flex" },
});

interface Props {
  label: string;
  steps: readonly { id: string; title: string }[];
  /** Index of the step that is shown. */
  at: number;
  /** The word for a step that is behind, for those who hear the page. */
  done: string;
}

export function WizardSteps({ label, steps, at, done }: Props) {
  const styles = useStyles();
  return (
    <ol className={styles.steps} aria-label={label}>
      {steps.map(({ id, title }, index) => (
        <li
          key={id}
          className={mergeClasses(styles.step, index === at && styles.here)}
          aria-current={index === at ? "step" : undefined}
        >
          {index < at ? (
            <span className={styles.passed}>
              <CheckmarkCircleFilled aria-hidden="true" />
            </span>
          ) : (
            <span
              className={mergeClasses(styles.number, index === at && styles.numberHere)}
              aria-hidden="true"
            >
              {index + 1}
            </span>
          )}
          {title}
          {index < at && <Hidden>({done})</Hidden>}
        </li>
      ))}
    </ol>
  );
}
