// Values of a template as people read them.
import type { TemplateFields } from "../../bindings/api";
import { type Messages, wordIn } from "../../messages";

export type FieldName = keyof TemplateFields;

/** The field of a finding: findings use the names of template files. */
const FILE_NAMES: Readonly<Record<string, FieldName>> = {
  "validity-days": "validityDays",
  "renew-before-days": "renewBeforeDays",
  "leaver-days": "leaverDays",
  "renamed-days": "renamedDays",
  "former-on-devices": "formerOnDevices",
  "post-quantum": "postQuantum",
  "common-name": "commonName",
  assignment: "include",
  delivery: "intendedPurpose",
};

export function fieldOf(finding: string, fields: TemplateFields): FieldName | null {
  const named = FILE_NAMES[finding] ?? finding;
  return named in fields ? (named as FieldName) : null;
}

/** One line for each item; an empty list has none. */
export function linesOf(name: FieldName, fields: TemplateFields, m: Messages): string[] {
  const t = m.templates;
  switch (name) {
    case "purpose":
    case "commonName":
    case "key":
    case "intendedPurpose":
    case "pfx":
    case "disabled":
      return [wordIn(t.words[name], fields[name])];
    case "organization": {
      const { organization } = fields;
      return organization === null
        ? []
        : [organization.name, organization.identifier, organization.country].filter((text) => text !== "");
    }
    case "include":
    case "exclude":
      return fields[name];
    case "enabled":
    case "archive":
    case "postQuantum":
    case "sharedMailboxes":
      return [fields[name] ? m.state.yes : m.state.no];
    case "validityDays":
    case "renewBeforeDays":
      return [t.days(fields[name])];
    case "leaverDays":
    case "renamedDays": {
      const days = fields[name];
      return days === null ? [] : [t.days(days)];
    }
    case "formerOnDevices": {
      const former = fields[name];
      return former === null ? [] : [String(former)];
    }
    case "name":
    case "description":
    case "authority":
    case "connector":
      return fields[name] === "" ? [] : [fields[name]];
  }
}
