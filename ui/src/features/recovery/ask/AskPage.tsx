// The assistant that asks for keys: case, keys, outcome, a look over all of it, and what has to happen then.
import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { RecoverableKey, RecoveryDesk, RecoveryLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Page } from "../../../shared/Page";
import { QueryState } from "../../../shared/QueryState";
import { Refusal } from "../../../shared/Refusal";
import { LinesSkeleton } from "../../../shared/skeletons";
import { useTimeFormat } from "../../../shared/time";
import { WizardSteps } from "../../../shared/WizardSteps";
import { EntryChecks } from "../desk/EntryChecks";
import { inTheWay } from "../desk/next";
import { deskQuery, setQuery } from "../queries";
import { toDesk } from "../toDesk";
import { AskedStep } from "./AskedStep";
import { CaseStep } from "./CaseStep";
import { stepsOf, useDraft } from "./draft";
import { KeysStep } from "./KeysStep";
import { LeaveDialog } from "./LeaveDialog";
import { LookStep } from "./LookStep";
import { WantedStep } from "./WantedStep";

const useStyles = makeStyles({
  columns: {
    display: "grid",
    gridTemplateColumns: "176px minmax(0, 820px)",
    gap: tokens.spacingHorizontalXXXL,
    "@media (max-width: 860px)": { gridTemplateColumns: "minmax(0, 1fr)", rowGap: tokens.spacingVerticalL },
  },
  main: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, minWidth: 0 },
});

interface Props {
  /** The certificate that the person comes from, and its address. */
  certificate: string | null;
  who: string;
  /** The archive is to be sealed anew, to the set in force. */
  anew: boolean;
}

export function AskPage(props: Props) {
  const m = useMessages();
  const desk = useQuery(deskQuery(false));
  return (
    <Page title={props.anew ? m.recovery.wizard.anewTitle : m.recovery.wizard.title}>
      <QueryState of={desk} skeleton={<LinesSkeleton lines={8} />}>
        {(data) => <Assistant {...props} desk={data} />}
      </QueryState>
    </Page>
  );
}

function Assistant({ certificate, who, anew, desk }: Props & { desk: RecoveryDesk }) {
  const styles = useStyles();
  const t = useMessages().recovery.wizard;
  const format = useTimeFormat();
  const { draft, change, discard, restoredAt } = useDraft(who, anew);
  const [noted, setNoted] = useState(restoredAt !== null);
  const [asked, setAsked] = useState<{ line: RecoveryLine; keys: readonly RecoverableKey[] } | null>(null);
  const [leaving, setLeaving] = useState(false);
  const agents = useQuery({ ...setQuery, enabled: anew });
  const inForce = agents.data?.versions.find(({ standing }) => standing === "inForce");
  const set = inForce ? t.setNamed(inForce.name, inForce.version, inForce.fingerprint) : null;
  const steps = [...stepsOf(draft), "asked" as const];
  const at = asked ? steps.length - 1 : stepsOf(draft).indexOf(draft.step);
  const entered = draft.at !== null;
  const leave = () => (entered ? setLeaving(true) : toDesk());
  const shared = { draft, onChange: change, onLeave: leave };
  const bad = inTheWay(desk.checks);
  const hindered = bad ?? (anew && set === null ? t.noSet : null);
  return (
    <div className={styles.columns} data-ask={asked ? "asked" : draft.step}>
      <WizardSteps
        label={t.progress}
        steps={steps.map((id) => ({ id, title: t.steps[id] }))}
        at={at}
        done={t.passed}
      />
      <div className={styles.main}>
        {bad !== null && !asked && <EntryChecks checks={desk.checks} />}
        {anew && agents.data && set === null && !asked && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{t.noSet}</MessageBarBody>
          </MessageBar>
        )}
        {agents.error && !asked && <Refusal failure={agents.error} />}
        {noted && restoredAt !== null && !asked && (
          <MessageBar intent="info" data-restored>
            <MessageBarBody>{t.restored(format.moment(restoredAt))}</MessageBarBody>
            <MessageBarActions>
              <Button
                size="small"
                onClick={() => {
                  discard();
                  setNoted(false);
                }}
              >
                {t.anew}
              </Button>
            </MessageBarActions>
          </MessageBar>
        )}
        {asked ? (
          <AskedStep {...asked} />
        ) : (
          <div key={draft.step}>
            {draft.step === "case" && <CaseStep {...shared} />}
            {draft.step === "keys" && <KeysStep {...shared} desk={desk} certificate={certificate} />}
            {draft.step === "wanted" && <WantedStep {...shared} />}
            {draft.step === "look" && (
              <LookStep
                {...shared}
                desk={desk}
                hindered={hindered}
                set={set}
                onAsked={(line) => {
                  setAsked({ line, keys: draft.keys });
                  discard();
                }}
              />
            )}
          </div>
        )}
      </div>
      {leaving && (
        <LeaveDialog
          onKeep={() => toDesk()}
          onDiscard={() => {
            discard();
            toDesk();
          }}
          onStay={() => setLeaving(false)}
        />
      )}
    </div>
  );
}
