// Archived keys and who opens them: requests, the set of recovery agents, fire drills, and the assistant that asks.
import { makeStyles, Tab, TabList, tokens } from "@fluentui/react-components";
import { ArrowClockwiseRegular, KeyResetRegular } from "@fluentui/react-icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { RecoveryLine } from "../../bindings/api";
import { useMessages } from "../../messages";
import { addressOf, navigate, useParams } from "../../shared/address";
import { CommandBar } from "../../shared/CommandBar";
import { Page } from "../../shared/Page";
import { refreshShown } from "../../shared/queries";
import { AgentsTab } from "./agents/AgentsTab";
import { AskPage } from "./ask/AskPage";
import { CompleteDialog } from "./complete/CompleteDialog";
import { AgreeDialog } from "./deed/AgreeDialog";
import { CloseDialog } from "./desk/CloseDialog";
import { inTheWay } from "./desk/next";
import { type Asked, RequestDetails } from "./desk/RequestDetails";
import { RequestsTab } from "./desk/RequestsTab";
import { DrillTab } from "./drill/DrillTab";
import { ExportDialog } from "./papers/ExportDialog";
import { ImportDialog } from "./papers/ImportDialog";
import { deskQuery, setQuery } from "./queries";

const useStyles = makeStyles({
  tabs: { flexShrink: 0, padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL} 0` },
  panel: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  padded: {
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalXXL} ${tokens.spacingVerticalXXL}`,
  },
});

const TABS = ["requests", "agents", "drill"] as const;
type TabId = (typeof TABS)[number];

const tabIn = (text: string | null): TabId => TABS.find((tab) => tab === text) ?? "requests";

/** The assistant has the address `?ask=new`, `?ask=anew` for sealing the archive anew, or `?ask=CERTIFICATE&who=ADDRESS` when it begins with a certificate. */
export function RecoveryPage() {
  const [params] = useParams();
  const ask = params.get("ask");
  return ask === null ? (
    <Desk />
  ) : (
    <AskPage
      key={ask}
      certificate={ask === "new" || ask === "anew" ? null : ask}
      who={params.get("who") ?? ""}
      anew={ask === "anew"}
    />
  );
}

function Desk() {
  const styles = useStyles();
  const m = useMessages();
  const t = m.recovery;
  const queries = useQueryClient();
  const [params, change] = useParams();
  const tab = tabIn(params.get("tab"));
  const selected = params.get("selected");
  const all = params.get("show") === "all";
  const desk = useQuery(deskQuery(all));
  const set = useQuery({ ...setQuery, enabled: tab === "agents" });
  // Kept as it was read: whoever agrees, agrees to what was on the screen when the dialog opened.
  const [asked, setAsked] = useState<{ what: Asked; line: RecoveryLine } | null>(null);
  const hindered = inTheWay(desk.data?.checks ?? []);
  const line = desk.data?.requests.find(({ id }) => id === selected);
  const shown = tab === "agents" ? set : desk;
  const close = () => setAsked(null);
  return (
    <Page
      title={m.pages.recovery}
      at={shown.data?.at}
      refreshing={shown.isRefetching}
      full
      commands={
        <CommandBar
          commands={[
            {
              id: "ask",
              label: t.ask,
              icon: <KeyResetRegular />,
              disabled: desk.data === undefined || hindered !== null,
              ...(hindered !== null && { hint: t.checks.inTheWay(hindered) }),
              onRun: () => navigate(addressOf("recovery", { ask: "new" })),
            },
            {
              id: "refresh",
              label: m.state.refresh,
              icon: <ArrowClockwiseRegular />,
              onRun: () => void refreshShown(queries),
            },
          ]}
        />
      }
      details={
        tab === "requests" &&
        desk.data &&
        line && (
          <RequestDetails
            key={line.id}
            line={line}
            exports={desk.data.exports}
            hindered={hindered}
            onAsk={(what) => setAsked({ what, line })}
            onClose={() => change({ selected: null })}
          />
        )
      }
    >
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_, { value }) =>
          change({ tab: value === "requests" ? null : String(value), selected: null })
        }
      >
        {TABS.map((id) => (
          <Tab key={id} value={id} id={`tab-${id}`} aria-controls="recovery-panel">
            {t.tabs[id]}
          </Tab>
        ))}
      </TabList>
      <div role="tabpanel" id="recovery-panel" aria-labelledby={`tab-${tab}`} className={styles.panel}>
        {tab === "requests" && (
          <RequestsTab
            desk={desk}
            all={all}
            selected={selected}
            onAll={(wanted) => change({ show: wanted ? "all" : null })}
            onOpen={(id) => change({ selected: id })}
          />
        )}
        {tab === "agents" && (
          <div className={styles.padded}>
            <AgentsTab />
          </div>
        )}
        {tab === "drill" && (
          <div className={styles.padded}>
            <DrillTab hindered={hindered} />
          </div>
        )}
      </div>
      {asked?.what === "agree" && <AgreeDialog line={asked.line} onClose={close} />}
      {asked?.what === "complete" && desk.data && (
        <CompleteDialog line={asked.line} desk={desk.data} onClose={close} />
      )}
      {asked?.what === "export" && desk.data && (
        <ExportDialog line={asked.line} desk={desk.data} onClose={close} />
      )}
      {asked?.what === "import" && desk.data && <ImportDialog desk={desk.data} onClose={close} />}
      {(asked?.what === "refuse" || asked?.what === "withdraw") && (
        <CloseDialog what={asked.what} line={asked.line} onClose={close} />
      )}
    </Page>
  );
}
