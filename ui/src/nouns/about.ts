import { queryOptions } from "@tanstack/react-query";
import { call } from "../platform";

/** What runs here, and what others share with it: accounts and agents may be added from elsewhere. */
export const aboutQuery = queryOptions({
  queryKey: ["about"] as const,
  queryFn: ({ signal }) => call("about", {}, signal),
  staleTime: 10_000,
  refetchInterval: 30_000,
});
