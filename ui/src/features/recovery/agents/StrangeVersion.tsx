import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { ShieldErrorRegular } from "@fluentui/react-icons";
import type { KraSetLine } from "../../../bindings/api";
import { useMessages, wordIn } from "../../../messages";
import { Card } from "../../../shared/Card";
import { Facts } from "../../../shared/Facts";
import { StateWord } from "../../../shared/StateWord";
import { sentence } from "../../../shared/sentence";
import { Relative } from "../../../shared/time";

const useStyles = makeStyles({ state: { marginBottom: tokens.spacingVerticalS } });

/** A version that this installation does not go by. What it says of itself is nobody's word; its fingerprint is not shown
 * before somebody has heard it from an officer. */
export function StrangeVersion({ line, onTrust }: { line: KraSetLine; onTrust: () => void }) {
  const styles = useStyles();
  const t = useMessages().officers.set;
  const refused = line.standing === "refused";
  return (
    <Card
      title={t.version(line.version)}
      action={
        !refused && (
          <Button onClick={onTrust} aria-label={t.trustOf(line.version)} data-command="trust">
            {t.trust}
          </Button>
        )
      }
    >
      <div className={styles.state}>
        <StateWord icon={<ShieldErrorRegular />} tone={refused ? "bad" : "warning"}>
          {wordIn(t.standings, line.standing)}
        </StateWord>
      </div>
      <Facts
        facts={[
          line.why === null ? null : { name: t.why, value: sentence(line.why) },
          { name: t.name, value: line.name },
          { name: t.policy, value: line.policy },
          { name: t.officers, value: line.officers.map(({ name }) => name).join(", ") },
          {
            name: t.proposedBy,
            value: (
              <>
                <Relative at={line.at} /> {t.by(line.by)}
              </>
            ),
          },
        ]}
      />
    </Card>
  );
}
