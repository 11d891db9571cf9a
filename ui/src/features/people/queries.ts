// What this page reads from the program.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "../../platform";
import { LIVE_PAGES } from "../../shared/queries";
import { type PeopleFilter, requestOf } from "./filter";

const PAGE_SIZE = 200;
/** The directory is read every few minutes; what happens to one person is followed closer. */
const REFRESH = 15_000;
const REFRESH_ONE = 5_000;

/** Keyset pages of the list. They refresh by themselves while few of them are loaded. */
export const peopleQuery = (filter: PeopleFilter) =>
  infiniteQueryOptions({
    queryKey: ["people", filter] as const,
    queryFn: ({ pageParam, signal }) => call("list_people", requestOf(filter, pageParam, PAGE_SIZE), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) <= LIVE_PAGES ? REFRESH : false),
  });

export const personQuery = (id: string) =>
  queryOptions({
    queryKey: ["person", id] as const,
    queryFn: ({ signal }) => call("person_details", { id }, signal),
    refetchInterval: REFRESH_ONE,
  });
