import { queryOptions } from "@tanstack/react-query";
import { call } from "../platform";

/** What runs here; it changes with a restart only. */
export const aboutQuery = queryOptions({
  queryKey: ["about"] as const,
  queryFn: ({ signal }) => call("about", {}, signal),
  staleTime: 60_000,
});
