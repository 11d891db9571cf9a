// The next version of the set: who, by which policy, and a look over both. It takes effect once officers have signed.
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  Spinner,
  tokens,
} from "@fluentui/react-components";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { KraSet } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { useFocusReturn } from "../../../shared/focusReturn";
import { useNotify } from "../../../shared/notify";
import { Refusal } from "../../../shared/Refusal";
import { useTallContent } from "../../../shared/tallContent";
import { useUnkept } from "../useUnkept";
import { OfficersStep } from "./OfficersStep";
import { PolicyStep } from "./PolicyStep";
import { ProposalSummary } from "./ProposalSummary";
import { countOf, isFirst, MOST_OFFICERS, requestOf, startOf } from "./proposal";

const useStyles = makeStyles({
  surface: { maxWidth: "760px" },
  stage: {
    margin: 0,
    fontSize: tokens.fontSizeBase400,
    fontWeight: tokens.fontWeightSemibold,
    outlineStyle: "none",
  },
  lead: { margin: 0, color: tokens.colorNeutralForeground2 },
});

const STEPS = ["officers", "policy", "look"] as const;

interface Props {
  /** As it was when the dialog opened. */
  set: KraSet;
  onClose: () => void;
}

export function ProposeDialog({ set: given, onClose }: Props) {
  const styles = useStyles();
  const content = useTallContent();
  const t = useMessages().officers.propose;
  const notify = useNotify();
  useFocusReturn();
  // Refreshing behind the dialog takes nothing away from under it.
  const [set] = useState(given);
  const [proposal, setProposal] = useState(() => startOf(set));
  const [at, setAt] = useState(0);
  const [tried, setTried] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const propose = useUnkept("propose_kra_set");
  const first = isFirst(set);
  const step = STEPS[at] ?? "look";
  const count = countOf(proposal);
  const faults = {
    officers: count === 0 ? t.officersMissing : count > MOST_OFFICERS ? t.officersMany(MOST_OFFICERS) : null,
    name: first && proposal.name.trim() === "" ? t.missing : null,
  };
  const request = requestOf(proposal, first);
  const [moved, setMoved] = useState(0);
  useEffect(() => {
    if (moved > 0) heading.current?.focus({ preventScroll: true });
  }, [moved]);
  const to = (next: number) => {
    setTried(false);
    setAt(next);
    setMoved((before) => before + 1);
  };
  const go = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (step === "officers" && (faults.officers !== null || faults.name !== null)) return;
    if (step !== "officers" && request === null) return;
    if (step !== "look") {
      to(at + 1);
      return;
    }
    const answer = request && (await propose.run(request));
    if (!answer) return;
    const proposed = Math.max(
      ...answer.versions.filter((v) => v.standing === "proposed").map((v) => v.version),
    );
    notify("success", t.done(proposed), { body: t.doneHint });
    onClose();
  };
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface className={styles.surface} data-propose={step}>
        <form onSubmit={(event) => void go(event)} noValidate>
          <DialogBody>
            <DialogTitle>{first ? t.first : t.title}</DialogTitle>
            <DialogContent className={content}>
              <h3 ref={heading} tabIndex={-1} className={styles.stage}>
                {at + 1}. {t.steps[step]}
              </h3>
              {step === "officers" && (
                <OfficersStep
                  set={set}
                  proposal={proposal}
                  onChange={setProposal}
                  faults={tried ? faults : { officers: null, name: null }}
                />
              )}
              {step === "policy" && <PolicyStep proposal={proposal} onChange={setProposal} />}
              {step === "look" && (
                <>
                  <p className={styles.lead}>{t.lookLead}</p>
                  <ProposalSummary set={set} proposal={proposal} />
                </>
              )}
              {propose.failure && <Refusal failure={propose.failure} />}
            </DialogContent>
            <DialogActions fluid>
              <Button onClick={onClose}>{t.cancel}</Button>
              {at > 0 && (
                <Button onClick={() => to(at - 1)} data-command="back">
                  {t.back}
                </Button>
              )}
              <Button
                appearance="primary"
                type="submit"
                disabledFocusable={propose.pending}
                icon={propose.pending ? <Spinner size="tiny" /> : null}
                data-command="next"
              >
                {step === "look" ? t.confirm : t.next}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
