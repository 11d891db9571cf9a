// What happens to a draft: typed, saved, met by somebody else's version, merged with it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { Changed, TemplateDetails, TemplateFields } from "../../bindings/api";
import { useMessages } from "../../messages";
import { type Failure, toFailure } from "../../platform";
import { useCommand } from "../../shared/command";
import { same, withChanges } from "../../shared/merge";
import { useNotify } from "../../shared/notify";
import { type Draft, dropDraft, keepDraft } from "./draft";
import { templateQuery, versionQuery } from "./queries";

export function useEditor(initial: Draft, onOpen: (id: string) => void) {
  const m = useMessages();
  const queries = useQueryClient();
  const notify = useNotify();
  const [draft, setDraft] = useState(initial);
  // The form stays open while an answer is awaited: what it meets is the draft as it is then, not as it was asked about.
  const latest = useRef(initial);
  const [theirs, setTheirs] = useState<TemplateDetails | null>(null);
  const [again, setAgain] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { mutate, isPending } = useCommand("save_template", {
    showsFailure: true,
    done: (name: string) => ({ title: m.templates.saved(name) }),
  });
  const { data } = useQuery({ ...versionQuery(draft.id ?? ""), enabled: draft.id !== null });
  const newer: Changed | null =
    !isPending && data && draft.changed && data.changed.version > draft.changed.version ? data.changed : null;

  /** Takes a draft over; one without typing needs not be kept. */
  const become = (next: Draft) => {
    if (same(next.base, next.mine)) dropDraft(next.id);
    else keepDraft(next);
    latest.current = next;
    setDraft(next);
  };
  const type = (changes: Partial<TemplateFields>) => {
    const now = latest.current;
    become({ ...now, mine: { ...now.mine, ...changes }, at: new Date().toISOString() });
  };

  /** Reads what is there now and puts it beside what was typed. */
  const meet = async (id: string | null) => {
    if (id === null) return;
    try {
      const there = await queries.fetchQuery({ ...templateQuery(id), staleTime: 0 });
      setFailure(null);
      const now = latest.current;
      if (same(now.base, now.mine)) {
        become({ ...now, base: there.fields, mine: there.fields, changed: there.changed });
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
    const asked = latest.current;
    /** What was sent, with what was typed since. */
    const goneOn = (): Draft => {
      const now = latest.current;
      return { ...from, mine: withChanges(asked.mine, now.mine, from.mine), at: now.at };
    };
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
          become({ ...goneOn(), id, changed, base: from.mine });
          if (from.id === null) onOpen(id);
        },
        onError: (failed) => {
          if (failed.code !== "stale") {
            setFailure(failed);
            return;
          }
          // Once more while the person chose: the choices go on as what they typed.
          setAgain(theirs !== null);
          become(goneOn());
          void meet(from.id);
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
    compareNow: () => void meet(draft.id),
    saveMerged: (fields: TemplateFields) => send(onTop(fields)),
    editMerged: (fields: TemplateFields) => {
      become(onTop(fields));
      setTheirs(null);
      setAgain(false);
    },
  };
}
