import { MessageBar, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import type { RecoveryExported } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { CopyButton } from "../../../shared/CopyButton";
import { Facts, FactsHeading } from "../../../shared/Facts";
import { Fingerprint } from "../../../shared/Fingerprint";
import { sentence } from "../../../shared/sentence";
import { Moment } from "../../../shared/time";
import { CommandLine } from "./CommandLine";
import { lastPart, quoted } from "./names";

const useStyles = makeStyles({
  text: { margin: 0 },
  place: { display: "flex", alignItems: "center" },
  path: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
});

/** What is brought to the officer, and what is told by another way. */
export function Exported({ answer }: { answer: RecoveryExported }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.papers.export;
  const bundle = lastPart(answer.file);
  const response = bundle.replace(/\.bundle$/, ".answer");
  return (
    <div data-exported={answer.file}>
      {answer.warning && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{sentence(answer.warning)}</MessageBarBody>
        </MessageBar>
      )}
      <Facts
        facts={[
          {
            name: t.file,
            value: (
              <span className={styles.place}>
                <span className={styles.path}>{answer.file}</span>
                <CopyButton text={answer.file} label={m.state.copyWhat(t.file)} />
              </span>
            ),
          },
          { name: t.officer, value: answer.officer },
          { name: t.until, value: <Moment at={answer.expiresAt} /> },
        ]}
      />
      <p>{t.bring}</p>
      <CommandLine
        command={`sealwright recovery approve --bundle ${quoted(bundle)} --kra KEY --out ${quoted(response)}`}
        label={t.copy}
      />
      <p>{t.compare}</p>
      <FactsHeading>{t.fleet}</FactsHeading>
      <Fingerprint value={answer.fleet} label={t.fleet} />
      <FactsHeading>{t.request}</FactsHeading>
      <Fingerprint value={answer.fingerprint} label={t.request} />
      <p>{t.back}</p>
    </div>
  );
}
