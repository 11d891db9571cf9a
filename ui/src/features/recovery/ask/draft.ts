// What was entered before it is asked. Kept for this session of the window, so that looking something up costs nothing;
// there is no key and no password in it.
import { useCallback, useState } from "react";
import type { RecoverableKey, RequestRecovery } from "../../../bindings/api";

export const OUTCOMES = ["decryptedMails", "ownersDevices", "fileForOwner", "fileForOther"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const STEPS = ["case", "keys", "wanted", "look"] as const;
export type StepId = (typeof STEPS)[number];

export interface Draft {
  step: StepId;
  caseNumber: string;
  legalBasis: string;
  reason: string;
  search: string;
  from: string;
  to: string;
  keys: readonly RecoverableKey[];
  wanted: Outcome | null;
  whom: string;
  days: string;
  /** When it was last changed, RFC 3339; `null` while nothing was entered. */
  at: string | null;
}

/** The longest text that a request takes, in characters. */
export const LONGEST = 500;
const USUAL_DAYS = "7";
const STORED = "sealwright.recovery.draft";

export const EMPTY: Draft = {
  step: "case",
  caseNumber: "",
  legalBasis: "",
  reason: "",
  search: "",
  from: "",
  to: "",
  keys: [],
  wanted: null,
  whom: "",
  days: USUAL_DAYS,
  at: null,
};

const isDraft = (value: unknown): value is Draft =>
  typeof value === "object" &&
  value !== null &&
  Object.entries(EMPTY).every(([name, empty]) => {
    const found = (value as Record<string, unknown>)[name];
    return empty === null ? found === null || typeof found === "string" : typeof found === typeof empty;
  }) &&
  STEPS.some((step) => step === (value as Draft).step) &&
  Array.isArray((value as Draft).keys);

function stored(): Draft | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(STORED) ?? "null");
    return isDraft(value) ? value : null;
  } catch {
    return null;
  }
}

function store(draft: Draft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(STORED);
    else sessionStorage.setItem(STORED, JSON.stringify(draft));
  } catch {
    // A window without storage forgets the draft when it is closed; it does so anyway.
  }
}

export function useDraft(who: string, now: () => Date = () => new Date()) {
  const [restored] = useState(stored);
  // Whoever comes from a certificate means that person; the rest of the draft still stands.
  const [draft, setDraft] = useState<Draft>(() => {
    const start = restored ?? EMPTY;
    return who === "" || start.search === who ? start : { ...start, search: who, from: "", to: "", keys: [] };
  });
  const change = useCallback(
    (changes: Partial<Draft>) =>
      setDraft((before) => {
        const next = { ...before, ...changes, at: now().toISOString() };
        store(next);
        return next;
      }),
    [now],
  );
  const discard = useCallback(() => {
    store(null);
    setDraft(EMPTY);
  }, []);
  return { draft, change, discard, restoredAt: restored?.at ?? null };
}

// What writes nothing: control characters, marks of direction and width.
const HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

/** What is wrong with a text that is signed: nothing, or one of these. */
export function textFault(text: string): "missing" | "tooLong" | "oneLine" | null {
  const said = text.trim();
  if (said === "") return "missing";
  if ([...said].length > LONGEST) return "tooLong";
  return HIDDEN.test(said) ? "oneLine" : null;
}

export const daysOf = (draft: Draft, longest: number): number | null => {
  const days = Number(draft.days);
  return Number.isInteger(days) && days >= 1 && days <= longest ? days : null;
};

/** How many officers will have to agree: the most that one of the keys takes, and one more for somebody else. */
export const approvalsFor = (draft: Draft, least: number): number =>
  Math.max(least, 1, ...draft.keys.map(({ quorum }) => quorum)) + (draft.wanted === "fileForOther" ? 1 : 0);

export const whoseKeys = (draft: Draft): string =>
  [
    ...new Set(draft.keys.map(({ commonName, mail }) => (mail ? `${commonName} (${mail})` : commonName))),
  ].join(", ");

export const requestOf = (draft: Draft, wanted: Outcome, days: number): RequestRecovery => ({
  certificates: draft.keys.map(({ certificate }) => certificate),
  caseNumber: draft.caseNumber.trim(),
  legalBasis: draft.legalBasis.trim(),
  reason: draft.reason.trim(),
  wanted,
  to: wanted === "fileForOther" ? draft.whom.trim() : null,
  days,
});
