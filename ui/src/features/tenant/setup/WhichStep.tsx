import { Button, Field, Input, makeStyles, Select, tokens } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import type { TenantSetup } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { WizardStep } from "../../../shared/WizardStep";
import { CLOUDS, type Draft, isId, isTenant } from "../ways";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, maxWidth: "560px" },
});

interface Props {
  setup: TenantSetup;
  draft: Draft;
  onType: (change: Partial<Draft>) => void;
  onCancel: () => void;
  onNext: () => void;
}

/** Which application of which tenant of which cloud. */
export function WhichStep({ setup, draft, onType, onCancel, onNext }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.tenant.setup;
  const [tried, setTried] = useState(false);
  const right = { tenant: isTenant(draft.tenant), clientId: isId(draft.clientId) };
  const fault = (is: boolean, text: string) =>
    tried && !is ? { validationMessage: text, validationState: "error" as const } : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (right.tenant && right.clientId) onNext();
  };
  return (
    <form onSubmit={submit} noValidate>
      <WizardStep
        title={t.steps.which}
        lead={t.whichLead}
        actions={
          <>
            <Button onClick={onCancel}>{t.cancel}</Button>
            <Button appearance="primary" type="submit" data-command="tenantNext">
              {m.setup.next}
            </Button>
          </>
        }
      >
        <div className={styles.form}>
          <Field label={t.cloud} hint={t.cloudHint}>
            <Select
              value={draft.cloud}
              onChange={(_, { value }) => onType({ cloud: value })}
              data-field="cloud"
            >
              {CLOUDS.map((cloud) => (
                <option key={cloud} value={cloud}>
                  {t.clouds[cloud]}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t.tenant} hint={t.tenantHint} required {...fault(right.tenant, t.notATenant)}>
            <Input
              value={draft.tenant}
              onChange={(_, { value }) => onType({ tenant: value })}
              spellCheck={false}
              autoComplete="off"
              data-field="tenant"
            />
          </Field>
          <Field label={t.clientId} hint={t.clientIdHint} required {...fault(right.clientId, t.notAnId)}>
            <Input
              value={draft.clientId}
              onChange={(_, { value }) => onType({ clientId: value })}
              spellCheck={false}
              autoComplete="off"
              data-field="clientId"
            />
          </Field>
          {setup.addresses.length > 0 && <span>{t.addresses(setup.addresses.join(", "))}</span>}
          {setup.from === "shared" && <span>{t.shared}</span>}
        </div>
      </WizardStep>
    </form>
  );
}
