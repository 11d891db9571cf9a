// What comes to whose eyes, in one sentence: read before asking, and before agreeing.
import { MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { type Messages, useMessages } from "../../../messages";
import { type Outcome, outcomeIn } from "../outcome";

interface Props {
  id: string;
  wanted: string;
  /** Addresses whose keys are asked for; `null` for those that wait to be sealed anew. */
  whose: string | null;
  /** Who asks: mails and files go there. */
  requester: string;
  /** Who gets the keys, with `fileForOther`; the set, with `sealedAnew`. */
  to: string | null;
}

/** After these nobody but the owner, or nobody at all, can read more than before. */
const QUIET: readonly (Outcome | "unknown")[] = ["decryptedMails", "ownersDevices"];

export function Disclosure({ id, wanted, whose, requester, to }: Props) {
  const t = useMessages().recovery.wizard;
  const outcome = outcomeIn(wanted);
  return (
    <section aria-label={t.summary}>
      <MessageBar
        intent={QUIET.includes(outcome) ? "info" : "warning"}
        layout="multiline"
        politeness="polite"
      >
        <MessageBarBody id={id} data-disclosure={outcome}>
          <MessageBarTitle>{t.summary}</MessageBarTitle>
          {sentence(t.discloses, outcome, whose ?? t.thoseThatWait, requester, to)}
        </MessageBarBody>
      </MessageBar>
    </section>
  );
}

function sentence(
  t: Messages["recovery"]["wizard"]["discloses"],
  outcome: Outcome | "unknown",
  whose: string,
  requester: string,
  to: string | null,
): string {
  switch (outcome) {
    case "decryptedMails":
      return t.decryptedMails(whose, requester);
    case "ownersDevices":
      return t.ownersDevices(whose);
    case "fileForOwner":
      return t.fileForOwner(whose, requester);
    case "fileForOther":
      return t.fileForOther(whose, to ?? requester);
    case "sealedAnew":
      return t.sealedAnew(whose, to ?? "–", requester);
    case "unknown":
      return t.unknown;
  }
}
