// Whether anybody has proven lately that what is archived can be opened.
import { makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleRegular, WarningRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import type { DrillLine, Overview } from "../bindings/api";
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

interface Props {
  data: Pick<Overview, "drill" | "drillDue">;
  /** Beside the title: where one is held, or the button that begins one. */
  action?: ReactNode;
  /** Shown where one is held, so that nobody needs to be told where. */
  here?: boolean;
}

export function LastDrill({ data, action, here = false }: Props) {
  const styles = useStyles();
  const t = useMessages().overview;
  const { drill, drillDue } = data;
  // Where nobody wants to be reminded, one that was never held is no reason for concern.
  const calm = !drillDue && (drill === null || drill.succeeded);
  return (
    <Card title={t.drill} action={action}>
      <p className={styles.line} data-drill={calm ? "good" : "attention"}>
        {calm ? (
          <CheckmarkCircleRegular className={styles.good} aria-hidden="true" />
        ) : (
          <WarningRegular className={styles.warning} aria-hidden="true" />
        )}
        {drill === null ? (
          drillDue ? (
            t.drillNone
          ) : (
            t.drillNever
          )
        ) : (
          <span>
            {told(drill, t)} · <Moment at={drill.at} /> · {t.drillBy(drill.agent)}
          </span>
        )}
      </p>
      {drill !== null && drill.failed.length > 0 && (
        <p className={styles.failed}>
          {t.drillFailed} {drill.failed.join(", ")}
        </p>
      )}
      {!calm && (
        <p className={styles.facts}>
          {drillDue && drill !== null && `${t.drillDue} `}
          {!here && t.drillHow}
        </p>
      )}
    </Card>
  );
}
