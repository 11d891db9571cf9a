import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import type { KraSetLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { useCommand } from "../../../shared/command";
import { compareFingerprints } from "../../../shared/fingerprint";
import { useFocusReturn } from "../../../shared/focusReturn";
import { Refusal } from "../../../shared/Refusal";
import { useTallContent } from "../../../shared/tallContent";

const useStyles = makeStyles({
  typed: { fontFamily: tokens.fontFamilyMonospace },
});

/** The fingerprint is typed as an officer tells it: what is not shown cannot be nodded through. */
export function TrustDialog({ line, onClose }: { line: KraSetLine; onClose: () => void }) {
  const styles = useStyles();
  const content = useTallContent();
  const t = useMessages().officers.set;
  useFocusReturn();
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const comparison = compareFingerprints(typed, line.fingerprint);
  const { mutate, isPending, error } = useCommand("trust_kra_set", {
    showsFailure: true,
    done: (version: number) => ({ title: t.trusted(version) }),
  });
  const go = (event: FormEvent) => {
    event.preventDefault();
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
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface>
        <form onSubmit={go} noValidate>
          <DialogBody>
            <DialogTitle>{t.trustTitle(line.version)}</DialogTitle>
            <DialogContent className={content}>
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
              {error && <Refusal failure={error} />}
              <MessageBar intent="warning" layout="multiline">
                <MessageBarBody>{t.trustMeans}</MessageBarBody>
              </MessageBar>
            </DialogContent>
            <DialogActions fluid>
              <Button onClick={onClose}>{t.cancel}</Button>
              <Button
                appearance="primary"
                type="submit"
                disabledFocusable={isPending}
                data-command="confirmTrust"
              >
                {t.trustConfirm}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
