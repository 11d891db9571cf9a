// What shall come of a recovery request. The program may be newer than this page: a word that the page does not know is
// never taken for one that it does.

export const OUTCOMES = [
  "decryptedMails",
  "ownersDevices",
  "fileForOwner",
  "fileForOther",
  "sealedAnew",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What the wizard offers for keys that are chosen; sealing anew is asked for where the set is shown. */
export const FOR_CHOSEN_KEYS = ["decryptedMails", "ownersDevices", "fileForOwner", "fileForOther"] as const;

/** The outcome that a request names; `unknown` for a word of a newer program. */
export const outcomeIn = (word: string): Outcome | "unknown" =>
  OUTCOMES.find((outcome) => outcome === word) ?? "unknown";
