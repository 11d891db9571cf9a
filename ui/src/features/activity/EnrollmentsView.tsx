// What is going on: the stations with what is under way, the enrollments, the daemon's duties.
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import {
  ArrowClockwiseRegular,
  ArrowSyncRegular,
  FilterDismissRegular,
  PulseRegular,
} from "@fluentui/react-icons";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import type { Activity, EnrollmentLine } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { ENROLLMENT_STATES, EnrollmentState, isEnrollmentState } from "../../nouns/EnrollmentState";
import { useRunService } from "../../nouns/Services";
import { useParams } from "../../shared/address";
import { CommandBar } from "../../shared/CommandBar";
import { EmptyState } from "../../shared/EmptyState";
import { Page } from "../../shared/Page";
import { Pill } from "../../shared/Pill";
import { QueryState } from "../../shared/QueryState";
import { LIVE_PAGES, refreshPages } from "../../shared/queries";
import { CardsSkeleton, RowsSkeleton } from "../../shared/skeletons";
import { Relative } from "../../shared/time";
import { type Column, VirtualTable } from "../../shared/VirtualTable";
import { EnrollmentDetails } from "./EnrollmentDetails";
import { Pipeline } from "./Pipeline";
import { activityQuery } from "./queries";
import { ServicesStrip } from "./ServicesStrip";
import { VIEW_PANEL, Views } from "./Views";

const useStyles = makeStyles({
  panel: { display: "flex", flexDirection: "column", flexGrow: 1 },
  root: { display: "flex", flexDirection: "column", flexGrow: 1 },
  filters: {
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalM,
    padding: `0 ${tokens.spacingHorizontalXXL} ${tokens.spacingVerticalS}`,
  },
  skeleton: { padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalXXL}` },
  name: { fontWeight: tokens.fontWeightSemibold },
});

const rowId = (row: EnrollmentLine): string => row.id;

function useColumns(): readonly Column<EnrollmentLine>[] {
  const styles = useStyles();
  const m = useMessages();
  return useMemo(() => {
    const t = m.activity.columns;
    return [
      {
        id: "state",
        title: t.state,
        width: 120,
        grow: 0.4,
        cell: (row) => <EnrollmentState state={row.state} />,
      },
      {
        id: "who",
        title: t.who,
        width: 150,
        grow: 1.2,
        cell: (row) => (
          <span className={styles.name} title={row.who}>
            {row.who}
          </span>
        ),
      },
      { id: "template", title: t.template, width: 100, grow: 0.8, cell: (row) => row.template },
      {
        id: "station",
        title: t.station,
        width: 110,
        grow: 0.4,
        cell: (row) => wordIn(m.enrollment.stations, row.station),
      },
      {
        id: "reason",
        title: t.reason,
        width: 200,
        grow: 2.6,
        cell: (row) => {
          const text = row.state === "done" ? row.reason : (row.lastError ?? row.reason);
          return <span title={text}>{text}</span>;
        },
      },
      {
        id: "updated",
        title: t.updated,
        width: 120,
        grow: 0.3,
        cell: (row) => <Relative at={row.updatedAt} />,
      },
    ];
  }, [m, styles]);
}

const nothingYet = (activity: Activity): boolean =>
  activity.done + activity.stuck + activity.rejected + activity.atStation.reduce((sum, n) => sum + n, 0) ===
  0;

export function EnrollmentsView() {
  const styles = useStyles();
  const m = useMessages();
  const queries = useQueryClient();
  const [params, changeParams] = useParams();
  const wanted = params.get("state");
  const state = wanted !== null && isEnrollmentState(wanted) ? wanted : null;
  const selected = params.get("selected");
  const asked = activityQuery(state);
  const list = useInfiniteQuery(asked);
  const columns = useColumns();
  const { run, starting } = useRunService();

  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.enrollments) ?? [], [list.data]);
  const first = list.data?.pages[0];
  const { fetchNextPage } = list;
  const loadMore = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  const long = (list.data?.pages.length ?? 0) > LIVE_PAGES;
  const sync = {
    id: "sync",
    label: m.overview.emptyAction,
    hint: m.services.meaning.sync,
    icon: <ArrowSyncRegular />,
    disabled: starting === "sync",
    onRun: () => run("sync"),
  };

  return (
    <Page
      title={m.pages.activity}
      at={first?.at}
      refreshing={list.isRefetching}
      note={long ? m.state.paused : undefined}
      full
      commands={
        <CommandBar
          commands={[
            {
              id: "refresh",
              label: m.state.refresh,
              icon: <ArrowClockwiseRegular />,
              onRun: () => void refreshPages(queries, asked.queryKey),
            },
            sync,
          ]}
        />
      }
      details={
        selected && (
          <EnrollmentDetails
            key={selected}
            id={selected}
            line={rows.find((row) => row.id === selected)}
            onClose={() => changeParams({ selected: null })}
          />
        )
      }
    >
      <Views view="enrollments" />
      <div role="tabpanel" id={VIEW_PANEL} aria-labelledby="view-enrollments" className={styles.panel}>
        <QueryState
          of={list}
          skeleton={
            <>
              <div className={styles.skeleton}>
                <CardsSkeleton cards={6} height={64} />
              </div>
              <RowsSkeleton rows={10} />
            </>
          }
        >
          {({ pages: [activity] }) =>
            activity && (
              <div className={styles.root}>
                <Pipeline activity={activity} chosen={state} />
                <div className={styles.filters}>
                  <Pill
                    id="state"
                    name={m.activity.filter}
                    options={ENROLLMENT_STATES.map((word) => ({
                      value: word,
                      label: m.enrollment.states[word],
                    }))}
                    chosen={state}
                    onChoose={(word) => changeParams({ state: word })}
                  />
                </div>
                {rows.length === 0 ? (
                  <NoEnrollments
                    fresh={nothingYet(activity)}
                    onSync={sync.onRun}
                    onClear={() => changeParams({ state: null })}
                  />
                ) : (
                  <VirtualTable
                    label={m.activity.enrollments}
                    columns={columns}
                    rows={rows}
                    rowId={rowId}
                    total={list.hasNextPage ? null : rows.length}
                    hasMore={list.hasNextPage}
                    loadingMore={list.isFetchingNextPage}
                    onLoadMore={loadMore}
                    loadingLabel={m.certificates.loadingMore}
                    openId={selected}
                    onOpen={(row) => changeParams({ selected: row.id })}
                  />
                )}
                <ServicesStrip activity={activity} />
              </div>
            )
          }
        </QueryState>
      </div>
    </Page>
  );
}

function NoEnrollments({
  fresh,
  onSync,
  onClear,
}: {
  fresh: boolean;
  onSync: () => void;
  onClear: () => void;
}) {
  const m = useMessages();
  return (
    <div style={{ flexGrow: 1 }}>
      {fresh ? (
        <EmptyState
          icon={<PulseRegular />}
          title={m.activity.emptyTitle}
          hint={m.activity.emptyHint}
          action={
            <Button appearance="primary" icon={<ArrowSyncRegular />} onClick={onSync}>
              {m.overview.emptyAction}
            </Button>
          }
        />
      ) : (
        <EmptyState
          icon={<PulseRegular />}
          title={m.activity.noMatchTitle}
          hint={m.activity.noMatchHint}
          action={
            <Button icon={<FilterDismissRegular />} onClick={onClear}>
              {m.certificates.filter.clear}
            </Button>
          }
        />
      )}
    </div>
  );
}
