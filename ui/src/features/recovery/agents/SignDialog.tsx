// An officer compares the fingerprint with the others, and then signs with the own key.
import { MessageBar, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled } from "@fluentui/react-icons";
import { useState } from "react";
import type { KraSetLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Facts } from "../../../shared/Facts";
import { FingerprintCheck, useCompared } from "../../../shared/FingerprintCheck";
import { StateWord } from "../../../shared/StateWord";
import { DeedDialog } from "../deed/DeedDialog";
import { OfficerTable } from "./OfficerTable";

const useStyles = makeStyles({
  text: { margin: 0 },
  result: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalL },
});

export function SignDialog({ line, onClose }: { line: KraSetLine; onClose: () => void }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.officers.set;
  const h = m.hybrid.propose;
  const of = useCompared(line.fingerprint);
  const [tried, setTried] = useState(false);
  return (
    <DeedDialog
      title={t.signTitle(line.version)}
      deed={{ kind: "signSet", fingerprint: line.fingerprint }}
      before={
        <>
          <Facts
            facts={[
              { name: t.policy, value: line.policy },
              { name: t.officers, value: line.officers.map(({ name }) => name).join(", ") },
              {
                name: t.changes,
                value:
                  line.changes.length === 0 ? (
                    t.noChanges
                  ) : (
                    <ul className={styles.list}>
                      {line.changes.map((change) => (
                        <li key={change}>{change}</li>
                      ))}
                    </ul>
                  ),
              },
            ]}
          />
          {line.officers.some(({ mlKem }) => mlKem !== null) && (
            <>
              <OfficerTable officers={line.officers} label={t.officers} />
              <p className={styles.text}>{h.compare}</p>
            </>
          )}
          <FingerprintCheck
            value={line.fingerprint}
            label={t.fingerprintOf(line.version)}
            words={t.words}
            of={of}
            tried={tried}
          />
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>{t.signMeans}</MessageBarBody>
          </MessageBar>
        </>
      }
      mayGoOn={() => {
        setTried(true);
        return of.compared.sure;
      }}
      confirm={t.signConfirm}
      working={t.signWorking}
      result={({ signed }) =>
        signed && (
          <div className={styles.result}>
            <StateWord icon={<CheckmarkCircleFilled />} tone="good">
              {t.signDone(signed.name, signed.version)}
            </StateWord>
            <p className={styles.text}>
              {signed.inForce ? t.signInForce : t.signWait(signed.collected, signed.needed)}
            </p>
          </div>
        )
      }
      onClose={onClose}
    />
  );
}
