import type { InstallationDecided } from "../../bindings/api";
import type { Messages } from "../../messages";

/** What somebody still has to do after an installation came or went; undefined when everything is sealed anew. */
export function notSealed(
  { closed, damaged }: InstallationDecided,
  t: Messages["installations"],
): string | undefined {
  const told = [
    ...(closed.length > 0 ? [t.closed(closed.join(", "))] : []),
    ...(damaged.length > 0 ? [t.damaged(damaged.join(", "))] : []),
  ];
  return told.length > 0 ? told.join(" ") : undefined;
}
