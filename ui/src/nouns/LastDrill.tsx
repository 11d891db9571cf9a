// Whether anybody has proven lately that what is archived can be opened.
import { makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleRegular, WarningRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import type { CalledDrillLine, DrillLine, Overview } from "../bindings/api";
import { useMessages } from "../messages";
import { Card } from "../shared/Card";
import { Moment } from "../shared/time";

const useStyles = makeStyles({
  line: { display: "flex", alignItems: "center", columnGap: tokens.spacingHorizontalS, margin: 0 },
  good: { color: tokens.colorStatusSuccessForeground1, fontSize: "20px", flexShrink: 0 },
  warning: { color: tokens.colorStatusWarningForeground1, fontSize: "20px", flexShrink: 0 },
  facts: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  failed: { margin: 0, overflowWrap: "anywhere" },
});

/** What the drill proved: keys, shares of a quorum, and what it could not try. */
function told(drill: DrillLine, t: ReturnType<typeof useMessages>["overview"]) {
  const parts = [];
  if (drill.opened > 0 || drill.shares === 0) parts.push(t.drillOpened(drill.opened, drill.sample));
  if (drill.shares > 0) parts.push(t.drillShares(drill.shares, drill.sample));
  if (drill.others > 0) parts.push(t.drillOthers(drill.others));
  return parts.join(", ");
}

/** Called on, so many proven, by whom, until when. */
function Called({ called }: { called: CalledDrillLine }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.officers.drill;
  return (
    <>
      <p className={styles.line} data-called-drill={stateOf(called)}>
        <Mark calm={stateOf(called) === "proven"} />
        <span>
          {[
            t.proven(called.proven, called.keys),
            called.partly > 0 && t.partly(called.partly),
            called.notTried > 0 && t.notTried(called.notTried),
          ]
            .filter(Boolean)
            .join(", ")}
          {called.officers.length > 0 && ` · ${t.provenBy(called.officers.join(", "))}`}
        </span>
      </p>
      <p className={styles.facts}>
        {t.called} <Moment at={called.at} />
        {!called.complete && (
          <>
            {", "}
            {called.overdue ? t.overdue : t.until} <Moment at={called.until} />
          </>
        )}
      </p>
      {called.failed.length > 0 && (
        <p className={styles.failed}>
          {m.overview.drillFailed} {called.failed.join("; ")}
        </p>
      )}
    </>
  );
}

const stateOf = (called: CalledDrillLine): "failed" | "proven" | "overdue" | "open" => {
  if (called.failed.length > 0) return "failed";
  if (called.complete) return "proven";
  return called.overdue ? "overdue" : "open";
};

function Mark({ calm }: { calm: boolean }) {
  const styles = useStyles();
  return calm ? (
    <CheckmarkCircleRegular className={styles.good} aria-hidden="true" />
  ) : (
    <WarningRegular className={styles.warning} aria-hidden="true" />
  );
}

interface Props {
  data: Pick<Overview, "drill" | "drillDue" | "calledDrill">;
  /** Beside the title: where one is held, or the button that begins one. */
  action?: ReactNode;
  /** Shown where one is held, so that nobody needs to be told where. */
  here?: boolean;
}

export function LastDrill({ data, action, here = false }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.overview;
  const { drill, drillDue, calledDrill } = data;
  // Where nobody wants to be reminded, one that was never held is no reason for concern.
  const calm = (calledDrill !== null || !drillDue) && (drill === null || drill.succeeded);
  const quiet = calm && (calledDrill === null || stateOf(calledDrill) === "proven");
  return (
    <Card title={t.drill} action={action}>
      {calledDrill !== null && <Called called={calledDrill} />}
      {(calledDrill === null || drill !== null) && (
        <p className={styles.line} data-drill={calm ? "good" : "attention"}>
          <Mark calm={calm} />
          {drill === null ? (
            drillDue ? (
              t.drillNone
            ) : (
              t.drillNever
            )
          ) : (
            <span>
              {calledDrill !== null && `${m.officers.drill.extraSample} `}
              {told(drill, t)} · <Moment at={drill.at} /> · {t.drillBy(drill.agent)}
            </span>
          )}
        </p>
      )}
      {drill !== null && drill.failed.length > 0 && (
        <p className={styles.failed}>
          {t.drillFailed} {drill.failed.join(", ")}
        </p>
      )}
      {!quiet && (
        <p className={styles.facts}>
          {drillDue && drill !== null && calledDrill === null && `${t.drillDue} `}
          {!here && t.drillHow}
        </p>
      )}
    </Card>
  );
}
