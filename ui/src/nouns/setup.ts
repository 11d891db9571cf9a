import { queryOptions } from "@tanstack/react-query";
import type { SetupStatus } from "../bindings/api";
import { call } from "../platform";

const LIVE = 1_500;

const isUnderWay = (status: SetupStatus | undefined): boolean =>
  status?.joining?.state === "waiting" ||
  status?.copying?.state === "running" ||
  status?.copying?.state === "checking";

/** Whether anything is to be set up, and how far it is; asked for often while something is under way. */
export const setupQuery = queryOptions({
  queryKey: ["setup"] as const,
  queryFn: ({ signal }) => call("setup_status", {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
  refetchInterval: ({ state: { data } }) => (isUnderWay(data) ? LIVE : false),
});
