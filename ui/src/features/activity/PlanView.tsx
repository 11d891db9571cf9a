// What the next cycle would do, why, and against which limits. Nothing is done by looking.
import { Link, MessageBar, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowSyncRegular, ClipboardTaskListLtrRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import type { PlanForecast } from "../../bindings/api";
import { useLocale, useMessages, wordIn } from "../../messages";
import { useRunService } from "../../nouns/Services";
import { addressOf } from "../../shared/address";
import { Card } from "../../shared/Card";
import { CommandBar } from "../../shared/CommandBar";
import { CopyButton } from "../../shared/CopyButton";
import { Page } from "../../shared/Page";
import { PlainTable } from "../../shared/PlainTable";
import { QueryState } from "../../shared/QueryState";
import { CardsSkeleton, LinesSkeleton } from "../../shared/skeletons";
import { Moment, useNow, useTimeFormat } from "../../shared/time";
import { forecastQuery } from "./queries";
import { VIEW_PANEL, Views } from "./Views";

const useStyles = makeStyles({
  panel: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalXXL} ${tokens.spacingVerticalXXL}`,
  },
  intro: { margin: 0, color: tokens.colorNeutralForeground2, maxWidth: "100ch" },
  figures: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(132px, 1fr))",
    gap: tokens.spacingHorizontalM,
    listStyleType: "none",
    margin: 0,
    padding: 0,
  },
  tile: {
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  name: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  figure: {
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
    fontWeight: tokens.fontWeightSemibold,
    fontVariantNumeric: "tabular-nums",
  },
  hint: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  limits: { display: "flex", flexWrap: "wrap", columnGap: tokens.spacingHorizontalXXL, margin: 0 },
  limit: { display: "flex", gap: tokens.spacingHorizontalS },
  value: { margin: 0, fontWeight: tokens.fontWeightSemibold },
  steps: { margin: `${tokens.spacingVerticalXS} 0 0`, paddingLeft: tokens.spacingHorizontalXL },
  command: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  why: { overflowWrap: "anywhere" },
});

const FIGURES = [
  "enroll",
  "renew",
  "replace",
  "revoke",
  "hold",
  "release",
  "deliveries",
  "removed",
  "hindered",
] as const;
const COMMANDS = {
  save: "sealwright plan --out plan.json",
  approve: "sealwright plan --approve plan.json",
  apply: "sealwright apply plan.json",
} as const;

export function PlanView() {
  const styles = useStyles();
  const m = useMessages();
  const t = m.plan;
  const forecast = useQuery(forecastQuery);
  const { run, starting } = useRunService();
  return (
    <Page
      title={m.pages.activity}
      at={forecast.data?.at}
      refreshing={forecast.isRefetching}
      full
      commands={
        <CommandBar
          commands={[
            {
              id: "plan",
              label: t.planOnly,
              hint: t.planOnlyHint,
              icon: <ClipboardTaskListLtrRegular />,
              onRun: () => void forecast.refetch(),
            },
            {
              id: "run",
              label: t.runNow,
              hint: t.runNowHint,
              icon: <ArrowSyncRegular />,
              disabled: starting === "sync",
              onRun: () => run("sync"),
            },
          ]}
        />
      }
    >
      <Views view="plan" />
      <div role="tabpanel" id={VIEW_PANEL} aria-labelledby="view-plan" className={styles.panel}>
        <QueryState
          of={forecast}
          skeleton={
            <>
              <CardsSkeleton cards={6} height={64} />
              <LinesSkeleton lines={8} />
            </>
          }
        >
          {(plan) => <Plan plan={plan} />}
        </QueryState>
      </div>
    </Page>
  );
}

function Plan({ plan }: { plan: PlanForecast }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.plan;
  const locale = useLocale();
  const format = useTimeFormat();
  const now = useNow(30_000);
  return (
    <>
      <Withheld plan={plan} />
      <p className={styles.intro}>
        {t.intro} {t.considered(plan.considered)}
        {plan.confirmedAt && `; ${t.confirmedAt(format.relative(plan.confirmedAt, now))}`}.{" "}
        {plan.confirmedAt === null && t.unread} {!plan.whole && t.notWhole(plan.considered)}
      </p>
      <ul className={styles.figures} aria-label={t.heading}>
        {FIGURES.map((id) => (
          <li key={id} className={styles.tile} data-planned={id}>
            <div className={styles.name}>{t.figures[id]}</div>
            <div className={styles.figure}>{plan[id].toLocaleString(locale)}</div>
            <div className={styles.hint}>{t.figureHints[id]}</div>
          </li>
        ))}
      </ul>
      <Card title={t.limits.heading} hint={t.limits.hint}>
        <dl className={styles.limits}>
          {(["revocations", "replacements"] as const).map((id) => (
            <div key={id} className={styles.limit}>
              <dt>{t.limits[id]}</dt>
              <dd className={styles.value} data-limit={id}>
                {t.limits.of(plan[id].done.toLocaleString(locale), plan[id].allowed.toLocaleString(locale))}
              </dd>
            </div>
          ))}
        </dl>
      </Card>
      <Intents plan={plan} />
      <Cost plan={plan} />
      <HandedOver plan={plan} />
      <TakenBack plan={plan} />
      {plan.skipped.length > 0 && (
        <Card title={t.skipped.heading}>
          <PlainTable
            label={t.skipped.heading}
            columns={[t.intents.columns.who, t.intents.columns.template, t.intents.columns.why]}
            rows={plan.skipped.map((skip, index) => ({
              key: `${index} ${skip.who} ${skip.template}`,
              cells: [skip.who, skip.template, <Why key="why" text={skip.why} />],
            }))}
          />
          <More all={plan.hindered} shown={plan.skipped.length} />
        </Card>
      )}
      <Upcoming plan={plan} />
    </>
  );
}

/** The plan's own sentence, as it stands in the plan and in the log. */
function Why({ text }: { text: string }) {
  const styles = useStyles();
  return (
    <span lang="en" className={styles.why}>
      {text}
    </span>
  );
}

function More({ all, shown }: { all: number; shown: number }) {
  const styles = useStyles();
  const m = useMessages();
  return all > shown ? <p className={styles.hint}>{m.plan.intents.more(all - shown)}</p> : null;
}

function Withheld({ plan }: { plan: PlanForecast }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.plan.withheld;
  if (plan.revocationsWithheld === null && plan.replacementsWithheld === 0) return null;
  return (
    <MessageBar intent="warning" layout="multiline" data-withheld>
      <MessageBarBody>
        {plan.revocationsWithheld !== null && <strong>{t.revocations(plan.revocationsWithheld)} </strong>}
        {plan.replacementsWithheld > 0 && <strong>{t.replacements(plan.replacementsWithheld)} </strong>}
        {t.look}
        <ol className={styles.steps}>
          {(["save", "approve", "apply"] as const).map((step) => (
            <li key={step}>
              {t.steps[step]}: <code className={styles.command}>{COMMANDS[step]}</code>
              <CopyButton text={COMMANDS[step]} label={t.copy(COMMANDS[step])} />
            </li>
          ))}
        </ol>
      </MessageBarBody>
    </MessageBar>
  );
}

function Intents({ plan }: { plan: PlanForecast }) {
  const m = useMessages();
  const t = m.plan.intents;
  const all = plan.enroll + plan.renew + plan.replace + plan.revoke + plan.hold + plan.release;
  return (
    <Card title={t.heading}>
      {plan.intents.length === 0 ? (
        <span>{t.none}</span>
      ) : (
        <PlainTable
          label={t.heading}
          columns={[t.columns.who, t.columns.what, t.columns.template, t.columns.why]}
          rows={plan.intents.map((intent) => ({
            key: `${intent.verb} ${intent.person} ${intent.template} ${intent.certificate ?? ""}`,
            cells: [
              <Link key="who" href={addressOf("people", { selected: intent.person })}>
                {intent.who}
              </Link>,
              wordIn(t.verbs, intent.verb),
              intent.template,
              <Why key="why" text={intent.reason} />,
            ],
          }))}
        />
      )}
      <More all={all} shown={plan.intents.length} />
    </Card>
  );
}

function Cost({ plan }: { plan: PlanForecast }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.plan.cost;
  const locale = useLocale();
  if (plan.costs.length === 0) return null;
  const parts = [...plan.cost, ...(plan.unpriced > 0 ? [t.unpriced(plan.unpriced)] : [])];
  return (
    <Card title={t.heading} hint={t.hint}>
      <strong data-cost>{parts.join(" + ")}</strong>
      <PlainTable
        label={t.heading}
        columns={[t.columns.template, t.columns.authority, t.columns.orders, t.columns.price, t.columns.sum]}
        rows={plan.costs.map((cost) => ({
          key: cost.template,
          cells: [
            cost.template,
            cost.authority,
            cost.orders.toLocaleString(locale),
            cost.price ?? (
              <span key="price" className={styles.hint}>
                {t.unknown}
              </span>
            ),
            cost.sum ?? "",
          ],
        }))}
      />
    </Card>
  );
}

function HandedOver({ plan }: { plan: PlanForecast }) {
  const m = useMessages();
  const t = m.plan.handed;
  const columns = m.plan.intents.columns;
  if (plan.handed.length === 0) return null;
  return (
    <Card title={t.heading}>
      <PlainTable
        label={t.heading}
        columns={[columns.who, columns.template, t.columns.to, columns.why]}
        rows={plan.handed.map((one) => ({
          key: `${one.retried} ${one.person} ${one.template}`,
          cells: [
            <Link key="who" href={addressOf("people", { selected: one.person })}>
              {one.who}
            </Link>,
            one.template,
            one.to.join(", "),
            <span key="why">
              {one.retried && `${t.retried}: `}
              <Why text={one.reason} />
            </span>,
          ],
        }))}
      />
    </Card>
  );
}

function TakenBack({ plan }: { plan: PlanForecast }) {
  const m = useMessages();
  const t = m.plan.removals;
  const columns = m.plan.intents.columns;
  if (plan.removals.length === 0) return null;
  return (
    <Card title={t.heading} hint={t.hint}>
      <PlainTable
        label={t.heading}
        columns={[columns.who, t.columns.from, columns.why]}
        rows={plan.removals.map((one) => ({
          key: `${one.cause} ${one.certificate} ${one.reason}`,
          cells: [
            <Link key="of" href={addressOf("certificates", { selected: one.certificate })}>
              {one.who}
            </Link>,
            wordIn(t.causes, one.cause),
            <Why key="why" text={one.reason} />,
          ],
        }))}
      />
      <More all={plan.removed} shown={plan.removals.length} />
    </Card>
  );
}

function Upcoming({ plan }: { plan: PlanForecast }) {
  const m = useMessages();
  const t = m.plan.upcoming;
  const words = m.people.endings;
  const changes = plan.noticed + plan.retracted > 0 ? ` ${t.changes(plan.noticed, plan.retracted)}` : "";
  return (
    <Card title={t.heading} hint={`${t.hint}${changes}`}>
      {plan.upcoming.length === 0 ? (
        <span>{t.none}</span>
      ) : (
        <PlainTable
          label={t.heading}
          columns={[t.columns.certificate, t.columns.cause, t.columns.state, t.columns.dueAt]}
          rows={plan.upcoming.map((ending) => ({
            key: ending.certificate,
            cells: [
              <Link key="of" href={addressOf("certificates", { selected: ending.certificate })}>
                {ending.mail}
              </Link>,
              wordIn(words.causes, ending.cause),
              wordIn(words.states, ending.state),
              <Moment key="at" at={ending.dueAt} />,
            ],
          }))}
        />
      )}
    </Card>
  );
}
