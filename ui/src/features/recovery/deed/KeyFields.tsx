// Where the officer's key is: a file, a token in a reader, a key vault; and the field for what opens it.
import { Field, Input, makeStyles, Radio, RadioGroup, tokens } from "@fluentui/react-components";
import { useMessages } from "../../../messages";
import { MlKemFields } from "./MlKemFields";
import { TokenList } from "./TokenList";
import type { KeyChoice, KeyKind } from "./useKeyChoice";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  hint: { margin: 0, color: tokens.colorNeutralForeground2 },
  secret: { maxWidth: "320px" },
});

const KINDS: readonly KeyKind[] = ["token", "file", "vault"];

export function KeyFields({ choice }: { choice: KeyChoice }) {
  const styles = useStyles();
  const t = useMessages().officers.key;
  const { kind, faults, token } = choice;
  const fault = (bad: boolean, words: string) =>
    bad ? { validationMessage: words, validationState: "error" as const } : {};
  const secretHint = kind === "token" ? t.pinHint : undefined;
  return (
    <div className={styles.root}>
      <p className={styles.hint}>{t.hint}</p>
      <RadioGroup
        layout="horizontal"
        aria-label={t.title}
        value={kind}
        onChange={(_, { value }) => choice.choose(value as KeyKind)}
      >
        {KINDS.map((one) => (
          <Radio key={one} value={one} label={t.kinds[one]} />
        ))}
      </RadioGroup>
      {kind === "file" && (
        <Field label={t.file} hint={t.fileHint} required {...fault(faults.file, t.missing)}>
          <Input
            value={choice.file}
            onChange={(_, { value }) => choice.setFile(value)}
            spellCheck={false}
            autoComplete="off"
            data-field="keyFile"
          />
        </Field>
      )}
      {kind === "vault" && (
        <Field label={t.vault} hint={t.vaultHint} required {...fault(faults.vault, t.vaultWrong)}>
          <Input
            value={choice.vault}
            onChange={(_, { value }) => choice.setVault(value)}
            spellCheck={false}
            autoComplete="off"
            data-field="keyVault"
          />
        </Field>
      )}
      {kind === "token" && (
        <TokenList
          chosen={token?.address ?? null}
          onChoose={(chosen) =>
            choice.setToken(
              chosen && {
                address: chosen.key.address,
                kind: chosen.token.kind,
                pinPad: chosen.token.pinPad,
              },
            )
          }
          missing={faults.token ? t.tokenMissing : null}
        />
      )}
      {kind === "token" && token?.pinPad && (
        <p className={styles.hint}>{token.kind === "certificateStore" ? t.pinAtWindows : t.pinAtReader}</p>
      )}
      {choice.wantsSecret && (
        <Field
          className={styles.secret}
          data-secret
          label={kind === "token" ? t.pin : t.password}
          required
          {...(secretHint && { hint: secretHint })}
          {...fault(faults.secret, t.missing)}
        >
          <Input
            type="password"
            value={choice.secret}
            onChange={(_, { value }) => choice.setSecret(value)}
            autoComplete="off"
            data-field="secret"
          />
        </Field>
      )}
      {choice.need !== "none" && <MlKemFields choice={choice} />}
    </div>
  );
}
