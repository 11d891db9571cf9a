// A person's certificates with the devices they went to, and what was done about them.
import { Link, makeStyles, tokens } from "@fluentui/react-components";
import type { PersonDetails } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { CertificateStatus } from "../../nouns/CertificateStatus";
import { Deliveries } from "../../nouns/Deliveries";
import { Journal } from "../../nouns/Journal";
import { addressOf } from "../../shared/address";
import { FactsHeading } from "../../shared/Facts";
import { useTimeFormat } from "../../shared/time";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  entry: { paddingBottom: tokens.spacingVerticalM },
  head: { display: "flex", justifyContent: "space-between", columnGap: tokens.spacingHorizontalM },
  quiet: { color: tokens.colorNeutralForeground3 },
});

export function PersonCertificates({ person }: { person: PersonDetails }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.people.certificates;
  const format = useTimeFormat();
  if (person.certificates.length === 0) return <p>{t.none}</p>;
  return (
    <>
      <FactsHeading>{t.heading}</FactsHeading>
      <ul className={styles.list}>
        {person.certificates.map(({ line, thumbprint, deliveries, published }) => (
          <li key={line.id} className={styles.entry} data-certificate={line.id}>
            <div className={styles.head}>
              <Link href={addressOf("certificates", { selected: line.id })}>
                {t.one(line.template, thumbprint.slice(0, 8))}
              </Link>
              <CertificateStatus line={line} />
            </div>
            <div className={styles.quiet}>{t.until(format.day(line.notAfter), line.authority)}</div>
            <Deliveries deliveries={deliveries} />
            {published !== null && <div className={styles.quiet}>{wordIn(t.published, published)}</div>}
            <Link href={addressOf("audit", { q: thumbprint })}>{t.audit(thumbprint.slice(0, 8))}</Link>
          </li>
        ))}
      </ul>
      {person.moreCertificates && <p>{t.more}</p>}
    </>
  );
}

export function History({ person }: { person: PersonDetails }) {
  const m = useMessages();
  const t = m.people.history;
  // One journal for each template: stations of two enrollments would read as one story.
  const templates = [...new Set(person.events.map((event) => event.template))];
  if (templates.length === 0) return <p>{t.none}</p>;
  return (
    <>
      {templates.map((template) => (
        <section key={template}>
          <FactsHeading>{t.heading(template)}</FactsHeading>
          <Journal
            lines={person.events.filter((event) => event.template === template).map(({ line }) => line)}
            none={t.none}
          />
        </section>
      ))}
    </>
  );
}
