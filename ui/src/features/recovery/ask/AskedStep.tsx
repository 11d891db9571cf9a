// It is asked: who has to do what next, and the id to pass on.
import { Button, makeStyles, tokens } from "@fluentui/react-components";
import type { RecoverableKey, RecoveryLine } from "../../../bindings/api";
import { useLocale, useMessages } from "../../../messages";
import { Card } from "../../../shared/Card";
import { CopyButton } from "../../../shared/CopyButton";
import { Facts } from "../../../shared/Facts";
import { Moment } from "../../../shared/time";
import { WizardStep } from "../../../shared/WizardStep";
import { toDesk } from "../toDesk";

const useStyles = makeStyles({
  id: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase400,
    overflowWrap: "anywhere",
  },
  text: { margin: 0 },
});

interface Props {
  line: RecoveryLine;
  keys: readonly RecoverableKey[];
}

export function AskedStep({ line, keys }: Props) {
  const styles = useStyles();
  const t = useMessages().recovery.wizard;
  const d = useMessages().recovery.details;
  const locale = useLocale();
  const officers = [...new Set(keys.flatMap((key) => key.officers))];
  return (
    <WizardStep
      title={t.askedTitle}
      lead={t.askedLead(line.needed)}
      actions={
        <Button appearance="primary" onClick={() => toDesk({ selected: line.id })} data-command="showRequest">
          {t.toRequest}
        </Button>
      }
    >
      <Card title={t.askedId}>
        <span className={styles.id} data-request={line.id}>
          {line.id}
          <CopyButton text={line.id} label={d.copyId} />
        </span>
      </Card>
      <Facts
        facts={[
          { name: d.keys, value: line.keys.length.toLocaleString(locale) },
          officers.length === 0 ? null : { name: t.askedWho, value: officers.join(", ") },
          { name: t.askedUntil, value: <Moment at={line.expiresAt} /> },
        ]}
      />
      <p className={styles.text}>{t.askedThen}</p>
    </WizardStep>
  );
}
