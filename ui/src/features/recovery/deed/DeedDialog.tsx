// The dialog of every deed: first what it is about, then the key, then how far it is, then what came of it.
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  mergeClasses,
  tokens,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { DeedLine, OfficerDeed } from "../../../bindings/api";
import { useMessages, wordIn } from "../../../messages";
import { useFocusReturn } from "../../../shared/focusReturn";
import { Refusal } from "../../../shared/Refusal";
import { sentence } from "../../../shared/sentence";
import { useTallContent } from "../../../shared/tallContent";
import { isStoppable, needsQuery } from "../queries";
import { DeedFailed } from "./DeedFailed";
import { DeedProgress } from "./DeedProgress";
import { KeyFields } from "./KeyFields";
import { useDeed } from "./useDeed";
import { useKeyChoice } from "./useKeyChoice";

const useStyles = makeStyles({
  surface: { maxWidth: "720px" },
  stage: {
    margin: 0,
    fontSize: tokens.fontSizeBase400,
    fontWeight: tokens.fontWeightSemibold,
    outlineStyle: "none",
  },
  read: {
    ":focus-visible": {
      outline: `${tokens.strokeWidthThick} solid ${tokens.colorStrokeFocus2}`,
      borderRadius: tokens.borderRadiusMedium,
    },
  },
});

interface Props {
  title: string;
  deed: OfficerDeed;
  /** What is read, compared or chosen before the key. */
  before: ReactNode;
  /** Id of what is read aloud when the dialog opens. */
  readAloud?: string;
  /** Whether the person may go on to the key; shows what is missing otherwise. */
  mayGoOn?: () => boolean;
  confirm: string;
  working: string;
  /** What came of it. */
  result: (line: DeedLine) => ReactNode;
  onClose: () => void;
}

export function DeedDialog(props: Props) {
  const { title, deed, before, readAloud, mayGoOn, confirm, working, result, onClose } = props;
  const styles = useStyles();
  const content = useTallContent();
  const m = useMessages();
  const t = m.officers;
  useFocusReturn();
  const [stage, setStage] = useState<"before" | "key">("before");
  const { running, other, outcome, beginning, failure, begin, stop } = useDeed(deed);
  // Where that could not be told, the program says so before it uses anything, and then it is asked for here.
  const needs = useQuery(needsQuery(deed));
  const [missed, setMissed] = useState(false);
  const misses = missed || outcome?.error?.about === "mlKemMissing";
  if (misses !== missed) setMissed(misses);
  const choice = useKeyChoice(misses ? "needed" : (needs.data?.mlKem ?? "none"));
  const done = outcome?.state === "done" ? outcome : null;
  const failed = outcome?.state === "failed" ? outcome : null;
  const form = useRef<HTMLFormElement>(null);

  // After a failure the person types again at once: nothing is repeated by itself.
  const failedAt = failed?.error?.traceId ?? failed?.error?.message;
  const failedAbout = failed?.error?.about;
  useEffect(() => {
    if (failedAt === undefined) return;
    const of = failedAbout?.startsWith("mlKem") ? failedAbout : null;
    const wanted = of === null ? "secret" : of === "mlKemLocked" ? "mlKemSecret" : "mlKemFile";
    const input = form.current?.querySelector<HTMLInputElement>(`[data-field=${wanted}]`);
    input?.focus();
    form.current
      ?.querySelector(of === null ? "[data-secret]" : "[data-ml-kem]")
      ?.scrollIntoView?.({ block: "nearest" });
  }, [failedAt, failedAbout]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const key = choice.take();
    if (key) void begin(key);
  };
  const shown = done ? "done" : running || beginning ? "running" : other ? "other" : stage;

  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface className={styles.surface} aria-describedby={readAloud} data-stage={shown}>
        <form ref={form} onSubmit={submit} noValidate>
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            {/* What is to be read has the focus first: it is scrolled by keyboard, and no button in the middle of it is pressed. */}
            <DialogContent
              className={mergeClasses(content, styles.read)}
              {...(shown === "before" && { tabIndex: 0, role: "region", "aria-label": title })}
            >
              {shown === "before" && before}
              {shown === "key" && (
                <>
                  <StageHeading>{t.key.title}</StageHeading>
                  {failed && <DeedFailed line={failed} />}
                  <KeyFields choice={choice} />
                </>
              )}
              {shown === "running" && <DeedProgress line={running ?? unlocking(deed)} working={working} />}
              {shown === "other" && other && (
                <MessageBar intent="warning" layout="multiline">
                  <MessageBarBody>
                    <MessageBarTitle>{t.deed.otherTitle}</MessageBarTitle>
                    {wordIn(t.deed.other, other.deed?.kind ?? "")} {t.deed.otherHint}
                  </MessageBarBody>
                </MessageBar>
              )}
              {done && (
                <div aria-live="polite" data-result>
                  {result(done)}
                  {done.warning && (
                    <MessageBar intent="warning" layout="multiline">
                      <MessageBarBody>{sentence(done.warning)}</MessageBarBody>
                    </MessageBar>
                  )}
                </div>
              )}
              {failure && !done && <Refusal failure={failure} />}
            </DialogContent>
            <DialogActions fluid>
              {shown === "before" && (
                <>
                  <Button onClick={onClose}>{t.deed.cancel}</Button>
                  <Button
                    appearance="primary"
                    onClick={() => (mayGoOn?.() ?? true) && setStage("key")}
                    data-command="toKey"
                  >
                    {m.recovery.wizard.next}
                  </Button>
                </>
              )}
              {shown === "key" && (
                <>
                  <Button onClick={onClose}>{t.deed.cancel}</Button>
                  <Button onClick={() => setStage("before")}>{m.recovery.wizard.back}</Button>
                  <Button appearance="primary" type="submit" data-command="beginDeed">
                    {confirm}
                  </Button>
                </>
              )}
              {shown === "running" &&
                (running && !isStoppable(running.state) ? (
                  <Button onClick={onClose}>{t.deed.close}</Button>
                ) : (
                  <Button disabledFocusable={beginning} onClick={() => void stop()} data-command="stopDeed">
                    {t.deed.stop}
                  </Button>
                ))}
              {shown === "other" && (
                <>
                  <Button onClick={onClose}>{t.deed.cancel}</Button>
                  <Button onClick={() => void stop()} data-command="stopDeed">
                    {t.deed.stop}
                  </Button>
                </>
              )}
              {shown === "done" && (
                <Button appearance="primary" onClick={onClose} data-command="closeDeed">
                  {t.deed.close}
                </Button>
              )}
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

/** A new stage is announced by moving to its heading. */
function StageHeading({ children }: { children: string }) {
  const styles = useStyles();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <h3 ref={heading} tabIndex={-1} className={styles.stage}>
      {children}
    </h3>
  );
}

const unlocking = (deed: OfficerDeed): DeedLine => ({
  state: "unlocking",
  deed,
  key: null,
  signIn: null,
  tried: 0,
  of: 0,
  approved: null,
  signed: null,
  drill: null,
  error: null,
  warning: null,
});
