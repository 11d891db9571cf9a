// Which component shows which page. The only place where features meet.
import { Button } from "@fluentui/react-components";
import { QuestionCircleRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { type ComponentType, useEffect } from "react";
import { ActivityPage } from "./features/activity";
import { AuditPage } from "./features/audit";
import { CertificatesPage } from "./features/certificates";
import { OverviewPage } from "./features/overview";
import { PeoplePage } from "./features/people";
import { RecoveryPage } from "./features/recovery";
import { ServicesPage } from "./features/services";
import { SettingsPage } from "./features/settings";
import { SetupPage } from "./features/setup";
import { TemplatesPage } from "./features/templates";
import { TenantPage } from "./features/tenant";
import { useMessages } from "./messages";
import { setupQuery } from "./nouns/setup";
import { addressOf, navigate, useAddress } from "./shared/address";
import { EmptyState } from "./shared/EmptyState";
import { Page } from "./shared/Page";
import { PAGES, type PageId } from "./shared/pages";
import { Shell } from "./shell/Shell";

const COMPONENTS: Record<PageId, ComponentType> = {
  overview: OverviewPage,
  certificates: CertificatesPage,
  people: PeoplePage,
  templates: TemplatesPage,
  recovery: RecoveryPage,
  activity: ActivityPage,
  services: ServicesPage,
  audit: AuditPage,
  tenant: TenantPage,
  settings: SettingsPage,
};

/** While a home holds nothing, the assistant stands alone; a move to a server has an address of its own. */
const SETUP = "setup";

export function Routes() {
  const { page } = useAddress();
  const setup = useQuery(setupQuery);
  const { data } = setup;
  const moving = page === SETUP && data !== undefined && data.purpose === "move" && data.movable;
  const assists = data !== undefined && (data.needed || moving);
  // Whether there is anything to show is known in a moment; a program that does not answer is shown as such.
  const known = !setup.isPending;
  useEffect(() => {
    if (known && !assists && page === "") navigate(addressOf("overview"), { replace: true });
  }, [known, assists, page]);
  if (!known) return null;
  if (assists) return <SetupPage status={data} />;
  const id: PageId | null =
    page === "" ? "overview" : (PAGES.find((candidate) => candidate.id === page)?.id ?? null);
  const Shown = id === null ? NotFound : COMPONENTS[id];
  return (
    <Shell page={id}>
      <Shown />
    </Shell>
  );
}

function NotFound() {
  const m = useMessages();
  return (
    <Page title={m.shell.notFound}>
      <EmptyState
        icon={<QuestionCircleRegular />}
        title={m.shell.notFound}
        hint={m.shell.notFoundHint}
        action={
          <Button appearance="primary" onClick={() => navigate(addressOf("overview"))}>
            {m.shell.toOverview}
          </Button>
        }
      />
    </Page>
  );
}
