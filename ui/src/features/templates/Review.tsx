// Beside the form: what must be mended, and what differs from the saved version.
import { makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, ErrorCircleFilled, WarningFilled } from "@fluentui/react-icons";
import type { FindingLine, TemplateFields } from "../../bindings/api";
import { useMessages } from "../../messages";
import type { Failure } from "../../platform";
import { Card } from "../../shared/Card";
import { differences } from "../../shared/merge";
import { StateWord } from "../../shared/StateWord";
import { fieldOf, linesOf } from "./words";

const useStyles = makeStyles({
  root: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalM,
    position: "sticky",
    top: 0,
    minWidth: 0,
  },
  list: {
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalS,
    margin: 0,
    padding: 0,
    listStyleType: "none",
    overflowWrap: "anywhere",
  },
  field: { fontWeight: tokens.fontWeightSemibold },
  text: { display: "block", color: tokens.colorNeutralForeground2 },
  was: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  base: TemplateFields | null;
  mine: TemplateFields;
  findings: readonly FindingLine[];
  failure: Failure | null;
}

export function Review({ base, mine, findings, failure }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.templates;
  const ordered = [...findings].sort((one, other) => Number(other.fatal) - Number(one.fatal));
  const changed = base === null ? [] : differences(base, mine);
  const written = (fields: TemplateFields, name: (typeof changed)[number]): string =>
    linesOf(name, fields, m).join(", ") || t.empty;
  return (
    <div className={styles.root}>
      <Card title={t.findings}>
        <div aria-live="polite">
          {failure ? (
            <StateWord icon={<ErrorCircleFilled />} tone="bad">
              {t.mustMend}
            </StateWord>
          ) : ordered.length === 0 ? (
            <StateWord icon={<CheckmarkCircleFilled />} tone="good">
              {t.noFindings}
            </StateWord>
          ) : null}
          {failure && (
            <span className={styles.text}>
              {failure.message}. {failure.hint}
            </span>
          )}
          <ul className={styles.list}>
            {ordered.map((finding) => {
              const name = fieldOf(finding.field, mine);
              return (
                <li key={`${finding.field} ${finding.text}`}>
                  <StateWord
                    icon={finding.fatal ? <ErrorCircleFilled /> : <WarningFilled />}
                    tone={finding.fatal ? "bad" : "warning"}
                  >
                    {finding.fatal ? t.mustMend : t.shouldMend}
                  </StateWord>
                  <span className={styles.text}>
                    <span className={styles.field}>{name === null ? finding.field : t.fields[name]}:</span>{" "}
                    {finding.text}
                  </span>
                </li>
              );
            })}
          </ul>
        </div>
      </Card>
      {base !== null && (
        <Card title={t.difference}>
          {changed.length === 0 ? (
            <span className={styles.text}>{t.noDifference}</span>
          ) : (
            <ul className={styles.list} data-differences={changed.length}>
              {changed.map((name) => (
                <li key={name}>
                  <span className={styles.field}>{t.fields[name]}:</span> {written(mine, name)}
                  <span className={styles.was}>{t.was(written(base, name))}</span>
                </li>
              ))}
            </ul>
          )}
        </Card>
      )}
    </div>
  );
}
