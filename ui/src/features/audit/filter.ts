// Which entries are wanted, as it stands in the address.
import { useCallback, useMemo } from "react";
import type { AuditWish } from "../../bindings/api";
import { useParams } from "../../shared/address";
import { DAY } from "../../shared/time";
import { AREAS, type Area, isArea } from "./areas";

export const WITHIN_CHOICES = [1, 7, 30, 365] as const;
export const OUTCOMES = ["success", "failure"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface AuditFilter {
  search: string;
  area: Area | null;
  /** A single name of the log, chosen beside one such entry. */
  kind: string | null;
  outcome: Outcome | null;
  withinDays: number | null;
  upTo: number | null;
}

export const NO_FILTER: AuditFilter = {
  search: "",
  area: null,
  kind: null,
  outcome: null,
  withinDays: null,
  upTo: null,
};

const positive = (text: string | null, most: number): number | null => {
  const number = Number(text);
  return text !== null && Number.isInteger(number) && number > 0 && number <= most ? number : null;
};

/** The position in an address; an entry in front of the first is one that somebody put there. */
export const seqOf = (text: string | null): number | null =>
  text !== null && /^-?\d{1,15}$/.test(text) ? Number(text) : null;

/** Anything in the address that is not understood is as if it were not there. */
export function readFilter(params: URLSearchParams): AuditFilter {
  const area = params.get("area");
  const outcome = params.get("outcome");
  const kind = params.get("kind");
  return {
    search: params.get("q") ?? "",
    area: area !== null && isArea(area) ? area : null,
    kind: kind !== null && /^[A-Z_]{1,60}$/.test(kind) ? kind : null,
    outcome: OUTCOMES.find((word) => word === outcome) ?? null,
    withinDays: positive(params.get("within"), 36_500),
    upTo: seqOf(params.get("upTo")),
  };
}

export function writeFilter(change: Partial<AuditFilter>): Record<string, string | null> {
  const params: Record<string, string | null> = {};
  if (change.search !== undefined) params.q = change.search;
  if (change.area !== undefined) params.area = change.area;
  if (change.kind !== undefined) params.kind = change.kind;
  if (change.outcome !== undefined) params.outcome = change.outcome;
  if (change.withinDays !== undefined) params.within = change.withinDays?.toString() ?? null;
  if (change.upTo !== undefined) params.upTo = change.upTo?.toString() ?? null;
  return params;
}

export const isFiltered = (filter: AuditFilter): boolean =>
  filter.search !== "" ||
  filter.area !== null ||
  filter.kind !== null ||
  filter.outcome !== null ||
  filter.withinDays !== null ||
  filter.upTo !== null;

/** What the program is asked for; days count back from `now`. */
export const wishOf = (filter: AuditFilter, now: number): AuditWish => ({
  search: filter.search.trim() || null,
  kinds: filter.kind !== null ? [filter.kind] : filter.area !== null ? [...AREAS[filter.area]] : [],
  outcome: filter.outcome,
  from: filter.withinDays === null ? null : new Date(now - filter.withinDays * DAY).toISOString(),
  until: null,
  upTo: filter.upTo,
});

export function useAuditFilter() {
  const [params, change] = useParams();
  const filter = useMemo(() => readFilter(params), [params]);
  const setFilter = useCallback((part: Partial<AuditFilter>) => change(writeFilter(part)), [change]);
  return [filter, setFilter] as const;
}
