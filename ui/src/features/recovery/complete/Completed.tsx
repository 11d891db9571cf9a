// What came of a recovery: what lies where, what is under way, what was not done.
import { MessageBar, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, DismissCircleFilled } from "@fluentui/react-icons";
import { useEffect, useRef } from "react";
import type { DecryptedLine, RecoveryCompleted, RecoveryLine } from "../../../bindings/api";
import { useLocale, useMessages } from "../../../messages";
import { CopyButton } from "../../../shared/CopyButton";
import { Facts } from "../../../shared/Facts";
import { PlainTable } from "../../../shared/PlainTable";
import { StateWord } from "../../../shared/StateWord";
import { sentence } from "../../../shared/sentence";
import { Receipt } from "../desk/Receipt";
import type { Outcome } from "../outcome";

const useStyles = makeStyles({
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase400,
    fontWeight: tokens.fontWeightSemibold,
    outlineStyle: "none",
  },
  place: { display: "flex", alignItems: "center" },
  path: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
  quiet: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  why: { display: "block", overflowWrap: "anywhere" },
});

interface Props {
  answer: RecoveryCompleted;
  line: RecoveryLine;
  /** The folder for exports. */
  folder: string;
  outcome: Outcome | "unknown";
}

export function Completed({ answer, line, folder, outcome }: Props) {
  const styles = useStyles();
  const t = useMessages().recovery;
  const c = t.completing;
  const locale = useLocale();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const partly = answer.mails.some(({ failure }) => failure !== null);
  const list = (addresses: readonly string[]) => (addresses.length === 0 ? null : addresses.join(", "));
  const onTheirWay = list(answer.onTheirWay);
  const thereAlready = list(answer.thereAlready);
  const anew = outcome === "sealedAnew" || answer.sealedAnew > 0;
  const facts = answer.passwordFile !== null || onTheirWay !== null || thereAlready !== null || anew;
  return (
    <>
      <h3 ref={heading} tabIndex={-1} className={styles.title}>
        {partly ? c.partly : c.done}
      </h3>
      {!answer.closed && partly && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{c.partlyHint}</MessageBarBody>
        </MessageBar>
      )}
      {answer.warning && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{sentence(answer.warning)}</MessageBarBody>
        </MessageBar>
      )}
      {answer.mails.length > 0 && (
        <PlainTable
          label={c.mails}
          columns={[c.mail, c.result]}
          rows={answer.mails.map((mail, index) => ({
            // Two mails may have one name.
            key: `${index} ${mail.name}`,
            cells: [mail.name, <MailResult key="result" mail={mail} />],
          }))}
        />
      )}
      {answer.files.length > 0 && (
        <PlainTable
          label={c.files}
          columns={[c.key, c.written]}
          rows={answer.files.map((file) => ({
            key: file.path,
            cells: [file.mail, <Path key="path" path={file.path} what={c.written} />],
          }))}
        />
      )}
      {facts && (
        <Facts
          facts={[
            answer.passwordFile === null
              ? null
              : { name: c.passwords, value: <Path path={answer.passwordFile} what={c.passwords} /> },
            onTheirWay === null ? null : { name: c.onTheirWay, value: onTheirWay },
            thereAlready === null ? null : { name: c.thereAlready, value: thereAlready },
            anew ? { name: c.sealedAnew, value: answer.sealedAnew.toLocaleString(locale) } : null,
          ]}
        />
      )}
      <Receipt line={line} folder={folder} />
    </>
  );
}

function MailResult({ mail }: { mail: DecryptedLine }) {
  const styles = useStyles();
  const c = useMessages().recovery.completing;
  if (mail.failure !== null) {
    return (
      <>
        <StateWord icon={<DismissCircleFilled />} tone="bad">
          {c.notDecrypted}
        </StateWord>
        <span className={styles.why}>{sentence(mail.failure)}</span>
      </>
    );
  }
  return (
    <>
      <StateWord icon={<CheckmarkCircleFilled />} tone="good">
        {c.decrypted}
      </StateWord>
      {mail.path !== null && <Path path={mail.path} what={c.written} />}
      {mail.remarks.map((remark) => (
        <span key={remark} className={styles.quiet}>
          {sentence(remark)}
        </span>
      ))}
    </>
  );
}

function Path({ path, what }: { path: string; what: string }) {
  const styles = useStyles();
  const m = useMessages();
  return (
    <span className={styles.place}>
      <span className={styles.path}>{path}</span>
      <CopyButton text={path} label={m.state.copyWhat(what)} />
    </span>
  );
}
