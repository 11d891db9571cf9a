import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { FilterDismissRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useMessages } from "../../messages";
import { CERTIFICATE_STATES, isCertificateState } from "../../nouns/CertificateStatus";
import { Pill } from "../../shared/Pill";
import { type CertificateFilter, EXPIRY_CHOICES, isFiltered, NO_FILTER } from "./filter";
import { choicesQuery } from "./queries";

const useStyles = makeStyles({
  root: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalSNudge },
  clear: { fontWeight: tokens.fontWeightRegular, minWidth: "auto" },
});

interface Props {
  filter: CertificateFilter;
  onChange: (change: Partial<CertificateFilter>) => void;
}

export function FilterPills({ filter, onChange }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.certificates.filter;
  const choices = useQuery(choicesQuery);
  const named = (list: readonly { id: string; name: string }[] | undefined) =>
    (list ?? []).map(({ id, name }) => ({ value: id, label: name }));

  return (
    <fieldset
      className={styles.root}
      style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}
      aria-label={m.certificates.filters}
    >
      <Pill
        id="status"
        name={t.status}
        options={CERTIFICATE_STATES.map((state) => ({ value: state, label: m.status[state] }))}
        chosen={filter.status}
        onChoose={(status) => onChange({ status: status && isCertificateState(status) ? status : null })}
      />
      <Pill
        id="template"
        name={t.template}
        options={named(choices.data?.templates)}
        chosen={filter.template}
        onChoose={(template) => onChange({ template })}
      />
      <Pill
        id="authority"
        name={t.authority}
        options={named(choices.data?.authorities)}
        chosen={filter.authority}
        onChoose={(authority) => onChange({ authority })}
      />
      <Pill
        id="expires"
        name={t.expires}
        options={EXPIRY_CHOICES.map((days) => ({ value: String(days), label: t.within(days) }))}
        chosen={filter.expiresWithinDays?.toString() ?? null}
        otherLabel={(days) => t.within(Number(days))}
        onChoose={(days) => onChange({ expiresWithinDays: days ? Number(days) : null })}
      />
      <Pill
        id="archived"
        name={t.archived}
        options={[
          { value: "yes", label: m.state.yes },
          { value: "no", label: m.state.no },
        ]}
        chosen={filter.archived === null ? null : filter.archived ? "yes" : "no"}
        onChoose={(archived) => onChange({ archived: archived ? archived === "yes" : null })}
      />
      {isFiltered(filter) && (
        <Button
          size="small"
          appearance="subtle"
          className={styles.clear}
          icon={<FilterDismissRegular />}
          onClick={() => onChange(NO_FILTER)}
        >
          {t.clear}
        </Button>
      )}
    </fieldset>
  );
}
