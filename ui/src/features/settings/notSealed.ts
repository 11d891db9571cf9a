import type { InstallationDecided } from "../../bindings/api";
import type { Messages } from "../../messages";

/** What is still to be done after an installation came or went, and what it took along; undefined when there is nothing. */
export function notSealed(
  { closed, damaged, inFlight, certificates, inFlightUnseen }: InstallationDecided,
  t: Messages["installations"],
): string | undefined {
  const told = [
    ...(inFlight > 0 || certificates > 0 ? [t.underWay(certificates, inFlight)] : []),
    ...(closed.length > 0 ? [t.closed(closed.join(", "))] : []),
    ...(damaged.length > 0 ? [t.damaged(damaged.join(", "))] : []),
    ...(inFlightUnseen ? [t.unseen] : []),
  ];
  return told.length > 0 ? told.join(" ") : undefined;
}
