import {
  ArrowUndoRegular,
  CheckmarkCircleFilled,
  CheckmarkCircleRegular,
  ClockDismissRegular,
  DismissCircleRegular,
  HourglassHalfRegular,
  LockOpenRegular,
  QuestionCircleRegular,
  ShieldErrorRegular,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import type { RecoveryLine } from "../../../bindings/api";
import { useMessages, wordIn } from "../../../messages";
import { StateWord, type Tone } from "../../../shared/StateWord";
import { type RequestState, STATES, stateOf, waitsForMe } from "./next";

const LOOKS: Record<RequestState, { icon: ReactElement; tone: Tone }> = {
  waits: { icon: <HourglassHalfRegular />, tone: "busy" },
  ready: { icon: <CheckmarkCircleRegular />, tone: "good" },
  opened: { icon: <LockOpenRegular />, tone: "busy" },
  done: { icon: <CheckmarkCircleFilled />, tone: "good" },
  withdrawn: { icon: <ArrowUndoRegular />, tone: "quiet" },
  refused: { icon: <DismissCircleRegular />, tone: "quiet" },
  expired: { icon: <ClockDismissRegular />, tone: "quiet" },
  notBelieved: { icon: <ShieldErrorRegular />, tone: "bad" },
};
const UNKNOWN = { icon: <QuestionCircleRegular />, tone: "quiet" as Tone };

/** Where it is the person's turn, that comes first. */
export function RequestStateWord({ line }: { line: RecoveryLine }) {
  const t = useMessages().recovery;
  const word = stateOf(line);
  const known = STATES.find((state) => state === word);
  const look = known ? LOOKS[known] : UNKNOWN;
  const state = wordIn(t.states, word);
  const mine = waitsForMe(line);
  return (
    <StateWord icon={look.icon} tone={look.tone} aside={mine ? state : undefined}>
      {mine ? <strong>{t.forYou}</strong> : state}
    </StateWord>
  );
}
