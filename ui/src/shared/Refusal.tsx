import { MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { useMessages } from "../messages";
import type { Failure } from "../platform";
import { hintOf, messageOf } from "./ErrorState";

/** Why the program did not take an order, in the dialog that gave it. */
export function Refusal({ failure }: { failure: Failure }) {
  const m = useMessages();
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{m.failures[failure.code]}</MessageBarTitle>
        {messageOf(failure, m).replace(/\.$/, "")}. {hintOf(failure, m)}
      </MessageBarBody>
    </MessageBar>
  );
}
