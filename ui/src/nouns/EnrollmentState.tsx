import {
  ArrowSyncRegular,
  CheckmarkCircleFilled,
  DismissCircleFilled,
  HourglassHalfRegular,
  PersonAlertRegular,
  QuestionCircleRegular,
  WarningFilled,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import { useMessages, wordIn } from "../messages";
import { StateWord, type Tone } from "../shared/StateWord";

export const ENROLLMENT_STATES = ["running", "waiting", "stuck", "rejected", "done"] as const;
export type EnrollmentStateWord = (typeof ENROLLMENT_STATES)[number];

/** Stations in the order in which a certificate passes them; `Activity.atStation` counts in this order. */
export const STATIONS = ["keygen", "request", "archive", "deliver"] as const;

const LOOKS: Record<EnrollmentStateWord, { icon: ReactElement; tone: Tone }> = {
  running: { icon: <ArrowSyncRegular />, tone: "busy" },
  waiting: { icon: <HourglassHalfRegular />, tone: "busy" },
  stuck: { icon: <PersonAlertRegular />, tone: "warning" },
  rejected: { icon: <DismissCircleFilled />, tone: "bad" },
  done: { icon: <CheckmarkCircleFilled />, tone: "good" },
};
const UNKNOWN = { icon: <QuestionCircleRegular />, tone: "quiet" as Tone };

export const isEnrollmentState = (word: string): word is EnrollmentStateWord =>
  ENROLLMENT_STATES.some((state) => state === word);

export function EnrollmentState({ state }: { state: string }) {
  const m = useMessages();
  const look = isEnrollmentState(state) ? LOOKS[state] : UNKNOWN;
  return (
    <StateWord icon={look.icon} tone={look.tone}>
      {wordIn(m.enrollment.states, state)}
    </StateWord>
  );
}

const EVENT_LOOKS: Record<string, { icon: ReactElement; tone: Tone }> = {
  started: { icon: <ArrowSyncRegular />, tone: "quiet" },
  succeeded: { icon: <CheckmarkCircleFilled />, tone: "good" },
  waiting: { icon: <HourglassHalfRegular />, tone: "busy" },
  failed: { icon: <WarningFilled />, tone: "warning" },
  stuck: { icon: <PersonAlertRegular />, tone: "warning" },
  rejected: { icon: <DismissCircleFilled />, tone: "bad" },
};

export function JournalEvent({ event }: { event: string }) {
  const m = useMessages();
  const look = Object.hasOwn(EVENT_LOOKS, event) ? EVENT_LOOKS[event] : undefined;
  const { icon, tone } = look ?? UNKNOWN;
  return (
    <StateWord icon={icon} tone={tone}>
      {wordIn(m.enrollment.events, event)}
    </StateWord>
  );
}
