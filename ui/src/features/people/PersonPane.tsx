// One person or shared mailbox in full, in the pane beside the list: first why there is a certificate or not.
import { makeStyles, Tab, TabList, tokens } from "@fluentui/react-components";
import { CertificateRegular, PersonSearchRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { PersonDetails, PersonLine } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { addressOf, navigate } from "../../shared/address";
import { CommandBar } from "../../shared/CommandBar";
import { DetailsPane } from "../../shared/DetailsPane";
import { Facts, FactsHeading } from "../../shared/Facts";
import { QueryState } from "../../shared/QueryState";
import { LinesSkeleton } from "../../shared/skeletons";
import { Moment, Relative } from "../../shared/time";
import { History, PersonCertificates } from "./PersonCertificates";
import { PersonStanding } from "./PersonStanding";
import { personQuery } from "./queries";
import { Endings, Verdicts } from "./Verdicts";

const useStyles = makeStyles({
  tabs: { margin: `0 calc(-1 * ${tokens.spacingHorizontalS})` },
  plain: { listStyleType: "none", margin: 0, padding: 0 },
  group: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  quiet: { color: tokens.colorNeutralForeground3 },
});

type TabName = "why" | "identity" | "certificates" | "history";

interface Props {
  id: string;
  /** The row, when the list holds it: shown while the rest is read. */
  line: PersonLine | undefined;
  onClose: () => void;
}

export function PersonPane({ id, line, onClose }: Props) {
  const m = useMessages();
  const query = useQuery(personQuery(id));
  const known = query.data?.line ?? line;
  return (
    <DetailsPane
      title={known?.name ?? m.people.pane}
      under={known && <PersonStanding line={known} />}
      commands={
        known && (
          <CommandBar
            label={m.people.commandsFor(known.name)}
            commands={[
              {
                id: "certificates",
                label: m.people.toCertificates,
                icon: <CertificateRegular />,
                onRun: () =>
                  navigate(addressOf("certificates", { q: known.mail ?? known.userPrincipalName })),
              },
              {
                id: "audit",
                label: m.people.toAudit,
                icon: <PersonSearchRegular />,
                onRun: () => navigate(addressOf("audit", { q: known.mail ?? known.userPrincipalName })),
              },
            ]}
          />
        )
      }
      onClose={onClose}
    >
      <QueryState of={query} skeleton={<LinesSkeleton lines={12} />}>
        {(person) => <Tabs person={person} />}
      </QueryState>
    </DetailsPane>
  );
}

function Tabs({ person }: { person: PersonDetails }) {
  const styles = useStyles();
  const m = useMessages();
  const [tab, setTab] = useState<TabName>("why");
  const shown: Record<TabName, () => ReactNode> = {
    why: () => (
      <>
        <Verdicts person={person} />
        <Endings person={person} />
      </>
    ),
    identity: () => <Identity person={person} />,
    certificates: () => <PersonCertificates person={person} />,
    history: () => <History person={person} />,
  };
  return (
    <>
      <TabList
        className={styles.tabs}
        size="small"
        selectedValue={tab}
        onTabSelect={(_, { value }) => setTab(value as TabName)}
      >
        {(Object.keys(shown) as TabName[]).map((name) => (
          <Tab key={name} value={name} id={`tab-${name}`} aria-controls="person-tab">
            {m.people.tabs[name]}
          </Tab>
        ))}
      </TabList>
      <div role="tabpanel" id="person-tab" aria-labelledby={`tab-${tab}`}>
        {shown[tab]()}
      </div>
    </>
  );
}

function Identity({ person }: { person: PersonDetails }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.people.identity;
  const { line } = person;
  return (
    <>
      <Facts
        heading={t.heading}
        facts={[
          { name: t.kind, value: wordIn(m.people.kinds, line.kind) },
          { name: t.upn, value: line.userPrincipalName },
          { name: t.mail, value: line.mail ?? m.state.none },
          person.aliases.length === 0 ? null : { name: t.aliases, value: <Plain items={person.aliases} /> },
          person.givenName === null ? null : { name: t.givenName, value: person.givenName },
          person.surname === null ? null : { name: t.surname, value: person.surname },
          person.securityIdentifier === null
            ? null
            : { name: t.sid, value: person.securityIdentifier, mono: true },
          line.kind === "person" ? { name: t.enabled, value: line.enabled ? m.state.yes : m.state.no } : null,
          { name: t.id, value: line.id, mono: true },
          { name: t.seenAt, value: <Relative at={person.seenAt} /> },
          line.goneAt === null ? null : { name: t.goneAt, value: <Moment at={line.goneAt} /> },
        ]}
      />
      <FactsHeading>{t.groups}</FactsHeading>
      {person.groups.length === 0 ? (
        <p>{t.noGroups}</p>
      ) : (
        <ul className={styles.plain}>
          {person.groups.map((group) => (
            <li key={group.id}>
              <span className={styles.group}>{group.id}</span>
              <div className={styles.quiet}>
                {group.includes.length > 0 && t.includes(group.includes.join(", "))}
                {group.includes.length > 0 && group.excludes.length > 0 && " · "}
                {group.excludes.length > 0 && t.excludes(group.excludes.join(", "))}
                {group.includes.length + group.excludes.length === 0 && t.noTemplate}
              </div>
            </li>
          ))}
        </ul>
      )}
      {line.kind === "sharedMailbox" && (
        <>
          <FactsHeading>{t.holders}</FactsHeading>
          {person.holders.length === 0 ? <p>{t.noHolders}</p> : <Plain items={person.holders} />}
        </>
      )}
    </>
  );
}

function Plain({ items }: { items: readonly string[] }) {
  const styles = useStyles();
  return (
    <ul className={styles.plain}>
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}
