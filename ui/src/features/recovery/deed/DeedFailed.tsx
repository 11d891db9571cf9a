import { MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import type { DeedLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { toFailure } from "../../../platform";
import { hintOf, messageOf } from "../../../shared/ErrorState";
import { sentence } from "../../../shared/sentence";

/** Why a deed failed, and what has to be known before the next try. */
export function DeedFailed({ line }: { line: DeedLine }) {
  const m = useMessages();
  if (line.error === null) return null;
  const failure = toFailure(line.error);
  const hint = hintOf(failure, m);
  return (
    <>
      <MessageBar intent="error" layout="multiline" data-failed>
        <MessageBarBody>
          <MessageBarTitle>{sentence(messageOf(failure, m))}</MessageBarTitle>
          {hint && sentence(hint)}
        </MessageBarBody>
      </MessageBar>
      {line.warning && (
        <MessageBar intent="warning" layout="multiline" data-warning>
          <MessageBarBody>{sentence(line.warning)}</MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}
