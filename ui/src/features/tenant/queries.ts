import { queryOptions } from "@tanstack/react-query";
import { call } from "../../platform";

/** Asks the tenant itself, which takes seconds: when the page opens, and when somebody wants it. */
export const checkQuery = queryOptions({
  queryKey: ["tenantCheck"] as const,
  queryFn: ({ signal }) => call("tenant_check", {}, signal),
  staleTime: 5 * 60_000,
  refetchOnWindowFocus: false,
});
