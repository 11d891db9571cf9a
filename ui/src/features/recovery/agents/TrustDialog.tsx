import { Field, Input, MessageBar, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { useState } from "react";
import type { KraSetLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Confirm } from "../../../shared/Confirm";
import { useCommand } from "../../../shared/command";
import { compareFingerprints } from "../../../shared/fingerprint";

const useStyles = makeStyles({
  typed: { fontFamily: tokens.fontFamilyMonospace },
});

/** The fingerprint is typed as an officer tells it: what is not shown cannot be nodded through. */
export function TrustDialog({ line, onClose }: { line: KraSetLine; onClose: () => void }) {
  const styles = useStyles();
  const t = useMessages().officers.set;
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const comparison = compareFingerprints(typed, line.fingerprint);
  const { mutate, isPending, error } = useCommand("trust_kra_set", {
    showsFailure: true,
    done: (version: number) => ({ title: t.trusted(version) }),
  });
  const go = () => {
    setTried(true);
    if (comparison.state !== "same") return;
    mutate({ request: { fingerprint: typed }, context: line.version }, { onSuccess: onClose });
  };
  const verdict =
    comparison.state === "same"
      ? { validationMessage: t.words.matches, validationState: "success" as const }
      : comparison.state === "different"
        ? { validationMessage: t.words.differs(comparison.group), validationState: "error" as const }
        : tried
          ? { validationMessage: t.words.incomplete, validationState: "error" as const }
          : { hint: t.trustTypedHint };
  return (
    <Confirm
      title={t.trustTitle(line.version)}
      cancel={t.cancel}
      confirm={t.trustConfirm}
      command="confirmTrust"
      pending={isPending}
      failure={error}
      onConfirm={go}
      onClose={onClose}
    >
      <Field label={t.trustTyped} required {...verdict}>
        <Input
          className={styles.typed}
          value={typed}
          onChange={(_, { value }) => setTyped(value)}
          spellCheck={false}
          autoComplete="off"
          data-field="typedFingerprint"
        />
      </Field>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>{t.trustMeans}</MessageBarBody>
      </MessageBar>
    </Confirm>
  );
}
