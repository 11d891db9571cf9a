// All templates, and the editor of one.
import { Button, Link, makeStyles, tokens } from "@fluentui/react-components";
import {
  AddRegular,
  CheckmarkCircleFilled,
  DocumentTextRegular,
  ProhibitedRegular,
  WarningFilled,
} from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import type { TemplateLine } from "../../bindings/api";
import { useMessages, wordIn } from "../../messages";
import { addressOf, navigate, useParams } from "../../shared/address";
import { CommandBar } from "../../shared/CommandBar";
import { EmptyState } from "../../shared/EmptyState";
import { Page } from "../../shared/Page";
import { PlainTable } from "../../shared/PlainTable";
import { QueryState } from "../../shared/QueryState";
import { StateWord } from "../../shared/StateWord";
import { RowsSkeleton } from "../../shared/skeletons";
import { Relative } from "../../shared/time";
import { EditorPage } from "./EditorPage";
import { templatesQuery } from "./queries";

const NEW = "new";

const useStyles = makeStyles({
  quiet: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  name: { fontWeight: tokens.fontWeightSemibold },
});

const openEditor = (id: string) => navigate(addressOf("templates", { edit: id }));

export function TemplatesPage() {
  const [params] = useParams();
  const edit = params.get("edit");
  if (edit === null) return <List />;
  return <EditorPage key={edit} id={edit === NEW ? null : edit} onOpen={openEditor} />;
}

function List() {
  const m = useMessages();
  const t = m.templates;
  const query = useQuery(templatesQuery);
  const add = () => openEditor(NEW);
  return (
    <Page
      title={m.pages.templates}
      at={query.data?.at}
      refreshing={query.isFetching}
      summary={query.data && query.data.templates.length > 0 && t.total(query.data.templates.length)}
      commands={
        <CommandBar commands={[{ id: "newTemplate", label: t.new, icon: <AddRegular />, onRun: add }]} />
      }
    >
      <QueryState
        of={query}
        skeleton={<RowsSkeleton rows={4} />}
        empty={({ templates }) =>
          templates.length > 0 ? null : (
            <EmptyState
              icon={<DocumentTextRegular />}
              title={t.emptyTitle}
              hint={t.emptyHint}
              action={
                <Button appearance="primary" icon={<AddRegular />} onClick={add}>
                  {t.new}
                </Button>
              }
            />
          )
        }
      >
        {({ templates }) => <Table templates={templates} />}
      </QueryState>
    </Page>
  );
}

function Table({ templates }: { templates: readonly TemplateLine[] }) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.templates;
  const c = t.columns;
  return (
    <PlainTable
      label={t.list}
      columns={[c.name, c.state, c.purpose, c.authority, c.validity, c.groups, c.changed]}
      rows={templates.map(({ id, fields, changed, faults }) => ({
        key: id,
        cells: [
          <span key="name">
            <Link
              className={styles.name}
              href={addressOf("templates", { edit: id })}
              aria-label={t.open(fields.name)}
            >
              {fields.name}
            </Link>
            {fields.description && <span className={styles.quiet}>{fields.description}</span>}
          </span>,
          faults > 0 ? (
            <StateWord key="state" icon={<WarningFilled />} tone="warning">
              {t.faults(faults)}
            </StateWord>
          ) : fields.enabled ? (
            <StateWord key="state" icon={<CheckmarkCircleFilled />} tone="good">
              {t.on}
            </StateWord>
          ) : (
            <StateWord key="state" icon={<ProhibitedRegular />} tone="quiet">
              {t.off}
            </StateWord>
          ),
          wordIn(t.words.purpose, fields.purpose),
          fields.authority,
          t.days(fields.validityDays),
          fields.include.length,
          <span key="changed">
            <Relative at={changed.at} />
            <span className={styles.quiet}>{t.changedBy(changed.by)}</span>
          </span>,
        ],
      }))}
    />
  );
}
