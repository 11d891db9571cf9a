import { useMessages } from "../messages";
import { useCommand } from "../shared/command";

/** Tries a stuck enrollment again at its present station. */
export function useRetryEnrollment() {
  const m = useMessages();
  const { mutate, isPending, variables } = useCommand("retry_enrollment", {
    done: (who: string) => ({ title: m.enrollment.retried(who) }),
  });
  return {
    retry: (line: { id: string; who: string }) => mutate({ request: { id: line.id }, context: line.who }),
    retrying: isPending ? variables.request.id : null,
  };
}
