// The audit log: searched, verified, and handed to whoever audits.
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import {
  ArrowClockwiseRegular,
  ArrowDownloadRegular,
  FilterDismissRegular,
  SearchRegular,
  ShieldCheckmarkRegular,
  StopRegular,
} from "@fluentui/react-icons";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import type { AuditLine, AuditStanding } from "../../bindings/api";
import { useMessages } from "../../messages";
import { call, toFailure } from "../../platform";
import { useParams } from "../../shared/address";
import { Card } from "../../shared/Card";
import { CommandBar } from "../../shared/CommandBar";
import { EmptyState } from "../../shared/EmptyState";
import { hintOf } from "../../shared/ErrorState";
import { useNotify } from "../../shared/notify";
import { Page } from "../../shared/Page";
import { QueryState } from "../../shared/QueryState";
import { LIVE_PAGES, refreshPages } from "../../shared/queries";
import { SearchField } from "../../shared/SearchField";
import { CardsSkeleton, RowsSkeleton } from "../../shared/skeletons";
import { VirtualTable } from "../../shared/VirtualTable";
import { useColumns } from "./columns";
import { EntryDetails } from "./EntryDetails";
import { FilterPills } from "./FilterPills";
import { isFiltered, NO_FILTER, seqOf, useAuditFilter } from "./filter";
import { auditQuery, standingQuery } from "./queries";
import { ExportDialog, ProveDialog } from "./SaveDialog";
import { Signatures } from "./Signatures";
import { ABOVE, Verdict } from "./Verdict";

const useStyles = makeStyles({
  standing: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(260px, 1fr))",
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalXXL} ${tokens.spacingVerticalXS}`,
    flexShrink: 0,
  },
  filters: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalSNudge,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalXXL}`,
    flexShrink: 0,
  },
  summary: { color: tokens.colorNeutralForeground2, whiteSpace: "nowrap" },
  list: { display: "flex", flexDirection: "column", flexGrow: 1 },
});

const rowId = (row: AuditLine): string => String(row.seq);

/** Where the program keeps files; nothing before it has said so. */
const folderOf = (standing: AuditStanding | undefined): string => standing?.folder ?? "";

