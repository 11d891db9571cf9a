import type { RecoveryLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { isStrange, mayAgree, mayComplete, missing } from "./next";

/** What happens next with a request, in one sentence for the person who reads it. */
export function useNextSentence(line: RecoveryLine): string {
  const t = useMessages().recovery.next;
  if (line.notBelieved !== null) return t.notBelieved;
  if (isStrange(line) && (mayAgree(line) || mayComplete(line))) return t.unknown;
  if (mayAgree(line)) return t.agree;
  if (mayComplete(line)) return line.state === "opened" ? t.again : t.complete;
  switch (line.state) {
    case "waits":
      return line.own
        ? t.waitOwn(missing(line))
        : t.waitOther(missing(line), line.mayNotAgree ?? line.requester);
    case "ready":
    case "opened":
      return t.readyOther(line.requester);
    case "done":
      return t.done;
    case "withdrawn":
      return t.withdrawn;
    case "refused":
      return t.refused;
    default:
      return t.expired;
  }
}
