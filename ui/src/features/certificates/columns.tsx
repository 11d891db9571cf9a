import { makeStyles, tokens } from "@fluentui/react-components";
import { ArchiveRegular, CheckmarkRegular, SubtractRegular, WarningFilled } from "@fluentui/react-icons";
import { useMemo } from "react";
import type { CertificateLine } from "../../bindings/api";
import { useMessages } from "../../messages";
import { CertificateStatus } from "../../nouns/CertificateStatus";
import { usePreference } from "../../shared/preferences";
import { StateWord } from "../../shared/StateWord";
import { DAY, useNow, useTimeFormat } from "../../shared/time";
import type { Column } from "../../shared/VirtualTable";

const SOON = 30 * DAY;

const useStyles = makeStyles({
  quiet: { color: tokens.colorNeutralForeground3 },
  name: { fontWeight: tokens.fontWeightSemibold },
});

/** All columns in order; the person may hide all but the first two. */
export const COLUMNS = [
  "status",
  "commonName",
  "mail",
  "template",
  "authority",
  "expires",
  "delivered",
  "archived",
] as const;
export type ColumnName = (typeof COLUMNS)[number];
export const FIXED_COLUMNS: readonly ColumnName[] = ["status", "commonName"];

export function useColumns(): readonly Column<CertificateLine>[] {
  const m = useMessages();
  const [hidden] = usePreference("hiddenCertificateColumns");
  return useMemo(() => {
    const titles = m.certificates.columns;
    const all: Record<ColumnName, Omit<Column<CertificateLine>, "id" | "title">> = {
      status: { width: 166, grow: 0.6, cell: (row) => <CertificateStatus line={row} /> },
      commonName: { width: 140, grow: 1.5, order: "commonName", cell: (row) => <Name row={row} /> },
      mail: { width: 160, grow: 1.8, order: "mail", cell: (row) => <span title={row.mail}>{row.mail}</span> },
      template: { width: 92, grow: 1, cell: (row) => <span title={row.template}>{row.template}</span> },
      authority: { width: 84, grow: 0.8, cell: (row) => <span title={row.authority}>{row.authority}</span> },
      expires: { width: 178, grow: 0.6, order: "notAfter", cell: (row) => <Expires row={row} /> },
      delivered: { width: 86, grow: 0.2, cell: (row) => <Delivered row={row} /> },
      archived: { width: 84, grow: 0.2, cell: (row) => <Archived row={row} /> },
    };
    return COLUMNS.filter((name) => FIXED_COLUMNS.includes(name) || !hidden.includes(name)).map((name) => ({
      id: name,
      title: titles[name],
      ...all[name],
    }));
  }, [m, hidden]);
}

function Name({ row }: { row: CertificateLine }) {
  const styles = useStyles();
  return (
    <span className={styles.name} title={row.commonName}>
      {row.commonName}
    </span>
  );
}

/** Day and distance; amber in the last 30 days, red afterwards, each with its sign. */
export function Expires({ row }: { row: Pick<CertificateLine, "notAfter" | "status"> }) {
  const styles = useStyles();
  const format = useTimeFormat();
  const now = useNow(60_000);
  const left = Date.parse(row.notAfter) - now;
  const distance = format.brief(row.notAfter, now);
  const day = format.day(row.notAfter);
  const title = format.utc(row.notAfter);
  const counts = row.status === "valid" || row.status === "expired";
  if (counts && left < SOON) {
    return (
      <time dateTime={row.notAfter} title={title}>
        <StateWord icon={<WarningFilled />} tone={left < 0 ? "bad" : "warning"} aside={distance}>
          {day}
        </StateWord>
      </time>
    );
  }
  return (
    <time dateTime={row.notAfter} title={title}>
      {day} <span className={styles.quiet}>{distance}</span>
    </time>
  );
}

function Delivered({ row }: { row: CertificateLine }) {
  const styles = useStyles();
  const m = useMessages();
  if (row.deliveries === 0) {
    return (
      <span className={styles.quiet} title={m.certificates.noDelivery}>
        –
      </span>
    );
  }
  const all = row.delivered >= row.deliveries;
  const words = m.certificates.deliveredOf(row.delivered, row.deliveries);
  return (
    <StateWord
      icon={all ? <CheckmarkRegular /> : <WarningFilled />}
      tone={all ? "good" : row.status === "valid" ? "warning" : "quiet"}
      title={words}
    >
      {row.delivered}/{row.deliveries}
    </StateWord>
  );
}

function Archived({ row }: { row: CertificateLine }) {
  const m = useMessages();
  return (
    <StateWord icon={row.archived ? <ArchiveRegular /> : <SubtractRegular />} tone="quiet">
      {row.archived ? m.state.yes : m.state.no}
    </StateWord>
  );
}
