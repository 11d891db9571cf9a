import {
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Radio,
  RadioGroup,
  tokens,
} from "@fluentui/react-components";
import { useMessages } from "../../../messages";
import { approvalsOf, countOf, type Proposal, quorumOf } from "./proposal";

const useStyles = makeStyles({
  lead: { margin: 0, color: tokens.colorNeutralForeground2 },
  name: { fontWeight: tokens.fontWeightSemibold },
  means: { display: "block", color: tokens.colorNeutralForeground3 },
  number: { maxWidth: "320px" },
});

interface Props {
  proposal: Proposal;
  onChange: (proposal: Proposal) => void;
}

/** How many it takes to open a key, and what that means when a key is lost. */
export function PolicyStep({ proposal, onChange }: Props) {
  const styles = useStyles();
  const t = useMessages().officers.propose;
  const count = countOf(proposal);
  const quorum = quorumOf(proposal);
  const approvals = approvalsOf(proposal);
  const all = (proposal.together ? quorum : approvals) === count;
  const option = (name: string, means: string) => (
    <span>
      <span className={styles.name}>{name}</span>
      <span className={styles.means}>{means}</span>
    </span>
  );
  return (
    <>
      <p className={styles.lead}>{t.policyLead}</p>
      <RadioGroup
        aria-label={t.steps.policy}
        value={proposal.together ? "together" : "anyOne"}
        onChange={(_, { value }) => onChange({ ...proposal, together: value === "together" })}
      >
        <Radio value="anyOne" label={option(t.anyOne, t.anyOneMeans)} />
        <Radio
          value="together"
          disabled={count < 2}
          label={option(t.quorum, count < 2 ? t.needsTwo : t.quorumMeans(quorum ?? 2, count))}
        />
      </RadioGroup>
      {proposal.together ? (
        <Field
          className={styles.number}
          label={t.m}
          required
          {...(quorum === null
            ? {
                validationMessage: count < 2 ? t.needsTwo : t.mWrong(count),
                validationState: "error" as const,
              }
            : { hint: t.mHint(count) })}
        >
          <Input
            value={proposal.quorum}
            inputMode="numeric"
            onChange={(_, { value }) => onChange({ ...proposal, quorum: value.trim() })}
            data-field="quorum"
          />
        </Field>
      ) : (
        <Field
          className={styles.number}
          label={t.approvals}
          required
          {...(approvals === null
            ? { validationMessage: t.approvalsWrong(count), validationState: "error" as const }
            : { hint: t.approvalsHint(count) })}
        >
          <Input
            value={proposal.approvals}
            inputMode="numeric"
            onChange={(_, { value }) => onChange({ ...proposal, approvals: value.trim() })}
            data-field="approvals"
          />
        </Field>
      )}
      {all && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t.noneSpare}</MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}
