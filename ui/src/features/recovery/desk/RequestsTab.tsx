// All requests: what is not to be believed first, then what waits for this person.
import {
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { KeyMultipleRegular } from "@fluentui/react-icons";
import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import type { RecoveryDesk, RecoveryLine } from "../../../bindings/api";
import { useMessages, wordIn } from "../../../messages";
import type { Failure } from "../../../platform";
import { addressOf, navigate } from "../../../shared/address";
import { EmptyState } from "../../../shared/EmptyState";
import { Pill } from "../../../shared/Pill";
import { QueryState } from "../../../shared/QueryState";
import { RowsSkeleton } from "../../../shared/skeletons";
import { Relative } from "../../../shared/time";
import { type Column, VirtualTable } from "../../../shared/VirtualTable";
import { EntryChecks } from "./EntryChecks";
import { inOrder, inTheWay, isOpen, owners } from "./next";
import { RequestStateWord } from "./RequestStateWord";

const useStyles = makeStyles({
  above: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalXXL}`,
    flexShrink: 0,
  },
  list: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  more: {
    margin: 0,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalXXL}`,
    color: tokens.colorNeutralForeground3,
  },
  strong: { fontWeight: tokens.fontWeightSemibold },
  quiet: { color: tokens.colorNeutralForeground3 },
});

interface Props {
  desk: UseQueryResult<RecoveryDesk, Failure>;
  all: boolean;
  selected: string | null;
  onAll: (all: boolean) => void;
  onOpen: (id: string) => void;
}

export function RequestsTab({ desk, all, selected, onAll, onOpen }: Props) {
  const styles = useStyles();
  const t = useMessages().recovery;
  const columns = useColumns();
  const rows = useMemo(() => inOrder(desk.data?.requests ?? []), [desk.data]);
  const altered = rows.filter(({ notBelieved }) => notBelieved !== null).length;
  const hindered = inTheWay(desk.data?.checks ?? []) !== null;
  return (
    <QueryState of={desk} skeleton={<RowsSkeleton rows={8} />}>
      {({ checks, more }) => (
        <>
          <div className={styles.above}>
            <EntryChecks checks={checks} />
            {altered > 0 && (
              <MessageBar intent="error" layout="multiline" data-alarm>
                <MessageBarBody>
                  <MessageBarTitle>{t.alarm(altered)}</MessageBarTitle>
                  {t.alarmHint}
                </MessageBarBody>
              </MessageBar>
            )}
            <div>
              <Pill
                id="show"
                name={t.filter.name}
                options={[
                  { value: "open", label: t.filter.open },
                  { value: "all", label: t.filter.all },
                ]}
                chosen={all ? "all" : "open"}
                fallback="open"
                onChoose={(chosen) => onAll(chosen === "all")}
              />
            </div>
          </div>
          <div className={styles.list}>
            {rows.length === 0 ? (
              <EmptyState
                icon={<KeyMultipleRegular />}
                title={all ? t.emptyAllTitle : t.emptyTitle}
                hint={t.emptyHint}
                action={
                  <Button
                    appearance="primary"
                    disabledFocusable={hindered}
                    onClick={() => !hindered && navigate(addressOf("recovery", { ask: "new" }))}
                  >
                    {t.ask}
                  </Button>
                }
              />
            ) : (
              <VirtualTable
                label={t.table}
                columns={columns}
                rows={rows}
                rowId={rowId}
                total={more ? null : rows.length}
                hasMore={false}
                loadingMore={false}
                onLoadMore={nothing}
                loadingLabel=""
                openId={selected}
                onOpen={(row) => onOpen(row.id)}
              />
            )}
            {more && <p className={styles.more}>{t.more}</p>}
          </div>
        </>
      )}
    </QueryState>
  );
}

const rowId = (row: RecoveryLine): string => row.id;
const nothing = (): void => undefined;

function useColumns(): readonly Column<RecoveryLine>[] {
  const t = useMessages().recovery;
  const styles = useStyles();
  return useMemo(() => {
    const c = t.columns;
    const unless = (row: RecoveryLine, text: string) =>
      row.notBelieved === null ? (
        <span title={text}>{text}</span>
      ) : (
        <span className={styles.quiet} aria-hidden="true">
          –
        </span>
      );
    return [
      { id: "state", title: c.state, width: 210, grow: 0.8, cell: (row) => <RequestStateWord line={row} /> },
      {
        id: "case",
        title: c.case,
        width: 110,
        grow: 0.6,
        cell: (row) => (
          <span className={styles.strong}>{row.notBelieved === null ? row.caseNumber : row.id}</span>
        ),
      },
      {
        id: "keys",
        title: c.keys,
        width: 150,
        grow: 1.6,
        cell: (row) => unless(row, owners(row, t.andMore)),
      },
      {
        id: "wanted",
        title: c.wanted,
        width: 150,
        grow: 1.2,
        cell: (row) => unless(row, wordIn(t.wanted, row.wanted)),
      },
      { id: "by", title: c.by, width: 110, grow: 0.8, cell: (row) => unless(row, row.requester) },
      {
        id: "agreed",
        title: c.agreed,
        width: 74,
        grow: 0.1,
        cell: (row) => unless(row, t.agreedOf(row.agreed, row.needed)),
      },
      {
        id: "expires",
        title: c.expires,
        width: 96,
        grow: 0.2,
        // What is closed does not expire any more.
        cell: (row) => (isOpen(row) ? <Relative at={row.expiresAt} /> : unless(row, "–")),
      },
    ] satisfies Column<RecoveryLine>[];
  }, [t, styles]);
}
