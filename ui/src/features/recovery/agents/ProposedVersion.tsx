import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { HourglassHalfRegular, SignatureRegular } from "@fluentui/react-icons";
import type { KraSetLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Card } from "../../../shared/Card";
import { Facts, FactsHeading } from "../../../shared/Facts";
import { StateWord } from "../../../shared/StateWord";
import { Relative } from "../../../shared/time";
import { OfficerTable } from "./OfficerTable";

const useStyles = makeStyles({
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalL, overflowWrap: "anywhere" },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  plain: { margin: 0, padding: 0, listStyleType: "none" },
});

interface Props {
  line: KraSetLine;
  onSign: () => void;
  onWithdraw: () => void;
}

/** A version that waits for signatures: what it changes, who has signed, who may. */
export function ProposedVersion({ line, onSign, onWithdraw }: Props) {
  const styles = useStyles();
  const t = useMessages().officers.set;
  const counted = line.signatures.filter(({ refused }) => refused === null);
  const others = line.signatures.filter(({ refused }) => refused !== null);
  const told = [
    ...new Set(others.map(({ officer, refused }) => t.countsNot(officer ?? t.somebody, refused ?? ""))),
  ];
  return (
    <Card
      title={t.proposed(line.version)}
      action={
        <div className={styles.actions}>
          {line.withdrawable && (
            <Button
              onClick={onWithdraw}
              aria-label={t.withdrawOf(line.version)}
              data-command="withdrawVersion"
            >
              {t.withdraw}
            </Button>
          )}
          <Button
            appearance="primary"
            icon={<SignatureRegular />}
            onClick={onSign}
            aria-label={t.signOf(line.version)}
            data-command="sign"
          >
            {t.sign}
          </Button>
        </div>
      }
    >
      <StateWord icon={<HourglassHalfRegular />} tone="busy">
        {t.signatures}:{" "}
        {line.needed === null ? t.signedUnknown(line.collected) : t.signed(line.collected, line.needed)}
      </StateWord>
      <FactsHeading>{t.changes}</FactsHeading>
      {line.changes.length === 0 ? (
        <span>{t.noChanges}</span>
      ) : (
        <ul className={styles.list} data-changes>
          {line.changes.map((change) => (
            <li key={change}>{change}</li>
          ))}
        </ul>
      )}
      <Facts
        heading={t.signatures}
        facts={[
          { name: t.policy, value: line.policy },
          {
            name: t.proposedBy,
            value: (
              <>
                <Relative at={line.at} /> {t.by(line.by)}
              </>
            ),
          },
          {
            name: t.signedBy,
            value:
              counted.length + others.length === 0 ? (
                "–"
              ) : (
                <ul className={styles.plain}>
                  {counted.map((signature, index) => (
                    <li key={signature.officer ?? index}>{signature.officer ?? t.somebody}</li>
                  ))}
                  {told.map((words) => (
                    <li key={words}>{words}</li>
                  ))}
                </ul>
              ),
          },
          { name: t.electors, value: line.electors.length === 0 ? "–" : line.electors.join(", ") },
        ]}
      />
      <FactsHeading>{t.officers}</FactsHeading>
      <OfficerTable officers={line.officers} label={t.officers} />
    </Card>
  );
}
