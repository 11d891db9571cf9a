// With what the archive is sealed: how much of it takes ML-KEM keys, by which algorithms, to whom, and what is left to do.
import { Button, makeStyles, Spinner, tokens } from "@fluentui/react-components";
import {
  ArrowClockwiseRegular,
  CheckmarkCircleFilled,
  InfoRegular,
  WarningRegular,
} from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import type { ArchiveInventory } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Card } from "../../../shared/Card";
import { FactsHeading } from "../../../shared/Facts";
import { PlainTable } from "../../../shared/PlainTable";
import { QueryState } from "../../../shared/QueryState";
import { StateWord } from "../../../shared/StateWord";
import { CardsSkeleton } from "../../../shared/skeletons";
import { Moment } from "../../../shared/time";
import { inventoryQuery } from "../queries";

const useStyles = makeStyles({
  lines: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalXS },
  text: { margin: 0, color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
  quiet: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

export function InventoryCard() {
  const t = useMessages().hybrid.inventory;
  const query = useQuery(inventoryQuery);
  return (
    <Card
      title={t.title}
      action={
        <Button
          size="small"
          appearance="subtle"
          icon={query.isFetching ? <Spinner size="tiny" /> : <ArrowClockwiseRegular />}
          disabledFocusable={query.isFetching}
          onClick={() => void query.refetch()}
          data-command="countAgain"
        >
          {t.again}
        </Button>
      }
    >
      <QueryState of={query} skeleton={<CardsSkeleton cards={1} height={64} />}>
        {(found) => <Counted found={found} />}
      </QueryState>
    </Card>
  );
}

function Counted({ found }: { found: ArchiveInventory }) {
  const styles = useStyles();
  const t = useMessages().hybrid.inventory;
  if (found.total === 0) return <span className={styles.quiet}>{t.none}</span>;
  const classic = found.sealedTo.filter(({ hybrid }) => !hybrid);
  const keys = (together: boolean) =>
    classic.filter(({ quorum }) => quorum > 0 === together).reduce((sum, { count }) => sum + count, 0);
  const [alone, together] = [keys(false), keys(true)];
  return (
    <div className={styles.lines} data-inventory={found.classic}>
      {found.classic === 0 && found.unreadable === 0 ? (
        <StateWord icon={<CheckmarkCircleFilled />} tone="good">
          {t.allGood}
        </StateWord>
      ) : (
        found.classic > 0 && (
          <StateWord
            icon={found.goesHybrid ? <WarningRegular /> : <InfoRegular />}
            tone={found.goesHybrid ? "warning" : "quiet"}
          >
            {t.classic(found.classic)}
          </StateWord>
        )
      )}
      <p className={styles.text}>{t.hybrid(found.hybrid)}</p>
      {found.unreadable > 0 && (
        <StateWord icon={<WarningRegular />} tone="bad">
          {t.unreadable(found.unreadable)}
        </StateWord>
      )}
      {found.goesHybrid && alone > 0 && <p className={styles.text}>{t.toDoAlone(alone)}</p>}
      {found.goesHybrid && together > 0 && <p className={styles.text}>{t.toDoTogether(together)}</p>}
      {!found.goesHybrid && <p className={styles.text}>{t.notYet}</p>}
      <FactsHeading>{t.algorithms}</FactsHeading>
      <PlainTable
        label={t.algorithms}
        columns={[t.cipher, t.wrapped, t.keys]}
        rows={found.algorithms.map(({ cipher, wrapped, count }) => ({
          key: `${cipher} ${wrapped}`,
          cells: [cipher, wrapped, count],
        }))}
      />
      <FactsHeading>{t.sealedTo}</FactsHeading>
      <PlainTable
        label={t.sealedTo}
        columns={[t.officers, t.openedBy, t.set, t.keys]}
        rows={found.sealedTo.map(({ officers, quorum, hybrid, set, count }) => ({
          key: `${officers.join(" ")} ${quorum} ${hybrid} ${set?.version}`,
          cells: [
            officers.join(", ") || "–",
            quorum === 0 ? t.anyOne : t.together(quorum),
            set ? t.version(set.name, set.version) : "–",
            count,
          ],
        }))}
      />
      <span className={styles.quiet}>
        {t.counted} <Moment at={found.at} />
      </span>
    </div>
  );
}
