// A request is written out for one officer without a network; then what to bring, and what to tell by another way.
import {
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Radio,
  RadioGroup,
  tokens,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { OfficerElsewhere, RecoveryDesk, RecoveryExported, RecoveryLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { Confirm } from "../../../shared/Confirm";
import { matterIn } from "../../../shared/matter";
import { PlaceField } from "../../../shared/PlaceField";
import { QueryState } from "../../../shared/QueryState";
import { sentence } from "../../../shared/sentence";
import { LinesSkeleton } from "../../../shared/skeletons";
import { elsewhereQuery } from "../queries";
import { useUnkept } from "../useUnkept";
import { Exported } from "./Exported";
import { nameOf } from "./names";

const useStyles = makeStyles({
  text: { margin: 0 },
  days: { maxWidth: "220px" },
  name: { fontWeight: tokens.fontWeightSemibold },
  quiet: {
    display: "block",
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
});

/** As the command line has it. */
const USUAL_DAYS = "3";

interface Props {
  line: RecoveryLine;
  desk: RecoveryDesk;
  onClose: () => void;
}

export function ExportDialog({ line, desk, onClose }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.papers.export;
  const officers = useQuery(elsewhereQuery(line.id));
  const exporting = useUnkept("export_recovery");
  const [officer, setOfficer] = useState("");
  const [typed, setTyped] = useState(USUAL_DAYS);
  const [name, setName] = useState(nameOf(line.id, "bundle"));
  const [tried, setTried] = useState(false);
  const [exported, setExported] = useState<RecoveryExported | null>(null);
  const days = /^\d+$/.test(typed.trim()) ? Number(typed) : 0;
  const badDays = days < 1 || days > desk.longestDays;
  const able = officers.data?.officers.some(({ whyNot }) => whyNot === null) ?? false;
  const go = async () => {
    setTried(true);
    if (officer === "" || badDays) return;
    const answer = await exporting.run({ id: line.id, officer, days, name: name.trim() });
    if (answer) setExported(answer);
  };
  return (
    <Confirm
      title={exported ? t.done : t.title}
      cancel={m.recovery.cancel}
      confirm={t.confirm}
      working={t.working}
      command="confirmExport"
      ready={able}
      pending={exporting.pending}
      failure={exporting.failure}
      {...(exported && { finished: { label: m.recovery.close, command: "closeExport" } })}
      onConfirm={() => void go()}
      onClose={onClose}
    >
      {exported ? (
        <Exported answer={exported} />
      ) : (
        <>
          <p className={styles.text}>{t.lead}</p>
          <QueryState of={officers} skeleton={<LinesSkeleton lines={3} />}>
            {({ officers: all }) => (
              <>
                {!able && (
                  <MessageBar intent="warning" layout="multiline">
                    <MessageBarBody>
                      <MessageBarTitle>{t.nobody}</MessageBarTitle>
                    </MessageBarBody>
                  </MessageBar>
                )}
                <Field
                  label={t.officer}
                  required
                  {...(tried &&
                    officer === "" && {
                      validationMessage: t.officerMissing,
                      validationState: "error" as const,
                    })}
                >
                  <RadioGroup value={officer} onChange={(_, { value }) => setOfficer(value)}>
                    {all.map((one) => (
                      <Radio
                        key={one.thumbprint}
                        value={one.thumbprint}
                        disabled={one.whyNot !== null}
                        data-officer={one.thumbprint}
                        label={<OfficerLabel officer={one} />}
                      />
                    ))}
                  </RadioGroup>
                </Field>
              </>
            )}
          </QueryState>
          <Field
            label={t.days}
            className={styles.days}
            required
            {...(tried && badDays
              ? { validationMessage: t.daysWrong(desk.longestDays), validationState: "error" as const }
              : { hint: t.daysHint(desk.longestDays) })}
          >
            <Input
              type="number"
              min={1}
              max={desk.longestDays}
              value={typed}
              onChange={(_, { value }) => setTyped(value)}
              data-field="exportDays"
            />
          </Field>
          <PlaceField
            label={m.audit.save.file}
            id="paperFile"
            value={name}
            onChange={setName}
            hint={m.audit.save.fileHint(desk.exports)}
          />
        </>
      )}
    </Confirm>
  );
}

function OfficerLabel({ officer }: { officer: OfficerElsewhere }) {
  const styles = useStyles();
  const matter = matterIn(officer.about, useMessages());
  return (
    <>
      <span className={styles.name}>{officer.name}</span>
      <span className={styles.quiet}>{officer.subject}</span>
      {officer.whyNot !== null && (
        <span className={styles.quiet}>
          {matter ? `${matter.what} ${matter.hint}` : sentence(officer.whyNot)}
        </span>
      )}
    </>
  );
}
