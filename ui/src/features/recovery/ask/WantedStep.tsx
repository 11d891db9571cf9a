import { Button, Field, Input, makeStyles, Radio, RadioGroup, tokens } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { useMessages } from "../../../messages";
import { WizardStep } from "../../../shared/WizardStep";
import { FOR_CHOSEN_KEYS } from "../outcome";
import type { StepProps } from "./CaseStep";
import { LONGEST, textFault } from "./draft";

const useStyles = makeStyles({
  means: { display: "block", color: tokens.colorNeutralForeground3, maxWidth: "620px" },
  name: { fontWeight: tokens.fontWeightSemibold },
  whom: { maxWidth: "520px" },
});

/** What shall come of it. Officers agree to this and to nothing else. */
export function WantedStep({ draft, onChange, onLeave }: StepProps) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.recovery;
  const [tried, setTried] = useState(false);
  const other = draft.wanted === "fileForOther";
  const fault = other ? textFault(draft.whom) : null;
  const go = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (draft.wanted !== null && fault === null) onChange({ step: "look" });
  };
  const told = fault !== null && (tried || fault !== "missing");
  return (
    <form onSubmit={go} noValidate>
      <WizardStep
        title={t.wizard.steps.wanted}
        lead={t.wizard.wantedLead}
        actions={
          <>
            <Button onClick={onLeave}>{t.wizard.leave}</Button>
            <Button onClick={() => onChange({ step: "keys" })} data-command="back">
              {t.wizard.back}
            </Button>
            <Button appearance="primary" type="submit" data-command="next">
              {t.wizard.next}
            </Button>
          </>
        }
      >
        <Field
          {...(tried &&
            draft.wanted === null && {
              validationMessage: t.wizard.wantedMissing,
              validationState: "error" as const,
            })}
        >
          <RadioGroup
            aria-label={t.details.wanted}
            value={draft.wanted ?? ""}
            onChange={(_, { value }) =>
              onChange({ wanted: FOR_CHOSEN_KEYS.find((one) => one === value) ?? null })
            }
          >
            {FOR_CHOSEN_KEYS.map((outcome) => (
              <Radio
                key={outcome}
                value={outcome}
                data-outcome={outcome}
                label={
                  <span>
                    <span className={styles.name}>{t.wanted[outcome]}</span>
                    <span className={styles.means}>{t.wantedMeans[outcome]}</span>
                  </span>
                }
              />
            ))}
          </RadioGroup>
        </Field>
        {other && (
          <Field
            className={styles.whom}
            label={t.to}
            required
            {...(told
              ? {
                  validationMessage: fault === "tooLong" ? t.wizard.tooLong(LONGEST) : t.wizard[fault],
                  validationState: "error" as const,
                }
              : { hint: t.toHint })}
          >
            <Input
              value={draft.whom}
              onChange={(_, { value }) => onChange({ whom: value })}
              autoComplete="off"
              data-field="whom"
            />
          </Field>
        )}
      </WizardStep>
    </form>
  );
}
