import { makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, DismissCircleFilled, QuestionCircleRegular } from "@fluentui/react-icons";
import { useMemo } from "react";
import type { AuditLine } from "../../bindings/api";
import { useLocale, useMessages, wordIn } from "../../messages";
import { StateWord } from "../../shared/StateWord";
import { Relative } from "../../shared/time";
import type { Column } from "../../shared/VirtualTable";

const useStyles = makeStyles({
  kind: { fontWeight: tokens.fontWeightSemibold },
  seq: { color: tokens.colorNeutralForeground3 },
});

/** How an entry ended, as icon and word; a word that this program does not know is shown as it stands. */
export function Outcome({ outcome }: { outcome: string }) {
  const m = useMessages();
  const word = wordIn(m.audit.outcomes, outcome);
  if (outcome === "success") {
    return (
      <StateWord icon={<CheckmarkCircleFilled />} tone="good">
        {word}
      </StateWord>
    );
  }
  if (outcome === "failure") {
    return (
      <StateWord icon={<DismissCircleFilled />} tone="bad">
        {word}
      </StateWord>
    );
  }
  return (
    <StateWord icon={<QuestionCircleRegular />} tone="quiet">
      {word}
    </StateWord>
  );
}

export function useColumns(): readonly Column<AuditLine>[] {
  const styles = useStyles();
  const m = useMessages();
  const locale = useLocale();
  return useMemo(() => {
    const t = m.audit.columns;
    const text = (value: string) => <span title={value}>{value}</span>;
    return [
      {
        id: "seq",
        title: t.seq,
        width: 104,
        grow: 0.1,
        cell: (row) => <span className={styles.seq}>{row.seq.toLocaleString(locale)}</span>,
      },
      { id: "at", title: t.at, width: 112, grow: 0.2, cell: (row) => <Relative at={row.at} /> },
      {
        id: "kind",
        title: t.kind,
        width: 188,
        grow: 0.9,
        cell: (row) => (
          <span className={styles.kind} title={row.kind}>
            {wordIn(m.audit.kinds, row.kind)}
          </span>
        ),
      },
      {
        id: "outcome",
        title: t.outcome,
        width: 116,
        grow: 0.2,
        cell: (row) => <Outcome outcome={row.outcome} />,
      },
      { id: "actor", title: t.actor, width: 140, grow: 1, cell: (row) => text(row.actor) },
      { id: "object", title: t.object, width: 200, grow: 1.8, cell: (row) => text(row.object) },
    ];
  }, [m, locale, styles]);
}
