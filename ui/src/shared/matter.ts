import type { Messages } from "../messages";

/** Our own words for what the program says it is about; none where it says nothing, or something newer than this page. */
export function matterIn(about: string | null, m: Messages): { what: string; hint: string } | null {
  const known: Readonly<Record<string, { what: string; hint: string }>> = m.matters;
  return about !== null && Object.hasOwn(known, about) ? (known[about] ?? null) : null;
}
