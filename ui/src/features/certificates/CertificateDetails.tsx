// One certificate in full, in the pane beside the table.
import { makeStyles, Tab, TabList, tokens } from "@fluentui/react-components";
import { CertificateRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CertificateDetails as Certificate, CertificateLine } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { CertificateStatus } from "../../nouns/CertificateStatus";
import { Deliveries } from "../../nouns/Deliveries";
import { Journal } from "../../nouns/Journal";
import { CommandBar } from "../../shared/CommandBar";
import { CopyButton } from "../../shared/CopyButton";
import { DetailsPane } from "../../shared/DetailsPane";
import { Facts, FactsHeading } from "../../shared/Facts";
import { QueryState } from "../../shared/QueryState";
import { LinesSkeleton } from "../../shared/skeletons";
import { Moment, Relative } from "../../shared/time";
import { Expires } from "./columns";
import { Identifier } from "./Identifier";
import { certificateQuery } from "./queries";
import type { useCertificateCommands } from "./useCertificateCommands";

const useStyles = makeStyles({
  tabs: { margin: `0 calc(-1 * ${tokens.spacingHorizontalS})` },
  plain: { listStyleType: "none", margin: 0, padding: 0 },
  path: { listStyleType: "none", margin: 0, padding: 0 },
  link: { display: "flex", gap: tokens.spacingHorizontalS, padding: `${tokens.spacingVerticalXS} 0` },
  icon: { color: tokens.colorBrandForeground1, fontSize: "20px", flexShrink: 0 },
  quiet: { color: tokens.colorNeutralForeground3 },
  wrap: { overflowWrap: "anywhere" },
  pemHead: { display: "flex", alignItems: "end", justifyContent: "space-between" },
  pem: {
    margin: 0,
    padding: tokens.spacingHorizontalS,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase100,
    lineHeight: tokens.lineHeightBase100,
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
  },
});

type TabName = "general" | "delivery" | "history" | "chain";

interface Props {
  id: string;
  /** The row, when the table holds it: shown while the rest is read. */
  line: CertificateLine | undefined;
  commands: ReturnType<typeof useCertificateCommands>;
  onClose: () => void;
}

export function CertificateDetails({ id, line, commands, onClose }: Props) {
  const m = useMessages();
  const query = useQuery(certificateQuery(id));
  const known = query.data?.line ?? line;
  return (
    <DetailsPane
      title={known?.commonName ?? m.details.pane}
      under={known && <CertificateStatus line={known} />}
      commands={
        known && (
          <CommandBar
            label={m.certificates.optionsFor(known.commonName)}
            commands={[...commands.orders(known), ...commands.copies(known).slice(2)]}
          />
        )
      }
      onClose={onClose}
    >
      <QueryState of={query} skeleton={<LinesSkeleton lines={12} />}>
        {(certificate) => <Tabs certificate={certificate} />}
      </QueryState>
    </DetailsPane>
  );
}

function Tabs({ certificate }: { certificate: Certificate }) {
  const styles = useStyles();
  const m = useMessages();
  const [tab, setTab] = useState<TabName>("general");
  const shown: Record<TabName, () => React.ReactNode> = {
    general: () => <General certificate={certificate} />,
    delivery: () => (
      <>
        <Archive certificate={certificate} />
        <FactsHeading>{m.details.deliveries}</FactsHeading>
        <Deliveries deliveries={certificate.deliveries} />
      </>
    ),
    history: () => (
      <>
        <FactsHeading>{m.details.events}</FactsHeading>
        <Journal lines={certificate.events} none={m.details.noEvents} />
      </>
    ),
    chain: () => <Chain certificate={certificate} />,
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
          <Tab key={name} value={name} id={`tab-${name}`} aria-controls="certificate-tab">
            {m.details.tabs[name]}
          </Tab>
        ))}
      </TabList>
      <div role="tabpanel" id="certificate-tab" aria-labelledby={`tab-${tab}`}>
        {shown[tab]()}
      </div>
    </>
  );
}

