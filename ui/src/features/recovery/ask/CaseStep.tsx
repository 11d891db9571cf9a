import { Button, Field, Input, makeStyles, Textarea, tokens } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { useMessages } from "../../../messages";
import { WizardStep } from "../../../shared/WizardStep";
import { type Draft, LONGEST, stepFrom, textFault } from "./draft";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, maxWidth: "620px" },
});

export interface StepProps {
  draft: Draft;
  onChange: (changes: Partial<Draft>) => void;
  onLeave: () => void;
}

const FIELDS = ["caseNumber", "legalBasis", "reason"] as const;

/** Case number, legal basis and reason: what stands in the audit log for good. */
export function CaseStep({ draft, onChange, onLeave }: StepProps) {
  const styles = useStyles();
  const t = useMessages().recovery.wizard;
  const [tried, setTried] = useState(false);
  const words = {
    caseNumber: { label: t.case, hint: t.caseHint },
    legalBasis: { label: t.basis, hint: t.basisHint },
    reason: { label: t.reason, hint: t.reasonHint },
  };
  const go = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (FIELDS.every((name) => textFault(draft[name]) === null)) onChange({ step: stepFrom(draft, 1) });
  };
  return (
    <form onSubmit={go} noValidate>
      <WizardStep
        title={t.steps.case}
        lead={t.caseLead}
        actions={
          <>
            <Button onClick={onLeave}>{t.leave}</Button>
            <Button appearance="primary" type="submit" data-command="next">
              {t.next}
            </Button>
          </>
        }
      >
        <div className={styles.form}>
          {FIELDS.map((name) => {
            const fault = textFault(draft[name]);
            // What cannot be sent is told while it is typed; what is still missing is told once it is wanted.
            const told = fault !== null && (tried || fault !== "missing");
            return (
              <Field
                key={name}
                label={words[name].label}
                required
                {...(told
                  ? {
                      validationMessage: fault === "tooLong" ? t.tooLong(LONGEST) : t[fault],
                      validationState: "error" as const,
                    }
                  : { hint: words[name].hint })}
              >
                {name === "reason" ? (
                  <Textarea
                    value={draft[name]}
                    onChange={(_, { value }) => onChange({ [name]: value })}
                    resize="vertical"
                    data-field={name}
                  />
                ) : (
                  <Input
                    value={draft[name]}
                    onChange={(_, { value }) => onChange({ [name]: value })}
                    autoComplete="off"
                    data-field={name}
                  />
                )}
              </Field>
            );
          })}
        </div>
      </WizardStep>
    </form>
  );
}
