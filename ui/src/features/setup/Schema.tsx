import { Button, MessageBar, MessageBarBody, Spinner } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { SetupPlan } from "../../bindings/api";
import { useMessages } from "../../messages";
import { useSetup } from "../../nouns/useSetup";
import { call } from "../../platform";
import { QueryState } from "../../shared/QueryState";
import { Script } from "../../shared/Script";
import { LinesSkeleton } from "../../shared/skeletons";
import { WizardStep } from "../../shared/WizardStep";

interface Props {
  onBack: () => void;
  onNext: () => void;
}

/** What would be done to the tables, in SQL on demand, and doing it. */
export function Schema({ onBack, onNext }: Props) {
  const m = useMessages();
  const t = m.setup.schema;
  const plan = useQuery({
    queryKey: ["setupPlan"] as const,
    queryFn: ({ signal }) => call("setup_plan", {}, signal),
    gcTime: 0,
  });
  const apply = useSetup("setup_apply");
  const { data } = plan;
  const nothing = data !== undefined && data.from === data.to;
  const goOn = () => apply.mutate({}, { onSuccess: onNext });
  return (
    <WizardStep
      title={m.setup.steps.schema}
      failure={apply.error}
      actions={
        <>
          <Button onClick={onBack} disabledFocusable={apply.isPending}>
            {m.setup.back}
          </Button>
          {data && !nothing && !data.mayApply ? (
            <Button appearance="primary" onClick={() => void plan.refetch()} data-command="planAgain">
              {t.again}
            </Button>
          ) : (
            <Button
              appearance="primary"
              disabledFocusable={!data || apply.isPending}
              icon={apply.isPending ? <Spinner size="tiny" /> : null}
              onClick={() => data && goOn()}
              data-command="setupNext"
            >
              {apply.isPending
                ? t.applying
                : nothing || !data
                  ? m.setup.next
                  : data.from === 0
                    ? t.apply
                    : t.applyUpgrade}
            </Button>
          )}
        </>
      }
    >
      <QueryState of={plan} skeleton={<LinesSkeleton lines={3} />}>
        {(found) => <Plan plan={found} />}
      </QueryState>
    </WizardStep>
  );
}

function Plan({ plan }: { plan: SetupPlan }) {
  const m = useMessages();
  const t = m.setup.schema;
  const [shown, setShown] = useState(!plan.mayApply);
  if (plan.from === plan.to) return <span>{t.nothing}</span>;
  return (
    <>
      <span>{plan.from === 0 ? t.create(plan.to) : t.upgrade(plan.from, plan.to)}</span>
      {!plan.mayApply && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{t.mayNot}</MessageBarBody>
        </MessageBar>
      )}
      <div>
        <Button aria-expanded={shown} onClick={() => setShown(!shown)} data-command="showSql">
          {shown ? t.hide : t.show}
        </Button>
      </div>
      {shown && <Script text={plan.sql} label={t.sql} copyLabel={t.copy} />}
    </>
  );
}
