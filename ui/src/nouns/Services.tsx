import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, ClockRegular, ErrorCircleFilled, PlayRegular } from "@fluentui/react-icons";
import type { ServiceLine } from "../bindings/api";
import { useMessages, wordIn } from "../messages";
import { useCommand } from "../shared/command";
import { PlainTable } from "../shared/PlainTable";
import { StateWord } from "../shared/StateWord";
import { Relative, useNow } from "../shared/time";

const useStyles = makeStyles({
  hint: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  result: {
    display: "block",
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
  none: { margin: 0, color: tokens.colorNeutralForeground2 },
});

export const useServiceName = () => {
  const m = useMessages();
  return (name: string): string => wordIn(m.services.names, name);
};

/** Starts a duty at once. */
export function useRunService() {
  const m = useMessages();
  const nameOf = useServiceName();
  const { mutate, isPending, variables } = useCommand("run_service", {
    done: (name: string) => ({ title: m.services.started(nameOf(name)) }),
  });
  return {
    run: (name: string) => mutate({ request: { name }, context: name }),
    starting: isPending ? variables.context : null,
  };
}

/** The daemon's duties: what came of the last run, when the next one is, and a way to run at once. */
export function Services({ services }: { services: readonly ServiceLine[] }) {
  const styles = useStyles();
  const m = useMessages();
  const nameOf = useServiceName();
  const { run, starting } = useRunService();
  if (services.length === 0) {
    return (
      <p className={styles.none}>
        {m.services.none}. {m.services.noneHint}
      </p>
    );
  }
  return (
    <PlainTable
      label={m.services.title}
      columns={[m.services.name, m.services.lastResult, m.services.nextRun, ""]}
      rows={services.map((service) => ({
        key: service.name,
        cells: [
          <span key="name">
            {nameOf(service.name)}
            <span className={styles.hint}>{wordIn(m.services.meaning, service.name)}</span>
          </span>,
          <LastRun key="last" service={service} />,
          <NextRun key="next" at={service.nextRun} />,
          <Button
            key="run"
            size="small"
            icon={<PlayRegular />}
            aria-label={m.services.runNowFor(nameOf(service.name))}
            disabledFocusable={starting === service.name}
            onClick={() => run(service.name)}
          >
            {m.services.runNow}
          </Button>,
        ],
      }))}
    />
  );
}

/** How the last run ended, and what came of it. */
export function LastRun({ service }: { service: ServiceLine }) {
  const styles = useStyles();
  const m = useMessages();
  if (service.lastRun === null) {
    return (
      <StateWord icon={<ClockRegular />} tone="quiet">
        {m.services.notYet}
      </StateWord>
    );
  }
  return (
    <>
      <StateWord
        icon={service.failed ? <ErrorCircleFilled /> : <CheckmarkCircleFilled />}
        tone={service.failed ? "bad" : "good"}
        aside={<Relative at={service.lastRun} />}
      >
        {service.failed ? m.services.failed : m.services.succeeded}
      </StateWord>
      {service.lastResult && <span className={styles.result}>{service.lastResult}</span>}
    </>
  );
}

/** When the next run is. */
export function NextRun({ at }: { at: string }) {
  const m = useMessages();
  const now = useNow(10_000);
  return Date.parse(at) <= now ? <span>{m.services.due}</span> : <Relative at={at} />;
}
