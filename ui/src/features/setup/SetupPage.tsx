// The assistant: shown alone while a home holds nothing, and for the move to a shared database.
import { Button, makeStyles, mergeClasses, tokens, typographyStyles } from "@fluentui/react-components";
import { CheckmarkCircleFilled } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import type { SetupFounded, SetupStatus } from "../../bindings/api";
import { useMessages } from "../../messages";
import { useSetup } from "../../nouns/useSetup";
import { addressOf, navigate } from "../../shared/address";
import { Hidden } from "../../shared/Hidden";
import { Refusal } from "../../shared/Refusal";
import { SealMark } from "../../shared/SealMark";
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
  steps: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXS,
    margin: 0,
    padding: 0,
    listStyleType: "none",
    "@media (max-width: 860px)": { flexDirection: "row", flexWrap: "wrap", columnGap: "16px" },
  },
  step: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    minHeight: "32px",
    color: tokens.colorNeutralForeground3,
  },
  here: { color: tokens.colorNeutralForeground1, fontWeight: tokens.fontWeightSemibold },
  number: {
    display: "inline-flex",
    alignItems: "center",
    justifyContent: "center",
    flexShrink: 0,
    width: "24px",
    height: "24px",
    boxSizing: "border-box",
    borderRadius: tokens.borderRadiusCircular,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStrokeAccessible}`,
    fontSize: tokens.fontSizeBase200,
  },
  numberHere: {
    color: tokens.colorNeutralForegroundOnBrand,
    backgroundColor: tokens.colorBrandBackground,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorBrandBackground}`,
  },
  passed: { fontSize: "24px", color: tokens.colorStatusSuccessForeground1, display: "inline-flex" },
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
          <ol className={styles.steps} aria-label={t.progress}>
            {steps.map((id, index) => (
              <li
                key={id}
                className={mergeClasses(styles.step, index === at && styles.here)}
                aria-current={index === at ? "step" : undefined}
              >
                {index < at ? (
                  <span className={styles.passed}>
                    <CheckmarkCircleFilled aria-hidden="true" />
                  </span>
                ) : (
                  <span
                    className={mergeClasses(styles.number, index === at && styles.numberHere)}
                    aria-hidden="true"
                  >
                    {index + 1}
                  </span>
                )}
                {t.steps[id]}
                {index < at && <Hidden>({t.done})</Hidden>}
              </li>
            ))}
          </ol>
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
