// How the way into the tenant is set up or changed, step by step. Secrets are typed on the command line, never here.
import { Field, Input, makeStyles, Radio, RadioGroup, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { useMessages } from "../../messages";
import { Card } from "../../shared/Card";
import { CopyButton } from "../../shared/CopyButton";
import { commandFor, isId, isWay, WAYS, type Way } from "./ways";

const useStyles = makeStyles({
  steps: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
    paddingLeft: tokens.spacingHorizontalXL,
    margin: 0,
  },
  ids: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(260px, 1fr))",
    gap: tokens.spacingHorizontalM,
    maxWidth: "760px",
  },
  hint: { display: "block", color: tokens.colorNeutralForeground3 },
  line: { display: "flex", alignItems: "center" },
  command: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
});

export function Steps({ tenant }: { tenant: string | null }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.tenant.steps;
  const [tenantId, setTenantId] = useState(tenant ?? "");
  const [clientId, setClientId] = useState("");
  const [way, setWay] = useState<Way>("managedIdentity");
  const command = commandFor(way, tenantId, clientId);
  const wrong = (text: string) => (text.trim() === "" || isId(text) ? null : t.notAnId);
  return (
    <Card title={tenant === null ? t.begin : t.change} hint={t.hint}>
      <ol className={styles.steps}>
        <li>{t.register}</li>
        <li>
          {t.ids}
          <div className={styles.ids}>
            <Field label={t.tenantId} validationMessage={wrong(tenantId)}>
              <Input value={tenantId} spellCheck={false} onChange={(_, { value }) => setTenantId(value)} />
            </Field>
            <Field label={t.clientId} validationMessage={wrong(clientId)}>
              <Input value={clientId} spellCheck={false} onChange={(_, { value }) => setClientId(value)} />
            </Field>
          </div>
        </li>
        <li>{t.permissions}</li>
        <li>
          <Field label={t.way}>
            <RadioGroup value={way} onChange={(_, { value }) => isWay(value) && setWay(value)}>
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
        </li>
        <li>
          {t.run}
          <div className={styles.line}>
            <code className={styles.command} data-command-line>
              {command}
            </code>
            <CopyButton text={command} label={t.copy} />
          </div>
          <span className={styles.hint}>{t.runHint}</span>
        </li>
        <li>{t.restart}</li>
      </ol>
    </Card>
  );
}
