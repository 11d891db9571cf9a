// What differs between the database and the world outside, what repairs it, and a person's word about it.
import {
  Button,
  Field,
  Input,
  Link,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Tab,
  TabList,
  tokens,
} from "@fluentui/react-components";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { DriftLine, DriftView } from "../../bindings/api";
import { useLocale, useMessages, wordIn } from "../../messages";
import { addressOf } from "../../shared/address";
import { Card } from "../../shared/Card";
import { Confirm } from "../../shared/Confirm";
import { useCommand } from "../../shared/command";
import { PlainTable } from "../../shared/PlainTable";
import { QueryState } from "../../shared/QueryState";
import { LinesSkeleton } from "../../shared/skeletons";
import { Moment, Relative } from "../../shared/time";
import { driftQuery } from "./queries";

const STATES = ["open", "noted", "ignored", "closed"] as const;
type State = (typeof STATES)[number];
const MOST = 500;

const useStyles = makeStyles({
  card: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  hint: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  actions: { display: "flex", gap: tokens.spacingHorizontalXS, justifyContent: "flex-end", flexWrap: "wrap" },
  text: { margin: 0 },
});

export function DriftCard() {
  const styles = useStyles();
  const t = useMessages().drift;
  const [state, setState] = useState<State>("open");
  const drift = useQuery({ ...driftQuery(state), placeholderData: keepPreviousData });
  return (
    <Card title={t.title} hint={t.hint}>
      <QueryState of={drift} skeleton={<LinesSkeleton lines={4} />}>
        {(view) => (
          <div className={styles.card}>
            <Sides view={view} />
            <Chooser view={view} state={state} onChoose={setState} />
            <div id="drift-findings" role="tabpanel" aria-label={t.states[state]}>
              <Findings view={view} state={state} />
            </div>
          </div>
        )}
      </QueryState>
    </Card>
  );
}

function Sides({ view }: { view: DriftView }) {
  const styles = useStyles();
  const t = useMessages().drift;
  const locale = useLocale();
  if (view.sides.length === 0) return <span>{t.notYet}</span>;
  return (
    <PlainTable
      label={t.sides}
      columns={[t.side, t.sides]}
      rows={view.sides.map(({ side, authority, readAt, compared, notCompared }) => ({
        key: authority ?? side,
        cells: [
          <span key="name" data-side={authority ?? side}>
            {authority ?? wordIn(t.places, side)}
          </span>,
          <span key="read">
            {readAt === null ? (
              t.never
            ) : (
              <>
                {t.compared(compared.toLocaleString(locale))} <Relative at={readAt} />
              </>
            )}
            {notCompared !== null && <span className={styles.hint}>{t.notCompared(notCompared)}</span>}
          </span>,
        ],
      }))}
    />
  );
}

interface Choice {
  view: DriftView;
  state: State;
  onChoose: (state: State) => void;
}

function Chooser({ view, state, onChoose }: Choice) {
  const t = useMessages().drift;
  const locale = useLocale();
  const counts: Record<State, number | null> = {
    open: view.open,
    noted: view.noted,
    ignored: view.ignored,
    closed: null,
  };
  const labelOf = (one: State) => {
    const count = counts[one];
    return count === null ? t.states[one] : t.counted(t.states[one], count.toLocaleString(locale));
  };
  return (
    <TabList
      size="small"
      aria-label={t.show}
      selectedValue={state}
      onTabSelect={(_, { value }) => onChoose(STATES.find((one) => one === value) ?? "open")}
    >
      {STATES.map((one) => (
        <Tab key={one} value={one} aria-controls="drift-findings">
          {labelOf(one)}
        </Tab>
      ))}
    </TabList>
  );
}

