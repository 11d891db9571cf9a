import {
  ArrowSwapRegular,
  CheckmarkCircleFilled,
  ClockDismissFilled,
  HourglassHalfRegular,
  PauseCircleFilled,
  ProhibitedRegular,
  QuestionCircleRegular,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import type { CertificateLine } from "../bindings/api";
import { useMessages, wordIn } from "../messages";
import { StateWord, type Tone } from "../shared/StateWord";
import { useNow, useTimeFormat } from "../shared/time";

export const CERTIFICATE_STATES = ["valid", "expired", "held", "revoking", "revoked", "superseded"] as const;
export type CertificateState = (typeof CERTIFICATE_STATES)[number];

const LOOKS: Record<CertificateState, { icon: ReactElement; tone: Tone }> = {
  valid: { icon: <CheckmarkCircleFilled />, tone: "good" },
  expired: { icon: <ClockDismissFilled />, tone: "bad" },
  held: { icon: <PauseCircleFilled />, tone: "warning" },
  revoking: { icon: <HourglassHalfRegular />, tone: "warning" },
  revoked: { icon: <ProhibitedRegular />, tone: "bad" },
  superseded: { icon: <ArrowSwapRegular />, tone: "quiet" },
};
const UNKNOWN = { icon: <QuestionCircleRegular />, tone: "quiet" as Tone };

export const isCertificateState = (word: string): word is CertificateState =>
  CERTIFICATE_STATES.some((state) => state === word);

/** The effective state, with the age of the authority's last word on it. */
export function CertificateStatus({ line }: { line: Pick<CertificateLine, "status" | "checkedAt"> }) {
  const m = useMessages();
  const format = useTimeFormat();
  const now = useNow(30_000);
  const look = isCertificateState(line.status) ? LOOKS[line.status] : UNKNOWN;
  const then = Math.max(now, Date.parse(line.checkedAt));
  const age = format.relative(line.checkedAt, then);
  return (
    <StateWord
      icon={look.icon}
      tone={look.tone}
      aside={format.brief(line.checkedAt, then)}
      title={`${m.confirmed(age)}\n${format.utc(line.checkedAt)}`}
    >
      {wordIn(m.status, line.status)}
    </StateWord>
  );
}
