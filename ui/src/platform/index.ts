// The border to the program. The only folder that knows whether this is the window or a browser.
import type { Commands } from "../bindings/api";
import { httpTransport, takeTokenFromAddress } from "./http";
import { inWindow, tauriTransport } from "./tauri";
import type { Transport } from "./transport";

export { copyText, copyWhenKnown } from "./clipboard";
export { Failure, type FailureCode, toFailure } from "./failure";
export type { Transport } from "./transport";

export type CommandName = keyof Commands;
export type Request<N extends CommandName> = Commands[N]["request"];
export type Answer<N extends CommandName> = Commands[N]["answer"];

let transport: Transport | null = null;

/** Chooses the way to the program. Called once, before the first render. */
export function connect(): void {
  if (inWindow()) {
    transport = tauriTransport;
  } else {
    takeTokenFromAddress(window.location, window.history, window.sessionStorage);
    transport = httpTransport(window.sessionStorage);
  }
}

/** Replaces the way to the program; for tests. */
export function connectTo(other: Transport): void {
  transport = other;
}

/** Runs a command of the program. Rejects with a `Failure`. */
export async function call<N extends CommandName>(
  name: N,
  request: Request<N>,
  signal?: AbortSignal,
): Promise<Answer<N>> {
  if (!transport) throw new Error("connect() has not been called");
  return (await transport(name, request, signal)) as Answer<N>;
}
