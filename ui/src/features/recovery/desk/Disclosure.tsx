// What comes to whose eyes, in one sentence: read before asking, and before agreeing.
import { MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { useMessages } from "../../../messages";

interface Props {
  id: string;
  wanted: string;
  /** Addresses whose keys are asked for. */
  whose: string;
  /** Who asks: mails and files go there. */
  requester: string;
  /** Who gets the keys, with `fileForOther`. */
  to: string | null;
}

export function Disclosure({ id, wanted, whose, requester, to }: Props) {
  const t = useMessages().recovery.wizard;
  const hands = wanted === "fileForOther" || wanted === "fileForOwner";
  return (
    <section aria-label={t.summary}>
      <MessageBar intent={hands ? "warning" : "info"} layout="multiline" politeness="polite">
        <MessageBarBody id={id} data-disclosure>
          <MessageBarTitle>{t.summary}</MessageBarTitle>
          {sentence(t.discloses, wanted, whose, requester, to)}
        </MessageBarBody>
      </MessageBar>
    </section>
  );
}

function sentence(
  t: ReturnType<typeof useMessages>["recovery"]["wizard"]["discloses"],
  wanted: string,
  whose: string,
  requester: string,
  to: string | null,
): string {
  switch (wanted) {
    case "decryptedMails":
      return t.decryptedMails(whose, requester);
    case "ownersDevices":
      return t.ownersDevices(whose);
    case "fileForOwner":
      return t.fileForOwner(whose, requester);
    default:
      return t.fileForOther(whose, to ?? requester);
  }
}
