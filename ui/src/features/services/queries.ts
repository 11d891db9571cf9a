import { queryOptions } from "@tanstack/react-query";
import { call } from "../../platform";

export const dutiesQuery = queryOptions({
  queryKey: ["duties"] as const,
  queryFn: ({ signal }) => call("duties", {}, signal),
  refetchInterval: 5_000,
});

export const driftQuery = (state: string) =>
  queryOptions({
    queryKey: ["drift", state] as const,
    queryFn: ({ signal }) => call("drift", { state }, signal),
    refetchInterval: 30_000,
  });
