// Who shares the database: those who wait first, because somebody stands before that machine.
import { Button, MessageBar, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { DesktopRegular, DesktopSyncRegular, WarningRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { FleetView, InstallationLine } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { addressOf, navigate } from "../../shared/address";
import { Card } from "../../shared/Card";
import { EmptyState } from "../../shared/EmptyState";
import { Fingerprint } from "../../shared/Fingerprint";
import { groupsOf } from "../../shared/fingerprint";
import { PlainTable } from "../../shared/PlainTable";
import { QueryState } from "../../shared/QueryState";
import { StateWord } from "../../shared/StateWord";
import { RowsSkeleton } from "../../shared/skeletons";
import { Moment, Relative, useNow, useTimeFormat } from "../../shared/time";
import { AdmitDialog } from "./AdmitDialog";
import { LeaveDialog } from "./LeaveDialog";
import { installationsQuery } from "./queries";

/** An installation says that it is there every few minutes; after this long something is wrong with it. */
const SILENCE = 15 * 60_000;

const useStyles = makeStyles({
  column: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, maxWidth: "1100px" },
  name: { fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  quiet: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  print: {
    display: "block",
    whiteSpace: "nowrap",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
  },
  buttons: { display: "inline-flex", gap: tokens.spacingHorizontalXS },
  none: { margin: 0, color: tokens.colorNeutralForeground2 },
});

type Asked = { what: "admit" | "refuse" | "remove"; line: InstallationLine };

export function InstallationsTab() {
  const m = useMessages();
  const t = m.installations;
  const query = useQuery(installationsQuery);
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => setAsked(null);
  return (
    <>
      <QueryState
        of={query}
        skeleton={<RowsSkeleton rows={4} />}
        empty={({ shared, view }) => {
          if (!shared) {
            return (
              <EmptyState
                icon={<DesktopRegular />}
                title={t.alone}
                hint={t.aloneHint}
                action={
                  <Button onClick={() => navigate(addressOf("settings", { tab: "database" }))}>
                    {m.database.banner.show}
                  </Button>
                }
              />
            );
          }
          return view.installations.length > 0 || view.bystander !== null ? null : (
            <EmptyState icon={<DesktopSyncRegular />} title={t.notFounded} hint={t.notFoundedHint} />
          );
        }}
      >
        {({ view }) => <Fleet view={view} onAsk={setAsked} />}
      </QueryState>
      {asked?.what === "admit" && <AdmitDialog line={asked.line} onClose={close} />}
      {asked && asked.what !== "admit" && <LeaveDialog what={asked.what} line={asked.line} onClose={close} />}
    </>
  );
}

function Fleet({ view, onAsk }: { view: FleetView; onAsk: (asked: Asked) => void }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.installations;
  const c = t.columns;
  const by = (state: string) => view.installations.filter((line) => line.state === state);
  const waiting = by("waiting");
  const admitted = by("admitted");
  const removed = by("removed");
  const mayDecide = view.bystander === null;
  return (
    <div className={styles.column}>
      {view.bystander !== null && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{t.bystander(view.bystander)}</MessageBarBody>
        </MessageBar>
      )}
      {waiting.length > 0 && (
        <Card title={t.waiting} hint={t.waitingHint}>
          <PlainTable
            label={t.waiting}
            columns={[c.name, c.asked, c.fingerprint, ""]}
            rows={waiting.map((line) => ({
              key: line.id,
              cells: [
                <Name key="name" line={line} here={line.id === view.here} />,
                <Relative key="asked" at={line.askedAt} />,
                <Groups key="print" value={line.fingerprint} />,
                <span key="do" className={styles.buttons}>
                  <Button
                    size="small"
                    appearance="primary"
                    disabledFocusable={!mayDecide}
                    aria-label={t.admitOf(line.name)}
                    onClick={() => onAsk({ what: "admit", line })}
                  >
                    {t.admit}
                  </Button>
                  <Button
                    size="small"
                    disabledFocusable={!mayDecide}
                    aria-label={t.refuseOf(line.name)}
                    onClick={() => onAsk({ what: "refuse", line })}
                  >
                    {t.refuse}
                  </Button>
                </span>,
              ],
            }))}
          />
        </Card>
      )}
      {admitted.length > 0 && (
        <Card title={t.admitted}>
          <PlainTable
            label={t.admitted}
            columns={[c.name, c.runsAs, c.version, c.seen, c.fingerprint, ""]}
            rows={admitted.map((line) => ({
              key: line.id,
              cells: [
                <Name key="name" line={line} here={line.id === view.here} />,
                line.role === "" ? "–" : wordIn(t.roles, line.role),
                line.version === "" ? "–" : line.version,
                <Seen key="seen" at={line.seenAt} />,
                <Groups key="print" value={line.fingerprint} />,
                <Button
                  key="do"
                  size="small"
                  disabledFocusable={!mayDecide || line.id === view.here}
                  title={line.id === view.here ? t.removeHere : undefined}
                  aria-label={t.removeOf(line.name)}
                  onClick={() => onAsk({ what: "remove", line })}
                >
                  {t.remove}
                </Button>,
              ],
            }))}
          />
        </Card>
      )}
      {removed.length > 0 && (
        <Card title={t.removed}>
          <PlainTable
            label={t.removed}
            columns={[c.name, c.since, c.fingerprint]}
            rows={removed.map((line) => ({
              key: line.id,
              cells: [
                <span key="name" className={styles.name}>
                  {line.name}
                </span>,
                <span key="since">
                  {line.decidedAt && <Moment at={line.decidedAt} />}
                  {line.decidedBy && <span className={styles.quiet}>{t.decidedBy(line.decidedBy)}</span>}
                </span>,
                <Groups key="print" value={line.fingerprint} />,
              ],
            }))}
          />
        </Card>
      )}
      {view.fleet && (
        <Card title={t.fleet} hint={t.fleetHint}>
          <Fingerprint value={view.fleet} label={t.fleet} />
        </Card>
      )}
      {view.head && (
        <Card title={t.head(view.entries)} hint={t.headHint}>
          <Fingerprint value={view.head} label={t.head(view.entries)} />
        </Card>
      )}
    </div>
  );
}

function Name({ line, here }: { line: InstallationLine; here: boolean }) {
  const styles = useStyles();
  const t = useMessages().installations;
  return (
    <>
      <span className={styles.name}>{line.name}</span>
      {here && ` (${t.here})`}
      {line.decidedBy && line.decidedAt && (
        <span className={styles.quiet}>
          {t.admitted} <Relative at={line.decidedAt} /> {t.decidedBy(line.decidedBy)}
        </span>
      )}
    </>
  );
}

/** Four groups a line, so that two screens break alike. */
function Groups({ value }: { value: string }) {
  const styles = useStyles();
  const groups = groupsOf(value);
  return (
    <span className={styles.print}>
      {groups.slice(0, 4).join(" ")}
      <br />
      {groups.slice(4).join(" ")}
    </span>
  );
}

function Seen({ at }: { at: string }) {
  const t = useMessages().installations;
  const format = useTimeFormat();
  const now = useNow(30_000);
  if (now - Date.parse(at) < SILENCE) return <Relative at={at} />;
  return (
    <StateWord icon={<WarningRegular />} tone="quiet" title={format.moment(at)}>
      {t.quiet(format.relative(at, now))}
    </StateWord>
  );
}
