import { Field, Input, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, WarningFilled } from "@fluentui/react-icons";
import { useState } from "react";
import type { CalledDrillLine, DrillHeld } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Facts } from "../../../shared/Facts";
import { StateWord } from "../../../shared/StateWord";
import { DeedDialog } from "../deed/DeedDialog";

/** As many as the program tries at most, and as many as it usually does. */
const LARGEST = 500;
const USUAL = 20;

const useStyles = makeStyles({
  sample: { maxWidth: "240px" },
  lead: { margin: 0 },
  result: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  failed: { margin: 0, paddingLeft: tokens.spacingHorizontalL, overflowWrap: "anywhere" },
});

/** How many keys, then the officer's own; nothing that opens leaves the program. */
export function DrillDialog({
  archived,
  called,
  onClose,
}: {
  archived: number;
  /** The drill that was called, where that is held: then nobody chooses how many keys are tried. */
  called: CalledDrillLine | null;
  onClose: () => void;
}) {
  const styles = useStyles();
  const t = useMessages().officers.drill;
  const most = Math.min(LARGEST, archived);
  const [typed, setTyped] = useState(String(Math.min(USUAL, most)));
  const sample = Number(typed);
  const fits = called !== null || (Number.isInteger(sample) && sample >= 1 && sample <= most);
  return (
    <DeedDialog
      title={t.holdTitle}
      deed={{ kind: "drill", sample: called === null ? sample : null }}
      before={
        <>
          <p className={styles.lead}>{t.lead}</p>
          {called !== null && <p className={styles.lead}>{t.calledLead(called.keys - called.proven)}</p>}
          {called === null && (
            <Field
              className={styles.sample}
              label={t.sample}
              required
              {...(fits
                ? { hint: t.sampleHint(most) }
                : { validationMessage: t.sampleWrong(most), validationState: "error" as const })}
            >
              <Input
                value={typed}
                inputMode="numeric"
                onChange={(_, { value }) => setTyped(value.trim())}
                data-field="sample"
              />
            </Field>
          )}
        </>
      }
      mayGoOn={() => fits}
      confirm={t.confirm}
      working={t.working}
      result={({ drill }) => drill && <Result drill={drill} />}
      onClose={onClose}
    />
  );
}

function Result({ drill }: { drill: DrillHeld }) {
  const styles = useStyles();
  const t = useMessages().officers.drill;
  const nothing = drill.opened + drill.shares === 0 && drill.failed.length === 0;
  return (
    <div className={styles.result} data-drill-result={drill.succeeded ? "good" : "bad"}>
      <StateWord
        icon={drill.succeeded ? <CheckmarkCircleFilled /> : <WarningFilled />}
        tone={drill.succeeded ? "good" : nothing ? "warning" : "bad"}
      >
        {drill.succeeded ? t.good : nothing ? t.nothing : t.bad}
      </StateWord>
      {nothing && <p className={styles.lead}>{t.nothingHint}</p>}
      <Facts
        facts={[
          { name: t.tried, value: drill.sample },
          { name: t.opened, value: drill.opened },
          drill.shares === 0 ? null : { name: t.shares, value: drill.shares },
          drill.called === null
            ? null
            : { name: t.title, value: t.allProven(drill.called.proven, drill.called.keys) },
          drill.others === 0 ? null : { name: t.others, value: drill.others },
          drill.failed.length === 0
            ? null
            : {
                name: t.failed,
                value: (
                  <ul className={styles.failed}>
                    {drill.failed.map((line) => (
                      <li key={line}>{line}</li>
                    ))}
                  </ul>
                ),
              },
        ]}
      />
    </div>
  );
}