function General({ certificate }: { certificate: Certificate }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.details;
  const { line } = certificate;
  return (
    <>
      <Facts
        heading={t.identity}
        facts={[
          { name: t.subscriber, value: certificate.subscriber },
          { name: t.purpose, value: wordIn(t.purposes, certificate.purpose) },
          {
            name: t.mailAddresses,
            value:
              certificate.mailAddresses.length === 0 ? (
                m.state.none
              ) : (
                <ul className={styles.plain}>
                  {certificate.mailAddresses.map((address) => (
                    <li key={address}>{address}</li>
                  ))}
                </ul>
              ),
          },
          certificate.userPrincipalName === null
            ? null
            : { name: t.upn, value: certificate.userPrincipalName },
          { name: t.subject, value: certificate.subject },
          { name: t.issuer, value: certificate.issuer },
          { name: t.template, value: line.template },
          { name: t.authority, value: line.authority },
          { name: t.reason, value: certificate.reason },
        ]}
      />
      <Facts
        heading={t.validity}
        facts={[
          { name: t.notBefore, value: <Moment at={certificate.notBefore} /> },
          { name: t.notAfter, value: <Expires row={line} /> },
          certificate.revokedAt === null
            ? null
            : { name: t.revokedAt, value: <Moment at={certificate.revokedAt} /> },
          certificate.revocationReason === null
            ? null
            : { name: t.revokedWhy, value: wordIn(m.revoke.reasons, certificate.revocationReason) },
          certificate.hold === null
            ? null
            : {
                name: t.hold,
                value: (
                  <>
                    <Moment at={certificate.hold.since} />, {wordIn(t.holdCauses, certificate.hold.cause)};{" "}
                    {wordIn(t.holdStates, certificate.hold.state)}
                  </>
                ),
              },
          { name: t.checkedAt, value: <Relative at={line.checkedAt} /> },
          certificate.differences.length === 0
            ? null
            : {
                name: t.differsOutside,
                value: certificate.differences.map((one) => <div key={one}>{one}</div>),
              },
        ]}
      />
      <FactsHeading>{t.identifiers}</FactsHeading>
      <Identifier name={t.serial} hex={certificate.serial} />
      <Identifier name={t.thumbprint} hex={certificate.thumbprint} />
      <Identifier name={t.sha256} hex={certificate.sha256} />
    </>
  );
}

function Archive({ certificate }: { certificate: Certificate }) {
  const styles = useStyles();
  const m = useMessages();
  return (
    <>
      <FactsHeading>{m.details.archive}</FactsHeading>
      {certificate.line.archived ? (
        <Facts
          facts={[
            {
              name: m.details.archivedFor,
              value: (
                <ul className={styles.plain}>
                  {certificate.archiveRecipients.map((name) => (
                    <li key={name}>{name}</li>
                  ))}
                </ul>
              ),
            },
          ]}
        />
      ) : (
        <span>{m.details.notArchived}</span>
      )}
    </>
  );
}

function Chain({ certificate }: { certificate: Certificate }) {
  const styles = useStyles();
  const m = useMessages();
  // Issuer first on the wire; as in certlm, the root stands on top here.
  const path = [...certificate.chain].reverse();
  return (
    <>
      <FactsHeading>{m.details.chain}</FactsHeading>
      {path.length === 0 && <p>{m.details.noChain}</p>}
      <ol className={styles.path}>
        {[...path, certificate.subject].map((subject, depth) => (
          <li key={subject} className={styles.link} style={{ marginLeft: depth * 16 }}>
            <CertificateRegular className={styles.icon} aria-hidden="true" />
            <span className={styles.wrap}>
              {subject}
              {depth === path.length && <span className={styles.quiet}> · {m.details.thisCertificate}</span>}
            </span>
          </li>
        ))}
      </ol>
      <div className={styles.pemHead}>
        <FactsHeading>{m.details.pem}</FactsHeading>
        <CopyButton text={certificate.pem} label={m.certificates.copyPem} />
      </div>
      <pre className={styles.pem}>{certificate.pem}</pre>
    </>
  );
}
