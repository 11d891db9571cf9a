import { makeStyles, tokens } from "@fluentui/react-components";
import { MailInboxRegular, PersonRegular } from "@fluentui/react-icons";
import { useMemo } from "react";
import type { PersonLine } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { StateWord } from "../../shared/StateWord";
import { Relative } from "../../shared/time";
import type { Column } from "../../shared/VirtualTable";
import { PersonStanding } from "./PersonStanding";

const useStyles = makeStyles({
  quiet: { color: tokens.colorNeutralForeground3 },
  name: { fontWeight: tokens.fontWeightSemibold },
});

export function useColumns(): readonly Column<PersonLine>[] {
  const styles = useStyles();
  const m = useMessages();
  return useMemo(() => {
    const t = m.people.columns;
    return [
      {
        id: "standing",
        title: t.standing,
        width: 150,
        grow: 0.4,
        cell: (row) => <PersonStanding line={row} />,
      },
      {
        id: "name",
        title: t.name,
        width: 160,
        grow: 1.4,
        cell: (row) => (
          <span className={styles.name} title={row.name}>
            {row.name}
          </span>
        ),
      },
      {
        id: "mail",
        title: t.mail,
        width: 180,
        grow: 1.8,
        cell: (row) => <span title={row.userPrincipalName}>{row.mail ?? row.userPrincipalName}</span>,
      },
      {
        id: "kind",
        title: t.kind,
        width: 160,
        grow: 0.2,
        cell: (row) => (
          <StateWord icon={row.kind === "person" ? <PersonRegular /> : <MailInboxRegular />} tone="quiet">
            {wordIn(m.people.kinds, row.kind)}
          </StateWord>
        ),
      },
      {
        id: "valid",
        title: t.valid,
        width: 150,
        grow: 0.2,
        cell: (row) =>
          row.wanted === 0 ? (
            <span className={styles.quiet}>{m.state.none}</span>
          ) : (
            <span>
              {m.people.heldOf(row.held, row.wanted)}
              {row.endsAt && (
                <span className={styles.quiet}>
                  {" · "}
                  <Relative at={row.endsAt} />
                </span>
              )}
            </span>
          ),
      },
      {
        id: "why",
        title: t.why,
        width: 160,
        grow: 2.4,
        cell: (row) => {
          const why = row.hindrances.join("; ");
          return <span title={why}>{why}</span>;
        },
      },
    ];
  }, [m, styles]);
}
