// A fingerprint that has to be compared with another screen before anything follows from it.
import { Checkbox, Field, Input, makeStyles, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { Fingerprint } from "./Fingerprint";
import { type Comparison, compareFingerprints } from "./fingerprint";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  typed: { fontFamily: tokens.fontFamilyMonospace },
});

export interface FingerprintWords {
  typed: string;
  typedHint: string;
  matches: string;
  incomplete: string;
  differs: (group: number) => string;
  compared: string;
  needsComparison: string;
}

export interface Compared {
  typed: string;
  ticked: boolean;
  state: Comparison["state"];
  /** Typed and the same, or ticked; a typed fingerprint that is another one outweighs a tick. */
  sure: boolean;
}

/** What a person typed or ticked about the fingerprint `value`. */
export function useCompared(value: string) {
  const [typed, setTyped] = useState("");
  const [ticked, setTicked] = useState(false);
  const { state } = compareFingerprints(typed, value);
  const compared: Compared = {
    typed,
    ticked,
    state,
    sure: state === "same" || (ticked && state === "empty"),
  };
  return { compared, setTyped, setTicked };
}

interface Props {
  value: string;
  label: string;
  words: FingerprintWords;
  of: ReturnType<typeof useCompared>;
  /** The person tried to go on: what is missing is told. */
  tried: boolean;
}

export function FingerprintCheck({ value, label, words, of, tried }: Props) {
  const styles = useStyles();
  const { compared, setTyped, setTicked } = of;
  const lacks = tried && !compared.sure && compared.state === "empty";
  return (
    <div className={styles.root}>
      <Fingerprint value={value} label={label} />
      <Field label={words.typed} {...verdict(compareFingerprints(compared.typed, value), words)}>
        <Input
          className={styles.typed}
          value={compared.typed}
          onChange={(_, data) => setTyped(data.value)}
          spellCheck={false}
          autoComplete="off"
          data-field="typedFingerprint"
        />
      </Field>
      <Field {...(lacks && { validationMessage: words.needsComparison, validationState: "error" as const })}>
        <Checkbox
          label={words.compared}
          checked={compared.ticked}
          disabled={compared.state !== "empty"}
          onChange={(_, { checked }) => setTicked(checked === true)}
        />
      </Field>
    </div>
  );
}

function verdict(comparison: Comparison, words: FingerprintWords) {
  switch (comparison.state) {
    case "empty":
      return { hint: words.typedHint };
    case "incomplete":
      return { validationMessage: words.incomplete, validationState: "none" as const };
    case "same":
      return { validationMessage: words.matches, validationState: "success" as const };
    case "different":
      return { validationMessage: words.differs(comparison.group), validationState: "error" as const };
  }
}
