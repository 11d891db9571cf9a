// What happens to a draft: typed, saved, met by somebody else's version, merged with it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Changed, TemplateDetails, TemplateFields } from "../../bindings/api";
import { useMessages } from "../../messages";
import { type Failure, toFailure } from "../../platform";
import { useCommand } from "../../shared/command";
import { same } from "../../shared/merge";
import { useNotify } from "../../shared/notify";
import { type Draft, dropDraft, keepDraft } from "./draft";
import { templateQuery, versionQuery } from "./queries";

export function useEditor(initial: Draft, onOpen: (id: string) => void) {
  const m = useMessages();
  const queries = useQueryClient();
  const notify = useNotify();
  const [draft, setDraft] = useState(initial);
  const [theirs, setTheirs] = useState<TemplateDetails | null>(null);
  const [again, setAgain] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { mutate, isPending } = useCommand("save_template", {
    showsFailure: true,
    done: (name: string) => ({ title: m.templates.saved(name) }),
  });
  const { data } = useQuery({ ...versionQuery(draft.id ?? ""), enabled: draft.id !== null });
  const newer: Changed | null =
    data && draft.changed && data.changed.version > draft.changed.version ? data.changed : null;

  /** Takes a draft over; one without typing needs not be kept. */
  const become = (next: Draft) => {
    if (same(next.base, next.mine)) dropDraft(next.id);
    else keepDraft(next);
    setDraft(next);
  };
  const type = (changes: Partial<TemplateFields>) =>
    become({ ...draft, mine: { ...draft.mine, ...changes }, at: new Date().toISOString() });

  /** Reads what is there now and puts it beside what was typed. */
  const meet = async (from: Draft) => {
    if (from.id === null) return;
    try {
      const there = await queries.fetchQuery({ ...templateQuery(from.id), staleTime: 0 });
      setFailure(null);
      if (same(from.base, from.mine)) {
        become({ ...from, base: there.fields, mine: there.fields, changed: there.changed });
        notify("info", m.templates.adopted, { quiet: true });
      } else {
        setTheirs(there);
      }
    } catch (thrown) {
      setFailure(toFailure(thrown));
    }
  };

  const send = (from: Draft) => {
    setFailure(null);
    mutate(
      {
        request: { id: from.id, version: from.changed?.version ?? 0, fields: from.mine },
        context: from.mine.name,
      },
      {
        onSuccess: ({ id, changed }) => {
          dropDraft(from.id);
          setTheirs(null);
          setAgain(false);
          setDraft({ ...from, id, changed, base: from.mine });
          if (from.id === null) onOpen(id);
        },
        onError: (failed) => {
          if (failed.code !== "stale") {
            setFailure(failed);
            return;
          }
          // Once more while the person chose: the choices go on as what they typed.
          setAgain(theirs !== null);
          become(from);
          void meet(from);
        },
      },
    );
  };

  const onTop = (fields: TemplateFields): Draft =>
    theirs === null ? draft : { ...draft, base: theirs.fields, changed: theirs.changed, mine: fields };

  return {
    draft,
    theirs,
    /** Somebody saved since the draft began. */
    newer,
    again,
    saving: isPending,
    failure,
    type,
    save: () => send(draft),
    discard: () => become({ ...draft, mine: draft.base }),
    compareNow: () => void meet(draft),
    saveMerged: (fields: TemplateFields) => send(onTop(fields)),
    editMerged: (fields: TemplateFields) => {
      become(onTop(fields));
      setTheirs(null);
      setAgain(false);
    },
  };
}
