// One request in full, in the pane beside the table, with what this person can do about it.
import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from "@fluentui/react-components";
import {
  ArrowExportRegular,
  ArrowImportRegular,
  ArrowUndoRegular,
  CheckmarkRegular,
  DismissCircleRegular,
  LockOpenRegular,
} from "@fluentui/react-icons";
import type { RecoveryLine } from "../../../bindings/api";
import { useMessages } from "../../../messages";
import { type Command, CommandBar } from "../../../shared/CommandBar";
import { DetailsPane } from "../../../shared/DetailsPane";
import { sentence } from "../../../shared/sentence";
import { isStrange, mayAgree, mayComplete, mayExport, mayRefuse, mayWithdraw, waitsForMe } from "./next";
import { Receipt } from "./Receipt";
import { RequestFacts } from "./RequestFacts";
import { RequestStateWord } from "./RequestStateWord";
import { useNextSentence } from "./useNextSentence";

const useStyles = makeStyles({ next: { marginTop: tokens.spacingVerticalM } });

export type Asked = "agree" | "complete" | "refuse" | "withdraw" | "export" | "import";

interface Props {
  line: RecoveryLine;
  /** The folder for exports. */
  exports: string;
  /** Why nothing can begin here at present. */
  hindered: string | null;
  onAsk: (what: Asked) => void;
  onClose: () => void;
}

export function RequestDetails({ line, exports, hindered, onAsk, onClose }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.recovery;
  const next = useNextSentence(line);
  if (line.notBelieved !== null) {
    return (
      <DetailsPane title={line.id} under={<RequestStateWord line={line} />} onClose={onClose}>
        <MessageBar intent="error" layout="multiline" className={styles.next}>
          <MessageBarBody>
            <MessageBarTitle>{t.details.notBelieved}</MessageBarTitle>
            {sentence(line.notBelieved)} {t.details.notBelievedHint}
          </MessageBarBody>
        </MessageBar>
      </DetailsPane>
    );
  }
  const why = isStrange(line)
    ? t.wizard.discloses.unknown
    : hindered === null
      ? null
      : t.checks.inTheWay(hindered);
  const held = why === null ? {} : { disabled: true, hint: why };
  const commands: (Command | false)[] = [
    mayAgree(line) && {
      id: "agree",
      label: t.agree,
      icon: <CheckmarkRegular />,
      onRun: () => onAsk("agree"),
      ...held,
    },
    mayComplete(line) && {
      id: "complete",
      label: t.complete,
      icon: <LockOpenRegular />,
      onRun: () => onAsk("complete"),
      ...held,
    },
    mayRefuse(line) && {
      id: "refuse",
      label: t.refuse,
      icon: <DismissCircleRegular />,
      grave: true,
      onRun: () => onAsk("refuse"),
    },
    mayWithdraw(line) && {
      id: "withdraw",
      label: t.withdraw,
      icon: <ArrowUndoRegular />,
      grave: true,
      onRun: () => onAsk("withdraw"),
    },
    mayExport(line) && {
      id: "export",
      label: m.papers.export.action,
      icon: <ArrowExportRegular />,
      onRun: () => onAsk("export"),
      ...held,
    },
    mayExport(line) && {
      id: "import",
      label: m.papers.import.action,
      icon: <ArrowImportRegular />,
      onRun: () => onAsk("import"),
      ...held,
    },
  ];
  const shown = commands.filter((command) => command !== false);
  return (
    <DetailsPane
      title={line.caseNumber}
      under={<RequestStateWord line={line} />}
      commands={shown.length > 0 && <CommandBar label={t.details.next} commands={shown} />}
      onClose={onClose}
    >
      <MessageBar
        intent={waitsForMe(line) ? "warning" : "info"}
        layout="multiline"
        className={styles.next}
        data-next
      >
        <MessageBarBody>
          <MessageBarTitle>{t.details.next}</MessageBarTitle>
          {next}
        </MessageBarBody>
      </MessageBar>
      <RequestFacts line={line} />
      {(line.state === "done" || line.state === "opened") && <Receipt line={line} folder={exports} />}
    </DetailsPane>
  );
}
