// Calls the program over its loopback bridge, for the console in a browser.
import { Failure, toFailure } from "./failure";
import type { Transport } from "./transport";

const TOKEN_KEY = "sealwright.token";

/**
 * Moves the access token out of the address (`#token=…`) into this tab's storage, so that it does not stay in the
 * history, in bookmarks or on a shared screen. Safe to repeat.
 */
export function takeTokenFromAddress(location: Location, history: History, storage: Storage): void {
  const found = /^#token=([^&/]+)(.*)$/.exec(location.hash);
  if (!found?.[1]) return;
  storage.setItem(TOKEN_KEY, decodeURIComponent(found[1]));
  const rest = found[2]?.replace(/^&/, "") ?? "";
  history.replaceState(history.state, "", `${location.pathname}${location.search}${rest ? `#${rest}` : ""}`);
}

export function httpTransport(storage: Storage): Transport {
  return async (name, payload, signal) => {
    let response: Response;
    try {
      response = await fetch("/api/call", {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Authorization: `Bearer ${storage.getItem(TOKEN_KEY) ?? ""}`,
        },
        body: JSON.stringify({ name, payload }),
        signal: signal ?? null,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw toFailure(error);
    }
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer;
    if (response.status === 401 || response.status === 403) {
      throw new Failure("unauthorized", `${response.status} ${response.statusText}`.trim(), null);
    }
    if (answer === null) {
      throw new Failure("unreachable", `${response.status} ${response.statusText}`.trim(), null);
    }
    throw toFailure(answer);
  };
}
