// All of it once more, as an officer will read it, before it is signed.
import { Button, Field, Input, makeStyles, Spinner, tokens } from "@fluentui/react-components";
import { type FormEvent, useId } from "react";
import type { RecoveryDesk, RecoveryLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Facts } from "../../../shared/Facts";
import { useTimeFormat } from "../../../shared/time";
import { WizardStep } from "../../../shared/WizardStep";
import { Disclosure } from "../desk/Disclosure";
import { useUnkept } from "../useUnkept";
import type { StepProps } from "./CaseStep";
import { approvalsFor, daysOf, requestOf, stepFrom, whoseKeys } from "./draft";

const useStyles = makeStyles({
  days: { maxWidth: "220px" },
  list: { margin: 0, padding: 0, listStyleType: "none" },
  approvals: { margin: 0, color: tokens.colorNeutralForeground2 },
});

interface Props extends StepProps {
  desk: RecoveryDesk;
  /** Why nothing can begin here at present. */
  hindered: string | null;
  /** The signed set in force, as a request names it. */
  set: string | null;
  onAsked: (line: RecoveryLine) => void;
}

export function LookStep({ draft, onChange, onLeave, desk, hindered, set, onAsked }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.recovery.wizard;
  const d = m.recovery.details;
  const format = useTimeFormat();
  const summary = useId();
  const ask = useUnkept("request_recovery");
  const days = daysOf(draft, desk.longestDays);
  const { wanted } = draft;
  const anew = wanted === "sealedAnew";
  const go = async (event: FormEvent) => {
    event.preventDefault();
    if (wanted === null || days === null || hindered !== null) return;
    const line = await ask.run(requestOf(draft, wanted, days));
    if (line) onAsked(line);
  };
  if (wanted === null) return null;
  return (
    <form onSubmit={(event) => void go(event)} noValidate>
      <WizardStep
        title={t.steps.look}
        lead={anew ? t.lookLeadAnew : t.lookLead}
        readAloud={summary}
        failure={ask.failure}
        actions={
          <>
            <Button onClick={onLeave}>{t.leave}</Button>
            <Button
              disabledFocusable={ask.pending}
              onClick={() => onChange({ step: stepFrom(draft, -1) })}
              data-command="back"
            >
              {t.back}
            </Button>
            <Button
              appearance="primary"
              type="submit"
              disabledFocusable={ask.pending || hindered !== null}
              icon={ask.pending ? <Spinner size="tiny" /> : null}
              data-command="ask"
            >
              {t.confirm}
            </Button>
          </>
        }
      >
        <Disclosure
          id={summary}
          wanted={wanted}
          whose={anew ? null : whoseKeys(draft)}
          requester={desk.actor}
          to={anew ? set : wanted === "fileForOther" ? draft.whom.trim() : null}
        />
        <Facts
          facts={[
            { name: d.case, value: draft.caseNumber.trim() },
            { name: d.basis, value: draft.legalBasis.trim() },
            { name: d.reason, value: draft.reason.trim() },
            {
              name: d.keys,
              value: anew ? (
                t.keysThatWait
              ) : (
                <ul className={styles.list}>
                  {draft.keys.map((key) => (
                    <li key={key.certificate}>
                      {t.keyOf(key.commonName, format.day(key.notBefore), format.day(key.notAfter))}
                    </li>
                  ))}
                </ul>
              ),
            },
            { name: d.wanted, value: m.recovery.wanted[wanted] },
            anew && set !== null ? { name: d.toSet, value: <strong>{set}</strong> } : null,
            wanted === "fileForOther" ? { name: d.to, value: <strong>{draft.whom.trim()}</strong> } : null,
          ]}
        />
        <p className={styles.approvals} data-approvals>
          {anew ? t.approvalsAnew : t.approvals(approvalsFor(draft, desk.approvals))}
        </p>
        <Field
          className={styles.days}
          label={t.days}
          required
          {...(days === null
            ? { validationMessage: t.daysWrong(desk.longestDays), validationState: "error" as const }
            : { hint: t.daysHint(desk.longestDays) })}
        >
          <Input
            value={draft.days}
            inputMode="numeric"
            onChange={(_, { value }) => onChange({ days: value.trim() })}
            data-field="days"
          />
        </Field>
      </WizardStep>
    </form>
  );
}