function Findings({ view, state }: { view: DriftView; state: State }) {
  const styles = useStyles();
  const t = useMessages().drift;
  const [ignoring, setIgnoring] = useState<DriftLine | null>(null);
  const nothing = { open: t.none, noted: t.noneNoted, ignored: t.noneIgnored, closed: t.noneClosed };
  if (view.findings.length === 0) return <p className={styles.text}>{nothing[state]}</p>;
  return (
    <>
      <PlainTable
        label={t.found}
        columns={[t.kind, t.about, t.why, t.seen, ""]}
        rows={view.findings.map((finding) => ({
          key: finding.id,
          cells: [
            <span key="kind" data-finding={finding.kind}>
              {wordIn(t.kinds, finding.kind)}
            </span>,
            finding.certificate === null ? (
              <span key="about">{finding.about}</span>
            ) : (
              <Link key="about" href={addressOf("certificates", { selected: finding.certificate })}>
                {finding.about}
              </Link>
            ),
            <span key="why">
              {finding.why}
              {finding.ignoredBy !== null && (
                <span className={styles.hint}>{t.ignoredBy(finding.ignoredBy, finding.reason ?? "")}</span>
              )}
            </span>,
            <span key="seen">
              <Moment at={finding.lastSeen} />
              <span className={styles.hint}>
                {t.since} <Moment at={finding.firstSeen} />
              </span>
            </span>,
            <Deeds key="deeds" finding={finding} onIgnore={() => setIgnoring(finding)} />,
          ],
        }))}
      />
      {view.findings.length >= MOST && <span className={styles.hint}>{t.more}</span>}
      {ignoring && <IgnoreDialog finding={ignoring} onClose={() => setIgnoring(null)} />}
    </>
  );
}

function Deeds({ finding, onIgnore }: { finding: DriftLine; onIgnore: () => void }) {
  const styles = useStyles();
  const t = useMessages().drift;
  const repairing = useCommand("repair_drift", {
    done: (about: string) => ({ title: t.repairOrdered(about) }),
  });
  const takingUp = useCommand("ignore_drift", { done: (about: string) => ({ title: t.takenUp(about) }) });
  const { id, about } = finding;
  if (finding.state === "ignored") {
    return (
      <span className={styles.actions}>
        <Button
          size="small"
          aria-label={t.takeUpFor(about)}
          disabledFocusable={takingUp.isPending}
          onClick={() => takingUp.mutate({ request: { id, reason: null }, context: about })}
        >
          {t.takeUp}
        </Button>
      </span>
    );
  }
  if (finding.state !== "open") return null;
  const repair = finding.repair === null ? null : wordIn(t.repairs, finding.repair);
  return (
    <span className={styles.actions}>
      {repair === null ? (
        <span className={styles.hint}>{finding.orderedAt === null ? t.person : t.ordered}</span>
      ) : (
        <Button
          size="small"
          aria-label={t.repairFor(repair, about)}
          disabledFocusable={repairing.isPending}
          onClick={() => repairing.mutate({ request: { id }, context: about })}
        >
          {repair}
        </Button>
      )}
      <Button size="small" aria-label={t.ignoreFor(about)} onClick={onIgnore}>
        {t.ignore}
      </Button>
    </span>
  );
}

function IgnoreDialog({ finding, onClose }: { finding: DriftLine; onClose: () => void }) {
  const styles = useStyles();
  const t = useMessages().drift;
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState(false);
  const said = reason.trim();
  const { mutate, isPending, error } = useCommand("ignore_drift", {
    showsFailure: true,
    done: (about: string) => ({ title: t.ignored(about) }),
  });
  const confirm = () => {
    setAsked(true);
    if (said === "") return;
    const request = { id: finding.id, reason: said };
    mutate({ request, context: finding.about }, { onSuccess: () => onClose() });
  };
  return (
    <Confirm
      title={t.ignoreTitle(finding.about)}
      cancel={t.cancel}
      confirm={t.ignore}
      command="confirmIgnore"
      pending={isPending}
      failure={error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p className={styles.text}>{t.ignoreMeans}</p>
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>{finding.why}</MessageBarBody>
      </MessageBar>
      <Field
        label={t.reason}
        required
        {...(asked && said === ""
          ? { validationMessage: t.needsReason, validationState: "error" as const }
          : { hint: t.reasonHint })}
      >
        <Input
          value={reason}
          maxLength={500}
          onChange={(_, { value }) => setReason(value)}
          data-field="reason"
        />
      </Field>
    </Confirm>
  );
}
