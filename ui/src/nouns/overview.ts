import { queryOptions } from "@tanstack/react-query";
import { call } from "../platform";

export const overviewQuery = queryOptions({
  queryKey: ["overview"] as const,
  queryFn: ({ signal }) => call("overview", {}, signal),
  // Pauses by itself while the window is hidden.
  refetchInterval: 5_000,
});
