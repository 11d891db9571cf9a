// What a person chose for this installation: theme, language, columns. Kept in the browser's storage, validated on
// reading, and shared by every component that asks.
import { useCallback, useSyncExternalStore } from "react";

export interface Preferences {
  theme: "system" | "light" | "dark" | "contrast";
  language: "system" | "en" | "de";
  /** `auto` follows the width of the window. */
  navigation: "auto" | "wide" | "narrow";
  singleKeys: boolean;
  /** Columns that are hidden, by table. */
  hiddenCertificateColumns: readonly string[];
}

type Name = keyof Preferences;

const DEFAULTS: Preferences = {
  theme: "system",
  language: "system",
  navigation: "auto",
  singleKeys: true,
  hiddenCertificateColumns: [],
};

const oneOf =
  <T extends string>(...words: T[]) =>
  (value: unknown): value is T =>
    words.some((word) => word === value);

const VALID: { [N in Name]: (value: unknown) => value is Preferences[N] } = {
  theme: oneOf("system", "light", "dark", "contrast"),
  language: oneOf("system", "en", "de"),
  navigation: oneOf("auto", "wide", "narrow"),
  singleKeys: (value): value is boolean => typeof value === "boolean",
  hiddenCertificateColumns: (value): value is readonly string[] =>
    Array.isArray(value) && value.every((item) => typeof item === "string"),
};

const key = (name: Name): string => `sealwright.${name}`;
const cache = new Map<Name, { text: string | null; value: unknown }>();
const listeners = new Set<() => void>();

// A browser may refuse storage altogether; choices then last as long as the page.
const session = new Map<Name, string>();

function readText(name: Name): string | null {
  try {
    return localStorage.getItem(key(name)) ?? session.get(name) ?? null;
  } catch {
    return session.get(name) ?? null;
  }
}

export function readPreference<N extends Name>(name: N): Preferences[N] {
  const text = readText(name);
  const known = cache.get(name);
  if (known && known.text === text) return known.value as Preferences[N];
  let value: Preferences[N] = DEFAULTS[name];
  if (text !== null) {
    try {
      const parsed: unknown = JSON.parse(text);
      if (VALID[name](parsed)) value = parsed;
    } catch {
      // Not ours; the default holds until the person chooses again.
    }
  }
  cache.set(name, { text, value });
  return value;
}

export function writePreference<N extends Name>(name: N, value: Preferences[N]): void {
  const text = JSON.stringify(value);
  try {
    localStorage.setItem(key(name), text);
  } catch {
    session.set(name, text);
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

export function usePreference<N extends Name>(
  name: N,
): readonly [Preferences[N], (value: Preferences[N]) => void] {
  const value = useSyncExternalStore(subscribe, () => readPreference(name));
  const set = useCallback((next: Preferences[N]) => writePreference(name, next), [name]);
  return [value, set];
}
