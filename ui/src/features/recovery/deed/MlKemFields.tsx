// The officer's ML-KEM key beside the own one: a file with a password of its own, since no card and no vault holds one.
import { Field, Input, makeStyles, tokens } from "@fluentui/react-components";
import { useId } from "react";
import { useMessages } from "../../../messages";
import type { KeyChoice } from "./useKeyChoice";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  title: { fontWeight: tokens.fontWeightSemibold },
  hint: { margin: 0, color: tokens.colorNeutralForeground2 },
  secret: { maxWidth: "320px" },
});

export function MlKemFields({ choice }: { choice: KeyChoice }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.hybrid.key;
  const title = useId();
  const { faults, need } = choice;
  const fault = (bad: boolean) =>
    bad ? { validationMessage: m.officers.key.missing, validationState: "error" as const } : {};
  return (
    <section aria-labelledby={title} className={styles.root} data-ml-kem={need}>
      <span id={title} className={styles.title}>
        {t.title}
      </span>
      <p className={styles.hint}>{need === "needed" ? t.needed : t.possible}</p>
      <Field label={t.file} hint={t.fileHint} required={need === "needed"} {...fault(faults.mlKemFile)}>
        <Input
          value={choice.mlKemFile}
          onChange={(_, { value }) => choice.setMlKemFile(value)}
          spellCheck={false}
          autoComplete="off"
          data-field="mlKemFile"
        />
      </Field>
      <Field
        className={styles.secret}
        label={t.password}
        hint={t.passwordHint}
        required={need === "needed"}
        {...fault(faults.mlKemSecret)}
      >
        <Input
          type="password"
          value={choice.mlKemSecret}
          onChange={(_, { value }) => choice.setMlKemSecret(value)}
          autoComplete="off"
          data-field="mlKemSecret"
        />
      </Field>
    </section>
  );
}
