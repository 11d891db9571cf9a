// Whether anybody has proven lately that what is archived can be opened, and the way to prove it.
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { FireRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMessages } from "../../../messages";
import { LastDrill } from "../../../nouns/LastDrill";
import { overviewQuery } from "../../../nouns/overview";
import { EmptyState } from "../../../shared/EmptyState";
import { QueryState } from "../../../shared/QueryState";
import { CardsSkeleton } from "../../../shared/skeletons";
import { DrillDialog } from "./DrillDialog";

const useStyles = makeStyles({
  column: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, maxWidth: "820px" },
  lead: { margin: 0, color: tokens.colorNeutralForeground2 },
});

export function DrillTab({ hindered }: { hindered: string | null }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.officers.drill;
  const query = useQuery(overviewQuery);
  const [holding, setHolding] = useState(false);
  return (
    <>
      <QueryState
        of={query}
        skeleton={<CardsSkeleton cards={1} height={128} />}
        empty={({ archived }) =>
          archived > 0 ? null : <EmptyState icon={<FireRegular />} title={t.title} hint={t.none} />
        }
      >
        {(data) => (
          <div className={styles.column}>
            <p className={styles.lead}>{t.lead}</p>
            <LastDrill
              data={data}
              here
              action={
                <Button
                  appearance="primary"
                  icon={<FireRegular />}
                  disabledFocusable={hindered !== null}
                  {...(hindered !== null && { title: m.recovery.checks.inTheWay(hindered) })}
                  onClick={() => hindered === null && setHolding(true)}
                  data-command="holdDrill"
                >
                  {t.hold}
                </Button>
              }
            />
          </div>
        )}
      </QueryState>
      {holding && query.data && (
        <DrillDialog archived={query.data.archived} onClose={() => setHolding(false)} />
      )}
    </>
  );
}
