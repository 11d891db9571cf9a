import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useMessages } from "../../messages";
import { Rights } from "../../nouns/Rights";
import { call } from "../../platform";
import { Card } from "../../shared/Card";
import { QueryState } from "../../shared/QueryState";
import { Script } from "../../shared/Script";
import { LinesSkeleton } from "../../shared/skeletons";
import { WizardStep } from "../../shared/WizardStep";

const useStyles = makeStyles({
  column: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  text: { margin: 0, color: tokens.colorNeutralForeground2 },
});

interface Props {
  onBack: () => void;
  onNext: () => void;
}

/** The grant script for the database administrator, and what the login may do by now. */
export function Roles({ onBack, onNext }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.setup.roles;
  const roles = useQuery({
    queryKey: ["setupRoles"] as const,
    queryFn: ({ signal }) => call("setup_roles", {}, signal),
    gcTime: 0,
  });
  return (
    <WizardStep
      title={m.setup.steps.roles}
      lead={t.lead}
      actions={
        <>
          <Button onClick={onBack}>{m.setup.back}</Button>
          <Button onClick={() => void roles.refetch()} disabledFocusable={roles.isFetching}>
            {t.check}
          </Button>
          <Button appearance="primary" onClick={onNext} data-command="setupNext">
            {m.setup.next}
          </Button>
        </>
      }
    >
      <QueryState of={roles} skeleton={<LinesSkeleton lines={6} />}>
        {({ script, roles: names, rights }) => (
          <div className={styles.column}>
            {names.length > 0 && (
              <p className={styles.text}>
                {t.made}: {names.join(", ")}
              </p>
            )}
            <Script text={script} label={t.script} copyLabel={t.copy} />
            <p className={styles.text}>{t.later}</p>
            {rights.length > 0 && (
              <Card title={t.now}>
                <Rights rights={rights} />
              </Card>
            )}
          </div>
        )}
      </QueryState>
    </WizardStep>
  );
}
