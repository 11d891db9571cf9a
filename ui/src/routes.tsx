// Which component shows which page. The only place where features meet.
import { Button } from "@fluentui/react-components";
import { QuestionCircleRegular } from "@fluentui/react-icons";
import { type ComponentType, useEffect } from "react";
import { ActivityPage } from "./features/activity";
import { CertificatesPage } from "./features/certificates";
import { OverviewPage } from "./features/overview";
import { SettingsPage } from "./features/settings";
import { TemplatesPage } from "./features/templates";
import { useMessages } from "./messages";
import { addressOf, navigate, useAddress } from "./shared/address";
import { EmptyState } from "./shared/EmptyState";
import { Page } from "./shared/Page";
import { PAGES, type PageId } from "./shared/pages";
import { Shell } from "./shell/Shell";

const COMPONENTS: Record<PageId, ComponentType> = {
  overview: OverviewPage,
  certificates: CertificatesPage,
  templates: TemplatesPage,
  activity: ActivityPage,
  settings: SettingsPage,
};

export function Routes() {
  const { page } = useAddress();
  useEffect(() => {
    if (page === "") navigate(addressOf("overview"), { replace: true });
  }, [page]);
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
