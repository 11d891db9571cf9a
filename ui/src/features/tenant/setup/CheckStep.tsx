import { Button } from "@fluentui/react-components";
import { CheckmarkCircleFilled, ErrorCircleFilled, WarningFilled } from "@fluentui/react-icons";
import { useState } from "react";
import type { TenantSetup, TenantTrial } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { toFailure } from "../../../platform";
import { Confirm } from "../../../shared/Confirm";
import { useCommand } from "../../../shared/command";
import { Facts } from "../../../shared/Facts";
import { Refusal } from "../../../shared/Refusal";
import { StateWord } from "../../../shared/StateWord";
import { WizardStep } from "../../../shared/WizardStep";
import { Checked } from "../Check";

interface Props {
  setup: TenantSetup;
  trial: TenantTrial;
  onBack: () => void;
  onSaved: () => void;
}

/** What the trial found. It is saved when everything is there, or when somebody says so all the same. */
export function CheckStep({ setup, trial, onBack, onSaved }: Props) {
  const m = useMessages();
  const t = m.tenant.setup;
  const [asking, setAsking] = useState(false);
  const save = useCommand("save_tenant", {
    showsFailure: true,
    done: (_: null, { settings, notTakenUp }) => ({
      title: t.saved(settings),
      warning: notTakenUp === null ? t.savedThen : t.notTakenUp(notTakenUp),
    }),
  });
  const run = (anyway: boolean) =>
    save.mutate({ request: { trial: trial.trial, anyway }, context: null }, { onSuccess: onSaved });
  const verdict = trial.failure ? "failed" : trial.sound ? "sound" : "missing";
  const looks = {
    failed: { icon: <ErrorCircleFilled />, tone: "bad" as const },
    missing: { icon: <WarningFilled />, tone: "warning" as const },
    sound: { icon: <CheckmarkCircleFilled />, tone: "good" as const },
  }[verdict];
  return (
    <WizardStep
      title={t.steps.check}
      lead={t.checkLead}
      failure={asking ? null : save.error}
      actions={
        <>
          <Button onClick={onBack}>{m.setup.back}</Button>
          {trial.sound ? (
            <Button
              appearance="primary"
              disabledFocusable={save.isPending}
              onClick={() => run(false)}
              data-command="saveTenant"
            >
              {save.isPending ? t.saving : t.save}
            </Button>
          ) : (
            <Button onClick={() => setAsking(true)} data-command="saveTenantAnyway">
              {t.saveAnyway}
            </Button>
          )}
        </>
      }
    >
      <Facts
        facts={[
          { name: m.tenant.id, value: trial.tenantId, mono: true },
          // What was found says it itself.
          trial.check ? null : { name: m.tenant.signIn, value: trial.signIn },
        ]}
      />
      <div role="status" data-verdict={verdict}>
        <StateWord icon={looks.icon} tone={looks.tone}>
          {t.verdicts[verdict]}
        </StateWord>
      </div>
      {trial.failure && <Refusal failure={toFailure(trial.failure)} />}
      {trial.check && <Checked check={trial.check} trial={trial.trial} folder={setup.folder} />}
      {asking && (
        <Confirm
          title={t.anywayTitle}
          cancel={t.cancel}
          confirm={t.saveAnyway}
          working={t.saving}
          command="confirmSaveTenant"
          pending={save.isPending}
          failure={save.error}
          onConfirm={() => run(true)}
          onClose={() => setAsking(false)}
        >
          {trial.failure ? t.anywayFailed : t.anywayMissing}
        </Confirm>
      )}
    </WizardStep>
  );
}
