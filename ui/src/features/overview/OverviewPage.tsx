// The first page: who has a certificate, what needs a person, what expires, what the daemon does.
import { Button, Link, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowClockwiseRegular, ArrowSyncRegular, PeopleSearchRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import type { Overview } from "../../bindings/api";
import { useMessages } from "../../messages";
import { LastDrill } from "../../nouns/LastDrill";
import { overviewQuery } from "../../nouns/overview";
import { Services, useRunService } from "../../nouns/Services";
import { addressOf } from "../../shared/address";
import { Card } from "../../shared/Card";
import { CommandBar } from "../../shared/CommandBar";
import { EmptyState } from "../../shared/EmptyState";
import { Page } from "../../shared/Page";
import { QueryState } from "../../shared/QueryState";
import { CardsSkeleton } from "../../shared/skeletons";
import { Skipped, Stuck } from "./Attention";
import { HeatMap } from "./HeatMap";
import { Tiles } from "./Tiles";

const useStyles = makeStyles({
  sections: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  pair: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 420px), 1fr))",
    gap: tokens.spacingHorizontalM,
    alignItems: "start",
  },
});

const nothingYet = (data: Overview): boolean =>
  data.people === 0 &&
  data.mailboxes === 0 &&
  data.valid + data.expired + data.revoked + data.superseded === 0 &&
  data.running === 0 &&
  data.stuckTotal === 0 &&
  data.skipped.length === 0;

export function OverviewPage() {
  const styles = useStyles();
  const m = useMessages();
  const query = useQuery(overviewQuery);
  const { run, starting } = useRunService();
  return (
    <Page
      title={m.pages.overview}
      at={query.data?.at}
      refreshing={query.isRefetching}
      commands={
        <CommandBar
          commands={[
            {
              id: "refresh",
              label: m.state.refresh,
              icon: <ArrowClockwiseRegular />,
              onRun: () => void query.refetch(),
            },
            {
              id: "sync",
              label: m.overview.emptyAction,
              hint: m.services.meaning.sync,
              icon: <ArrowSyncRegular />,
              disabled: starting === "sync",
              onRun: () => run("sync"),
            },
          ]}
        />
      }
    >
      <QueryState
        of={query}
        skeleton={
          <div className={styles.sections}>
            <CardsSkeleton cards={6} height={96} />
            <CardsSkeleton cards={2} height={128} />
          </div>
        }
        empty={(data) =>
          nothingYet(data) ? (
            <div className={styles.sections}>
              <EmptyState
                icon={<PeopleSearchRegular />}
                title={m.overview.emptyTitle}
                hint={m.overview.emptyHint}
                action={
                  <Button appearance="primary" icon={<ArrowSyncRegular />} onClick={() => run("sync")}>
                    {m.overview.emptyAction}
                  </Button>
                }
              />
              {data.services.some(({ failed }) => failed) && <Stuck data={data} />}
              <Card title={m.services.title}>
                <Services services={data.services} />
              </Card>
            </div>
          ) : null
        }
      >
        {(data) => (
          <div className={styles.sections}>
            <Tiles data={data} />
            <Card
              title={m.overview.heat}
              hint={m.overview.heatHint}
              action={
                <Link href={addressOf("activity")}>
                  {data.running > 0 ? m.overview.running(data.running) : m.overview.idle}
                </Link>
              }
            >
              <HeatMap counts={data.expiringByMonth} at={data.at} />
            </Card>
            <div className={styles.pair}>
              <Stuck data={data} />
              <Skipped data={data} />
            </div>
            {data.archived > 0 && !data.drillHidden && (
              <LastDrill
                data={data}
                action={<Link href={addressOf("recovery", { tab: "drill" })}>{m.officers.drill.hold}</Link>}
              />
            )}
            <Card title={m.services.title}>
              <Services services={data.services} />
            </Card>
          </div>
        )}
      </QueryState>
    </Page>
  );
}
