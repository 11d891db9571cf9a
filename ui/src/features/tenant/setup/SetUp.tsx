// The way into the tenant, set up step by step: which tenant, what the application may do there, with what it signs in; tried,
// then kept. What is secret is typed once, goes to the program, and is forgotten here.
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import type { TenantSetup, TenantTrial, TryTenant } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { call, type Failure, toFailure } from "../../../platform";
import { Card } from "../../../shared/Card";
import { WizardSteps } from "../../../shared/WizardSteps";
import { type Draft, isWay } from "../ways";
import { CheckStep } from "./CheckStep";
import { PermissionsStep } from "./PermissionsStep";
import { WayStep } from "./WayStep";
import { WhichStep } from "./WhichStep";

const useStyles = makeStyles({
  columns: {
    display: "grid",
    gridTemplateColumns: "200px minmax(0, 760px)",
    gap: tokens.spacingHorizontalXXL,
    paddingTop: tokens.spacingVerticalS,
    "@media (max-width: 860px)": { gridTemplateColumns: "minmax(0, 1fr)", rowGap: tokens.spacingVerticalL },
  },
});

const STEPS = ["which", "permissions", "way", "check"] as const;
type Step = (typeof STEPS)[number];

export function SetUp({ setup }: { setup: TenantSetup }) {
  const t = useMessages().tenant.setup;
  const isNew = setup.from === "none";
  const [open, setOpen] = useState(false);
  if (setup.whyNot !== null)
    return (
      <Card title={isNew ? t.begin : t.change}>
        <span data-tenant-setup="not">
          {t.notHere} <span lang="en">({setup.whyNot})</span>
        </span>
      </Card>
    );
  if (open) return <Wizard setup={setup} onClose={() => setOpen(false)} />;
  return (
    <Card title={isNew ? t.begin : t.change} hint={t.hint}>
      <div>
        <Button
          appearance={isNew ? "primary" : "secondary"}
          onClick={() => setOpen(true)}
          data-command="setUpTenant"
        >
          {isNew ? t.begin : t.changeIt}
        </Button>
      </div>
    </Card>
  );
}

function Wizard({ setup, onClose }: { setup: TenantSetup; onClose: () => void }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.tenant.setup;
  const [step, go] = useState<Step>("which");
  const [draft, setDraft] = useState<Draft>(() => ({
    cloud: setup.cloud,
    tenant: setup.tenantId ?? "",
    clientId: setup.clientId ?? "",
    way: isWay(setup.way) ? setup.way : "managedIdentity",
    file: "",
    certificate: "",
    identity: "",
  }));
  const type = (change: Partial<Draft>) => setDraft((now) => ({ ...now, ...change }));
  const [trial, setTrial] = useState<TenantTrial | null>(null);
  const [trying, setTrying] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  // Not through the cache of what was asked: a secret would stay in it.
  const attempt = async (request: TryTenant) => {
    setTrying(true);
    setFailure(null);
    try {
      setTrial(await call("try_tenant", request));
      go("check");
    } catch (thrown) {
      setFailure(toFailure(thrown));
    } finally {
      setTrying(false);
    }
  };
  // Whoever leaves does not leave a secret behind, not even in the program's memory.
  useEffect(
    () => () => {
      void call("forget_tenant_trial", {}).catch(() => undefined);
    },
    [],
  );
  return (
    <Card title={setup.from === "none" ? t.begin : t.change} hint={t.hint}>
      <div className={styles.columns} data-tenant-setup={step}>
        <WizardSteps
          label={t.progress}
          steps={STEPS.map((id) => ({ id, title: t.steps[id] }))}
          at={STEPS.indexOf(step)}
          done={m.setup.done}
        />
        <div key={step}>
          {step === "which" && (
            <WhichStep
              setup={setup}
              draft={draft}
              onType={type}
              onCancel={onClose}
              onNext={() => go("permissions")}
            />
          )}
          {step === "permissions" && (
            <PermissionsStep setup={setup} onBack={() => go("which")} onNext={() => go("way")} />
          )}
          {step === "way" && (
            <WayStep
              setup={setup}
              draft={draft}
              trying={trying}
              failure={failure}
              onType={type}
              onBack={() => go("permissions")}
              onTry={(request) => void attempt(request)}
            />
          )}
          {step === "check" && trial && (
            <CheckStep setup={setup} trial={trial} onBack={() => go("way")} onSaved={onClose} />
          )}
        </div>
      </div>
    </Card>
  );
}
