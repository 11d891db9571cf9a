// What was entered before it is asked. Kept for this session of the window, so that looking something up costs nothing;
// there is no key and no password in it.
import { useCallback, useState } from "react";
import type { RecoverableKey, RequestRecovery } from "../../../bindings/api";
import type { Outcome } from "../outcome";

export const STEPS = ["case", "keys", "wanted", "look"] as const;
export type StepId = (typeof STEPS)[number];

/** Whoever has the archive sealed anew chooses neither keys nor outcome. */
export const stepsOf = ({ wanted }: Draft): readonly StepId[] =>
  wanted === "sealedAnew" ? ["case", "look"] : STEPS;

/** The step after that of the draft, or before it; itself at either end. */
export function stepFrom(draft: Draft, by: 1 | -1): StepId {
  const steps = stepsOf(draft);
  return steps[steps.indexOf(draft.step) + by] ?? draft.step;
}

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
const STORED_ANEW = "sealwright.recovery.anew";

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

const ANEW: Draft = { ...EMPTY, wanted: "sealedAnew" };

function stored(anew: boolean): Draft | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(anew ? STORED_ANEW : STORED) ?? "null");
    // What was kept for the one is not asked with the other.
    const fits = isDraft(value) && (value.wanted === "sealedAnew") === anew;
    return fits && stepsOf(value).includes(value.step) ? value : null;
  } catch {
    return null;
  }
}

function store(draft: Draft | null, anew: boolean): void {
  const name = anew ? STORED_ANEW : STORED;
  try {
    if (draft === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify(draft));
  } catch {
    // A window without storage forgets the draft when it is closed; it does so anyway.
  }
}

/** `anew`: for having the archive sealed anew, with a draft of its own. */
export function useDraft(who: string, anew: boolean, now: () => Date = () => new Date()) {
  const empty = anew ? ANEW : EMPTY;
  const [restored] = useState(() => stored(anew));
  // Whoever comes from a certificate means that person; the rest of the draft still stands.
  const [draft, setDraft] = useState<Draft>(() => {
    const start = restored ?? empty;
    return who === "" || start.search === who ? start : { ...start, search: who, from: "", to: "", keys: [] };
  });
  const change = useCallback(
    (changes: Partial<Draft>) =>
      setDraft((before) => {
        const next = { ...before, ...changes, at: now().toISOString() };
        store(next, anew);
        return next;
      }),
    [now, anew],
  );
  const discard = useCallback(() => {
    store(null, anew);
    setDraft(empty);
  }, [anew, empty]);
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
