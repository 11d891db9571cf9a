// Two people changed one template: field by field, what it was, what each made of it, and which shall hold.
import {
  Button,
  MessageBar,
  MessageBarBody,
  makeStyles,
  mergeClasses,
  tokens,
  typographyStyles,
  useId,
} from "@fluentui/react-components";
import { CheckmarkCircleRegular, EditRegular, SaveRegular, WarningFilled } from "@fluentui/react-icons";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Changed, TemplateFields } from "../../bindings/api";
import { useMessages } from "../../messages";
import type { Failure } from "../../platform";
import { type Choice, choiceOf, compare, joined, type MergedField, merged } from "../../shared/merge";
import { Refusal } from "../../shared/Refusal";
import { StateWord } from "../../shared/StateWord";
import { Relative } from "../../shared/time";
import { type FieldName, linesOf } from "./words";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, maxWidth: "1100px" },
  title: { ...typographyStyles.subtitle1, margin: 0, outlineStyle: "none", overflowWrap: "anywhere" },
  lead: { margin: 0, color: tokens.colorNeutralForeground2, maxWidth: "760px" },
  who: { margin: `0 0 ${tokens.spacingVerticalXS}` },
  buttons: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  bar: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
  },
  count: { marginRight: "auto" },
  field: {
    margin: 0,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL} ${tokens.spacingVerticalM}`,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    minWidth: 0,
  },
  conflict: {
    border: `${tokens.strokeWidthThin} solid ${tokens.colorStatusWarningBorder2}`,
    boxShadow: `inset 4px 0 0 ${tokens.colorStatusWarningBorder2}`,
  },
  legend: {
    float: "left",
    width: "100%",
    padding: 0,
    marginBottom: tokens.spacingVerticalS,
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    columnGap: tokens.spacingHorizontalM,
  },
  name: { fontWeight: tokens.fontWeightSemibold },
  sides: {
    clear: "both",
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 190px), 1fr))",
    gap: tokens.spacingHorizontalS,
    alignItems: "stretch",
  },
  side: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalXXS,
    minWidth: 0,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke3}`,
    borderRadius: tokens.borderRadiusMedium,
    overflowWrap: "anywhere",
  },
  offered: {
    cursor: "pointer",
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    ":focus-within": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  chosen: {
    border: `${tokens.strokeWidthThin} solid ${tokens.colorBrandStroke1}`,
    boxShadow: `inset 0 0 0 1px ${tokens.colorBrandStroke1}`,
    "@media (forced-colors: active)": { outline: "2px solid Highlight" },
  },
  which: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalXS,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
  radio: { margin: 0, accentColor: tokens.colorCompoundBrandBackground, outlineStyle: "none" },
  value: { display: "block" },
  empty: { display: "block", color: tokens.colorNeutralForeground3, fontStyle: "italic" },
});

interface Props {
  base: TemplateFields;
  mine: TemplateFields;
  theirs: TemplateFields;
  changed: Changed;
  /** It was changed once more while the person chose. */
  again: boolean;
  saving: boolean;
  failure: Failure | null;
  /** Saves on top of their version. */
  onSave: (fields: TemplateFields) => void;
  /** Back to the form, on top of their version. */
  onEdit: (fields: TemplateFields) => void;
}

type Choices = Partial<Record<string, Choice>>;

