import { queryOptions } from "@tanstack/react-query";
import { call } from "../../platform";

export const installationsQuery = queryOptions({
  queryKey: ["installations"] as const,
  queryFn: ({ signal }) => call("installations", {}, signal),
  // Somebody stands before the machine that waits.
  refetchInterval: 5_000,
});
