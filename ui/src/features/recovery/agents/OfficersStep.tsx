import { Button, Checkbox, Field, Input, makeStyles, tokens } from "@fluentui/react-components";
import { DismissRegular, DocumentAddRegular, UsbStickRegular } from "@fluentui/react-icons";
import { useRef, useState } from "react";
import type { KraSet } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { inBase64 } from "../../../shared/fileContent";
import { useTimeFormat } from "../../../shared/time";
import { AddTokenDialog } from "./AddTokenDialog";
import { MlKemButton } from "./MlKemButton";
import { isFirst, LARGEST_CERTIFICATE, officersOf, type Proposal } from "./proposal";

const useStyles = makeStyles({
  lead: { margin: 0, color: tokens.colorNeutralForeground2 },
  group: { border: 0, margin: 0, padding: 0, minWidth: 0, display: "flex", flexDirection: "column" },
  legend: { padding: 0, fontWeight: tokens.fontWeightSemibold },
  quiet: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  list: { margin: 0, padding: 0, listStyleType: "none" },
  added: { display: "flex", alignItems: "center", justifyContent: "space-between", overflowWrap: "anywhere" },
  buttons: {
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalS,
    marginTop: tokens.spacingVerticalXS,
  },
  hidden: { display: "none" },
  wrong: { margin: 0, color: tokens.colorStatusDangerForeground1 },
});

interface Props {
  set: KraSet;
  proposal: Proposal;
  onChange: (proposal: Proposal) => void;
  faults: { officers: string | null; name: string | null };
}

/** Who stays, who comes by a certificate or a token. */
export function OfficersStep({ set, proposal, onChange, faults }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.officers.propose;
  const h = m.hybrid.propose;
  const format = useTimeFormat();
  const input = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [choosing, setChoosing] = useState(false);
  const officers = officersOf(set);

  const addFiles = async (list: FileList | null) => {
    setWrong(null);
    const add = [...proposal.add];
    for (const file of list ?? []) {
      if (file.size > LARGEST_CERTIFICATE) {
        setWrong(t.large(file.name));
        continue;
      }
      try {
        const content = await inBase64(file);
        const officer = { kind: "certificate" as const, name: file.name, content, mlKem: null };
        add.push({ officer, words: t.byFile(file.name) });
      } catch {
        setWrong(t.unread(file.name));
      }
    }
    onChange({ ...proposal, add });
  };

  return (
    <>
      <p className={styles.lead}>{t.officersLead}</p>
      <p className={styles.lead}>{h.lead}</p>
      {isFirst(set) && (
        <Field
          label={t.name}
          required
          {...(faults.name === null
            ? { hint: t.nameHint }
            : { validationMessage: faults.name, validationState: "error" as const })}
        >
          <Input
            value={proposal.name}
            maxLength={60}
            onChange={(_, { value }) => onChange({ ...proposal, name: value })}
            autoComplete="off"
            data-field="setName"
          />
        </Field>
      )}
      <fieldset className={styles.group}>
        <legend className={styles.legend}>{t.keep}</legend>
        {officers.length === 0 && <span className={styles.quiet}>{t.keepNone}</span>}
        {officers.map((officer) => (
          <div key={officer.thumbprint} className={styles.added}>
            <Checkbox
              checked={proposal.keep.includes(officer.thumbprint)}
              aria-label={t.stays(officer.name)}
              onChange={(_, { checked }) =>
                onChange({
                  ...proposal,
                  keep: checked
                    ? [...proposal.keep, officer.thumbprint]
                    : proposal.keep.filter((thumbprint) => thumbprint !== officer.thumbprint),
                })
              }
              label={
                <span>
                  {officer.name}{" "}
                  <span className={styles.quiet}>
                    {officer.subject} · {format.day(officer.notAfter)}
                    {officer.mlKem !== null && ` · ${h.has(officer.mlKem)}`}
                  </span>
                </span>
              }
            />
            {proposal.keep.includes(officer.thumbprint) && (
              <MlKemButton
                name={officer.name}
                chosen={proposal.mlKem[officer.thumbprint] ?? null}
                onChoose={(chosen) => {
                  const { [officer.thumbprint]: _, ...others } = proposal.mlKem;
                  onChange({
                    ...proposal,
                    mlKem: chosen ? { ...others, [officer.thumbprint]: chosen } : others,
                  });
                }}
                onWrong={setWrong}
              />
            )}
          </div>
        ))}
      </fieldset>
      <section aria-label={t.added}>
        <span className={styles.legend}>{t.added}</span>
        <ul className={styles.list} data-added={proposal.add.length}>
          {proposal.add.map((one) => (
            <li key={one.words} className={styles.added}>
              {one.words}
              <span>
                <MlKemButton
                  name={one.words}
                  chosen={one.officer.mlKem}
                  onChoose={(mlKem) =>
                    onChange({
                      ...proposal,
                      add: proposal.add.map((other) =>
                        other === one ? { ...one, officer: { ...one.officer, mlKem } } : other,
                      ),
                    })
                  }
                  onWrong={setWrong}
                />
                <Button
                  size="small"
                  appearance="subtle"
                  icon={<DismissRegular />}
                  aria-label={t.remove(one.words)}
                  onClick={() =>
                    onChange({ ...proposal, add: proposal.add.filter((other) => other !== one) })
                  }
                />
              </span>
            </li>
          ))}
        </ul>
        <div className={styles.buttons}>
          <Button
            size="small"
            icon={<DocumentAddRegular />}
            title={t.addFileHint}
            onClick={() => input.current?.click()}
          >
            {t.addFile}
          </Button>
          <Button
            size="small"
            icon={<UsbStickRegular />}
            onClick={() => setChoosing(true)}
            data-command="addToken"
          >
            {t.addToken}
          </Button>
          <input
            ref={input}
            className={styles.hidden}
            type="file"
            multiple
            accept=".cer,.crt,.pem,.der"
            tabIndex={-1}
            aria-hidden="true"
            onChange={(event) => {
              // Copied first: clearing the field empties the list itself.
              const chosen = event.target;
              void addFiles(chosen.files).then(() => {
                chosen.value = "";
              });
            }}
            data-field="certificates"
          />
        </div>
      </section>
      {(wrong ?? faults.officers) !== null && (
        <p className={styles.wrong} role="alert">
          {wrong ?? faults.officers}
        </p>
      )}
      {choosing && (
        <AddTokenDialog
          onAdd={(one) => {
            setChoosing(false);
            if (!proposal.add.some(({ words }) => words === one.words)) {
              onChange({ ...proposal, add: [...proposal.add, one] });
            }
          }}
          onClose={() => setChoosing(false)}
        />
      )}
    </>
  );
}
