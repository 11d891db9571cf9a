// How somebody stands, and what the plan says about a template: each as icon and word.
import {
  ArrowSyncRegular,
  CheckmarkCircleFilled,
  CircleHalfFillRegular,
  CircleOffRegular,
  HourglassHalfRegular,
  PersonArrowRightRegular,
  PersonDeleteRegular,
  QuestionCircleRegular,
  SubtractCircleRegular,
  WarningFilled,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import type { PersonLine, VerdictLine } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { StateWord, type Tone } from "../../shared/StateWord";

interface Look {
  icon: ReactElement;
  tone: Tone;
}

const UNKNOWN: Look = { icon: <QuestionCircleRegular />, tone: "quiet" };

const STANDINGS: Record<string, Look> = {
  gone: { icon: <PersonDeleteRegular />, tone: "quiet" },
  leaving: { icon: <PersonArrowRightRegular />, tone: "warning" },
  hindered: { icon: <WarningFilled />, tone: "warning" },
  partly: { icon: <CircleHalfFillRegular />, tone: "warning" },
  covered: { icon: <CheckmarkCircleFilled />, tone: "good" },
  lacking: { icon: <SubtractCircleRegular />, tone: "quiet" },
};

const ANSWERS: Record<string, Look> = {
  enroll: { icon: <ArrowSyncRegular />, tone: "busy" },
  renew: { icon: <ArrowSyncRegular />, tone: "busy" },
  replace: { icon: <ArrowSyncRegular />, tone: "busy" },
  hindered: { icon: <WarningFilled />, tone: "warning" },
  underWay: { icon: <HourglassHalfRegular />, tone: "busy" },
  covered: { icon: <CheckmarkCircleFilled />, tone: "good" },
  notEntitled: { icon: <CircleOffRegular />, tone: "quiet" },
};

const lookOf = (looks: Record<string, Look>, word: string): Look =>
  (Object.hasOwn(looks, word) && looks[word]) || UNKNOWN;

export function PersonStanding({ line }: { line: Pick<PersonLine, "standing"> }) {
  const m = useMessages();
  const look = lookOf(STANDINGS, line.standing);
  return (
    <StateWord icon={look.icon} tone={look.tone} title={wordIn(m.people.standingMeaning, line.standing)}>
      {wordIn(m.people.standings, line.standing)}
    </StateWord>
  );
}

export function VerdictWord({ verdict }: { verdict: Pick<VerdictLine, "answer"> }) {
  const m = useMessages();
  const look = lookOf(ANSWERS, verdict.answer);
  return (
    <StateWord icon={look.icon} tone={look.tone}>
      {wordIn(m.people.answers, verdict.answer)}
    </StateWord>
  );
}
