// Runs a command whose request must not outlive it. A mutation's variables stay in memory for minutes after it has ended,
// where a PIN, or the mails of half a year, have no business.
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { type Answer, type CommandName, call, type Failure, type Request, toFailure } from "../../platform";
import { reportDenial } from "../../shared/denial";
import { refreshShown } from "../../shared/queries";

export function useUnkept<N extends CommandName>(name: N) {
  const queries = useQueryClient();
  const running = useRef(false);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  /** The answer, or `null` after a failure, or while an earlier call is under way. */
  const run = async (request: Request<N>): Promise<Answer<N> | null> => {
    if (running.current) return null;
    running.current = true;
    setPending(true);
    setFailure(null);
    try {
      const answer = await call(name, request);
      void refreshShown(queries);
      return answer;
    } catch (thrown) {
      const failed = toFailure(thrown);
      reportDenial(failed);
      setFailure(failed);
      return null;
    } finally {
      running.current = false;
      setPending(false);
    }
  };
  return { run, pending, failure, forgive: () => setFailure(null) };
}
