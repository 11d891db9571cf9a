// Everything that was signed. Read in the details, before agreeing and before completing alike.
import { makeStyles, tokens } from "@fluentui/react-components";
import type { RecoveryLine } from "../../../bindings/api";
import { type Messages, useMessages, wordIn } from "../../../messages";
import { CopyButton } from "../../../shared/CopyButton";
import { Facts, FactsHeading } from "../../../shared/Facts";
import { Fingerprint } from "../../../shared/Fingerprint";
import { Moment, Relative } from "../../../shared/time";
import { type Outcome, outcomeIn } from "../outcome";
import { KeyList } from "./KeyList";

const useStyles = makeStyles({
  quiet: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  print: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: "anywhere" },
  id: { display: "flex", alignItems: "center", overflowWrap: "anywhere" },
  officers: { margin: 0 },
  reason: { whiteSpace: "pre-wrap" },
});

export function RequestFacts({ line }: { line: RecoveryLine }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.recovery.details;
  return (
    <>
      <Facts
        heading={t.signed}
        facts={[
          { name: t.wanted, value: wordIn(m.recovery.wanted, line.wanted) },
          line.to === null
            ? null
            : { name: toIn(t, outcomeIn(line.wanted)), value: <strong>{line.to}</strong> },
          { name: t.case, value: line.caseNumber },
          { name: t.basis, value: line.legalBasis },
          { name: t.reason, value: <span className={styles.reason}>{line.reason}</span> },
          { name: t.by, value: t.byAt(line.requester, line.machine) },
          { name: t.at, value: <Moment at={line.createdAt} /> },
          {
            name: t.expires,
            value: (
              <>
                <Moment at={line.expiresAt} /> (<Relative at={line.expiresAt} />)
              </>
            ),
          },
          {
            name: t.id,
            value: (
              <span className={styles.id}>
                <span className={styles.print}>{line.id}</span>
                <CopyButton text={line.id} label={t.copyId} />
              </span>
            ),
          },
        ]}
      />
      <FactsHeading>{`${t.keys} (${line.keys.length})`}</FactsHeading>
      <KeyList keys={line.keys} />
      <FactsHeading>{`${t.officers} (${m.recovery.agreedOf(line.agreed, line.needed)})`}</FactsHeading>
      <p className={styles.officers}>
        {line.officers.length === 0 ? t.noOfficers : line.officers.join(", ")}
      </p>
      <FactsHeading>{t.fingerprint}</FactsHeading>
      <Fingerprint value={line.fingerprint} label={t.fingerprint} />
      <p className={styles.quiet}>{t.fingerprintHint}</p>
    </>
  );
}

/** What a request says beside its outcome: a person with one, a signed set with another. */
function toIn(t: Messages["recovery"]["details"], outcome: Outcome | "unknown"): string {
  switch (outcome) {
    case "decryptedMails":
    case "ownersDevices":
    case "fileForOwner":
    case "fileForOther":
      return t.to;
    case "sealedAnew":
      return t.toSet;
    case "unknown":
      return t.toUnknown;
  }
}
