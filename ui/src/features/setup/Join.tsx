import {
  Button,
  Checkbox,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Spinner,
  tokens,
} from "@fluentui/react-components";
import { CheckmarkCircleFilled } from "@fluentui/react-icons";
import { useState } from "react";
import type { SetupJoining, SetupStatus } from "../../bindings/api";
import { useMessages } from "../../messages";
import { useSetup } from "../../nouns/useSetup";
import { Card } from "../../shared/Card";
import { Facts } from "../../shared/Facts";
import { Fingerprint } from "../../shared/Fingerprint";
import { StateWord } from "../../shared/StateWord";
import { Relative } from "../../shared/time";
import { WizardStep } from "../../shared/WizardStep";

const useStyles = makeStyles({
  facts: { marginTop: tokens.spacingVerticalM },
  waiting: { display: "flex", alignItems: "center", gap: tokens.spacingHorizontalS },
});

interface Props {
  status: SetupStatus;
  onBack: () => void;
  /** To another database; what was asked stays where it is. */
  onStartOver: () => void;
  onNext: () => void;
}

/** Is it the right fleet? Then ask, show the own fingerprint, and wait. */
export function Join({ status, onBack, onStartOver, onNext }: Props) {
  if (status.joining) {
    return <Waiting status={status} joining={status.joining} onStartOver={onStartOver} onNext={onNext} />;
  }
  return <Ask status={status} onBack={onBack} />;
}

function Ask({ status, onBack }: Pick<Props, "status" | "onBack">) {
  const m = useMessages();
  const t = m.setup.keys;
  const fleet = status.tested?.fleet ?? "";
  const [compared, setCompared] = useState(false);
  const join = useSetup("setup_join");
  return (
    <WizardStep
      title={t.join}
      lead={t.joinLead}
      failure={join.error}
      actions={
        <>
          <Button onClick={onBack} disabledFocusable={join.isPending}>
            {m.setup.back}
          </Button>
          <Button
            appearance="primary"
            disabledFocusable={!compared || join.isPending}
            icon={join.isPending ? <Spinner size="tiny" /> : null}
            onClick={() => compared && join.mutate({ fleet })}
            data-command="join"
          >
            {join.isPending ? t.joining : t.joinAction}
          </Button>
        </>
      }
    >
      <Card title={t.fleet} hint={t.fleetHint}>
        <Fingerprint value={fleet} label={t.fleet} />
      </Card>
      <Checkbox
        label={t.compared}
        checked={compared}
        onChange={(_, { checked }) => setCompared(checked === true)}
      />
    </WizardStep>
  );
}

function Waiting({
  status,
  joining,
  onStartOver,
  onNext,
}: Pick<Props, "status" | "onStartOver" | "onNext"> & { joining: SetupJoining }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.setup.waiting;
  const join = useSetup("setup_join");
  const admitted = joining.state === "admitted";
  const refused = joining.state === "refused";
  return (
    <WizardStep
      title={t.title}
      {...(!admitted && !refused && { lead: t.lead })}
      failure={join.error}
      actions={
        admitted ? (
          <Button appearance="primary" onClick={onNext} data-command="setupNext">
            {m.setup.next}
          </Button>
        ) : (
          <>
            <Button onClick={onStartOver}>{m.setup.startOver}</Button>
            {refused && (
              <Button
                appearance="primary"
                disabledFocusable={join.isPending}
                onClick={() => join.mutate({ fleet: joining.fleet })}
              >
                {t.again}
              </Button>
            )}
          </>
        )
      }
    >
      <Card title={t.own}>
        <Fingerprint value={joining.fingerprint} label={t.own} />
        <div className={styles.facts}>
          <Facts
            facts={[
              { name: t.machine, value: status.machine },
              { name: t.since, value: <Relative at={joining.askedAt} /> },
            ]}
          />
        </div>
      </Card>
      <div aria-live="polite" data-joining={joining.state}>
        {admitted ? (
          <StateWord icon={<CheckmarkCircleFilled />} tone="good">
            {t.admitted}
          </StateWord>
        ) : refused ? (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>
              <MessageBarTitle>{t.refused}</MessageBarTitle>
              {t.refusedHint}
            </MessageBarBody>
          </MessageBar>
        ) : (
          <span className={styles.waiting}>
            <Spinner size="tiny" aria-hidden="true" />
            {t.title}
          </span>
        )}
      </div>
    </WizardStep>
  );
}
