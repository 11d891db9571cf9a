// What this page reads from the program.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "../../platform";
import { LIVE_PAGES } from "../../shared/queries";
import { type CertificateFilter, requestOf } from "./filter";

export const PAGE_SIZE = 200;
const REFRESH = 5_000;

/** Keyset pages of the table. They refresh by themselves while few of them are loaded. */
export const certificatesQuery = (filter: CertificateFilter) =>
  infiniteQueryOptions({
    queryKey: ["certificates", filter] as const,
    queryFn: ({ pageParam, signal }) =>
      call("list_certificates", requestOf(filter, pageParam, PAGE_SIZE), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= LIVE_PAGES ? REFRESH : false),
  });

export const certificateQuery = (id: string) =>
  queryOptions({
    queryKey: ["certificate", id] as const,
    queryFn: ({ signal }) => call("certificate_details", { id }, signal),
    refetchInterval: REFRESH,
  });

export const choicesQuery = queryOptions({
  queryKey: ["filterChoices"] as const,
  queryFn: ({ signal }) => call("filter_choices", {}, signal),
  staleTime: 60_000,
});