export function AuditPage() {
  const styles = useStyles();
  const m = useMessages();
  const t = m.audit;
  const queries = useQueryClient();
  const [filter, setFilter] = useAuditFilter();
  const [params, changeParams] = useParams();
  const selected = seqOf(params.get("selected"));
  const query = auditQuery(filter);
  const list = useInfiniteQuery(query);
  const standing = useQuery(standingQuery);
  const columns = useColumns();
  const [dialog, setDialog] = useState<"export" | "prove" | null>(null);
  const commands = useVerifyCommands(standing.data);

  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.entries) ?? [], [list.data]);
  const last = list.data?.pages.at(-1);
  const open = useCallback((line: AuditLine) => changeParams({ selected: rowId(line) }), [changeParams]);
  const close = useCallback(() => changeParams({ selected: null }), [changeParams]);
  const search = useCallback((text: string) => setFilter({ search: text }), [setFilter]);
  const { fetchNextPage } = list;
  const loadMore = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  const long = (list.data?.pages.length ?? 0) > LIVE_PAGES;
  const searchesOn = isFiltered(filter) && list.hasNextPage && last?.lookedBackTo != null;

  return (
    <Page
      title={m.pages.audit}
      at={list.data?.pages[0]?.at}
      summary={
        <span className={styles.summary} role="status" data-total={standing.data?.entries ?? ""}>
          {standing.data && t.entries(standing.data.entries)}
        </span>
      }
      refreshing={list.isRefetching}
      note={searchesOn ? t.lookedBackTo(last.lookedBackTo ?? 0) : long ? m.state.paused : undefined}
      full
      commands={
        <CommandBar
          commands={[
            {
              id: "refresh",
              label: m.state.refresh,
              icon: <ArrowClockwiseRegular />,
              onRun: () => void Promise.all([standing.refetch(), refreshPages(queries, query.queryKey)]),
            },
            ...commands,
            {
              id: "exportAudit",
              label: t.export,
              icon: <ArrowDownloadRegular />,
              disabled: rows.length === 0,
              onRun: () => rows.length > 0 && setDialog("export"),
            },
          ]}
        />
      }
      details={
        selected !== null && (
          <EntryDetails
            key={selected}
            seq={selected}
            line={rows.find((row) => row.seq === selected)}
            onProve={() => setDialog("prove")}
            onAround={() => setFilter({ ...NO_FILTER, upTo: selected + ABOVE })}
            onOnly={(kind) => setFilter({ kind, area: null })}
            onClose={close}
          />
        )
      }
    >
      {/* Why the log cannot be read is said once. */}
      {!(list.isError && list.data === undefined) && (
        <div className={styles.standing}>
          <QueryState of={standing} skeleton={<CardsSkeleton cards={2} height={96} />}>
            {({ verification, signatures, entries }) => (
              <>
                <Card title={t.verification.title}>
                  <Verdict verification={verification} newest={entries} />
                </Card>
                <Card title={t.signatures.title}>
                  <Signatures
                    signatures={signatures}
                    newest={entries}
                    doubted={verification?.state === "broken"}
                  />
                </Card>
              </>
            )}
          </QueryState>
        </div>
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: older web views do not know <search> */}
      <div role="search" className={styles.filters}>
        <SearchField label={t.search} placeholder={t.searchHint} value={filter.search} onSearch={search} />
        <FilterPills filter={filter} onChange={setFilter} />
      </div>
      <div className={styles.list}>
        <QueryState
          of={list}
          skeleton={<RowsSkeleton />}
          empty={() =>
            rows.length > 0 || list.hasNextPage ? null : (
              <NoEntries filtered={isFiltered(filter)} onClear={() => setFilter(NO_FILTER)} />
            )
          }
        >
          {() => (
            <VirtualTable
              label={t.table}
              columns={columns}
              rows={rows}
              rowId={rowId}
              total={list.hasNextPage ? null : rows.length}
              hasMore={list.hasNextPage}
              loadingMore={list.isFetchingNextPage}
              onLoadMore={loadMore}
              loadingLabel={t.loadingMore}
              openId={selected === null ? null : String(selected)}
              onOpen={open}
            />
          )}
        </QueryState>
      </div>
      {dialog === "export" && (
        <ExportDialog filter={filter} folder={folderOf(standing.data)} onClose={() => setDialog(null)} />
      )}
      {dialog === "prove" && selected !== null && (
        <ProveDialog seq={selected} folder={folderOf(standing.data)} onClose={() => setDialog(null)} />
      )}
    </Page>
  );
}

/** Verifying, and stopping that: whichever is possible. */
function useVerifyCommands(standing: AuditStanding | undefined) {
  const m = useMessages();
  const notify = useNotify();
  const queries = useQueryClient();
  const running = standing?.verification?.state === "running";
  const order = useMutation({
    mutationFn: () => (running ? call("stop_audit_verification", {}) : call("verify_audit", {})),
    onSettled: () => queries.invalidateQueries({ queryKey: standingQuery.queryKey }),
    onError: (thrown) => {
      const failure = toFailure(thrown);
      // It ended before it could be stopped.
      if (running && failure.code === "notPossible") return;
      const hint = hintOf(failure, m);
      notify("error", m.failures[failure.code], {
        body: hint ? `${failure.message} – ${hint}` : failure.message,
      });
    },
  });
  const run = () => order.mutate();
  return running
    ? [{ id: "stopVerifying", label: m.audit.stop, icon: <StopRegular />, onRun: run }]
    : [
        {
          id: "verifyAudit",
          label: m.audit.verify,
          hint: m.audit.verifyHint,
          icon: <ShieldCheckmarkRegular />,
          disabled: order.isPending,
          onRun: run,
        },
      ];
}

function NoEntries({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const m = useMessages();
  const t = m.audit;
  return filtered ? (
    <EmptyState
      icon={<SearchRegular />}
      title={t.noMatchTitle}
      hint={t.noMatchHint}
      action={
        <Button icon={<FilterDismissRegular />} onClick={onClear}>
          {m.certificates.filter.clear}
        </Button>
      }
    />
  ) : (
    <EmptyState icon={<ShieldCheckmarkRegular />} title={t.emptyTitle} hint={t.emptyHint} />
  );
}
