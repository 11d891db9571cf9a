// What no daemon can solve: services that failed, enrollments that are stuck, and people who are entitled but cannot get
// a certificate.
import { Button, Link, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowClockwiseRegular, CheckmarkCircleRegular, PlayRegular } from "@fluentui/react-icons";
import type { Overview, ServiceLine } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { useRunService, useServiceName } from "../../nouns/Services";
import { useRetryEnrollment } from "../../nouns/useRetryEnrollment";
import { addressOf } from "../../shared/address";
import { Card } from "../../shared/Card";
import { PlainTable } from "../../shared/PlainTable";
import { Relative } from "../../shared/time";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  entry: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) auto",
    columnGap: tokens.spacingHorizontalM,
    alignItems: "start",
    padding: `${tokens.spacingVerticalS} 0`,
    borderBottom: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke3}`,
    ":last-child": { borderBottomStyle: "none" },
  },
  facts: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  why: { display: "block", overflowWrap: "anywhere" },
  fine: {
    display: "flex",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalS,
    margin: 0,
    color: tokens.colorNeutralForeground2,
  },
  good: { color: tokens.colorStatusSuccessForeground1, fontSize: "20px", flexShrink: 0 },
});

export function Stuck({ data }: { data: Overview }) {
  const styles = useStyles();
  const m = useMessages();
  const { retry, retrying } = useRetryEnrollment();
  const failed = data.services.filter((service) => service.failed);
  const hidden = data.stuckTotal > data.stuck.length;
  return (
    <Card title={m.overview.attention}>
      {failed.length + data.stuck.length === 0 ? (
        <p className={styles.fine}>
          <CheckmarkCircleRegular className={styles.good} aria-hidden="true" />
          {m.overview.attentionNone}. {m.overview.attentionNoneHint}
        </p>
      ) : (
        <ul className={styles.list}>
          {failed.map((service) => (
            <FailedService key={service.name} service={service} />
          ))}
          {data.stuck.map((line) => (
            <li key={line.id} className={styles.entry} data-stuck={line.id}>
              <div>
                <Link href={addressOf("activity", { selected: line.id })}>{line.who}</Link>{" "}
                <span className={styles.facts}>
                  {line.template} · {wordIn(m.enrollment.stations, line.station)} ·{" "}
                  <Relative at={line.updatedAt} />
                </span>
                <span className={styles.why}>{line.lastError ?? line.reason}</span>
              </div>
              <Button
                size="small"
                icon={<ArrowClockwiseRegular />}
                aria-label={m.enrollment.retryFor(line.who)}
                disabledFocusable={retrying === line.id}
                onClick={() => retry(line)}
              >
                {m.enrollment.retry}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {hidden && (
        <Link href={addressOf("activity", { state: "stuck" })}>{m.overview.stuckMore(data.stuckTotal)}</Link>
      )}
    </Card>
  );
}

function FailedService({ service }: { service: ServiceLine }) {
  const styles = useStyles();
  const m = useMessages();
  const name = useServiceName()(service.name);
  const { run, starting } = useRunService();
  return (
    <li className={styles.entry} data-failed={service.name}>
      <div>
        {name}{" "}
        <span className={styles.facts}>
          {m.services.failed}
          {service.lastRun !== null && (
            <>
              {" "}
              · <Relative at={service.lastRun} />
            </>
          )}
        </span>
        {service.lastResult && <span className={styles.why}>{service.lastResult}</span>}
      </div>
      <Button
        size="small"
        icon={<PlayRegular />}
        aria-label={m.services.runNowFor(name)}
        disabledFocusable={starting === service.name}
        onClick={() => run(service.name)}
      >
        {m.services.runNow}
      </Button>
    </li>
  );
}

export function Skipped({ data }: { data: Overview }) {
  const styles = useStyles();
  const m = useMessages();
  return (
    <Card title={m.overview.skipped}>
      {data.skipped.length === 0 ? (
        <p className={styles.fine}>
          <CheckmarkCircleRegular className={styles.good} aria-hidden="true" />
          {m.overview.skippedNone}
        </p>
      ) : (
        <PlainTable
          label={m.overview.skipped}
          columns={[m.overview.skippedWho, m.overview.skippedTemplate, m.overview.skippedWhy]}
          rows={data.skipped.map((line) => ({
            key: `${line.who} ${line.template} ${line.why}`,
            cells: [line.who, line.template, line.why],
          }))}
        />
      )}
    </Card>
  );
}
