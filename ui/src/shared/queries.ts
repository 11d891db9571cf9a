// How often and how patiently the program is asked.
import { MutationCache, QueryCache, QueryClient, type QueryKey } from "@tanstack/react-query";
import type { Failure } from "../platform";
import { reportDenial } from "./denial";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: Failure;
  }
}

const BUSY_RETRIES = 2;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: reportDenial }),
    mutationCache: new MutationCache({ onError: reportDenial }),
    defaultOptions: {
      queries: {
        // The program is on this machine: whether the network is up says nothing about it.
        networkMode: "always",
        // Only a busy database is worth asking again at once; everything else is shown.
        retry: (failures, failure) => failure.code === "busy" && failures < BUSY_RETRIES,
        retryDelay: (attempt) => 200 * 2 ** attempt,
        staleTime: 1_000,
        refetchOnWindowFocus: true,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

/** Lists with more pages than this stop refreshing by themselves: every page would have to be read again. */
export const LIVE_PAGES = 5;

/** Marks what is shown as outdated and reads it again, long lists excepted. */
export function refreshShown(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({
    predicate: ({ state }) => pagesIn(state.data) <= LIVE_PAGES,
  });
}

/** Reads a list of pages again; a long one from its first page on rather than from end to end. */
export function refreshPages(queries: QueryClient, queryKey: QueryKey): Promise<void> {
  return pagesIn(queries.getQueryData(queryKey)) <= LIVE_PAGES
    ? queries.refetchQueries({ queryKey, exact: true })
    : queries.resetQueries({ queryKey, exact: true });
}

function pagesIn(data: unknown): number {
  if (typeof data !== "object" || data === null || !("pages" in data)) return 0;
  return Array.isArray(data.pages) ? data.pages.length : 0;
}
