// Which people are wanted, as it stands in the address.
import { useCallback, useMemo } from "react";
import type { ListPeople } from "../../bindings/api";
import { useParams } from "../../shared/address";

export const KINDS = ["person", "sharedMailbox"] as const;
export type Kind = (typeof KINDS)[number];
/** What can be asked for; how somebody stands is told by more words. */
export const ASKED_STANDINGS = ["covered", "partly", "lacking", "hindered", "leaving"] as const;
export type AskedStanding = (typeof ASKED_STANDINGS)[number];

export interface PeopleFilter {
  search: string;
  kind: Kind | null;
  standing: AskedStanding | null;
}

export const isKind = (word: string | null): word is Kind => KINDS.some((kind) => kind === word);
export const isAskedStanding = (word: string | null): word is AskedStanding =>
  ASKED_STANDINGS.some((standing) => standing === word);

export const NO_FILTER: PeopleFilter = { search: "", kind: null, standing: null };

export const isFiltered = (filter: PeopleFilter): boolean =>
  filter.search !== "" || filter.kind !== null || filter.standing !== null;

/** Anything in the address that is not understood is as if it were not there. */
function readFilter(params: URLSearchParams): PeopleFilter {
  const kind = params.get("kind");
  const standing = params.get("standing");
  return {
    search: params.get("q") ?? "",
    kind: isKind(kind) ? kind : null,
    standing: isAskedStanding(standing) ? standing : null,
  };
}

export function usePeopleFilter() {
  const [params, change] = useParams();
  const filter = useMemo(() => readFilter(params), [params]);
  const setFilter = useCallback(
    (part: Partial<PeopleFilter>) => {
      const changes: Record<string, string | null> = {};
      if (part.search !== undefined) changes.q = part.search;
      if (part.kind !== undefined) changes.kind = part.kind;
      if (part.standing !== undefined) changes.standing = part.standing;
      change(changes);
    },
    [change],
  );
  return [filter, setFilter] as const;
}

/** The request for one page of what the filter wants. */
export const requestOf = (filter: PeopleFilter, after: string | null, limit: number): ListPeople => ({
  search: filter.search.trim() || null,
  kind: filter.kind,
  standing: filter.standing,
  after,
  limit,
});
