// Names and values under a heading, as in a certificate viewer.
import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { Fragment, type ReactNode } from "react";

const useStyles = makeStyles({
  heading: {
    margin: `${tokens.spacingVerticalL} 0 ${tokens.spacingVerticalXS}`,
    fontSize: tokens.fontSizeBase300,
    fontWeight: tokens.fontWeightSemibold,
    lineHeight: tokens.lineHeightBase300,
    color: tokens.colorNeutralForeground1,
  },
  list: {
    display: "grid",
    gridTemplateColumns: "minmax(104px, 132px) minmax(0, 1fr)",
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalSNudge,
    margin: 0,
  },
  name: { color: tokens.colorNeutralForeground3 },
  value: { margin: 0, overflowWrap: "anywhere" },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
});

export interface Fact {
  name: string;
  value: ReactNode;
  mono?: boolean;
}

/** `null` values are left out. */
export function Facts({ heading, facts }: { heading?: string; facts: readonly (Fact | null)[] }) {
  const styles = useStyles();
  return (
    <>
      {heading && <FactsHeading>{heading}</FactsHeading>}
      <dl className={styles.list}>
        {facts
          .filter((fact) => fact !== null)
          .map((fact) => (
            <Fragment key={fact.name}>
              <dt className={styles.name}>{fact.name}</dt>
              <dd className={mergeClasses(styles.value, fact.mono && styles.mono)}>{fact.value}</dd>
            </Fragment>
          ))}
      </dl>
    </>
  );
}

export function FactsHeading({ children }: { children: ReactNode }) {
  const styles = useStyles();
  return <h3 className={styles.heading}>{children}</h3>;
}
