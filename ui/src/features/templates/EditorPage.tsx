// The editor of one template: what is typed lives here until it is saved on top of the version it began from.
import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { ArrowLeftRegular, ArrowUndoRegular, SaveRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { TemplateFields } from "../../bindings/api";
import { useMessages } from "../../messages";
import { aboutQuery } from "../../nouns/about";
import { addressOf, navigate } from "../../shared/address";
import { CommandBar } from "../../shared/CommandBar";
import { differences } from "../../shared/merge";
import { Page } from "../../shared/Page";
import { QueryState } from "../../shared/QueryState";
import { Refusal } from "../../shared/Refusal";
import { CardsSkeleton } from "../../shared/skeletons";
import { Relative, useNow, useTimeFormat } from "../../shared/time";
import { DiscardDialog } from "./DiscardDialog";
import { blank, type Draft, readDraft } from "./draft";
import { Form } from "./Form";
import { MergeView } from "./MergeView";
import { templateQuery } from "./queries";
import { Review } from "./Review";
import { useEditor } from "./useEditor";
import { useFindings } from "./useFindings";
import { type FieldName, fieldOf } from "./words";

const useStyles = makeStyles({
  columns: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) 340px",
    gap: tokens.spacingHorizontalM,
    alignItems: "start",
    "@media (max-width: 1120px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  // In view however far the form is scrolled.
  notices: { position: "sticky", top: 0, zIndex: 2, flexShrink: 0 },
  notice: { marginBottom: tokens.spacingVerticalM, boxShadow: tokens.shadow4 },
});

interface Props {
  /** `null` for a new template. */
  id: string | null;
  onOpen: (id: string) => void;
}

export function EditorPage({ id, onOpen }: Props) {
  const m = useMessages();
  const [stored] = useState(() => readDraft(id));
  const known = useQuery({ ...templateQuery(id ?? ""), enabled: id !== null && stored === null });
  const authorities = useQuery(aboutQuery);
  const names = authorities.data?.authorities
    .filter(({ connector }) => connector !== "imported")
    .map(({ name }) => name);
  const at = new Date().toISOString();

  if (stored !== null) {
    return <Editor initial={stored} restored authorities={names ?? []} onOpen={onOpen} />;
  }
  if (id === null && names) {
    const fields = blank(names[0] ?? "");
    const initial = { id, changed: null, base: fields, mine: fields, at };
    return <Editor initial={initial} authorities={names} onOpen={onOpen} />;
  }
  if (known.data) {
    const { fields, changed } = known.data;
    const initial = { id, changed, base: fields, mine: fields, at };
    return <Editor initial={initial} authorities={names ?? []} onOpen={onOpen} />;
  }
  const waiting = <CardsSkeleton cards={3} height={128} />;
  return (
    <Page title={m.templates.list} commands={<CommandBar commands={[backCommand(m.templates.back)]} />}>
      {id === null ? (
        <QueryState of={authorities} skeleton={waiting}>
          {() => null}
        </QueryState>
      ) : (
        <QueryState of={known} skeleton={waiting}>
          {() => null}
        </QueryState>
      )}
    </Page>
  );
}

const backCommand = (label: string) => ({
  id: "backToTemplates",
  label,
  icon: <ArrowLeftRegular />,
  onRun: () => navigate(addressOf("templates")),
});

interface EditorProps {
  initial: Draft;
  restored?: boolean;
  authorities: readonly string[];
  onOpen: (id: string) => void;
}

function Editor({ initial, restored = false, authorities, onOpen }: EditorProps) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.templates;
  const editor = useEditor(initial, onOpen);
  const { draft, theirs, newer } = editor;
  const { findings, failure } = useFindings(draft.mine);
  const [discarding, setDiscarding] = useState(false);
  const typed = differences(draft.base, draft.mine).length;
  const faults: Partial<Record<FieldName, string>> = {};
  for (const finding of findings) {
    const name = finding.fatal ? fieldOf(finding.field, draft.mine) : null;
    if (name !== null) faults[name] ??= finding.text;
  }
  const shown = draft.id === null ? t.newTitle : draft.base.name;

  if (theirs) {
    return (
      <Page title={shown} commands={<CommandBar commands={[backCommand(t.back)]} />}>
        <MergeView
          key={theirs.changed.version}
          base={draft.base}
          mine={draft.mine}
          theirs={theirs.fields}
          changed={theirs.changed}
          again={editor.again}
          saving={editor.saving}
          failure={editor.failure}
          onSave={editor.saveMerged}
          onEdit={editor.editMerged}
        />
      </Page>
    );
  }
  return (
    <Page
      title={shown}
      summary={
        draft.changed && (
          <span>
            <Relative at={draft.changed.at} /> {t.changedBy(draft.changed.by)}
          </span>
        )
      }
      commands={
        <CommandBar
          commands={[
            backCommand(t.back),
            {
              id: "saveTemplate",
              label: t.save,
              icon: <SaveRegular />,
              disabled: editor.saving || (draft.id !== null && typed === 0),
              onRun: editor.save,
            },
            {
              id: "discardTemplate",
              label: t.discard,
              icon: <ArrowUndoRegular />,
              disabled: typed === 0,
              onRun: () => setDiscarding(true),
            },
          ]}
        />
      }
    >
      <div className={styles.notices}>
        {newer && (
          <MessageBar
            className={styles.notice}
            intent="info"
            layout="multiline"
            politeness="polite"
            data-newer
          >
            <MessageBarBody>
              {t.meanwhile(newer.by)} · <Relative at={newer.at} />
            </MessageBarBody>
            <MessageBarActions>
              <Button size="small" onClick={editor.compareNow} data-command="compare">
                {typed === 0 ? t.adopt : t.compare}
              </Button>
            </MessageBarActions>
          </MessageBar>
        )}
        {restored && typed > 0 && !newer && <Restored at={initial.at} />}
        {editor.failure && (
          <div className={styles.notice}>
            <Refusal failure={editor.failure} />
          </div>
        )}
      </div>
      <div className={styles.columns}>
        <Form
          fields={draft.mine}
          faults={faults}
          authorities={authorities}
          onType={(changes: Partial<TemplateFields>) => editor.type(changes)}
        />
        <Review
          base={draft.id === null ? null : draft.base}
          mine={draft.mine}
          findings={findings}
          failure={failure}
        />
      </div>
      {discarding && (
        <DiscardDialog
          count={typed}
          onDiscard={() => {
            editor.discard();
            setDiscarding(false);
          }}
          onClose={() => setDiscarding(false)}
        />
      )}
    </Page>
  );
}

function Restored({ at }: { at: string }) {
  const styles = useStyles();
  const t = useMessages().templates;
  const format = useTimeFormat();
  const now = useNow(30_000);
  return (
    <MessageBar className={styles.notice} intent="info" politeness="polite">
      <MessageBarBody>{t.restored(format.relative(at, now))}</MessageBarBody>
    </MessageBar>
  );
}
