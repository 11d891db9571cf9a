// The frame of a step: heading, content, failure, and the way on.
import { makeStyles, tokens, typographyStyles } from "@fluentui/react-components";
import { type ReactNode, useEffect, useRef } from "react";
import type { Failure } from "../../platform";
import { Refusal } from "../../shared/Refusal";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL, minWidth: 0 },
  title: { ...typographyStyles.subtitle1, margin: 0, outlineStyle: "none" },
  lead: { margin: 0, color: tokens.colorNeutralForeground2, maxWidth: "680px" },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
});

interface Props {
  title: string;
  lead?: string;
  failure?: Failure | null;
  actions: ReactNode;
  children?: ReactNode;
}

export function Step({ title, lead, failure, actions, children }: Props) {
  const styles = useStyles();
  const heading = useRef<HTMLHeadingElement>(null);
  // A new step is announced by moving to its heading.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <section className={styles.root} aria-labelledby="setup-step">
      <h2 id="setup-step" ref={heading} tabIndex={-1} className={styles.title}>
        {title}
      </h2>
      {lead && <p className={styles.lead}>{lead}</p>}
      {children}
      {failure && <Refusal failure={failure} />}
      <div className={styles.actions}>{actions}</div>
    </section>
  );
}
