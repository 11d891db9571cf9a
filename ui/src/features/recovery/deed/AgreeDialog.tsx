// An officer reads the whole request, and then agrees with the own key.
import { makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled } from "@fluentui/react-icons";
import { useId } from "react";
import type { RecoveryLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { StateWord } from "../../../shared/StateWord";
import { Disclosure } from "../desk/Disclosure";
import { missing, owners } from "../desk/next";
import { RequestFacts } from "../desk/RequestFacts";
import { DeedDialog } from "./DeedDialog";

const useStyles = makeStyles({
  text: { margin: 0 },
  result: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
});

interface Props {
  /** As it was read when the dialog opened; the digest says so. */
  line: RecoveryLine;
  onClose: () => void;
}

export function AgreeDialog({ line, onClose }: Props) {
  const styles = useStyles();
  const t = useMessages().recovery;
  const disclosure = useId();
  return (
    <DeedDialog
      title={t.agreeing.title}
      deed={{ kind: "approve", request: line.id, digest: line.digest }}
      readAloud={disclosure}
      before={
        <>
          <p className={styles.text}>{t.agreeing.lead}</p>
          <Disclosure
            id={disclosure}
            wanted={line.wanted}
            whose={owners(line, t.andMore)}
            requester={line.requester}
            to={line.to}
          />
          <RequestFacts line={line} />
        </>
      }
      confirm={t.agreeing.confirm}
      working={t.agreeing.working}
      result={({ approved }) =>
        approved && (
          <div className={styles.result}>
            <StateWord icon={<CheckmarkCircleFilled />} tone="good">
              {t.agreeing.done(approved.agreed, approved.needed)}
            </StateWord>
            <p className={styles.text}>
              {missing(approved) === 0
                ? t.agreeing.nextReady(approved.requester)
                : t.agreeing.nextWait(missing(approved))}
            </p>
          </div>
        )
      }
      onClose={onClose}
    />
  );
}
