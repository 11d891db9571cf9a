import { Field, Input } from "@fluentui/react-components";

interface Props {
  label: string;
  /** Name of the field, for whoever looks for it. */
  id: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  /** What is wrong with it, once that is to be told. */
  fault?: string | null;
}

/** Where something goes on this machine: a name or a whole path, as it is typed and nothing else. */
export function PlaceField({ label, id, value, onChange, hint, fault = null }: Props) {
  return (
    <Field
      label={label}
      required
      {...(fault === null
        ? { hint: hint ?? null }
        : { validationMessage: fault, validationState: "error" as const })}
    >
      <Input
        value={value}
        onChange={(_, data) => onChange(data.value)}
        spellCheck={false}
        autoComplete="off"
        data-field={id}
      />
    </Field>
  );
}