export function MergeView({ base, mine, theirs, changed, again, saving, failure, onSave, onEdit }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.merge;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const fields = useMemo(() => {
    const rank = { conflict: 0, theirs: 1, mine: 2, agreed: 3 };
    return compare(base, mine, theirs).sort((one, other) => rank[one.fate] - rank[other.fate]);
  }, [base, mine, theirs]);
  const [choices, setChoices] = useState<Choices>({});
  const open = fields.filter(({ name, fate }) => fate === "conflict" && choices[name] === undefined).length;
  const takeAll = (choice: Choice) =>
    setChoices((now) => ({
      ...now,
      ...Object.fromEntries(fields.filter(({ fate }) => fate !== "agreed").map(({ name }) => [name, choice])),
    }));
  const result = () => merged(base, mine, theirs, choices);

  return (
    <section className={styles.root} data-merge aria-labelledby="merge-title">
      <h2 id="merge-title" ref={heading} tabIndex={-1} className={styles.title}>
        {t.title(theirs.name)}
      </h2>
      <div>
        <p className={styles.who}>
          <strong>{t.who(changed.by)}</strong> <Relative at={changed.at} />
        </p>
        <p className={styles.lead}>{t.lead}</p>
      </div>
      {again && (
        <MessageBar intent="warning">
          <MessageBarBody>{t.again}</MessageBarBody>
        </MessageBar>
      )}
      <div className={styles.bar}>
        <span className={styles.count} aria-live="polite">
          {open > 0 ? (
            <StateWord icon={<WarningFilled />} tone="warning">
              {t.conflicts(open)}
            </StateWord>
          ) : (
            <StateWord icon={<CheckmarkCircleRegular />} tone="good">
              {t.noConflicts}
            </StateWord>
          )}
        </span>
        <span className={styles.buttons}>
          <Button disabledFocusable={saving} onClick={() => takeAll("mine")}>
            {t.allMine}
          </Button>
          <Button disabledFocusable={saving} onClick={() => takeAll("theirs")}>
            {t.allTheirs}
          </Button>
        </span>
      </div>
      {fields.map((field) => (
        <FieldChoice
          key={field.name}
          field={field}
          base={base}
          mine={mine}
          theirs={theirs}
          choice={choices[field.name] ?? choiceOf(field.fate)}
          settled={saving}
          onChoose={(choice) => setChoices((now) => ({ ...now, [field.name]: choice }))}
        />
      ))}
      {failure && <Refusal failure={failure} />}
      <div className={styles.bar}>
        <Button
          appearance="primary"
          icon={<SaveRegular />}
          disabledFocusable={open > 0 || saving}
          onClick={() => onSave(result())}
          data-command="saveMerged"
        >
          {t.save}
        </Button>
        <Button
          icon={<EditRegular />}
          disabledFocusable={saving}
          onClick={() => onEdit(result())}
          data-command="editMerged"
        >
          {t.edit}
        </Button>
      </div>
    </section>
  );
}

interface FieldChoiceProps {
  field: MergedField<FieldName>;
  base: TemplateFields;
  mine: TemplateFields;
  theirs: TemplateFields;
  choice: Choice | null;
  /** It is being saved like this. */
  settled: boolean;
  onChoose: (choice: Choice) => void;
}

function FieldChoice({ field, base, mine, theirs, choice, settled, onChoose }: FieldChoiceProps) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.merge;
  const { name, fate, joinable } = field;
  const group = useId("merge");
  const both: TemplateFields = { ...theirs, [name]: joined(base[name], mine[name], theirs[name]) };
  const sides: [Choice, TemplateFields][] = [
    ["mine", mine],
    ["theirs", theirs],
    ...(joinable && fate === "conflict" ? [["both", both] as [Choice, TemplateFields]] : []),
  ];
  return (
    <fieldset
      disabled={settled}
      className={mergeClasses(styles.field, fate === "conflict" && choice === null && styles.conflict)}
      data-merge-field={name}
      data-fate={fate}
    >
      <legend className={styles.legend}>
        <span className={styles.name}>{m.templates.fields[name]}</span>
        {fate === "conflict" ? (
          <StateWord icon={<WarningFilled />} tone="warning">
            {t.fate.conflict}
          </StateWord>
        ) : (
          <StateWord icon={<CheckmarkCircleRegular />} tone="quiet">
            {t.fate[fate]}
          </StateWord>
        )}
      </legend>
      <div className={styles.sides}>
        <div className={styles.side}>
          <span className={styles.which}>{t.before}</span>
          <Value name={name} fields={base} />
        </div>
        {sides.map(([side, fields]) => (
          <label
            key={side}
            className={mergeClasses(styles.side, styles.offered, choice === side && styles.chosen)}
          >
            <span className={styles.which}>
              <input
                type="radio"
                className={styles.radio}
                name={group}
                value={side}
                checked={choice === side}
                onChange={() => onChoose(side)}
              />
              {t[side]}
            </span>
            <Value name={name} fields={fields} />
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Value({ name, fields }: { name: FieldName; fields: TemplateFields }) {
  const styles = useStyles();
  const m = useMessages();
  const lines = linesOf(name, fields, m);
  if (lines.length === 0) return <span className={styles.empty}>{m.templates.empty}</span>;
  return lines.map((line) => (
    <span key={line} className={styles.value}>
      {line}
    </span>
  ));
}
