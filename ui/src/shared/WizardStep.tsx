// The frame of a step of an assistant: heading, content, failure, and the way on.
import { makeStyles, tokens, typographyStyles, useId } from "@fluentui/react-components";
import { type ReactNode, useEffect, useRef } from "react";
import type { Failure } from "../platform";
import { Refusal } from "./Refusal";

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
  /** Id of what is read aloud together with the heading. */
  readAloud?: string;
}

export function WizardStep({ title, lead, failure, actions, children, readAloud }: Props) {
  const styles = useStyles();
  const id = useId("step");
  const heading = useRef<HTMLHeadingElement>(null);
  // A new step is announced by moving to its heading.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <section className={styles.root} aria-labelledby={id}>
      <h2 id={id} ref={heading} tabIndex={-1} className={styles.title} aria-describedby={readAloud}>
        {title}
      </h2>
      {lead && <p className={styles.lead}>{lead}</p>}
      {children}
      {failure && <Refusal failure={failure} />}
      <div className={styles.actions}>{actions}</div>
    </section>
  );
}
