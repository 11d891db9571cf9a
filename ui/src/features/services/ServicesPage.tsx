// What the service does again and again: on or off, when last and next, what came of it, and a way to have it done at once.
import { Button, Link, makeStyles, tokens } from "@fluentui/react-components";
import {
  ArrowClockwiseRegular,
  CheckmarkCircleFilled,
  ClipboardTaskListLtrRegular,
  PlayRegular,
  PowerRegular,
  WarningFilled,
} from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Duties, DutyLine } from "../../bindings/api";
import { useLocale, useMessages, wordIn } from "../../messages";
import { LastRun, NextRun, useRunService, useServiceName } from "../../nouns/Services";
import { addressOf, navigate } from "../../shared/address";
import { Card } from "../../shared/Card";
import { CommandBar } from "../../shared/CommandBar";
import { Page } from "../../shared/Page";
import { PlainTable } from "../../shared/PlainTable";
import { QueryState } from "../../shared/QueryState";
import { refreshShown } from "../../shared/queries";
import { StateWord } from "../../shared/StateWord";
import { LinesSkeleton } from "../../shared/skeletons";
import { Moment, Relative } from "../../shared/time";
import { DriftCard } from "./DriftCard";
import { dutiesQuery } from "./queries";

const useStyles = makeStyles({
  cards: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  hint: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  actions: { display: "flex", gap: tokens.spacingHorizontalXS, justifyContent: "flex-end", flexWrap: "wrap" },
});

export function ServicesPage() {
  const styles = useStyles();
  const m = useMessages();
  const t = m.services;
  const queries = useQueryClient();
  const duties = useQuery(dutiesQuery);
  return (
    <Page
      title={m.pages.services}
      at={duties.data?.at}
      refreshing={duties.isRefetching}
      commands={
        <CommandBar
          commands={[
            {
              id: "refresh",
              label: m.state.refresh,
              icon: <ArrowClockwiseRegular />,
              onRun: () => void refreshShown(queries),
            },
          ]}
        />
      }
    >
      <QueryState of={duties} skeleton={<LinesSkeleton lines={14} />}>
        {(data) => (
          <div className={styles.cards}>
            <Card title={t.recurring} hint={t.recurringHint}>
              <DutyTable duties={data.duties} />
            </Card>
            <DriftCard />
            <Card title={t.beside} hint={t.besideHint}>
              <Beside data={data} />
            </Card>
          </div>
        )}
      </QueryState>
    </Page>
  );
}

function DutyTable({ duties }: { duties: readonly DutyLine[] }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.services;
  const nameOf = useServiceName();
  const { run, starting } = useRunService();
  return (
    <PlainTable
      label={t.recurring}
      columns={[t.name, t.state, t.lastResult, t.nextRun, ""]}
      rows={duties.map((duty) => ({
        key: duty.name,
        cells: [
          <span key="name" data-duty={duty.name}>
            {nameOf(duty.name)}
            <span className={styles.hint}>{wordIn(t.meaning, duty.name)}</span>
          </span>,
          <Switched key="state" duty={duty} />,
          duty.runs ? <LastRun key="last" service={duty.runs} /> : <span key="last">{t.notYet}</span>,
          duty.off === null && duty.runs ? (
            <NextRun key="next" at={duty.runs.nextRun} />
          ) : (
            <span key="next">–</span>
          ),
          <span key="run" className={styles.actions}>
            {duty.name === "sync" && (
              <Button
                size="small"
                icon={<ClipboardTaskListLtrRegular />}
                onClick={() => navigate(addressOf("activity", { view: "plan" }))}
              >
                {m.plan.planOnly}
              </Button>
            )}
            <Button
              size="small"
              icon={<PlayRegular />}
              aria-label={t.runNowFor(nameOf(duty.name))}
              disabledFocusable={starting === duty.name || duty.off !== null}
              onClick={() => run(duty.name)}
            >
              {t.runNow}
            </Button>
          </span>,
        ],
      }))}
    />
  );
}

function Switched({ duty }: { duty: DutyLine }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.services;
  if (duty.off !== null) {
    return (
      <>
        <StateWord icon={<PowerRegular />} tone="quiet">
          {t.off}
        </StateWord>
        <span className={styles.hint}>{wordIn(t.whyOff, duty.off)}</span>
      </>
    );
  }
  return (
    <>
      <StateWord icon={<CheckmarkCircleFilled />} tone="good">
        {t.on}
      </StateWord>
      <span className={styles.hint}>
        {duty.everyMinutes % 60 === 0
          ? t.everyHours(duty.everyMinutes / 60)
          : t.everyMinutes(duty.everyMinutes)}
      </span>
    </>
  );
}

/** What the worker does when there is something: no row of it ever runs by the clock. */
function Beside({ data }: { data: Duties }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.services;
  const locale = useLocale();
  const { work, audit } = data;
  const figure = (n: number) => n.toLocaleString(locale);
  const rows: { id: string; state: ReactNode; link: ReactNode }[] = [
    {
      id: "enrollments",
      state: (
        <>
          {t.underWay(figure(work.enrollments))}
          {work.stuck > 0 && (
            <StateWord icon={<WarningFilled />} tone="warning">
              {t.needPerson(figure(work.stuck))}
            </StateWord>
          )}
        </>
      ),
      link: (
        <Link href={addressOf("activity", { state: work.stuck > 0 ? "stuck" : null })}>
          {m.pages.activity}
        </Link>
      ),
    },
    {
      id: "revocations",
      state: t.unconfirmed(figure(work.revocations)),
      link: <Link href={addressOf("certificates", { status: "revoking" })}>{m.pages.certificates}</Link>,
    },
    {
      id: "deliveries",
      state: t.notReadBack(figure(work.deliveries)),
      link: <Link href={addressOf("certificates")}>{m.pages.certificates}</Link>,
    },
    {
      id: "queue",
      state: (
        <>
          {t.jobs(figure(work.jobs))}
          {work.nextDue && (
            <span className={styles.hint}>
              {t.nextDue} <Relative at={work.nextDue} />
            </span>
          )}
        </>
      ),
      link: null,
    },
    {
      id: "audit",
      state: <Signing audit={audit} />,
      link: <Link href={addressOf("audit")}>{m.pages.audit}</Link>,
    },
  ];
  return (
    <PlainTable
      label={t.beside}
      columns={[t.name, t.state, t.seeAlso]}
      rows={rows.map(({ id, state, link }) => ({
        key: id,
        cells: [
          <span key="name" data-work={id}>
            {wordIn(t.workNames, id)}
            <span className={styles.hint}>{wordIn(t.workMeaning, id)}</span>
          </span>,
          state,
          link,
        ],
      }))}
    />
  );
}

function Signing({ audit }: { audit: Duties["audit"] }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.services;
  const locale = useLocale();
  if (audit === null) return <span>{t.signingUnseen}</span>;
  const last = audit.signers[0];
  return (
    <>
      <StateWord
        icon={audit.overdue ? <WarningFilled /> : <CheckmarkCircleFilled />}
        tone={audit.overdue ? "warning" : "good"}
      >
        {audit.overdue ? t.signingOverdue : t.signed(audit.covered.toLocaleString(locale))}
      </StateWord>
      {last && (
        <span className={styles.hint}>
          {t.signedBy(last.name)} <Moment at={last.at} />
        </span>
      )}
    </>
  );
}
