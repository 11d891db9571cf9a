// What a test of the connection found.
import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, LockClosedRegular, WarningFilled } from "@fluentui/react-icons";
import type { SetupTested } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { Rights } from "../../nouns/Rights";
import { Card } from "../../shared/Card";
import { Facts } from "../../shared/Facts";
import { StateWord } from "../../shared/StateWord";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  fleet: { display: "block", color: tokens.colorNeutralForeground2 },
});

export function Tested({ tested }: { tested: SetupTested }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.setup.tested;
  return (
    <div className={styles.root} data-tested={tested.state}>
      <Card title={t.title}>
        <Facts
          facts={[
            { name: t.server, value: tested.server },
            {
              name: t.tls,
              value:
                tested.tls === null ? (
                  <StateWord icon={<WarningFilled />} tone="warning">
                    {t.noTls}
                  </StateWord>
                ) : (
                  <StateWord icon={<LockClosedRegular />} tone="good">
                    {tested.tls}
                  </StateWord>
                ),
            },
            { name: t.login, value: tested.login, mono: true },
            {
              name: t.contents,
              value: (
                <>
                  {tested.obstacle === null ? (
                    <StateWord icon={<CheckmarkCircleFilled />} tone="good">
                      {wordIn(t.states, tested.state)}
                    </StateWord>
                  ) : (
                    wordIn(t.states, tested.state)
                  )}
                  {tested.schema > 0 && (
                    <span className={styles.fleet}>
                      {tested.installations > 0 ? t.fleet(tested.installations) : t.noFleet}
                    </span>
                  )}
                </>
              ),
            },
          ]}
        />
      </Card>
      {tested.obstacle !== null && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t.obstacle}</MessageBarTitle>
            {tested.obstacle}
          </MessageBarBody>
        </MessageBar>
      )}
      {tested.rights.length > 0 && (
        <Card title={m.database.rights}>
          <Rights rights={tested.rights} />
        </Card>
      )}
    </div>
  );
}
