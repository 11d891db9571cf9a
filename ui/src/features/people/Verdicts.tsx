// Why somebody has a certificate or not: what the plan says for each template, and which certificates are to end.
import { Link, makeStyles, tokens } from "@fluentui/react-components";
import {
  ArrowUndoRegular,
  ClockRegular,
  DismissCircleRegular,
  MailAlertRegular,
  QuestionCircleRegular,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import type { EndingLine, PersonDetails } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { addressOf } from "../../shared/address";
import { FactsHeading } from "../../shared/Facts";
import { StateWord, type Tone } from "../../shared/StateWord";
import { useTimeFormat } from "../../shared/time";
import { VerdictWord } from "./PersonStanding";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  entry: {
    padding: `${tokens.spacingVerticalS} 0`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke3}`,
    ":last-child": { borderBottomStyle: "none" },
  },
  head: { display: "flex", justifyContent: "space-between", columnGap: tokens.spacingHorizontalM },
  template: { fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  reason: { margin: `${tokens.spacingVerticalXXS} 0 0`, overflowWrap: "anywhere" },
  quiet: { color: tokens.colorNeutralForeground3 },
  hint: { margin: `${tokens.spacingVerticalS} 0 0`, color: tokens.colorNeutralForeground3 },
});

/** Templates that say nothing about somebody stand behind those that do. */
const rank = (answer: string): number => (answer === "notEntitled" ? 1 : 0);

export function Verdicts({ person }: { person: PersonDetails }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.people.why;
  if (person.verdicts.length === 0) return <p>{t.noTemplates}</p>;
  const verdicts = [...person.verdicts].sort((one, other) => rank(one.answer) - rank(other.answer));
  return (
    <>
      <FactsHeading>{t.heading}</FactsHeading>
      <ul className={styles.list}>
        {verdicts.map((verdict) => (
          <li key={verdict.templateId} className={styles.entry} data-verdict={verdict.answer}>
            <div className={styles.head}>
              <span className={styles.template}>{verdict.template}</span>
              <VerdictWord verdict={verdict} />
            </div>
            {/* The plan's own sentence, as it stands in the plan and in the log. */}
            <p className={styles.reason} lang="en">
              {verdict.reason}
            </p>
            {verdict.certificate && (
              <Link href={addressOf("certificates", { selected: verdict.certificate })}>
                {t.certificate(verdict.template)}
              </Link>
            )}
          </li>
        ))}
      </ul>
      <p className={styles.hint}>{t.hint}</p>
    </>
  );
}

const ENDINGS: Record<string, { icon: ReactElement; tone: Tone }> = {
  planned: { icon: <ClockRegular />, tone: "quiet" },
  noted: { icon: <MailAlertRegular />, tone: "warning" },
  due: { icon: <DismissCircleRegular />, tone: "bad" },
  retracted: { icon: <ArrowUndoRegular />, tone: "quiet" },
};

export function Endings({ person }: { person: PersonDetails }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.people.endings;
  if (person.endings.length === 0) return null;
  return (
    <>
      <FactsHeading>{t.heading}</FactsHeading>
      <ul className={styles.list}>
        {person.endings.map((ending) => (
          <Ending key={ending.certificate} ending={ending} confirmedAt={person.confirmedAt} />
        ))}
      </ul>
    </>
  );
}

function Ending({ ending, confirmedAt }: { ending: EndingLine; confirmedAt: string | null }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.people.endings;
  const format = useTimeFormat();
  const look = (Object.hasOwn(ENDINGS, ending.state) && ENDINGS[ending.state]) || {
    icon: <QuestionCircleRegular />,
    tone: "quiet" as const,
  };
  const seenTwice = confirmedAt !== null && Date.parse(ending.since) < Date.parse(confirmedAt);
  return (
    <li className={styles.entry} data-ending={ending.state}>
      <div className={styles.head}>
        <Link href={addressOf("certificates", { selected: ending.certificate })}>
          {t.certificate(ending.thumbprint.slice(0, 8))}
        </Link>
        <StateWord icon={look.icon} tone={look.tone}>
          {wordIn(t.states, ending.state)}
        </StateWord>
      </div>
      <p className={styles.reason}>{wordIn(t.causes, ending.cause)}</p>
      <div className={styles.quiet}>
        {t.since(format.moment(ending.since))} · {t.dueAt(format.moment(ending.dueAt))}
        {ending.state === "noted" && !seenTwice && ` · ${t.unconfirmed}`}
      </div>
    </li>
  );
}
