// What a page shows when the program could not answer: a closed code, a sentence, a hint, a trace id.
// Pages branch on `code` only; texts are for people.
import type { Changed, ErrorCode, WireError } from "../bindings/api";

/** `unreachable` and `unauthorized` arise on this side of the border; all others come from the program. */
export type FailureCode = ErrorCode | "unreachable" | "unauthorized";

export class Failure extends Error {
  readonly code: FailureCode;
  readonly hint: string | null;
  /** Finds the matching log lines; empty where the program never saw the request. */
  readonly traceId: string;
  /** What it is about, where the page says that in words of its own; a word of a newer program is passed over. */
  readonly about: string | null;
  /** With `stale`: who was faster, where the program knows. */
  readonly changed: Changed | null;

  constructor(
    code: FailureCode,
    message: string,
    hint: string | null,
    traceId = "",
    changed: Changed | null = null,
    about: string | null = null,
  ) {
    super(message);
    this.name = "Failure";
    this.code = code;
    this.hint = hint;
    this.traceId = traceId;
    this.changed = changed;
    this.about = about;
  }
}

const isWireError = (value: unknown): value is WireError =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as WireError).code === "string" &&
  typeof (value as WireError).message === "string";

/** Turns whatever a transport threw or answered into a `Failure`. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (isWireError(thrown)) {
    return new Failure(
      thrown.code,
      thrown.message,
      thrown.hint ?? null,
      thrown.traceId ?? "",
      thrown.changed ?? null,
      thrown.about ?? null,
    );
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure("unreachable", message, null);
}
