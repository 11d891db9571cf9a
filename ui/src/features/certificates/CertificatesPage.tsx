// The table of all certificates, with search, filters and the details of one beside it.
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import {
  ArrowClockwiseRegular,
  CertificateRegular,
  FilterDismissRegular,
  SearchRegular,
} from "@fluentui/react-icons";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import type { CertificateLine } from "../../bindings/api";
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
import { CertificateDetails } from "./CertificateDetails";
import { ColumnChooser } from "./ColumnChooser";
import { useColumns } from "./columns";
import { FilterPills } from "./FilterPills";
import { isFiltered, NO_FILTER, useCertificateFilter } from "./filter";
import { HoldDialog } from "./HoldDialog";
import { OrderMenu } from "./OrderMenu";
import { certificatesQuery } from "./queries";
import { RenewDialog } from "./RenewDialog";
import { RevokeDialog } from "./RevokeDialog";
import { RowMenu } from "./RowMenu";
import { type Asked, useCertificateCommands } from "./useCertificateCommands";

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

export function CertificatesPage() {
  const styles = useStyles();
  const m = useMessages();
  const queries = useQueryClient();
  const [filter, setFilter] = useCertificateFilter();
  const [params, changeParams] = useParams();
  const selected = params.get("selected");
  const query = certificatesQuery(filter);
  const list = useInfiniteQuery(query);
  const columns = useColumns();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [menu, setMenu] = useState<{ line: CertificateLine; target: HTMLElement } | null>(null);
  const commands = useCertificateCommands(setAsked);

  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? [], [list.data]);
  const first = list.data?.pages[0];
  const open = useCallback((line: CertificateLine) => changeParams({ selected: line.id }), [changeParams]);
  const close = useCallback(() => changeParams({ selected: null }), [changeParams]);
  const search = useCallback((text: string) => setFilter({ search: text }), [setFilter]);
  const options = useCallback((line: CertificateLine, target: HTMLElement) => setMenu({ line, target }), []);
  const { fetchNextPage } = list;
  const loadMore = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  const long = (list.data?.pages.length ?? 0) > LIVE_PAGES;

  return (
    <Page
      title={m.pages.certificates}
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
        >
          <ColumnChooser />
          <OrderMenu order={filter.order} onOrder={(order) => setFilter({ order })} />
        </CommandBar>
      }
      details={
        selected && (
          <CertificateDetails
            key={selected}
            id={selected}
            line={rows.find((row) => row.id === selected)}
            commands={commands}
            onClose={close}
          />
        )
      }
    >
      {/* biome-ignore lint/a11y/useSemanticElements: older web views do not know <search> */}
      <div role="search" className={styles.filters}>
        <SearchField
          label={m.certificates.search}
          placeholder={m.certificates.searchHint}
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
              <NoRows filtered={isFiltered(filter)} onClear={() => setFilter(NO_FILTER)} />
            )
          }
        >
          {() => (
            <VirtualTable
              label={m.certificates.table}
              columns={columns}
              rows={rows}
              rowId={rowId}
              total={first && !first.totalIsFloor ? first.total : null}
              hasMore={list.hasNextPage}
              loadingMore={list.isFetchingNextPage}
              onLoadMore={loadMore}
              loadingLabel={m.certificates.loadingMore}
              order={filter.order}
              onOrder={(order) => setFilter({ order: order as typeof filter.order })}
              sortLabel={m.certificates.sortBy}
              openId={selected}
              onOpen={open}
              onOptions={options}
              optionsTitle={m.certificates.columns.options}
              optionsLabel={(row) => m.certificates.optionsFor(row.commonName)}
            />
          )}
        </QueryState>
      </div>
      {menu && <RowMenu {...menu} commands={commands} onOpen={open} onClose={() => setMenu(null)} />}
      {asked?.order === "renew" && <RenewDialog certificate={asked.line} onClose={() => setAsked(null)} />}
      {(asked?.order === "hold" || asked?.order === "release") && (
        <HoldDialog certificate={asked.line} order={asked.order} onClose={() => setAsked(null)} />
      )}
      {asked?.order === "revoke" && <RevokeDialog certificate={asked.line} onClose={() => setAsked(null)} />}
    </Page>
  );
}

const rowId = (row: CertificateLine): string => row.id;

function Total({ total, floor }: { total: number | null; floor: boolean }) {
  const styles = useStyles();
  const m = useMessages();
  const locale = useLocale();
  if (total === null) return <span className={styles.total} role="status" />;
  const words =
    total === 1 && !floor
      ? m.certificates.totalOne
      : m.certificates.total(`${total.toLocaleString(locale)}${floor ? "+" : ""}`);
  return (
    <span className={styles.total} role="status" data-total={total}>
      {words}
    </span>
  );
}

function NoRows({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const m = useMessages();
  if (filtered) {
    return (
      <EmptyState
        icon={<SearchRegular />}
        title={m.certificates.noMatchTitle}
        hint={m.certificates.noMatchHint}
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
      icon={<CertificateRegular />}
      title={m.certificates.emptyTitle}
      hint={m.certificates.emptyHint}
      action={
        <Button appearance="primary" onClick={() => navigate(addressOf("activity"))}>
          {m.certificates.emptyAction}
        </Button>
      }
    />
  );
}
