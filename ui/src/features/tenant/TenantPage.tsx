// The way into the tenant: how the application signs in, which permissions it has and lacks, and how to set it up.
import { makeStyles, tokens } from "@fluentui/react-components";
import { ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import type { About } from "../../bindings/api";
import { useMessages } from "../../messages";
import { aboutQuery } from "../../nouns/about";
import { Card } from "../../shared/Card";
import { CommandBar } from "../../shared/CommandBar";
import { Facts } from "../../shared/Facts";
import { Page } from "../../shared/Page";
import { QueryState } from "../../shared/QueryState";
import { LinesSkeleton } from "../../shared/skeletons";
import { Check } from "./Check";
import { Person } from "./Person";
import { checkQuery, setupQuery } from "./queries";
import { SetUp } from "./setup/SetUp";

const useStyles = makeStyles({
  cards: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
});

export function TenantPage() {
  const styles = useStyles();
  const m = useMessages();
  const about = useQuery(aboutQuery);
  const tenant = about.data?.tenant ?? null;
  const setup = useQuery(setupQuery);
  const check = useQuery({ ...checkQuery, enabled: tenant !== null });
  return (
    <Page
      title={m.pages.tenant}
      refreshing={check.isRefetching}
      commands={
        <CommandBar
          commands={[
            {
              id: "check",
              label: m.tenant.checkAgain,
              hint: m.tenant.checkHint,
              icon: <ArrowClockwiseRegular />,
              disabled: tenant === null || check.isFetching,
              onRun: () => void check.refetch(),
            },
          ]}
        />
      }
    >
      <QueryState of={about} skeleton={<LinesSkeleton lines={10} />}>
        {(data) => (
          <div className={styles.cards}>
            <Which about={data} />
            {data.tenant !== null && <Check of={check} folder={setup.data?.folder ?? ""} />}
            <Person />
            <QueryState of={setup} skeleton={<LinesSkeleton lines={3} />}>
              {(found) => <SetUp setup={found} />}
            </QueryState>
          </div>
        )}
      </QueryState>
    </Page>
  );
}

function Which({ about }: { about: About }) {
  const m = useMessages();
  const t = m.tenant;
  return (
    <Card title={t.which}>
      {about.tenant === null ? (
        <span data-tenant="none">{t.none}</span>
      ) : (
        <Facts
          facts={[
            { name: t.id, value: about.tenant, mono: true },
            about.graph === null ? null : { name: t.graph, value: about.graph },
            { name: t.actor, value: about.actor },
          ]}
        />
      )}
    </Card>
  );
}
