// What this page reads from the program.
import { queryOptions } from "@tanstack/react-query";
import { call } from "../../platform";

const REFRESH = 5_000;

export const templatesQuery = queryOptions({
  queryKey: ["templates"] as const,
  queryFn: ({ signal }) => call("templates", {}, signal),
  refetchInterval: REFRESH,
});

/** One template as it is now. Read when an editor opens and when somebody else saved; not by itself. */
export const templateQuery = (id: string) =>
  queryOptions({
    queryKey: ["template", id] as const,
    queryFn: ({ signal }) => call("template_details", { id }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

/** Whether somebody saved the template while its editor is open. */
export const versionQuery = (id: string) =>
  queryOptions({
    queryKey: ["templateVersion", id] as const,
    queryFn: ({ signal }) => call("template_version", { id }, signal),
    refetchInterval: REFRESH,
  });
