// A dialog that asks before something is done: what it means, what it takes, and the button that does it.
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Spinner,
} from "@fluentui/react-components";
import type { FormEvent, ReactNode } from "react";
import type { Failure } from "../platform";
import { useFocusReturn } from "./focusReturn";
import { useGraveButton } from "./grave";
import { Refusal } from "./Refusal";
import { useTallContent } from "./tallContent";

interface Props {
  title: string;
  children: ReactNode;
  cancel: string;
  confirm: string;
  /** The id of the button that does it. */
  command: string;
  onConfirm: () => void;
  onClose: () => void;
  /** Ends something for good: the button is red, and the Enter key in a field does not press it. */
  grave?: boolean;
  /** It can be done: what has to be typed or compared first is there. */
  ready?: boolean;
  pending?: boolean;
  /** What the button says while it is being done. */
  working?: string;
  failure?: Failure | null;
  /** Another way on, beside the first. */
  second?: { label: string; command: string; onRun: () => void };
  /** It was done, and its content tells what came of it: what is left is to close it. */
  finished?: { label: string; command: string };
  /** Nothing is lost when it is left by a click beside it. */
  light?: boolean;
}

export function Confirm({
  title,
  children,
  cancel,
  confirm,
  command,
  onConfirm,
  onClose,
  grave = false,
  ready = true,
  pending = false,
  working,
  failure,
  second,
  finished,
  light = false,
}: Props) {
  const content = useTallContent();
  const red = useGraveButton();
  useFocusReturn();
  const go = () => {
    if (ready && !pending) onConfirm();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A dialog that stands before another one is inside of its form, as events go.
    event.stopPropagation();
    if (finished) onClose();
    else if (!grave) go();
  };
  const busy = pending && working !== undefined;
  return (
    <Dialog open modalType={light ? "modal" : "alert"} onOpenChange={(_, { open }) => !open && onClose()}>
      {/* Before another dialog too: what is behind gives way. */}
      <DialogSurface backdrop={{ appearance: "dimmed" }}>
        <form onSubmit={submit} noValidate>
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent className={content}>
              {children}
              {failure && <Refusal failure={failure} />}
            </DialogContent>
            <DialogActions fluid>
              {finished ? (
                <Button appearance="primary" onClick={onClose} data-command={finished.command}>
                  {finished.label}
                </Button>
              ) : (
                <>
                  <Button onClick={onClose}>{cancel}</Button>
                  {second && (
                    <Button onClick={second.onRun} data-command={second.command}>
                      {second.label}
                    </Button>
                  )}
                  <Button
                    appearance="primary"
                    {...(grave ? { className: red, onClick: go } : { type: "submit" as const })}
                    disabledFocusable={pending || !ready}
                    icon={busy ? <Spinner size="tiny" /> : null}
                    data-command={command}
                  >
                    {busy ? working : confirm}
                  </Button>
                </>
              )}
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
