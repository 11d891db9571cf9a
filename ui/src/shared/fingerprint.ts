// Fingerprints as people compare them: eight groups of four digits.

const plain = (text: string): string => text.replace(/[\s:-]/g, "").toLowerCase();

export const groupsOf = (fingerprint: string): string[] => plain(fingerprint).match(/.{1,4}/g) ?? [];

export type Comparison =
  | { state: "empty" | "incomplete" | "same" }
  /** The first group that is another one, from 1. */
  | { state: "different"; group: number };

/** Holds what was typed, in any spelling, against what is shown. */
export function compareFingerprints(typed: string, shown: string): Comparison {
  const given = plain(typed);
  const wanted = plain(shown);
  if (given === "") return { state: "empty" };
  for (let at = 0; at < given.length; at += 1) {
    if (given[at] !== wanted[at]) return { state: "different", group: Math.floor(at / 4) + 1 };
  }
  return { state: given.length === wanted.length ? "same" : "incomplete" };
}
