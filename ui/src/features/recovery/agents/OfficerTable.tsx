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
});

/** Officers with their certificates; one that ends soon, or has ended, is marked. */
export function OfficerTable({ officers, label }: { officers: readonly OfficerLine[]; label: string }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.officers.set;
  return (
    <PlainTable
      label={label}
      columns={[t.name, t.validUntil, t.thumbprint]}
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
        ],
      }))}
    />
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
