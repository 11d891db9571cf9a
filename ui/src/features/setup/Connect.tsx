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
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { SetupStatus, SetupTarget, SetupTested } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { useSetup } from "../../nouns/useSetup";
import { WizardStep } from "../../shared/WizardStep";
import { Tested } from "./Tested";

const PORTS: Readonly<Record<string, number>> = { mysql: 3306, mssql: 1433 };

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, maxWidth: "560px" },
  row: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) 120px",
    gap: tokens.spacingHorizontalM,
    alignItems: "start",
  },
  // Fluent's fields are wider by themselves than a number needs.
  narrow: { minWidth: 0, "& input": { width: "100%", minWidth: 0 } },
  test: { alignSelf: "flex-start" },
});

const START: SetupTarget = {
  kind: "mysql",
  host: "",
  port: 3306,
  database: "sealwright",
  account: "",
  authentication: "password",
  caFile: "",
};

interface Props {
  status: SetupStatus;
  onBack: (() => void) | null;
  onNext: () => void;
}

/** Address and sign-in, a test of both, and what was found. */
export function Connect({ status, onBack, onNext }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.setup.connect;
  const known = status.target && status.target.kind !== "embedded" ? status.target : START;
  const [target, setTarget] = useState(known);
  const [port, setPort] = useState(String(known.port));
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const [found, setFound] = useState<SetupTested | null>(status.tested);
  const result = useRef<HTMLDivElement>(null);
  const test = useSetup("setup_test");
  useEffect(() => {
    if (found) result.current?.scrollIntoView?.({ block: "start" });
  }, [found]);
  // What was found belongs to what was tested.
  const type = (changes: Partial<SetupTarget>) => {
    setTarget((now) => ({ ...now, ...changes }));
    setFound(null);
  };
  const chooseKind = (kind: string) => {
    const isDefault = Object.values(PORTS).some((known) => String(known) === port);
    if (isDefault) setPort(String(PORTS[kind] ?? port));
    type({
      kind,
      ...(kind === "mysql" && target.authentication === "windows" && { authentication: "password" }),
    });
  };
  const withPassword = target.authentication === "password";
  const portNumber = Number(port);
  const missing = {
    host: target.host.trim() === "",
    port: !(Number.isInteger(portNumber) && portNumber > 0 && portNumber < 65_536),
    database: target.database.trim() === "",
    account: withPassword && target.account.trim() === "",
    password: withPassword && password === "",
  };
  const run = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.values(missing).some(Boolean)) return;
    test.mutate(
      { target: { ...target, port: portNumber }, password: withPassword ? password : null },
      { onSuccess: setFound },
    );
  };
  const fault = (name: keyof typeof missing) =>
    tried && missing[name]
      ? {
          validationMessage: name === "port" ? t.portWrong : t.missing,
          validationState: "error" as const,
        }
      : {};
  const authentications = ["password", "entra", ...(target.kind === "mssql" ? ["windows"] : [])];

  return (
    <WizardStep
      title={m.setup.steps.connect}
      failure={found ? null : test.error}
      actions={
        <>
          {onBack && <Button onClick={onBack}>{m.setup.back}</Button>}
          <Button
            appearance="primary"
            disabledFocusable={found === null || found.obstacle !== null}
            onClick={() => found && found.obstacle === null && onNext()}
            data-command="setupNext"
          >
            {m.setup.next}
          </Button>
        </>
      }
    >
      <form className={styles.form} onSubmit={run} noValidate>
        <Field label={t.kind}>
          <RadioGroup value={target.kind} onChange={(_, { value }) => chooseKind(value)} layout="horizontal">
            {(["mysql", "mssql"] as const).map((kind) => (
              <Radio key={kind} value={kind} label={t.kinds[kind]} />
            ))}
          </RadioGroup>
        </Field>
        <div className={styles.row}>
          <Field label={t.host} hint={t.hostHint} required {...fault("host")}>
            <Input
              value={target.host}
              onChange={(_, { value }) => type({ host: value.trim() })}
              spellCheck={false}
              autoComplete="off"
              placeholder="db.example.com"
              data-field="host"
            />
          </Field>
          <Field label={t.port} required {...fault("port")}>
            <Input
              className={styles.narrow}
              value={port}
              inputMode="numeric"
              onChange={(_, { value }) => {
                setPort(value.trim());
                setFound(null);
              }}
              data-field="port"
            />
          </Field>
        </div>
        <Field label={t.database} hint={t.databaseHint} required {...fault("database")}>
          <Input
            value={target.database}
            onChange={(_, { value }) => type({ database: value })}
            spellCheck={false}
            autoComplete="off"
            data-field="database"
          />
        </Field>
        <Field label={t.authentication}>
          <RadioGroup
            value={target.authentication}
            onChange={(_, { value }) => type({ authentication: value })}
          >
            {authentications.map((kind) => (
              <Radio key={kind} value={kind} label={wordIn(t.authentications, kind)} />
            ))}
          </RadioGroup>
        </Field>
        {target.authentication !== "windows" && (
          <Field
            label={withPassword ? t.account : t.accountEntra}
            required={withPassword}
            {...fault("account")}
          >
            <Input
              value={target.account}
              onChange={(_, { value }) => type({ account: value })}
              spellCheck={false}
              autoComplete="off"
              data-field="account"
            />
          </Field>
        )}
        {withPassword && (
          <Field label={t.password} hint={t.passwordHint} required {...fault("password")}>
            <Input
              type="password"
              value={password}
              onChange={(_, { value }) => {
                setPassword(value);
                setFound(null);
              }}
              autoComplete="off"
              data-field="password"
            />
          </Field>
        )}
        <Field label={t.caFile} hint={t.caFileHint}>
          <Input
            value={target.caFile}
            onChange={(_, { value }) => type({ caFile: value })}
            spellCheck={false}
            data-field="caFile"
          />
        </Field>
        <Button
          className={styles.test}
          type="submit"
          disabledFocusable={test.isPending}
          icon={test.isPending ? <Spinner size="tiny" /> : null}
          data-command="testConnection"
        >
          {test.isPending ? t.testing : t.test}
        </Button>
      </form>
      <div ref={result} aria-live="polite">
        {found && <Tested tested={found} />}
      </div>
    </WizardStep>
  );
}
