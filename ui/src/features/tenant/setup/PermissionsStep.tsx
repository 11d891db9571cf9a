import { Button, makeStyles, tokens } from "@fluentui/react-components";
import type { TenantSetup } from "../../../bindings/api";
import { useMessages, wordIn } from "../../../messages";
import { PlainTable } from "../../../shared/PlainTable";
import { WizardStep } from "../../../shared/WizardStep";

const useStyles = makeStyles({
  name: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
  hint: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  setup: TenantSetup;
  onBack: () => void;
  onNext: () => void;
}

/** Every permission with its reason, before anything is tried. */
export function PermissionsStep({ setup, onBack, onNext }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.tenant.setup;
  return (
    <WizardStep
      title={t.steps.permissions}
      lead={t.permissionsLead}
      actions={
        <>
          <Button onClick={onBack}>{m.setup.back}</Button>
          <Button appearance="primary" onClick={onNext} data-command="tenantNext">
            {m.setup.next}
          </Button>
        </>
      }
    >
      <PlainTable
        label={m.tenant.permissions}
        columns={[m.tenant.permission, t.needed, m.tenant.reason]}
        rows={setup.permissions.map((line) => ({
          key: `${line.permission} ${line.feature}`,
          cells: [
            <span key="name" data-wanted={line.permission}>
              <span className={styles.name}>{line.permission}</span>
              <span className={styles.hint}>
                {line.service} · {wordIn(m.tenant.features, line.feature)}
              </span>
            </span>,
            line.used ? t.used : t.further,
            <span key="reason" lang="en">
              {line.reason}
            </span>,
          ],
        }))}
      />
    </WizardStep>
  );
}
