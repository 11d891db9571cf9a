// One entry in full, in the pane beside the log.
import { makeStyles, tokens } from "@fluentui/react-components";
import {
  ClipboardRegular,
  DocumentCheckmarkRegular,
  FilterRegular,
  TextBulletListRegular,
} from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import type { AuditLine } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { copyText } from "../../platform";
import { CommandBar } from "../../shared/CommandBar";
import { CopyButton } from "../../shared/CopyButton";
import { DetailsPane } from "../../shared/DetailsPane";
import { Facts, FactsHeading } from "../../shared/Facts";
import { useNotify } from "../../shared/notify";
import { QueryState } from "../../shared/QueryState";
import { LinesSkeleton } from "../../shared/skeletons";
import { Moment, Relative } from "../../shared/time";
import { Outcome } from "./columns";
import { entryQuery } from "./queries";

const useStyles = makeStyles({
  mono: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
    userSelect: "all",
  },
  name: { display: "flex", alignItems: "center", color: tokens.colorNeutralForeground3 },
  quiet: { color: tokens.colorNeutralForeground3 },
  text: { whiteSpace: "pre-wrap" },
  copied: { display: "flex", alignItems: "flex-start", justifyContent: "space-between" },
});

interface Props {
  seq: number;
  /** The row, when the table holds it: shown while the rest is read. */
  line: AuditLine | undefined;
  onProve: () => void;
  onAround: () => void;
  onOnly: (kind: string) => void;
  onClose: () => void;
}

export function EntryDetails({ seq, line, onProve, onAround, onOnly, onClose }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.audit;
  const notify = useNotify();
  const query = useQuery(entryQuery(seq));
  const known = query.data?.line ?? line;
  const copy = async (text: string) => {
    const done = await copyText(text);
    notify(done ? "info" : "error", done ? m.state.copied : m.state.notCopied);
  };
  return (
    <DetailsPane
      title={known ? wordIn(t.kinds, known.kind) : t.entry(seq)}
      under={known && <Outcome outcome={known.outcome} />}
      commands={
        <CommandBar
          label={t.entry(seq)}
          commands={[
            {
              id: "proveEntry",
              label: t.prove,
              hint: t.proveHint,
              icon: <DocumentCheckmarkRegular />,
              disabled: known === undefined,
              onRun: () => known && onProve(),
            },
            {
              id: "copyEntry",
              label: t.copyEntry,
              icon: <ClipboardRegular />,
              disabled: known === undefined,
              onRun: () => known && void copy(JSON.stringify(known, null, 2)),
            },
            { id: "around", label: t.around, icon: <TextBulletListRegular />, onRun: onAround },
            {
              id: "onlySuch",
              label: t.onlySuch,
              icon: <FilterRegular />,
              disabled: known === undefined,
              onRun: () => known && onOnly(known.kind),
            },
          ]}
        />
      }
      onClose={onClose}
    >
      <QueryState of={query} skeleton={<LinesSkeleton lines={10} />}>
        {({ line: entry, previous }) => (
          <>
            <Facts
              heading={t.entry(entry.seq)}
              facts={[
                {
                  name: t.columns.at,
                  value: (
                    <>
                      <Moment at={entry.at} exact />{" "}
                      <span className={styles.quiet}>
                        <Relative at={entry.at} />
                      </span>
                    </>
                  ),
                },
                { name: t.columns.kind, value: <span className={styles.mono}>{entry.kind}</span> },
                { name: t.columns.actor, value: <Copied name={t.columns.actor} text={entry.actor} /> },
                { name: t.columns.object, value: <Copied name={t.columns.object} text={entry.object} /> },
                {
                  name: t.detail,
                  value: entry.detail ? (
                    <Copied name={t.detail} text={entry.detail} />
                  ) : (
                    <span className={styles.quiet}>{t.noDetail}</span>
                  ),
                },
              ]}
            />
            <FactsHeading>{t.chain}</FactsHeading>
            <Hash name={t.hash} hex={entry.hash} />
            <Hash name={t.previous} hex={previous} />
          </>
        )}
      </QueryState>
    </DetailsPane>
  );
}

function Copied({ name, text }: { name: string; text: string }) {
  const styles = useStyles();
  const m = useMessages();
  return (
    <span className={styles.copied}>
      <span className={styles.text}>{text}</span>
      <CopyButton text={text} label={m.state.copyWhat(name)} />
    </span>
  );
}

function Hash({ name, hex }: { name: string; hex: string }) {
  const styles = useStyles();
  const m = useMessages();
  return (
    <>
      <div className={styles.name}>
        {name}
        <CopyButton text={hex} label={m.state.copyWhat(name)} />
      </div>
      <div className={styles.mono}>{hex}</div>
    </>
  );
}
