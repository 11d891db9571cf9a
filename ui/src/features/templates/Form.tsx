// All fields of a template, in the order of its life.
import { makeStyles, tokens } from "@fluentui/react-components";
import { useMessages } from "../../messages";
import { Card } from "../../shared/Card";
import {
  AuthorityField,
  DaysField,
  type FieldProps,
  GraceField,
  GroupsField,
  OrganizationField,
  RadioField,
  SelectField,
  SwitchField,
  TextField,
} from "./FieldInput";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, minWidth: 0 },
  fields: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, maxWidth: "560px" },
});

export function Form({ authorities, ...field }: FieldProps & { authorities: readonly string[] }) {
  const styles = useStyles();
  const t = useMessages().templates.sections;
  return (
    <div className={styles.form}>
      <Card title={t.basics}>
        <div className={styles.fields}>
          <TextField name="name" {...field} />
          <TextField name="description" {...field} />
          <SwitchField name="enabled" {...field} />
          <RadioField name="purpose" {...field} />
        </div>
      </Card>
      <Card title={t.subject}>
        <div className={styles.fields}>
          <RadioField name="commonName" {...field} />
          <OrganizationField {...field} />
        </div>
      </Card>
      <Card title={t.key}>
        <div className={styles.fields}>
          <SelectField name="key" {...field} />
          <SwitchField name="archive" {...field} />
          <SwitchField name="postQuantum" {...field} />
        </div>
      </Card>
      <Card title={t.authority}>
        <div className={styles.fields}>
          <AuthorityField names={authorities} {...field} />
          <DaysField name="validityDays" {...field} />
          <DaysField name="renewBeforeDays" {...field} />
        </div>
      </Card>
      <Card title={t.delivery}>
        <div className={styles.fields}>
          <SelectField name="intendedPurpose" {...field} />
          <SelectField name="pfx" {...field} />
          <TextField name="connector" {...field} />
          <GraceField name="formerOnDevices" {...field} />
        </div>
      </Card>
      <Card title={t.assignment}>
        <div className={styles.fields}>
          <GroupsField name="include" {...field} />
          <GroupsField name="exclude" {...field} />
          <SwitchField name="sharedMailboxes" {...field} />
        </div>
      </Card>
      <Card title={t.ending}>
        <div className={styles.fields}>
          <GraceField name="leaverDays" {...field} />
          <GraceField name="renamedDays" {...field} />
          <SelectField name="disabled" {...field} />
        </div>
      </Card>
    </div>
  );
}
