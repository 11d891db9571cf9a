// What the tenant itself says: with what the application signed in, and how each permission stands.
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import {
  CheckmarkCircleFilled,
  ErrorCircleFilled,
  QuestionCircleRegular,
  SaveRegular,
  WarningFilled,
} from "@fluentui/react-icons";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import type { PermissionLine, TenantCheck } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import type { Failure } from "../../platform";
import { Card } from "../../shared/Card";
import { Facts } from "../../shared/Facts";
import { PlainTable } from "../../shared/PlainTable";
import { QueryState } from "../../shared/QueryState";
import { Script } from "../../shared/Script";
import { StateWord, type Tone } from "../../shared/StateWord";
import { LinesSkeleton } from "../../shared/skeletons";
import { DAY, useNow, useTimeFormat } from "../../shared/time";
import { SaveScript } from "./SaveScript";

const SOON = 30 * DAY;

const useStyles = makeStyles({
  permission: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
  hint: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

const LOOKS: Record<PermissionLine["standing"], { icon: ReactElement; tone: Tone }> = {
  granted: { icon: <CheckmarkCircleFilled />, tone: "good" },
  missing: { icon: <ErrorCircleFilled />, tone: "bad" },
  untestable: { icon: <QuestionCircleRegular />, tone: "quiet" },
};

export function Check({ of, folder }: { of: UseQueryResult<TenantCheck, Failure>; folder: string }) {
  const m = useMessages();
  const t = m.tenant;
  return (
    <Card title={t.check} hint={t.checkHint}>
      <QueryState of={of} skeleton={<LinesSkeleton lines={8} />}>
        {(check) => <Checked check={check} trial={null} folder={folder} />}
      </QueryState>
    </Card>
  );
}

interface CheckedProps {
  check: TenantCheck;
  /** With which trial it was found; `null` for the tenant in use. */
  trial: string | null;
  /** Where scripts are written into. */
  folder: string;
}

/** What was found, and the script for what is missing. */
export function Checked({ check, trial, folder }: CheckedProps) {
  const [saving, setSaving] = useState(false);
  const styles = useStyles();
  const m = useMessages();
  const t = m.tenant;
  return (
    <>
      <Facts
        facts={[
          { name: t.signIn, value: check.signIn },
          check.certificateUntil === null
            ? null
            : { name: t.until, value: <Until at={check.certificateUntil} /> },
        ]}
      />
      <PlainTable
        label={trial === null ? t.permissions : t.setup.triedPermissions}
        columns={[t.permission, t.standing, t.reason]}
        rows={check.permissions.map((line) => ({
          key: `${line.service} ${line.permission}`,
          cells: [
            <span key="name" data-permission={line.permission}>
              <span className={styles.permission}>{line.permission}</span>
              <span className={styles.hint}>
                {line.service} · {wordIn(t.features, line.feature)}
              </span>
            </span>,
            <StateWord key="standing" icon={LOOKS[line.standing].icon} tone={LOOKS[line.standing].tone}>
              {t.standings[line.standing]}
            </StateWord>,
            <span key="reason" lang="en">
              {line.reason}
              {line.note && <span className={styles.hint}>{line.note}</span>}
            </span>,
          ],
        }))}
      />
      {check.script === null ? (
        <StateWord icon={<CheckmarkCircleFilled />} tone="good">
          {t.nothingMissing}
        </StateWord>
      ) : (
        <>
          <p>{t.script}</p>
          <Script
            text={check.script}
            label={trial === null ? t.script : t.setup.triedScript}
            copyLabel={t.copyScript}
          >
            <Button
              appearance="subtle"
              size="small"
              icon={<SaveRegular />}
              onClick={() => setSaving(true)}
              data-command="saveTenantScript"
            >
              {t.saveScript}
            </Button>
          </Script>
          {saving && <SaveScript trial={trial} folder={folder} onClose={() => setSaving(false)} />}
        </>
      )}
    </>
  );
}

function Until({ at }: { at: string }) {
  const m = useMessages();
  const format = useTimeFormat();
  const now = useNow(60_000);
  const left = Date.parse(at) - now;
  const ends = left < SOON;
  return (
    <time dateTime={at} title={format.utc(at)}>
      <StateWord
        icon={ends ? <WarningFilled /> : <CheckmarkCircleFilled />}
        tone={left < 0 ? "bad" : ends ? "warning" : "good"}
        aside={format.relative(at, now)}
      >
        {format.day(at)}
      </StateWord>
      {ends && <div>{m.tenant.renew}</div>}
    </time>
  );
}
