// Which keys: all of a person, or those that were in use while the mail came that has to be read.
import {
  Button,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  SearchBox,
  tokens,
} from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import type { RecoverableKey, RecoveryDesk } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { QueryState } from "../../../shared/QueryState";
import { LinesSkeleton } from "../../../shared/skeletons";
import { useTimeFormat } from "../../../shared/time";
import { WizardStep } from "../../../shared/WizardStep";
import { keysQuery, LEAST_SEARCH } from "../queries";
import type { StepProps } from "./CaseStep";
import { FoundKeys } from "./FoundKeys";

const useStyles = makeStyles({
  search: { width: "100%", maxWidth: "420px" },
  dates: { display: "flex", flexWrap: "wrap", alignItems: "end", gap: tokens.spacingHorizontalM },
  group: { border: 0, margin: 0, padding: 0, minWidth: 0 },
  legend: { padding: 0, fontWeight: tokens.fontWeightSemibold },
  hint: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  chosen: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    margin: 0,
    padding: 0,
    listStyleType: "none",
  },
  wrong: { margin: 0, color: tokens.colorStatusDangerForeground1 },
  note: { margin: 0, color: tokens.colorNeutralForeground2 },
});

const PAUSE = 250;

function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

interface Props extends StepProps {
  desk: RecoveryDesk;
  /** The certificate that the person came from: its key is chosen when it is found. */
  certificate: string | null;
}

export function KeysStep({ draft, onChange, onLeave, desk, certificate }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.recovery.wizard;
  const format = useTimeFormat();
  const [tried, setTried] = useState(false);
  const backwards = draft.from !== "" && draft.to !== "" && draft.to < draft.from;
  const search = useSettled(draft.search.trim());
  const from = useSettled(draft.from);
  const to = useSettled(draft.to);
  const wanted = useMemo(() => ({ search, from: from || null, to: to || null }), [search, from, to]);
  const searching = search.length >= LEAST_SEARCH;
  const query = useQuery({ ...keysQuery(wanted), enabled: searching && !backwards });
  const found = query.data?.keys;
  const people = new Set(found?.map(({ mail }) => mail)).size;
  const askable = useMemo(
    () => found?.filter((key) => key.whyNot === null && key.purpose !== "cba") ?? [],
    [found],
  );
  const dated = wanted.from !== null || wanted.to !== null;

  // Chosen once for each answer: what the person changes by hand afterwards stays.
  const [chosenFor, setChosenFor] = useState<typeof wanted | null>(null);
  const change = useRef(onChange);
  change.current = onChange;
  useEffect(() => {
    if (!found || chosenFor === wanted) return;
    setChosenFor(wanted);
    if (dated) {
      if (people === 1) change.current({ keys: askable.slice(0, desk.mostKeys) });
      return;
    }
    const meant = askable.find((key) => key.certificate === certificate);
    if (meant && draft.keys.length === 0) change.current({ keys: [meant] });
  }, [found, wanted, chosenFor, dated, people, askable, certificate, draft.keys.length, desk.mostKeys]);

  const chosen = draft.keys;
  const toggle = (key: RecoverableKey) =>
    onChange({
      keys: chosen.some(({ certificate: id }) => id === key.certificate)
        ? chosen.filter(({ certificate: id }) => id !== key.certificate)
        : [...chosen, key],
    });
  const fault =
    chosen.length === 0 ? t.keysMissing : chosen.length > desk.mostKeys ? t.keysTooMany(desk.mostKeys) : null;
  const go = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (fault === null) onChange({ step: "wanted" });
  };
  const nameOf = (key: RecoverableKey) =>
    t.keyOf(key.commonName, format.day(key.notBefore), format.day(key.notAfter));
  const byDates = dated && people === 1 && chosenFor === wanted;

  return (
    <form onSubmit={go} noValidate>
      <WizardStep
        title={t.steps.keys}
        lead={t.keysLead}
        actions={
          <>
            <Button onClick={onLeave}>{t.leave}</Button>
            <Button onClick={() => onChange({ step: "case" })} data-command="back">
              {t.back}
            </Button>
            <Button appearance="primary" type="submit" data-command="next">
              {t.next}
            </Button>
          </>
        }
      >
        <Field label={t.search} hint={t.searchHint} className={styles.search}>
          <SearchBox
            value={draft.search}
            maxLength={200}
            onChange={(_, { value }) => onChange({ search: value })}
            data-field="search"
            data-search
          />
        </Field>
        <fieldset className={styles.group}>
          <legend className={styles.legend}>{t.dates}</legend>
          <p className={styles.hint}>{t.datesHint}</p>
          <div className={styles.dates}>
            <Field label={t.from}>
              <Input
                type="date"
                value={draft.from}
                onChange={(_, { value }) => onChange({ from: value })}
                data-field="from"
              />
            </Field>
            <Field
              label={t.to}
              {...(backwards && { validationMessage: t.datesWrong, validationState: "error" as const })}
            >
              <Input
                type="date"
                value={draft.to}
                onChange={(_, { value }) => onChange({ to: value })}
                data-field="to"
              />
            </Field>
          </div>
        </fieldset>
        {!searching ? (
          <p className={styles.note}>{t.searchFirst}</p>
        ) : (
          !backwards && (
            <QueryState of={query} skeleton={<LinesSkeleton lines={4} />}>
              {({ keys, more }) => (
                <>
                  <div aria-live="polite">
                    {dated && people > 1 && (
                      <MessageBar intent="warning" layout="multiline">
                        <MessageBarBody>{t.severalPeople}</MessageBarBody>
                      </MessageBar>
                    )}
                    {byDates && (
                      <p className={styles.note} data-by-dates>
                        {askable.length === 0 ? t.noneThen : t.chosenByDates(askable.length)}
                      </p>
                    )}
                  </div>
                  <FoundKeys keys={keys} more={more} chosen={chosen} onToggle={toggle} />
                </>
              )}
            </QueryState>
          )
        )}
        {chosen.length > 0 && (
          <section aria-label={t.chosen(chosen.length)}>
            <ul className={styles.chosen} data-chosen={chosen.length}>
              <li>
                <strong>{t.chosen(chosen.length)}</strong>
              </li>
              {chosen.map((key) => (
                <li key={key.certificate}>
                  <Button
                    size="small"
                    shape="circular"
                    icon={<DismissRegular />}
                    iconPosition="after"
                    aria-label={t.unchoose(nameOf(key))}
                    onClick={() => toggle(key)}
                  >
                    {nameOf(key)}
                  </Button>
                </li>
              ))}
            </ul>
          </section>
        )}
        {tried && fault !== null && (
          <p className={styles.wrong} role="alert">
            {fault}
          </p>
        )}
      </WizardStep>
    </form>
  );
}
