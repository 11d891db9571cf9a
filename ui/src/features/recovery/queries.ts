// What this page reads from the program.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { OfficerDeed } from "../../bindings/api";
import { call } from "../../platform";

const REFRESH = 5_000;
/** How often a deed is looked at while it runs. */
const LOOK = 500;
/** Shorter texts fit half the directory. */
export const LEAST_SEARCH = 2;

export const deskQuery = (all: boolean) =>
  queryOptions({
    queryKey: ["recoveryDesk", all] as const,
    queryFn: ({ signal }) => call("recovery_desk", { all }, signal),
    refetchInterval: REFRESH,
    placeholderData: keepPreviousData,
  });

export interface KeySearch {
  search: string;
  from: string | null;
  to: string | null;
}

export const keysQuery = (wanted: KeySearch) =>
  queryOptions({
    queryKey: ["recoverableKeys", wanted] as const,
    queryFn: ({ signal }) => call("recoverable_keys", wanted, signal),
    enabled: wanted.search.length >= LEAST_SEARCH,
    staleTime: 30_000,
  });

export const setQuery = queryOptions({
  queryKey: ["kraSet"] as const,
  queryFn: ({ signal }) => call("kra_set", {}, signal),
  refetchInterval: REFRESH,
});

/** Read anew each time: who has agreed changes while nobody looks. */
export const elsewhereQuery = (id: string) =>
  queryOptions({
    queryKey: ["officersElsewhere", id] as const,
    queryFn: ({ signal }) => call("officers_elsewhere", { id }, signal),
    staleTime: 0,
    gcTime: 0,
  });

/** Readers are looked into when somebody asks, and not behind anybody's back. */
export const tokensQuery = (module: string | null) =>
  queryOptions({
    queryKey: ["officerTokens", module] as const,
    queryFn: ({ signal }) => call("officer_tokens", { module }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  });

/** What a deed takes beside the officer's own key; of a drill it does not matter how many keys are tried. */
export const needsQuery = (deed: OfficerDeed) =>
  queryOptions({
    queryKey: ["officerDeedNeeds", deed.kind, deed.kind === "approve" ? deed.request : null] as const,
    queryFn: ({ signal }) => call("officer_deed_needs", { deed }, signal),
    staleTime: 0,
    gcTime: 0,
  });

/** The whole archive is read for it: when the tab is opened, and when somebody asks again. */
export const inventoryQuery = queryOptions({
  queryKey: ["archiveInventory"] as const,
  queryFn: ({ signal }) => call("archive_inventory", {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
  refetchOnWindowFocus: false,
  retry: false,
});

const RUNNING: readonly string[] = ["unlocking", "signIn", "pinPad", "working"];

export const isRunning = (state: string): boolean => RUNNING.includes(state);

/** A key that is being used, or a reader that waits for its PIN, is not taken away. */
export const isStoppable = (state: string): boolean => state === "unlocking" || state === "signIn";

export const DEED_KEY = ["officerDeed"] as const;

/** Goes on while the officer is in another window, to sign in. */
export const deedQuery = queryOptions({
  queryKey: DEED_KEY,
  queryFn: ({ signal }) => call("officer_deed", {}, signal),
  staleTime: 0,
  gcTime: 0,
  refetchInterval: ({ state }) => (state.data && isRunning(state.data.state) ? LOOK : false),
  refetchIntervalInBackground: true,
});
