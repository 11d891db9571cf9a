import { makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import type { KraSetLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Card } from "../../../shared/Card";
import { Facts, FactsHeading } from "../../../shared/Facts";
import { Fingerprint } from "../../../shared/Fingerprint";
import { StateWord } from "../../../shared/StateWord";
import { Moment } from "../../../shared/time";
import { OfficerTable } from "./OfficerTable";

const useStyles = makeStyles({
  hint: {
    margin: `${tokens.spacingVerticalXS} 0 0`,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
});

interface Props {
  line: KraSetLine;
  /** Whether this installation has pinned it. */
  pinned: boolean;
  action: ReactNode;
}

export function VersionInForce({ line, pinned, action }: Props) {
  const styles = useStyles();
  const t = useMessages().officers.set;
  return (
    <Card title={line.name} action={action}>
      <StateWord icon={<CheckmarkCircleFilled />} tone="good" aside={pinned ? t.pinned : undefined}>
        {t.inForce(line.version)}
      </StateWord>
      <Facts
        heading={t.policy}
        facts={[
          { name: t.policy, value: line.policy },
          {
            name: t.proposedBy,
            value: (
              <>
                <Moment at={line.at} /> {t.by(line.by)}
              </>
            ),
          },
        ]}
      />
      <FactsHeading>{t.officers}</FactsHeading>
      <OfficerTable officers={line.officers} label={t.officers} />
      <FactsHeading>{t.fingerprint}</FactsHeading>
      <Fingerprint value={line.fingerprint} label={t.fingerprintOf(line.version)} />
      <p className={styles.hint}>{t.fingerprintHint}</p>
    </Card>
  );
}
