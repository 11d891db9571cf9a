import {
  Button,
  Field,
  Input,
  makeStyles,
  Radio,
  RadioGroup,
  Spinner,
  tokens,
} from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import type { TenantSetup, TryTenant } from "../../../bindings/api";
import { useMessages, wordIn } from "../../../messages";
import type { Failure } from "../../../platform";
import { CopyButton } from "../../../shared/CopyButton";
import { WizardStep } from "../../../shared/WizardStep";
import { type Draft, isId, isWay, tokenCommand, trialOf, WAYS, wayOf } from "../ways";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, maxWidth: "620px" },
  hint: { display: "block", color: tokens.colorNeutralForeground3 },
  where: { margin: 0, maxWidth: "620px" },
  line: { display: "flex", alignItems: "center" },
  command: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
});

interface Props {
  setup: TenantSetup;
  draft: Draft;
  trying: boolean;
  failure: Failure | null;
  onType: (change: Partial<Draft>) => void;
  onBack: () => void;
  onTry: (request: TryTenant) => void;
}

/** With what the application signs in. What is secret lives in this step alone. */
export function WayStep({ setup, draft, trying, failure, onType, onBack, onTry }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.tenant.setup;
  const [secret, setSecret] = useState("");
  const [tried, setTried] = useState(false);
  const way = wayOf(draft);
  const wrong = {
    secret: draft.way === "secret" && secret.trim() === "",
    file: draft.way === "certificate" && draft.file.trim() === "",
    certificate: draft.way === "keyVault" && !draft.certificate.trim().startsWith("https://"),
    identity:
      (draft.way === "keyVault" || draft.way === "managedIdentity") &&
      draft.identity.trim() !== "" &&
      !isId(draft.identity),
  };
  const fault = (name: keyof typeof wrong, text: string = m.setup.connect.missing) =>
    tried && wrong[name] ? { validationMessage: text, validationState: "error" as const } : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (way === null || Object.values(wrong).some(Boolean)) return;
    onTry(trialOf(draft, way, secret));
    // It is on its way, and is typed anew where it was wrong.
    setSecret("");
    setTried(false);
  };
  return (
    <form onSubmit={submit} noValidate>
      <WizardStep
        title={t.steps.way}
        lead={t.wayLead}
        failure={trying ? null : failure}
        actions={
          <>
            <Button onClick={onBack}>{m.setup.back}</Button>
            <Button
              appearance="primary"
              type="submit"
              disabledFocusable={trying || way === null}
              icon={trying ? <Spinner size="tiny" /> : null}
              data-command="tryTenant"
            >
              {trying ? t.trying : t.tryIt}
            </Button>
          </>
        }
      >
        <div className={styles.form}>
          <Field label={t.way}>
            <RadioGroup
              value={draft.way}
              onChange={(_, { value }) => {
                if (isWay(value)) onType({ way: value });
                setSecret("");
                setTried(false);
              }}
            >
              {WAYS.map((one) => (
                <Radio
                  key={one}
                  value={one}
                  label={
                    <>
                      {t.ways[one]}
                      <span className={styles.hint}>{t.secrets[one]}</span>
                    </>
                  }
                />
              ))}
            </RadioGroup>
          </Field>
          <p className={styles.where}>{t.where[draft.way]}</p>
          {draft.way === "secret" && (
            <Secret
              label={t.secret}
              hint={t.kept[setup.secrets as keyof typeof t.kept] ?? setup.secrets}
              value={secret}
              onType={setSecret}
              fault={fault("secret")}
            />
          )}
          {draft.way === "certificate" && (
            <>
              <Field label={t.file} hint={t.fileHint} required {...fault("file")}>
                <Input
                  value={draft.file}
                  onChange={(_, { value }) => onType({ file: value })}
                  spellCheck={false}
                  autoComplete="off"
                  data-field="file"
                />
              </Field>
              <Secret
                label={t.filePassword}
                hint={`${t.filePasswordHint} ${wordIn(t.kept, setup.secrets)}`}
                value={secret}
                onType={setSecret}
                fault={{}}
              />
            </>
          )}
          {draft.way === "keyVault" && (
            <Field
              label={t.certificate}
              hint="https://VAULT.vault.azure.net/certificates/NAME/VERSION"
              required
              {...fault("certificate")}
            >
              <Input
                value={draft.certificate}
                onChange={(_, { value }) => onType({ certificate: value })}
                spellCheck={false}
                autoComplete="off"
                data-field="certificate"
              />
            </Field>
          )}
          {(draft.way === "keyVault" || draft.way === "managedIdentity") && (
            <Field label={t.identity} hint={t.identityHint} {...fault("identity", t.notAnId)}>
              <Input
                value={draft.identity}
                onChange={(_, { value }) => onType({ identity: value })}
                spellCheck={false}
                autoComplete="off"
                data-field="identity"
              />
            </Field>
          )}
          {draft.way === "token" && (
            <div className={styles.line}>
              <code className={styles.command} data-command-line>
                {tokenCommand(draft)}
              </code>
              <CopyButton text={tokenCommand(draft)} label={t.copy} />
            </div>
          )}
        </div>
      </WizardStep>
    </form>
  );
}

interface SecretProps {
  label: string;
  hint: string;
  value: string;
  onType: (text: string) => void;
  fault: { validationMessage?: string; validationState?: "error" };
}

function Secret({ label, hint, value, onType, fault }: SecretProps) {
  return (
    <Field label={label} hint={hint} required={fault.validationState !== undefined} {...fault}>
      <Input
        type="password"
        value={value}
        onChange={(_, data) => onType(data.value)}
        autoComplete="off"
        data-field="secret"
      />
    </Field>
  );
}
