// One field of a template, as it is typed.
import { Field, Input, Radio, RadioGroup, Select, Switch, Textarea } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import type { TemplateFields } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { same } from "../../shared/merge";
import type { FieldName } from "./words";

export interface FieldProps {
  fields: TemplateFields;
  /** What must be mended, by field. */
  faults: Readonly<Partial<Record<FieldName, string>>>;
  onType: (changes: Partial<TemplateFields>) => void;
}

type NamesOf<Type> = { [N in FieldName]: TemplateFields[N] extends Type ? N : never }[FieldName];

function useField(name: FieldName, faults: FieldProps["faults"]) {
  const t = useMessages().templates;
  const hints: Readonly<Record<string, string>> = t.hints;
  const fault = faults[name];
  return {
    label: t.fields[name],
    ...(fault !== undefined && { validationMessage: fault, validationState: "error" as const }),
    ...(Object.hasOwn(hints, name) && { hint: hints[name] ?? "" }),
  };
}

export function TextField({
  name,
  fields,
  faults,
  onType,
}: FieldProps & { name: "name" | "description" | "connector" }) {
  const field = useField(name, faults);
  return (
    <Field {...field} required={name === "name"}>
      <Input value={fields[name]} onChange={(_, { value }) => onType({ [name]: value })} data-field={name} />
    </Field>
  );
}

export function DaysField({
  name,
  fields,
  faults,
  onType,
}: FieldProps & { name: "validityDays" | "renewBeforeDays" }) {
  const field = useField(name, faults);
  return (
    <Field {...field} required>
      <Input
        type="number"
        min={0}
        value={String(fields[name])}
        onChange={(_, { value }) => onType({ [name]: Math.max(0, Math.trunc(Number(value) || 0)) })}
        data-field={name}
      />
    </Field>
  );
}

/** A number that may be left empty, which means never, or no limit. */
export function GraceField({
  name,
  fields,
  faults,
  onType,
}: FieldProps & { name: "leaverDays" | "renamedDays" | "formerOnDevices" }) {
  const field = useField(name, faults);
  const days = fields[name];
  return (
    <Field {...field}>
      <Input
        type="number"
        min={0}
        value={days === null ? "" : String(days)}
        onChange={(_, { value }) =>
          onType({ [name]: value.trim() === "" ? null : Math.max(0, Math.trunc(Number(value) || 0)) })
        }
        data-field={name}
      />
    </Field>
  );
}

export function SwitchField({
  name,
  fields,
  faults,
  onType,
}: FieldProps & { name: NamesOf<boolean> & string }) {
  const { label, ...field } = useField(name, faults);
  return (
    <Field {...field}>
      <Switch
        label={label}
        checked={fields[name]}
        onChange={(_, { checked }) => onType({ [name]: checked })}
        data-field={name}
      />
    </Field>
  );
}

type Chosen = "purpose" | "commonName" | "key" | "intendedPurpose" | "pfx" | "disabled";

/** A word of a newer program stays on offer as it is. */
function useWords(name: Chosen, value: string): [string, string][] {
  const table: Readonly<Record<string, string>> = useMessages().templates.words[name];
  const words = Object.entries(table);
  return Object.hasOwn(table, value) ? words : [...words, [value, wordIn(table, value)]];
}

export function RadioField({ name, fields, faults, onType }: FieldProps & { name: Chosen }) {
  const field = useField(name, faults);
  const words = useWords(name, fields[name]);
  return (
    <Field {...field}>
      <RadioGroup value={fields[name]} onChange={(_, { value }) => onType({ [name]: value })}>
        {words.map(([word, label]) => (
          <Radio key={word} value={word} label={label} />
        ))}
      </RadioGroup>
    </Field>
  );
}

export function SelectField({ name, fields, faults, onType }: FieldProps & { name: Chosen }) {
  const field = useField(name, faults);
  const words = useWords(name, fields[name]);
  return (
    <Field {...field}>
      <Select value={fields[name]} onChange={(_, { value }) => onType({ [name]: value })} data-field={name}>
        {words.map(([word, label]) => (
          <option key={word} value={word}>
            {label}
          </option>
        ))}
      </Select>
    </Field>
  );
}

export function AuthorityField({ names, fields, faults, onType }: FieldProps & { names: readonly string[] }) {
  const field = useField("authority", faults);
  const offered = names.includes(fields.authority) ? names : [fields.authority, ...names];
  return (
    <Field {...field} required>
      <Select
        value={fields.authority}
        onChange={(_, { value }) => onType({ authority: value })}
        data-field="authority"
      >
        {offered.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}

const linesIn = (text: string): string[] =>
  text
    .split(/[\s,;]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

export function GroupsField({ name, fields, faults, onType }: FieldProps & { name: "include" | "exclude" }) {
  const field = useField(name, faults);
  const value = fields[name];
  // The text keeps line breaks that are not followed by anything yet.
  const [text, setText] = useState(value.join("\n"));
  useEffect(() => {
    setText((now) => (same(linesIn(now), value) ? now : value.join("\n")));
  }, [value]);
  return (
    <Field {...field}>
      <Textarea
        value={text}
        resize="vertical"
        rows={3}
        spellCheck={false}
        onChange={(_, { value: typed }) => {
          setText(typed);
          onType({ [name]: linesIn(typed) });
        }}
        data-field={name}
      />
    </Field>
  );
}

export function OrganizationField({ fields, faults, onType }: FieldProps) {
  const t = useMessages().templates;
  const field = useField("organization", faults);
  const { organization } = fields;
  const parts = ["name", "identifier", "country"] as const;
  return (
    <>
      <Field hint={t.hints.organization}>
        <Switch
          label={t.organization.use}
          checked={organization !== null}
          onChange={(_, { checked }) =>
            onType({ organization: checked ? { name: "", identifier: "", country: "" } : null })
          }
          data-field="organization"
        />
      </Field>
      {organization &&
        parts.map((part) => (
          <Field
            key={part}
            label={t.organization[part]}
            required
            {...(part === "country" &&
              field.validationMessage !== undefined && {
                validationMessage: field.validationMessage,
                validationState: "error" as const,
              })}
          >
            <Input
              value={organization[part]}
              maxLength={part === "country" ? 2 : 256}
              onChange={(_, { value }) => onType({ organization: { ...organization, [part]: value } })}
              data-field={`organization-${part}`}
            />
          </Field>
        ))}
    </>
  );
}
