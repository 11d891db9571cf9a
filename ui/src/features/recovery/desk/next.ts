// What a request waits for, as seen by the person before this console.
import type { EntryCheck, RecoveryLine } from "../../../bindings/api";
import { outcomeIn } from "../outcome";

export const STATES = [
  "waits",
  "ready",
  "opened",
  "done",
  "withdrawn",
  "refused",
  "expired",
  "notBelieved",
] as const;
export type RequestState = (typeof STATES)[number];

/** A request that is not to be believed says nothing of itself, its state included. */
export const stateOf = (line: RecoveryLine): string =>
  line.notBelieved === null ? line.state : "notBelieved";

export const isOpen = (line: RecoveryLine): boolean =>
  line.notBelieved === null && ["waits", "ready", "opened"].includes(line.state);

export const mayAgree = (line: RecoveryLine): boolean =>
  line.notBelieved === null && line.state === "waits" && line.mayNotAgree === null;

export const mayComplete = (line: RecoveryLine): boolean =>
  line.notBelieved === null && line.own && (line.state === "ready" || line.state === "opened");

/** For an officer without a network: what waits, and discloses something. The set is known on machines of the fleet alone. */
export const mayExport = (line: RecoveryLine): boolean =>
  line.notBelieved === null && line.state === "waits" && outcomeIn(line.wanted) !== "sealedAnew";

/** Refusing is for everybody but whoever asked, who takes the request back instead. */
export const mayRefuse = (line: RecoveryLine): boolean => isOpen(line) && !line.own;

export const mayWithdraw = (line: RecoveryLine): boolean => isOpen(line) && line.own;

/** It names an outcome that this page does not know: nobody can say here what would come of it. */
export const isStrange = (line: RecoveryLine): boolean =>
  line.notBelieved === null && outcomeIn(line.wanted) === "unknown";

export const waitsForMe = (line: RecoveryLine): boolean => mayAgree(line) || mayComplete(line);

export const missing = (line: RecoveryLine): number => Math.max(0, line.needed - line.agreed);

/** What is to be looked into first, then what waits for this person, then the rest; within each, the newest first. */
export function inOrder(lines: readonly RecoveryLine[]): RecoveryLine[] {
  const rank = (line: RecoveryLine): number =>
    line.notBelieved !== null ? 0 : waitsForMe(line) ? 1 : isOpen(line) ? 2 : 3;
  return [...lines].sort((a, b) => rank(a) - rank(b) || b.createdAt.localeCompare(a.createdAt));
}

/** So many keys, and owners of keys, are shown at first. */
export const SHOWN = 10;

/** Whose keys, each once; of many the first, and what `more` says of the rest. */
export function owners(line: RecoveryLine, more: (n: number) => string): string {
  const mails = [...new Set(line.keys.map(({ mail }) => mail))];
  const rest = mails.length - SHOWN;
  return rest > 0 ? `${mails.slice(0, SHOWN).join(", ")} ${more(rest)}` : mails.join(", ");
}

/** What is in the way of beginning anything; `null` where nothing is. */
export const inTheWay = (checks: readonly EntryCheck[]): string | null =>
  checks.find(({ verdict }) => verdict === "bad")?.found ?? null;
