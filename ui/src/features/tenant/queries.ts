import { queryOptions } from "@tanstack/react-query";
import { call } from "../../platform";

/** Asks the tenant itself, which takes seconds: when the page opens, and when somebody wants it. */
export const checkQuery = queryOptions({
  queryKey: ["tenantCheck"] as const,
  queryFn: ({ signal }) => call("tenant_check", {}, signal),
  staleTime: 5 * 60_000,
  refetchOnWindowFocus: false,
});

/** Who is signed in; asked often while somebody is on their way. */
export const signInQuery = queryOptions({
  queryKey: ["signIn"] as const,
  queryFn: ({ signal }) => call("sign_in_standing", {}, signal),
  refetchInterval: ({ state }) => (state.data?.waiting ? 1_500 : false),
});

/** What is set up, and what a set-up asks for. */
export const setupQuery = queryOptions({
  queryKey: ["tenantSetup"] as const,
  queryFn: ({ signal }) => call("tenant_setup", {}, signal),
});
