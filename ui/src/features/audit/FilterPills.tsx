import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { FilterDismissRegular } from "@fluentui/react-icons";
import { useLocale, useMessages, wordIn } from "../../messages";
import { Pill } from "../../shared/Pill";
import { AREAS, type Area, isArea } from "./areas";
import { type AuditFilter, isFiltered, NO_FILTER, OUTCOMES, WITHIN_CHOICES } from "./filter";

const useStyles = makeStyles({
  root: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalSNudge,
    border: 0,
    margin: 0,
    padding: 0,
    minWidth: 0,
  },
  clear: { minWidth: "auto" },
});

interface Props {
  filter: AuditFilter;
  onChange: (change: Partial<AuditFilter>) => void;
}

export function FilterPills({ filter, onChange }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const locale = useLocale();
  const t = m.audit.filter;
  return (
    <fieldset className={styles.root} aria-label={m.audit.filters}>
      {filter.kind === null ? (
        <Pill
          id="area"
          name={t.area}
          options={(Object.keys(AREAS) as Area[]).map((area) => ({
            value: area,
            label: m.audit.areas[area],
          }))}
          chosen={filter.area}
          onChoose={(area) => onChange({ area: area !== null && isArea(area) ? area : null })}
        />
      ) : (
        <Pill
          id="kind"
          name={t.kind}
          options={[{ value: filter.kind, label: wordIn(m.audit.kinds, filter.kind) }]}
          chosen={filter.kind}
          onChoose={(kind) => onChange({ kind })}
        />
      )}
      <Pill
        id="outcome"
        name={t.outcome}
        options={OUTCOMES.map((outcome) => ({ value: outcome, label: m.audit.outcomes[outcome] }))}
        chosen={filter.outcome}
        onChoose={(word) => onChange({ outcome: OUTCOMES.find((outcome) => outcome === word) ?? null })}
      />
      <Pill
        id="when"
        name={t.when}
        options={WITHIN_CHOICES.map((days) => ({ value: String(days), label: m.audit.within(days) }))}
        chosen={filter.withinDays?.toString() ?? null}
        otherLabel={(days) => m.audit.within(Number(days))}
        onChoose={(days) => onChange({ withinDays: days ? Number(days) : null })}
      />
      {filter.upTo !== null && (
        <Pill
          id="upTo"
          name={t.upTo}
          options={[{ value: String(filter.upTo), label: filter.upTo.toLocaleString(locale) }]}
          chosen={String(filter.upTo)}
          onChoose={(seq) => onChange({ upTo: seq ? Number(seq) : null })}
        />
      )}
      {isFiltered(filter) && (
        <Button
          size="small"
          appearance="subtle"
          className={styles.clear}
          icon={<FilterDismissRegular />}
          onClick={() => onChange(NO_FILTER)}
        >
          {m.certificates.filter.clear}
        </Button>
      )}
    </fieldset>
  );
}
