// What the program says about a template while it is being typed.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { FindingLine, TemplateFields } from "../../bindings/api";
import { call, type Failure } from "../../platform";

const PAUSE = 400;

export function useFindings(fields: TemplateFields): { findings: FindingLine[]; failure: Failure | null } {
  const [settled, setSettled] = useState(fields);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(fields), PAUSE);
    return () => clearTimeout(timer);
  }, [fields]);
  const query = useQuery({
    queryKey: ["checkTemplate", settled] as const,
    queryFn: ({ signal }) => call("check_template", { fields: settled }, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    gcTime: 0,
  });
  // A group id that is none, for example, is refused as a whole.
  return { findings: query.error ? [] : (query.data?.findings ?? []), failure: query.error };
}
