// What this page reads from the program.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "../../platform";
import { LIVE_PAGES } from "../../shared/queries";
import { type AuditFilter, wishOf } from "./filter";

export const PAGE_SIZE = 200;
const REFRESH = 10_000;
const RUNNING = 400;

/** Keyset pages of the log. They refresh by themselves while few are loaded; a search for words goes through the whole log. */
export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter] as const,
    queryFn: ({ pageParam, signal }) =>
      call("list_audit", { filter: wishOf(filter, Date.now()), after: pageParam, limit: PAGE_SIZE }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) =>
      filter.search === "" && (state.data?.pages.length ?? 0) <= LIVE_PAGES ? REFRESH : false,
  });

export const entryQuery = (seq: number) =>
  queryOptions({
    queryKey: ["auditEntry", seq] as const,
    queryFn: ({ signal }) => call("audit_entry", { seq }, signal),
  });

/** Who vouches for the log, and what verifying it found; asked for often while that runs. */
export const standingQuery = queryOptions({
  queryKey: ["auditStanding"] as const,
  queryFn: ({ signal }) => call("audit_standing", {}, signal),
  refetchInterval: ({ state: { data } }) => (data?.verification?.state === "running" ? RUNNING : REFRESH),
});
