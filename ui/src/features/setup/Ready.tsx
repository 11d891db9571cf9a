import { Button, MessageBar, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SetupFounded, SetupStatus } from "../../bindings/api";
import { useMessages } from "../../messages";
import { useSetup } from "../../nouns/useSetup";
import { addressOf, navigate } from "../../shared/address";
import { Card } from "../../shared/Card";
import { CopyButton } from "../../shared/CopyButton";
import { Facts } from "../../shared/Facts";
import { Fingerprint } from "../../shared/Fingerprint";
import { WizardStep } from "../../shared/WizardStep";
import { isMove } from "./steps";

const useStyles = makeStyles({
  path: { display: "flex", alignItems: "start", overflowWrap: "anywhere" },
  warning: { marginTop: tokens.spacingVerticalM },
  list: { margin: 0, paddingLeft: "20px" },
});

/** What was made, what is to be kept safe, and the way into the console. */
export function Ready({ status, founded }: { status: SetupStatus; founded: SetupFounded | null }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.setup.ready;
  const queries = useQueryClient();
  const finish = useSetup("setup_finish");
  const [restart, setRestart] = useState(false);
  const fingerprint = founded?.fingerprint ?? status.joining?.fingerprint ?? "";
  const path = (file: string) => (
    <span className={styles.path}>
      {file}
      <CopyButton text={file} label={m.state.copyWhat(file)} />
    </span>
  );
  const open = () =>
    finish.mutate(
      {},
      {
        onSuccess: (finished) => {
          if (finished.restart) {
            setRestart(true);
            return;
          }
          navigate(addressOf("overview"));
          // Everything read so far was refused or of another database.
          void queries.resetQueries();
        },
      },
    );
  return (
    <WizardStep
      title={isMove(status) ? t.movedTitle : t.title}
      failure={finish.error}
      actions={
        restart ? (
          <MessageBar intent="success" layout="multiline">
            <MessageBarBody>{t.restart}</MessageBarBody>
          </MessageBar>
        ) : (
          <Button
            appearance="primary"
            disabledFocusable={finish.isPending}
            onClick={open}
            data-command="finish"
          >
            {t.open}
          </Button>
        )
      }
    >
      {founded?.kraFile && founded.kraPasswordFile && (
        <Card title={t.kraFile}>
          <Facts
            facts={[
              { name: t.kraFile, value: path(founded.kraFile), mono: true },
              { name: t.kraPassword, value: path(founded.kraPasswordFile), mono: true },
            ]}
          />
          <MessageBar className={styles.warning} intent="warning" layout="multiline">
            <MessageBarBody>{t.kraWarning}</MessageBarBody>
          </MessageBar>
        </Card>
      )}
      {fingerprint && (
        <Card title={t.own}>
          <Fingerprint value={fingerprint} label={t.own} />
        </Card>
      )}
      {founded?.fleet && (
        <Card title={t.fleet}>
          <Fingerprint value={founded.fleet} label={t.fleet} />
        </Card>
      )}
      {!isMove(status) && !status.joining && (
        <Card title={t.next}>
          <ol className={styles.list}>
            {t.nextSteps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </Card>
      )}
    </WizardStep>
  );
}
