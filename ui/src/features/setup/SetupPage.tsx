// The assistant: shown alone while a home holds nothing, and for the move to a shared database.
import { Button, makeStyles, tokens, typographyStyles } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import type { SetupFounded, SetupStatus } from "../../bindings/api";
import { useMessages } from "../../messages";
import { useSetup } from "../../nouns/useSetup";
import { addressOf, navigate } from "../../shared/address";
import { Refusal } from "../../shared/Refusal";
import { SealMark } from "../../shared/SealMark";
import { WizardSteps } from "../../shared/WizardSteps";
import { Connect } from "./Connect";
import { Copy } from "./Copy";
import { Found } from "./Found";
import { Join } from "./Join";
import { Ready } from "./Ready";
import { Roles } from "./Roles";
import { Schema } from "./Schema";
import { isMove, type StepId, stepOf, stepsOf } from "./steps";
import { Where } from "./Where";

const useStyles = makeStyles({
  root: {
    height: "100%",
    overflow: "auto",
    boxSizing: "border-box",
    backgroundColor: tokens.colorNeutralBackground2,
    color: tokens.colorNeutralForeground1,
  },
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalL,
    minHeight: "48px",
    padding: `0 ${tokens.spacingHorizontalXXL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
  },
  brand: {
    display: "inline-flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    fontWeight: tokens.fontWeightSemibold,
    fontSize: tokens.fontSizeBase400,
  },
  home: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, overflowWrap: "anywhere" },
  columns: {
    display: "grid",
    gridTemplateColumns: "200px minmax(0, 760px)",
    gap: tokens.spacingHorizontalXXXL,
    justifyContent: "center",
    padding: `${tokens.spacingVerticalXXL} ${tokens.spacingHorizontalXXL}`,
    "@media (max-width: 860px)": { gridTemplateColumns: "minmax(0, 1fr)", rowGap: tokens.spacingVerticalL },
  },
  title: { ...typographyStyles.title3, gridColumn: "1 / -1", margin: 0 },
  leave: { marginTop: tokens.spacingVerticalM, alignSelf: "flex-start" },
  refusal: { marginTop: tokens.spacingVerticalL },
  aside: { display: "flex", flexDirection: "column" },
});

export function SetupPage({ status }: { status: SetupStatus }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.setup;
  // The person goes from step to step; where the program stands decides only where they begin.
  const [step, go] = useState<StepId>(() => stepOf(status));
  const [server, setServer] = useState(status.target !== null && status.target.kind !== "embedded");
  const [founded, setFounded] = useState<SetupFounded | null>(null);
  const steps = stepsOf(status, server);
  const at = Math.max(0, steps.indexOf(step));
  const move = isMove(status);
  const title = move ? t.moveTitle : t.title;
  const cancel = useSetup("setup_cancel");
  useEffect(() => {
    document.title = `${title} · ${m.product}`;
  }, [title, m.product]);

  const startOver = () => cancel.mutate({}, { onSuccess: () => go("where") });
  const leave = () =>
    cancel.mutate({}, { onSuccess: () => navigate(addressOf("settings", { tab: "database" })) });
  const joins = (status.tested?.installations ?? 0) > 0 || status.joining !== null;

  return (
    <div className={styles.root} data-setup={step}>
      <header className={styles.head}>
        <span className={styles.brand}>
          <SealMark />
          {m.product}
        </span>
        <span className={styles.home}>{t.home(status.home)}</span>
      </header>
      <main className={styles.columns}>
        <h1 className={styles.title}>{title}</h1>
        <div className={styles.aside}>
          <WizardSteps
            label={t.progress}
            steps={steps.map((id) => ({ id, title: t.steps[id] }))}
            at={at}
            done={t.done}
          />
          {move && step !== "ready" && !["done", "held"].includes(status.copying?.state ?? "") && (
            <Button className={styles.leave} disabledFocusable={cancel.isPending} onClick={leave}>
              {t.cancelMove}
            </Button>
          )}
        </div>
        <div key={step}>
          {step === "where" && (
            <Where
              server={server}
              onServer={setServer}
              onConnect={() => go("connect")}
              onMade={() => go("keys")}
            />
          )}
          {step === "connect" && (
            <Connect status={status} onBack={move ? null : startOver} onNext={() => go("schema")} />
          )}
          {step === "schema" && <Schema onBack={() => go("connect")} onNext={() => go("roles")} />}
          {step === "roles" && (
            <Roles onBack={() => go("schema")} onNext={() => go(move ? "copy" : "keys")} />
          )}
          {step === "keys" &&
            (joins ? (
              <Join
                status={status}
                onBack={() => go("roles")}
                onStartOver={startOver}
                onNext={() => go("ready")}
              />
            ) : (
              <Found
                status={status}
                onBack={server ? () => go("roles") : startOver}
                onFounded={(made) => {
                  setFounded(made);
                  go("ready");
                }}
              />
            ))}
          {step === "copy" && (
            <Copy
              status={status}
              onBack={() => go("roles")}
              onNext={() => go("ready")}
              onStop={leave}
              stopping={cancel.isPending}
            />
          )}
          {step === "ready" && <Ready status={status} founded={founded} />}
          {cancel.error && step !== "ready" && (
            <div className={styles.refusal}>
              <Refusal failure={cancel.error} />
            </div>
          )}
        </div>
      </main>
    </div>
  );
}
