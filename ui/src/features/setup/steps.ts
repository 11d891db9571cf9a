// Which steps there are, and which one follows from where the program says it stands.
import type { SetupStatus } from "../../bindings/api";

export type StepId = "where" | "connect" | "schema" | "roles" | "keys" | "copy" | "ready";

const FIRST_EMBEDDED: readonly StepId[] = ["where", "keys", "ready"];
const FIRST_SERVER: readonly StepId[] = ["where", "connect", "schema", "roles", "keys", "ready"];
const MOVE: readonly StepId[] = ["connect", "schema", "roles", "copy", "ready"];

export const isMove = (status: SetupStatus): boolean => status.purpose === "move";

/** `server`: the person chose a shared database. */
export function stepsOf(status: SetupStatus, server: boolean): readonly StepId[] {
  if (isMove(status)) return MOVE;
  return server ? FIRST_SERVER : FIRST_EMBEDDED;
}

/** The step to begin at: where the program stands, also after the window was closed and opened again. */
export function stepOf(status: SetupStatus): StepId {
  switch (status.stage) {
    case "schema":
      return "schema";
    case "keys":
    case "waiting":
      return "keys";
    case "copy":
      return "copy";
    case "ready":
      return "ready";
    default:
      return isMove(status) ? "connect" : "where";
  }
}
