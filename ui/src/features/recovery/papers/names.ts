import type { RecoveryLine } from "../../../bindings/api";

/** A name for what is written down of a request: short, and told apart from that of another one. */
export const nameOf = (id: string, ending: string): string => `${id.slice(-12)}.${ending}`;

/** Whose keys, each once: addresses are one person's in any case. */
export function ownersOf({ keys }: RecoveryLine): string[] {
  const owners = new Map(keys.map(({ mail }) => [mail.toLowerCase(), mail]));
  return [...owners.values()];
}

/** The last part of a path, in either spelling. */
export const lastPart = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

/** A name as a shell takes it: in quotes where there is a space. The program takes no other signs. */
export const quoted = (name: string): string => (name.includes(" ") ? `"${name}"` : name);
