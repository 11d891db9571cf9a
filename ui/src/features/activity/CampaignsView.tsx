// Campaigns: all of them, or one with its burn-down, its stages, and what stands in the way.
import { Link, MessageBar, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowLeftRegular, DismissCircleRegular, PauseRegular, PlayRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CampaignDetails, Campaigns } from "../../bindings/api";
import { useLocale, useMessages, wordIn } from "../../messages";
import { addressOf, navigate } from "../../shared/address";
import { Card } from "../../shared/Card";
import { type Command, CommandBar } from "../../shared/CommandBar";
import { useCommand } from "../../shared/command";
import { Page } from "../../shared/Page";
import { PlainTable } from "../../shared/PlainTable";
import { QueryState } from "../../shared/QueryState";
import { LinesSkeleton } from "../../shared/skeletons";
import { Moment, useNow, useTimeFormat } from "../../shared/time";
import { BurnDown } from "./BurnDown";
import { StartCampaignDialog, StopCampaignDialog } from "./CampaignDialogs";
import { campaignQuery, campaignsQuery } from "./queries";
import { VIEW_PANEL, Views } from "./Views";

const useStyles = makeStyles({
  panel: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalXXL} ${tokens.spacingVerticalXXL}`,
  },
  text: { margin: 0, color: tokens.colorNeutralForeground2, maxWidth: "100ch" },
  why: { overflowWrap: "anywhere" },
  command: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
});

const addressOfCampaign = (name: string | null): string =>
  addressOf("activity", { view: "campaigns", campaign: name });

export function CampaignsView({ name }: { name: string | null }) {
  return name === null ? <AllCampaigns /> : <OneCampaign name={name} />;
}

function AllCampaigns() {
  const styles = useStyles();
  const m = useMessages();
  const campaigns = useQuery(campaignsQuery);
  return (
    <Page title={m.pages.activity} at={campaigns.data?.at} refreshing={campaigns.isRefetching} full>
      <Views view="campaigns" />
      <div role="tabpanel" id={VIEW_PANEL} aria-labelledby="view-campaigns" className={styles.panel}>
        <p className={styles.text}>{m.campaigns.intro}</p>
        <QueryState of={campaigns} skeleton={<LinesSkeleton lines={6} />}>
          {(told) => <List told={told} />}
        </QueryState>
      </div>
    </Page>
  );
}

function List({ told }: { told: Campaigns }) {
  const styles = useStyles();
  const t = useMessages().campaigns;
  const locale = useLocale();
  if (told.campaigns.length === 0) {
    return (
      <Card title={t.none}>
        <p className={styles.text}>{t.noneHint}</p>
      </Card>
    );
  }
  const { name, state, selected, wave, deadline } = t.columns;
  return (
    <Card title={t.list}>
      <PlainTable
        label={t.list}
        columns={[name, state, selected, wave, deadline, t.why]}
        rows={told.campaigns.map((one) => ({
          key: one.name,
          cells: [
            <Link key="name" href={addressOfCampaign(one.name)}>
              {one.name}
            </Link>,
            wordIn(t.states, one.state),
            one.selected.toLocaleString(locale),
            one.waves > 0 ? t.wave(one.wave, one.waves) : "–",
            <Moment key="deadline" at={one.deadline} />,
            one.why,
          ],
        }))}
      />
    </Card>
  );
}

function OneCampaign({ name }: { name: string }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.campaigns;
  const details = useQuery(campaignQuery(name));
  const [asked, setAsked] = useState<"start" | "stop" | null>(null);
  const pause = useCommand("pause_campaign", { done: (who: string) => ({ title: t.done.pause(who) }) });
  const resume = useCommand("resume_campaign", { done: (who: string) => ({ title: t.done.resume(who) }) });
  const state = details.data?.campaign.state;
  const given = { request: { name }, context: name };
  const commands: Command[] = [
    { id: "back", label: t.back, icon: <ArrowLeftRegular />, onRun: () => navigate(addressOfCampaign(null)) },
  ];
  if (state === "draft")
    commands.push({ id: "start", label: t.start, icon: <PlayRegular />, onRun: () => setAsked("start") });
  if (state === "running")
    commands.push({
      id: "pause",
      label: t.pause,
      icon: <PauseRegular />,
      disabled: pause.isPending,
      onRun: () => pause.mutate(given),
    });
  if (state === "paused")
    commands.push({
      id: "resume",
      label: t.resume,
      icon: <PlayRegular />,
      disabled: resume.isPending,
      onRun: () => resume.mutate(given),
    });
  if (state === "draft" || state === "running" || state === "paused")
    commands.push({
      id: "stop",
      label: t.stop,
      icon: <DismissCircleRegular />,
      onRun: () => setAsked("stop"),
    });
  return (
    <Page
      title={m.pages.activity}
      at={details.data?.at}
      refreshing={details.isRefetching}
      full
      commands={<CommandBar commands={commands} />}
    >
      <Views view="campaigns" />
      <div role="tabpanel" id={VIEW_PANEL} aria-labelledby="view-campaigns" className={styles.panel}>
        <QueryState of={details} skeleton={<LinesSkeleton lines={10} />}>
          {(told) => <Details told={told} />}
        </QueryState>
      </div>
      {asked === "start" && <StartCampaignDialog name={name} onClose={() => setAsked(null)} />}
      {asked === "stop" && <StopCampaignDialog name={name} onClose={() => setAsked(null)} />}
    </Page>
  );
}

function Details({ told }: { told: CampaignDetails }) {
  const styles = useStyles();
  const t = useMessages().campaigns;
  const locale = useLocale();
  const format = useTimeFormat();
  const now = useNow(30_000);
  const { campaign } = told;
  return (
    <>
      {campaign.note !== null && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{campaign.note}</MessageBarBody>
        </MessageBar>
      )}
      {told.inTime === false && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{t.late}</MessageBarBody>
        </MessageBar>
      )}
      <Card title={campaign.name}>
        <p className={styles.text} data-campaign-state={campaign.state}>
          {wordIn(t.states, campaign.state)}
          {campaign.waves > 0 && ` · ${t.columns.wave} ${t.wave(campaign.wave, campaign.waves)}`} ·{" "}
          {t.deadline} <Moment at={campaign.deadline} /> · {t.by(campaign.createdBy)}
        </p>
        <p className={styles.text}>{campaign.why}</p>
        {told.hours.length > 0 && (
          <p className={styles.text}>
            {t.pace(told.perHour)}
            {told.forecast !== null && `; ${t.forecast(format.relative(told.forecast, now))}`}
          </p>
        )}
        {told.keeping > 0 && campaign.startedAt !== null && (
          <p className={styles.text}>{t.keeping(told.keeping)}</p>
        )}
      </Card>
      {told.stages.length > 0 && (
        <Card title={t.stages}>
          <PlainTable
            label={t.stages}
            columns={[t.columns.state, t.columns.selected]}
            rows={told.stages.map(({ stage, count }) => ({
              key: stage,
              cells: [wordIn(t.stage, stage), count.toLocaleString(locale)],
            }))}
          />
        </Card>
      )}
      {told.hours.length > 0 && <BurnDown total={told.total} hours={told.hours} />}
      {told.failed.length > 0 && (
        <Card title={t.failed}>
          <PlainTable
            label={t.failed}
            columns={[t.of, t.why]}
            rows={told.failed.map((one) => ({
              key: one.certificate,
              cells: [
                <Link key="of" href={addressOf("certificates", { selected: one.certificate })}>
                  {one.mail}
                </Link>,
                <span key="why" className={styles.why}>
                  {one.why}
                </span>,
              ],
            }))}
          />
        </Card>
      )}
    </>
  );
}
