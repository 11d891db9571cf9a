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
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  lead: { margin: 0, color: tokens.colorNeutralForeground2 },
});

export function DrillTab({ hindered }: { hindered: string | null }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.officers.drill;
  const query = useQuery(overviewQuery);
  const [holding, setHolding] = useState<"called" | "extra" | null>(null);
  const called = query.data?.calledDrill ?? null;
  const left = called === null ? 0 : called.keys - called.proven;
  const button = (what: "called" | "extra") => ({
    icon: <FireRegular />,
    disabledFocusable: hindered !== null,
    ...(hindered !== null && { title: m.recovery.checks.inTheWay(hindered) }),
    onClick: () => hindered === null && setHolding(what),
  });
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
                <div className={styles.actions}>
                  {left > 0 && (
                    <Button {...button("called")} appearance="primary" data-command="holdCalledDrill">
                      {t.holdCalled}
                    </Button>
                  )}
                  <Button
                    {...button("extra")}
                    appearance={left > 0 ? "secondary" : "primary"}
                    data-command="holdDrill"
                  >
                    {called === null ? t.hold : t.extra}
                  </Button>
                </div>
              }
            />
          </div>
        )}
      </QueryState>
      {holding !== null && query.data && (
        <DrillDialog
          archived={query.data.archived}
          called={holding === "called" ? called : null}
          onClose={() => setHolding(null)}
        />
      )}
    </>
  );
}
