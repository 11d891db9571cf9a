// The last thing that the database login was not allowed to do: shown across the console until it is put away.
import { useSyncExternalStore } from "react";
import type { Failure } from "../platform";

let last: Failure | null = null;
const listeners = new Set<() => void>();

function set(failure: Failure | null): void {
  if (last === failure) return;
  // The same refusal again, from a list that refreshes itself, is no news.
  if (failure && last && failure.message === last.message) return;
  last = failure;
  for (const listener of listeners) listener();
}

/** Called with every failure; keeps those that the database administrator can help with. */
export function reportDenial(failure: Failure): void {
  if (failure.code === "forbidden") set(failure);
}

export const dismissDenial = (): void => set(null);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useDenial = (): Failure | null => useSyncExternalStore(subscribe, () => last);
