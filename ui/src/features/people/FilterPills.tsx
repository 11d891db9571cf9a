import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { FilterDismissRegular } from "@fluentui/react-icons";
import { useMessages } from "../../messages";
import { Pill } from "../../shared/Pill";
import {
  ASKED_STANDINGS,
  isAskedStanding,
  isFiltered,
  isKind,
  KINDS,
  NO_FILTER,
  type PeopleFilter,
} from "./filter";

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
  clear: { fontWeight: tokens.fontWeightRegular, minWidth: "auto" },
});

interface Props {
  filter: PeopleFilter;
  onChange: (change: Partial<PeopleFilter>) => void;
}

export function FilterPills({ filter, onChange }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.people;
  return (
    <fieldset className={styles.root} aria-label={t.filters}>
      <Pill
        id="standing"
        name={t.filter.standing}
        options={ASKED_STANDINGS.map((value) => ({ value, label: t.askedStandings[value] }))}
        chosen={filter.standing}
        onChoose={(standing) => onChange({ standing: isAskedStanding(standing) ? standing : null })}
      />
      <Pill
        id="kind"
        name={t.filter.kind}
        options={KINDS.map((value) => ({ value, label: t.kinds[value] }))}
        chosen={filter.kind}
        onChoose={(kind) => onChange({ kind: isKind(kind) ? kind : null })}
      />
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
