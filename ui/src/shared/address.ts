// Where we are: a page and its parameters, kept behind the `#` of the address, so that reload, back and copying the
// address work alike in the window and in a browser.
import { useCallback, useMemo, useSyncExternalStore } from "react";

export interface Address {
  /** Without slashes: `certificates`. */
  page: string;
  params: URLSearchParams;
}

export function parseAddress(hash: string): Address {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  return { page: path.replace(/^\/+|\/+$/g, ""), params: new URLSearchParams(query) };
}

/** The hash of a page; parameters that are empty are left out. */
export function addressOf(page: string, params: Record<string, string | null> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value) query.set(name, value);
  }
  const text = query.toString();
  return `#/${page}${text ? `?${text}` : ""}`;
}

const changed = new EventTarget();

/** Goes to an address made by `addressOf`. `replace` leaves no step to go back to. */
export function navigate(hash: string, { replace = false } = {}): void {
  if (hash === window.location.hash) return;
  if (replace) {
    window.history.replaceState(window.history.state, "", hash);
    changed.dispatchEvent(new Event("change"));
  } else {
    window.location.hash = hash;
  }
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  changed.addEventListener("change", listener);
  return () => {
    window.removeEventListener("hashchange", listener);
    changed.removeEventListener("change", listener);
  };
}

export function useAddress(): Address {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return useMemo(() => parseAddress(hash), [hash]);
}

/**
 * The parameters of the present page and a way to change some of them; an empty value removes one.
 * Changes replace the entry in the history unless `push` is wished, so that Back leaves the page at once.
 */
export function useParams(): readonly [
  URLSearchParams,
  (changes: Record<string, string | null>, options?: { push?: boolean }) => void,
] {
  const { params } = useAddress();
  const change = useCallback((changes: Record<string, string | null>, { push = false } = {}) => {
    const now = parseAddress(window.location.hash);
    navigate(addressOf(now.page, { ...Object.fromEntries(now.params), ...changes }), { replace: !push });
  }, []);
  return [params, change];
}
