// People and shared mailboxes, and why each has a certificate or not.
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import {
  ArrowClockwiseRegular,
  FilterDismissRegular,
  PeopleRegular,
  SearchRegular,
} from "@fluentui/react-icons";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import type { PersonLine } from "../../bindings/api";
import { useLocale, useMessages } from "../../messages";
import { addressOf, navigate, useParams } from "../../shared/address";
import { CommandBar } from "../../shared/CommandBar";
import { EmptyState } from "../../shared/EmptyState";
import { Page } from "../../shared/Page";
import { QueryState } from "../../shared/QueryState";
import { LIVE_PAGES, refreshPages } from "../../shared/queries";
import { SearchField } from "../../shared/SearchField";
import { RowsSkeleton } from "../../shared/skeletons";
import { VirtualTable } from "../../shared/VirtualTable";
import { useColumns } from "./columns";
import { FilterPills } from "./FilterPills";
import { isFiltered, NO_FILTER, usePeopleFilter } from "./filter";
import { PersonPane } from "./PersonPane";
import { peopleQuery } from "./queries";

const useStyles = makeStyles({
  filters: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalSNudge,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalXXL}`,
    flexShrink: 0,
  },
  total: { color: tokens.colorNeutralForeground2, whiteSpace: "nowrap" },
  list: { display: "flex", flexDirection: "column", flexGrow: 1 },
});

const rowId = (row: PersonLine): string => row.id;

export function PeoplePage() {
  const styles = useStyles();
  const m = useMessages();
  const queries = useQueryClient();
  const [filter, setFilter] = usePeopleFilter();
  const [params, changeParams] = useParams();
  const selected = params.get("selected");
  const query = peopleQuery(filter);
  const list = useInfiniteQuery(query);
  const columns = useColumns();

  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? [], [list.data]);
  const first = list.data?.pages[0];
  const open = useCallback((line: PersonLine) => changeParams({ selected: line.id }), [changeParams]);
  const close = useCallback(() => changeParams({ selected: null }), [changeParams]);
  const search = useCallback((text: string) => setFilter({ search: text }), [setFilter]);
  const { fetchNextPage } = list;
  const loadMore = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  const long = (list.data?.pages.length ?? 0) > LIVE_PAGES;

  return (
    <Page
      title={m.pages.people}
      at={first?.at}
      summary={<Total total={first?.total ?? null} floor={first?.totalIsFloor ?? false} />}
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
              onRun: () => void refreshPages(queries, query.queryKey),
            },
          ]}
        />
      }
      details={
        selected && (
          <PersonPane
            key={selected}
            id={selected}
            line={rows.find((row) => row.id === selected)}
            onClose={close}
          />
        )
      }
    >
      {/* biome-ignore lint/a11y/useSemanticElements: older web views do not know <search> */}
      <div role="search" className={styles.filters}>
        <SearchField
          label={m.people.search}
          placeholder={m.people.searchHint}
          value={filter.search}
          onSearch={search}
        />
        <FilterPills filter={filter} onChange={setFilter} />
      </div>
      <div className={styles.list}>
        <QueryState
          of={list}
          skeleton={<RowsSkeleton />}
          empty={() =>
            rows.length > 0 ? null : (
              <Nobody filtered={isFiltered(filter)} onClear={() => setFilter(NO_FILTER)} />
            )
          }
        >
          {() => (
            <VirtualTable
              label={m.people.table}
              columns={columns}
              rows={rows}
              rowId={rowId}
              total={first && !first.totalIsFloor ? first.total : null}
              hasMore={list.hasNextPage}
              loadingMore={list.isFetchingNextPage}
              onLoadMore={loadMore}
              loadingLabel={m.people.loadingMore}
              openId={selected}
              onOpen={open}
            />
          )}
        </QueryState>
      </div>
    </Page>
  );
}

function Total({ total, floor }: { total: number | null; floor: boolean }) {
  const styles = useStyles();
  const m = useMessages();
  const locale = useLocale();
  if (total === null) return <span className={styles.total} role="status" />;
  const words =
    total === 1 && !floor
      ? m.people.totalOne
      : m.people.total(`${total.toLocaleString(locale)}${floor ? "+" : ""}`);
  return (
    <span className={styles.total} role="status" data-total={total}>
      {words}
    </span>
  );
}

function Nobody({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const m = useMessages();
  if (filtered) {
    return (
      <EmptyState
        icon={<SearchRegular />}
        title={m.people.noMatchTitle}
        hint={m.people.noMatchHint}
        action={
          <Button icon={<FilterDismissRegular />} onClick={onClear}>
            {m.certificates.filter.clear}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      icon={<PeopleRegular />}
      title={m.people.emptyTitle}
      hint={m.people.emptyHint}
      action={
        <Button appearance="primary" onClick={() => navigate(addressOf("templates"))}>
          {m.people.emptyAction}
        </Button>
      }
    />
  );
}
