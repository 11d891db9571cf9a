// What a database login may do, area by area.
import { makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, ProhibitedRegular } from "@fluentui/react-icons";
import type { Right } from "../bindings/api";
import { useMessages, wordIn } from "../messages";
import { PlainTable } from "../shared/PlainTable";
import { StateWord } from "../shared/StateWord";

const useStyles = makeStyles({
  why: {
    display: "block",
    marginTop: tokens.spacingVerticalXXS,
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
});

export function Rights({ rights }: { rights: readonly Right[] }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.database;
  return (
    <PlainTable
      label={t.rights}
      columns={[t.area, t.right]}
      rows={rights.map((right) => ({
        key: right.area,
        cells: [
          wordIn(t.areas, right.area),
          <span key="right">
            <StateWord
              icon={right.allowed ? <CheckmarkCircleFilled /> : <ProhibitedRegular />}
              tone={right.allowed ? "good" : "quiet"}
            >
              {right.allowed ? t.allowed : t.missing}
            </StateWord>
            {right.why && <span className={styles.why}>{right.why}</span>}
          </span>,
        ],
      }))}
    />
  );
}

/** What the database administrator needs to know, as text. */
export const missingRights = (rights: readonly Right[]): string =>
  rights
    .filter((right) => !right.allowed)
    .map((right) => `${right.area}: ${right.why}`)
    .join("\n");
