import { makeStyles, tokens } from "@fluentui/react-components";
import { WarningFilled } from "@fluentui/react-icons";
import type { OfficerLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { CopyButton } from "../../../shared/CopyButton";
import { PlainTable } from "../../../shared/PlainTable";
import { StateWord } from "../../../shared/StateWord";
import { useNow, useTimeFormat } from "../../../shared/time";

const useStyles = makeStyles({
  name: { fontWeight: tokens.fontWeightSemibold },
  subject: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  print: { display: "flex", alignItems: "start" },
  mono: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
    overflowWrap: "anywhere",
  },
  quiet: { color: tokens.colorNeutralForeground3 },
  about: {
    margin: `${tokens.spacingVerticalXS} 0 0`,
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
  },
});

/** Officers with their certificates; one that ends soon, or has ended, is marked. */
export function OfficerTable({ officers, label }: { officers: readonly OfficerLine[]; label: string }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.officers.set;
  const h = m.hybrid.officer;
  // Where nobody has an ML-KEM key nothing is said about it.
  const hybrid = officers.some(({ mlKem }) => mlKem !== null);
  const lacking = officers.filter(({ mlKem }) => mlKem === null).map(({ name }) => name);
  const table = (
    <PlainTable
      label={label}
      columns={[t.name, t.validUntil, t.thumbprint, ...(hybrid ? [h.title] : [])]}
      rows={officers.map((officer) => ({
        key: officer.thumbprint,
        cells: [
          <span key="name">
            <span className={styles.name}>{officer.name}</span>
            <span className={styles.subject}>{officer.subject}</span>
          </span>,
          <Until key="until" officer={officer} />,
          <span key="print" className={styles.print}>
            <span className={styles.mono}>{officer.thumbprint}</span>
            <CopyButton text={officer.thumbprint} label={m.settings.copyThumbprintOf(officer.name)} />
          </span>,
          ...(hybrid ? [<MlKem key="mlKem" officer={officer} />] : []),
        ],
      }))}
    />
  );
  if (!hybrid) return table;
  return (
    <>
      {table}
      <p className={styles.about} data-hybrid={lacking.length === 0}>
        {lacking.length === 0 ? h.all : h.some(lacking.join(", "))}
      </p>
    </>
  );
}

function MlKem({ officer }: { officer: OfficerLine }) {
  const styles = useStyles();
  const h = useMessages().hybrid.officer;
  if (officer.mlKem === null) return <span className={styles.quiet}>{h.none}</span>;
  return (
    <span className={styles.print}>
      <span className={styles.mono}>{officer.mlKem}</span>
      <CopyButton text={officer.mlKem} label={h.copy(officer.name)} />
    </span>
  );
}

function Until({ officer }: { officer: OfficerLine }) {
  const styles = useStyles();
  const t = useMessages().officers.set;
  const format = useTimeFormat();
  const now = useNow(60_000);
  const day = format.day(officer.notAfter);
  const distance = format.relative(officer.notAfter, now);
  const ended = Date.parse(officer.notAfter) < now;
  if (!officer.endsSoon && !ended) {
    return (
      <time dateTime={officer.notAfter} title={format.utc(officer.notAfter)}>
        {day} <span className={styles.quiet}>{distance}</span>
      </time>
    );
  }
  return (
    <time dateTime={officer.notAfter} title={format.utc(officer.notAfter)}>
      <StateWord icon={<WarningFilled />} tone={ended ? "bad" : "warning"} aside={distance}>
        {day}, {ended ? t.ended : t.endsSoon}
      </StateWord>
    </time>
  );
}
