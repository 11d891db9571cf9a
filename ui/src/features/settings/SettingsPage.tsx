// Choices of this installation, and what runs here.
import {
  Field,
  makeStyles,
  Radio,
  RadioGroup,
  Switch,
  type SwitchOnChangeData,
  Tab,
  TabList,
  tokens,
} from "@fluentui/react-components";
import { BeakerRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import type { About } from "../../bindings/api";
import { LANGUAGES, useMessages } from "../../messages";
import { aboutQuery } from "../../nouns/about";
import { useParams } from "../../shared/address";
import { Card } from "../../shared/Card";
import { CopyButton } from "../../shared/CopyButton";
import { Facts } from "../../shared/Facts";
import { Page } from "../../shared/Page";
import { PlainTable } from "../../shared/PlainTable";
import { type Preferences, usePreference } from "../../shared/preferences";
import { QueryState } from "../../shared/QueryState";
import { StateWord } from "../../shared/StateWord";
import { CardsSkeleton } from "../../shared/skeletons";
import { Moment, Relative } from "../../shared/time";
import { DatabaseTab } from "./DatabaseTab";
import { InstallationsTab } from "./InstallationsTab";
import { Shortcuts } from "./Shortcuts";

const useStyles = makeStyles({
  tabs: { margin: `0 0 ${tokens.spacingVerticalM} -12px`, flexShrink: 0 },
  columns: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 420px), 1fr))",
    gap: tokens.spacingHorizontalM,
    alignItems: "start",
  },
  column: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, minWidth: 0 },
  fields: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  print: { display: "flex", alignItems: "start", overflowWrap: "anywhere" },
  none: { margin: 0, color: tokens.colorNeutralForeground2 },
  simulated: { display: "block" },
  quiet: { color: tokens.colorNeutralForeground3 },
});

const TABS = ["general", "database", "installations"] as const;
type TabId = (typeof TABS)[number];

const tabIn = (text: string | null): TabId => TABS.find((tab) => tab === text) ?? "general";

export function SettingsPage() {
  const styles = useStyles();
  const m = useMessages();
  const [params, change] = useParams();
  const tab = tabIn(params.get("tab"));
  return (
    <Page title={m.pages.settings}>
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_, { value }) =>
          change({ tab: value === "general" ? null : String(value), selected: null })
        }
      >
        {TABS.map((id) => (
          <Tab key={id} value={id} id={`tab-${id}`} aria-controls="settings-panel">
            {m.installations.tabs[id]}
          </Tab>
        ))}
      </TabList>
      <div role="tabpanel" id="settings-panel" aria-labelledby={`tab-${tab}`}>
        {tab === "general" && <GeneralTab />}
        {tab === "database" && <AboutDatabase />}
        {tab === "installations" && <InstallationsTab />}
      </div>
    </Page>
  );
}

function AboutDatabase() {
  const query = useQuery(aboutQuery);
  return (
    <QueryState of={query} skeleton={<CardsSkeleton cards={2} height={128} />}>
      {(about) => <DatabaseTab about={about} />}
    </QueryState>
  );
}

function GeneralTab() {
  const styles = useStyles();
  const query = useQuery(aboutQuery);
  return (
    <div className={styles.columns}>
      <div className={styles.column}>
        <Appearance />
        <Keyboard />
      </div>
      <div className={styles.column}>
        <QueryState of={query} skeleton={<CardsSkeleton cards={1} height={128} />}>
          {(about) => <Installation about={about} />}
        </QueryState>
      </div>
    </div>
  );
}

function Appearance() {
  const styles = useStyles();
  const m = useMessages();
  const t = m.settings;
  const [theme, setTheme] = usePreference("theme");
  const [language, setLanguage] = usePreference("language");
  const themes = ["system", "light", "dark", "contrast"] as const;
  return (
    <Card title={t.appearance}>
      <div className={styles.fields}>
        <Field label={t.theme}>
          <RadioGroup
            layout="horizontal"
            value={theme}
            onChange={(_, { value }) => setTheme(value as Preferences["theme"])}
          >
            {themes.map((name) => (
              <Radio key={name} value={name} label={t.themes[name]} />
            ))}
          </RadioGroup>
        </Field>
        <Field label={t.languageChoice}>
          <RadioGroup
            layout="horizontal"
            value={language}
            onChange={(_, { value }) => setLanguage(value as Preferences["language"])}
          >
            <Radio value="system" label={t.languageSystem} />
            <Radio value="en" label={{ children: LANGUAGES.en.language, lang: "en" }} />
            <Radio value="de" label={{ children: LANGUAGES.de.language, lang: "de" }} />
          </RadioGroup>
        </Field>
      </div>
    </Card>
  );
}

function Keyboard() {
  const m = useMessages();
  const [singleKeys, setSingleKeys] = usePreference("singleKeys");
  return (
    <Card title={m.settings.keyboard}>
      <Field hint={m.settings.singleKeysHint}>
        <Switch
          label={m.settings.singleKeys}
          checked={singleKeys}
          onChange={(_, { checked }: SwitchOnChangeData) => setSingleKeys(checked)}
        />
      </Field>
      <Shortcuts singleKeys={singleKeys} />
    </Card>
  );
}

function Installation({ about }: { about: About }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.settings;
  return (
    <>
      <Card title={t.about}>
        <Facts
          facts={[
            { name: t.version, value: about.version },
            { name: t.actor, value: about.actor },
            {
              name: t.tenant,
              value: (
                <>
                  {about.tenant ?? t.noTenant}
                  {about.simulated && (
                    <span className={styles.simulated}>
                      <StateWord icon={<BeakerRegular />} tone="busy">
                        {t.simulated}
                      </StateWord>
                    </span>
                  )}
                </>
              ),
            },
            about.graph === null ? null : { name: t.graph, value: about.graph },
            { name: t.home, value: about.home, mono: true },
            { name: t.database, value: about.database, mono: true },
            { name: t.schema, value: about.schema },
          ]}
        />
      </Card>
      <Card title={t.kras} hint={t.krasHint}>
        {about.kras.length === 0 ? (
          <p className={styles.none}>
            {t.krasNone}. {t.krasNoneHint}
          </p>
        ) : (
          <PlainTable
            label={t.kras}
            columns={[t.kraName, t.kraThumbprint, t.kraExpires]}
            rows={about.kras.map((kra) => ({
              key: kra.thumbprint,
              cells: [
                kra.name,
                <span key="print" className={styles.print}>
                  <span className={styles.mono}>{kra.thumbprint}</span>
                  <CopyButton text={kra.thumbprint} label={t.copyThumbprintOf(kra.name)} />
                </span>,
                <span key="until">
                  <Moment at={kra.notAfter} />{" "}
                  <span className={styles.quiet}>
                    <Relative at={kra.notAfter} />
                  </span>
                </span>,
              ],
            }))}
          />
        )}
      </Card>
      <Card title={t.authorities}>
        {about.authorities.length === 0 ? (
          <p className={styles.none}>
            {t.authoritiesNone}. {t.authoritiesNoneHint}
          </p>
        ) : (
          <PlainTable
            label={t.authorities}
            columns={[t.authorityName, t.authorityConnector]}
            rows={about.authorities.map((authority) => ({
              key: authority.name,
              cells: [authority.name, authority.connector],
            }))}
          />
        )}
      </Card>
    </>
  );
}
