// What is being typed: kept for this window until it is saved or discarded, whatever page is shown meanwhile.
import type { Changed, TemplateFields } from "../../bindings/api";

export interface Draft {
  /** `null` for a new template. */
  id: string | null;
  /** The version that was edited; `null` for a new template. */
  changed: Changed | null;
  /** As it was when editing began. */
  base: TemplateFields;
  /** As it is typed. */
  mine: TemplateFields;
  /** When something was typed last, RFC 3339. */
  at: string;
}

const key = (id: string | null): string => `sealwright.draft.template.${id ?? "new"}`;

const isDraft = (value: unknown): value is Draft =>
  typeof value === "object" &&
  value !== null &&
  ["base", "mine", "at"].every((name) => name in value) &&
  typeof (value as Draft).base === "object" &&
  typeof (value as Draft).mine === "object";

export function readDraft(id: string | null): Draft | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(key(id)) ?? "null");
    return isDraft(value) ? value : null;
  } catch {
    return null;
  }
}

export function keepDraft(draft: Draft): void {
  try {
    sessionStorage.setItem(key(draft.id), JSON.stringify(draft));
  } catch {
    // A browser without storage loses the draft with the page, and nothing else.
  }
}

export function dropDraft(id: string | null): void {
  try {
    sessionStorage.removeItem(key(id));
  } catch {
    // Nothing was kept.
  }
}

/** A template to start from. */
export const blank = (authority: string): TemplateFields => ({
  name: "",
  description: "",
  enabled: true,
  purpose: "smime",
  commonName: "display-name",
  organization: null,
  key: "rsa-2048",
  authority,
  validityDays: 365,
  renewBeforeDays: 28,
  leaverDays: 30,
  renamedDays: 7,
  disabled: "nothing",
  archive: true,
  postQuantum: false,
  intendedPurpose: "smime-encryption",
  pfx: "compatible",
  connector: "",
  formerOnDevices: null,
  include: [],
  exclude: [],
  sharedMailboxes: true,
});
