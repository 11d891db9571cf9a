// One deed of an officer: begun with a key, looked at until it has ended, and forgotten.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { DeedLine, OfficerDeed, OfficerKey } from "../../../bindings/api";
import { call } from "../../../platform";
import { DEED_KEY, deedQuery, isRunning, isStoppable } from "../queries";
import { useUnkept } from "../useUnkept";

const same = (one: OfficerDeed | null, other: OfficerDeed): boolean => {
  if (one?.kind === "approve" && other.kind === "approve") return one.request === other.request;
  if (one?.kind === "signSet" && other.kind === "signSet") return one.fingerprint === other.fingerprint;
  return one?.kind === "drill" && other.kind === "drill";
};

export function useDeed(deed: OfficerDeed) {
  const queries = useQueryClient();
  const look = useQuery(deedQuery);
  const begun = useUnkept("begin_officer_deed");
  const ended = useUnkept("end_officer_deed");
  const [outcome, setOutcome] = useState<DeedLine | null>(null);
  const line = look.data;
  const running = line !== undefined && isRunning(line.state);
  const own = line !== undefined && same(line.deed, deed);
  const over = own && (line.state === "done" || line.state === "failed");

  const { run: forget } = ended;
  const forgetting = useRef(forget);
  forgetting.current = forget;
  // How it ended is kept here; the program may forget it, so that the next one can begin.
  useEffect(() => {
    if (!over) return;
    setOutcome(line);
    queries.setQueryData(DEED_KEY, { ...line, state: "none", deed: null });
    void forgetting.current({});
  }, [over, line, queries]);

  // Whoever closes the dialog while it waits does not want it any more; what is at work ends by itself.
  const waits = useRef(false);
  waits.current = own && running && isStoppable(line.state);
  useEffect(
    () => () => {
      if (waits.current) void call("end_officer_deed", {}).catch(() => undefined);
    },
    [],
  );

  const begin = async (key: OfficerKey) => {
    setOutcome(null);
    ended.forgive();
    // An outcome that nobody looked at is in the way of the next one.
    if (line && !running && line.state !== "none") await forget({});
    await queries.cancelQueries({ queryKey: DEED_KEY });
    const answer = await begun.run({ deed, key });
    if (answer) queries.setQueryData(DEED_KEY, answer);
  };
  const stop = async () => {
    await queries.cancelQueries({ queryKey: DEED_KEY });
    const answer = await ended.run({});
    if (answer) queries.setQueryData(DEED_KEY, answer);
    else void look.refetch();
  };

  return {
    /** The line while it runs. */
    running: running && own ? line : null,
    /** Something else that runs, and has to end first. */
    other: running && !own ? line : null,
    /** How it ended, until the next one is begun. */
    outcome,
    beginning: begun.pending,
    /** Why it could not be begun, stopped, or looked at. */
    failure: begun.failure ?? ended.failure ?? (running || line === undefined ? look.error : null),
    begin,
    stop,
  };
}
