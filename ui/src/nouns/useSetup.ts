// Giving a command of the assistant: its failure is shown in the step, its answer moves the assistant on.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { SetupStatus } from "../bindings/api";
import { type Answer, type CommandName, call, type Failure, type Request } from "../platform";
import { setupQuery } from "./setup";

export type SetupCommand = Extract<CommandName, `setup_${string}`>;

const isStatus = (answer: unknown): answer is SetupStatus =>
  typeof answer === "object" && answer !== null && "stage" in answer && "needed" in answer;

export function useSetup<N extends SetupCommand>(name: N) {
  const queries = useQueryClient();
  return useMutation<Answer<N>, Failure, Request<N>>({
    mutationFn: (request) => call(name, request),
    onSuccess: (answer) => {
      if (isStatus(answer)) {
        queries.setQueryData(setupQuery.queryKey, answer);
        return undefined;
      }
      return queries.invalidateQueries({ queryKey: setupQuery.queryKey });
    },
  });
}
